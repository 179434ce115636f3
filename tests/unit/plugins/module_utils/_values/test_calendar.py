# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendar expressions, as OnCalendar= takes them."""

from __future__ import annotations

import re

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    calendar,
    contexts,
    registry,
)

CASES: value_types.Cases = {
    "calendar": (
        (
            "daily", "Weekly", "*-*-* 12:00", "12:00", "Mon", "Mon..Fri 08:30",
            "Mon,Tue", "*:0/15", "*-*-01 03:00:00", "2030-01-01",
            "@1700000000", "*-*~3 10:00", "Mon *-*-* 12:00:00 UTC",
            "12:00 Europe/Berlin", "03-05", "70-01-01", "12:00:00.1234567",
            "12:00:59.9999994", "2030-1-1  10:00", "Mon,", "Mon, 1-1",
            "Mon UTC", "12:5..5", "12:1..5/10", "12:0..60/7", "12:00:1..2/2",
            "12:00 GB", "12:00:5.5..6.5", "*-*~28/27", "@ +1", "@-0",
            "@7258118399", "2030/169-1-1", "12:00 CEST",
            "12:00 posix/Europe/Berlin", "12:00 localtime", "12:00 utc",
            "12:00 right/UTC", "*:" + "1," * 240 + "1",
        ),
        (
            "dayly", "25:00", "12:60", "Fri..Mon", "2030-13-01", "*:0/70",
            "Foo", "12", "*-*-32", "1969-01-01", "@x", "12:00:61", "*:5..1",
            "*:0/0", "*-*~30", "12:00 AM", "12:00  utc",
            "12:00  Europe/Berlin", "12:00 Europe", "12:00 US",
            "12:00:59.9999995", "12:00:5..5", "12:00:1..1.5", "*-*~1/1",
            "*-*-\u0661", "*-*-1\u3000", "\u017fun", "wee\u212aly", "@\u0661",
            "@7258118400", "@-1", "Mon,12:00", "Mon,*-*-*", "Mon..Fri..Sun",
            "Mon.. Fri", "Mond", "12:00 Mon", "Mon Sund", "2030-1-1 12:00 %i",
            "12:00:1..2/2148", "12:0..60", "12:0.5", "@1 10:00",
            "2030-1-1,10:00", "%i 10:00", "daily %i", "12:00:5..5.9", "12:1,",
            "12:1,,2", "2030/170-1-1", "12:4294967296",
            "*:" + "1," * 241 + "1",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(calendar) == set(CASES)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("Mon,12:00", "'12:00' is not a day of the week"),
        ("Mon..Tue..Wed 12:00", "does not begin with a list of days"),
        ("Fri..Mon", "the days up to Mon run backwards"),
        ("12:0/0", "'0/0' has a step of zero"),
        ("12:0..60", "minute '0..60' is out of range"),
        ("12:0.5", "minute '0.5' must be a whole number"),
        ("12:x", "minute 'x' is not a number"),
    ],
)
def test_what_is_wrong_with_a_calendar(value: str, rule: str) -> None:
    context = contexts.Context(
        targets.Target(257), "a.timer", "Timer", "OnCalendar"
    )
    with pytest.raises(contexts.BadValueError, match=re.escape(rule)):
        registry.check_value("calendar", value, context)
