# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings are told in full, and any text of theirs can be sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
)

FINDING = report.Finding(
    code="invalid-value",
    level="error",
    section="Service",
    option="Nice",
    value="50",
    line=3,
    message="50 is above 19",
)


def test_a_finding_without_extras_returns_none_of_them() -> None:
    assert FINDING.as_dict() == {
        "code": "invalid-value",
        "level": "error",
        "section": "Service",
        "option": "Nice",
        "value": "50",
        "line": 3,
        "message": "50 is above 19",
    }


@pytest.mark.parametrize(
    ("name", "value", "returned"),
    [
        ("since", 250, 250),
        ("removed", 255, 255),
        ("replacement", "19", "19"),
        ("file", "\udcff.conf", "\\xff.conf"),
    ],
)
def test_extras_are_returned(
    name: str, value: object, returned: object
) -> None:
    extras: dict[str, Any] = {name: value}
    found = replace(FINDING, **extras).as_dict()
    assert found[name] == returned


@pytest.mark.parametrize(
    ("file", "line", "expected"),
    [
        (None, 3, "error: line 3: 50 is above 19 [invalid-value]"),
        (None, 0, "error: 50 is above 19 [invalid-value]"),
        ("a.conf", 3, "error: a.conf: line 3: 50 is above 19 [invalid-value]"),
    ],
)
def test_a_finding_as_a_line(
    file: str | None, line: int, expected: str
) -> None:
    assert str(replace(FINDING, file=file, line=line)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("\u00e4", "\u00e4"), ("a\udcffb", "a\\xffb"), ("\ud800", "\\ud800")],
)
def test_odd_bytes_are_shown_in_hex(text: str, expected: str) -> None:
    assert report.printable(text) == expected


def test_long_texts_are_shortened() -> None:
    assert report.shorten("x" * 80) == "x" * 80
    assert report.shorten("x" * 81) == "x" * 77 + "..."
    assert report.brief("x" * 800) == "x" * 800
    assert report.brief("a" * 500 + "b" * 500) == (
        "a" * 400 + " ... " + "b" * 400
    )


@pytest.mark.parametrize(
    ("level", "is_strict", "expected"),
    [
        ("error", False, False),
        ("warning", False, True),
        ("warning", True, False),
        ("notice", True, True),
    ],
)
def test_which_levels_fail(
    level: str, is_strict: bool, expected: bool
) -> None:
    found = [replace(FINDING, level=level)]
    assert report.is_valid(found, is_strict=is_strict) == expected


def findings(**counts: int) -> list[report.Finding]:
    """Return findings, notices first."""
    return [
        replace(FINDING, level=level, line=line)
        for level in ("notice", "warning", "error")
        for line in range(counts.get(level, 0))
    ]


@pytest.mark.parametrize(
    ("counts", "kept", "left_out"),
    [
        ({}, {}, {}),
        ({"notice": 3, "error": 2}, {"notice": 3, "error": 2}, {}),
        (
            {"notice": 3, "warning": 3, "error": 3},
            {"warning": 2, "error": 3},
            {"warning": 1, "notice": 3},
        ),
        ({"notice": 9, "error": 8}, {"error": 5}, {"error": 3, "notice": 9}),
    ],
)
def test_the_worst_findings_stay(
    counts: dict[str, int], kept: dict[str, int], left_out: dict[str, int]
) -> None:
    shown, rest = report.worst(findings(**counts), 5)
    assert shown == findings(**kept)
    assert rest == left_out


@pytest.mark.parametrize(
    ("units", "share"), [(0, 1000), (1, 1000), (4, 250), (500, 20)]
)
def test_the_share_of_each_unit(units: int, share: int) -> None:
    assert report.share_of_each(units) == share


def test_long_texts_lack_their_middle() -> None:
    long = "x" * 5000
    told = replace(
        FINDING,
        section=long,
        option=long,
        value=long,
        message=long,
        replacement=long,
    )
    found = told.as_dict()
    assert "replacement" not in found
    texts = [found[key] for key in ("section", "option", "value", "message")]
    assert {len(text) for text in texts} == {805}
    assert len(str(told)) < 900
