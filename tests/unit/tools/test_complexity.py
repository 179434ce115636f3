# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long functions and those with many branches are found."""

from __future__ import annotations

from pathlib import Path

import complexity
import pytest

# Nine operators and the condition that they stand in: 1 + 9 + 1.
BRANCHES = f"    if {' or '.join('abcdefghij')}:\n        return\n"
LONG = "    a = 1\n" * 40


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            f"\ndef wide():\n{BRANCHES}",
            ":2: wide has a cyclomatic complexity of 11: at most 10",
            id="boolean operators",
        ),
        pytest.param(
            f"class A:\n  def wide(self):\n{BRANCHES}",
            ":2: A.wide has a cyclomatic complexity of 11: at most 10",
            id="a method",
        ),
        pytest.param(
            f"def deep():\n{LONG}",
            ":1: deep has 41 lines: at most 40",
            id="lines",
        ),
        pytest.param(
            f"async def deep():\n{LONG}",
            ":1: deep has 41 lines: at most 40",
            id="lines of a coroutine",
        ),
    ],
)
def test_an_offender_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "offender.py").write_text(text)
    assert complexity.main([str(tmp_path)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{folder / 'offender.py'}{said}")


def test_the_limits_themselves_are_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = BRANCHES.replace(" or j", "")
    deep = LONG[: -len("    a = 1\n")]
    (tmp_path / "a.py").write_text(
        f"def wide():\n{wide}\n\ndef deep():\n{deep}\n"
    )
    assert complexity.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
