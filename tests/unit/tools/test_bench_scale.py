# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench makes large units, and tells which cost too much."""

from __future__ import annotations

import bench_scale
import pytest


@pytest.mark.parametrize("kind", bench_scale.UNITS)
def test_a_unit_is_as_large_as_asked_for(kind: str) -> None:
    name, make = bench_scale.UNITS[kind]
    assert name.startswith("a.")
    small, large = len(make(100)), len(make(400))
    assert 300 <= large - small <= 300 * 60
    assert bench_scale.seconds(name, make(3)) > 0


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0.1, 0.4, False),
        (0.1, 0.79, False),
        (0.1, 1.6, True),
        (0.0, 0.04, False),
        (0.0, 0.1, True),
    ],
)
def test_a_time_that_grows_too_much(
    first: float, second: float, expected: bool
) -> None:
    assert bench_scale.is_steep(first, second) == expected


def test_the_table_ends_with_what_is_too_slow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.1, 0.1, 0.4, 0.4, 0.1, 0.1, 9.0, 9.0])
    monkeypatch.setattr(bench_scale, "seconds", lambda _n, _t: next(times))
    assert bench_scale.show(["lines", "words"], 10) == ["words"]
    rows = capsys.readouterr().out.splitlines()
    assert rows[1].split() == ["lines", "0.100", "0.400"]
    assert rows[2].split() == ["words", "0.100", "9.000"]
