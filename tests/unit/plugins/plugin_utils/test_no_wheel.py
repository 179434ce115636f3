# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package without a wheel is refused with what has one."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _no_wheel,
)


def said(*names: str) -> str:
    """Return what uv says of packages that it would have to build."""
    lines = [
        "error: No solution found when resolving dependencies",
        "  cause: Because a has no usable wheels and you require a, we can",
        "",
        *(
            f"hint: Wheels are required for `{name}` because building from "
            "source is disabled for all packages (i.e., with `--no-build`)"
            for name in names
        ),
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("requirement", "name", "words"),
    [
        (
            "psycopg2==2.9.9",
            "psycopg2",
            ["psycopg2-binary", "psycopg[binary]"],
        ),
        ("uWSGI>=2", "uwsgi", ["uWSGI>=2 has no wheel", "pyuwsgi"]),
        ("mysqlclient", "mysqlclient", ["PyMySQL"]),
        ("numpy==1.20.0", "numpy", ["take a version that has one"]),
        (
            f"numpy==1.20.0 --hash=sha256:{'1' * 64}",
            "numpy",
            ["numpy==1.20.0 has no wheel"],
        ),
        (
            "psycopg[c]==3.2.3",
            "psycopg-c",
            ["psycopg-c, which another package needs,", "psycopg[binary]"],
        ),
    ],
)
def test_what_has_a_wheel_is_named(
    requirement: str, name: str, words: list[str]
) -> None:
    (refusal,) = _no_wheel.refusals(said(name), ["a==1", requirement])
    for word in [*words, "pip wheel --no-deps", "pyapp_source.index"]:
        assert word in refusal
    assert "\n" not in refusal


def test_each_package_is_named_once() -> None:
    found = _no_wheel.refusals(said("b", "a", "B"), [])
    assert [line.split(",")[0] for line in found] == ["b", "a"]


def test_another_reason_is_not_judged() -> None:
    assert _no_wheel.refusals("there is no version of a==99", ["a==99"]) == []
