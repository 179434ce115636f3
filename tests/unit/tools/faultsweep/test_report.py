# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault counts unless it is known to last until the next run."""

from __future__ import annotations

from typing import Any

from faultsweep import report

MIXED = "two generations serve: ['a', 'b']"


def line(**changes: Any) -> dict[str, Any]:
    """Return what was found at a point where all was well."""
    well: dict[str, Any] = {
        "state": "a",
        "at": 7,
        "hit": "rename /x",
        "now": [],
        "said": "",
        "said_badly": "",
        "rerun": "",
        "settled": [],
        "seconds": 1.5,
    }
    return {**well, **changes}


def test_nothing_is_wrong() -> None:
    assert list(report.violations(line())) == []


def test_each_fault_is_told_with_its_point() -> None:
    found = list(
        report.violations(
            line(
                now=["the lock is held"],
                said="Traceback",
                said_badly="Traceback",
                rerun="no space",
                settled=["/x is left"],
            )
        )
    )
    assert found == [
        "a 7 (rename /x): after the fault: the lock is held",
        "a 7 (rename /x): the error was: Traceback",
        "a 7 (rename /x): the rerun failed: no space",
        "a 7 (rename /x): after the rerun: /x is left",
    ]


def test_services_may_be_mixed_between_two_messages_alone() -> None:
    between = line(hit="message of systemctl restart a", now=[MIXED])
    assert list(report.violations(between)) == []
    assert list(report.violations(line(now=[MIXED]))) != []
    assert list(report.violations(line(hit=None, now=[MIXED]))) != []
    other = line(hit="message of systemctl restart a", now=["a fault"])
    assert list(report.violations(other)) != []


def test_a_row_of_the_table() -> None:
    lines = [
        line(),
        line(hit=None),
        line(settled=["/x is left"]),
        line(hit="message of systemctl restart a", now=[MIXED]),
    ]
    row = report.row("trixie kill", lines)
    assert row.split() == ["trixie", "kill", "3", "1", "1", "6"]
    assert len(report.HEADER) == len(row)
