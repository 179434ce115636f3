# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendar expressions (systemd.time(7), "Calendar Events").

The grammar and its bounds are those of src/shared/calendarspec.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._unit.context import (  # noqa: E501
    BadValueError,
    Check,
    Context,
    nearest,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.specifiers import (  # noqa: E501
    expand,
    is_open,
)

SHORTHANDS = (
    "minutely", "hourly", "daily", "monthly", "annually", "yearly",
    "anually", "weekly", "quarterly", "biannually", "bi-annually",
    "semiannually", "semi-annually",
)  # fmt: skip
_DAY = (
    "Monday|Mon|Tuesday|Tue|Wednesday|Wed|Thursday|Thu|Friday|Fri"
    "|Saturday|Sat|Sunday|Sun"
)
_ORDER = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_RANGE = re.compile(rf"({_DAY})(?:(?:\.\.|-)({_DAY}))?(,| +|\Z)", re.I)
_ZONE = re.compile(r"(.*) ([A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)")
_PIECE = re.compile(
    r"(?P<start>\d+(?:\.\d{1,6}(?!\d))?)"
    r"(?:\.\.(?P<stop>\d+(?:\.\d{1,6}(?!\d))?))?"
    r"(?:/(?P<step>\d+(?:\.\d{1,6}(?!\d))?))?"
)
_EXAMPLE = "such as daily, Mon..Fri 08:30 or *-*-01 03:00:00"


def check_calendar(value: str, context: Context) -> None:
    """Check a calendar expression (systemd.time(7), OnCalendar=).

    Raises:
        BadValueError: systemd would ignore the timer.
    """
    expanded = expand(value, context)
    if is_open(value, context):
        return
    text = _without_zone(expanded.strip())
    if not text:
        raise BadValueError(f"must be a calendar expression {_EXAMPLE}")
    if text.lower() in SHORTHANDS:
        return
    rest = _without_days(text)
    try:
        _check_date_and_time(rest)
    except _ShapeError as error:
        raise BadValueError(
            f"must be a calendar expression {_EXAMPLE}: {error}",
            nearest(text, SHORTHANDS),
        ) from error


class _ShapeError(ValueError):
    """Some part of the expression is not right."""


def _without_zone(text: str) -> str:
    """Cut off a time zone behind the last space.

    Whether a zone exists is known on the host alone; a word in its
    shape is taken for one.
    """
    if text.lower().endswith(" utc"):
        return text[:-4]
    match = _ZONE.fullmatch(text)
    if match and not re.fullmatch(_DAY, match[2], re.I):
        return match[1].strip()
    return text


def _without_days(text: str) -> str:
    """Cut off the days of the week.

    Raises:
        BadValueError: A range of days runs backwards.
    """
    index = 0
    while True:
        match = _DAY_RANGE.match(text, index)
        if match is None:
            return text[index:]
        if match[2]:
            first, last = (
                _ORDER.index(day[:3].lower()) for day in match.group(1, 2)
            )
            if first > last:
                raise BadValueError(
                    f"the days {match[1]}..{match[2]} run backwards"
                )
        index = match.end()
        if match[3] != ",":
            return text[index:]


def _check_date_and_time(text: str) -> None:
    if not text:
        return
    if text.startswith("@"):
        if not re.fullmatch(r"@\d+", text):
            raise _ShapeError("@ needs seconds since 1970")
        return
    date, _space, time = text.partition(" ")
    if ":" in date and not _space:
        date, time = "", date
    if date:
        _check_date(date)
    if time.strip(" "):
        _check_time(time.strip(" "))


def _check_date(date: str) -> None:
    is_last_days = "~" in date
    if date.count("~") > 1 or ("~" in date and "-" in date.split("~")[1]):
        raise _ShapeError("'~' stands before the day alone")
    parts = date.replace("~", "-").split("-")
    if len(parts) not in (2, 3):
        raise _ShapeError(f"{date!r} is no date such as 2030-*-01")
    if len(parts) == 3:
        _check_chain(parts[0], 1970, 2199, "year")
    _check_chain(parts[-2], 1, 12, "month")
    _check_chain(parts[-1], 1, 28 if is_last_days else 31, "day")


def _check_time(time: str) -> None:
    parts = time.split(":")
    if len(parts) not in (2, 3):
        raise _ShapeError(f"{time!r} is no time such as 08:30")
    _check_chain(parts[0], 0, 23, "hour")
    _check_chain(parts[1], 0, 59, "minute")
    if len(parts) == 3:
        _check_chain(parts[2], 0, 59.999999, "second")


def _check_chain(text: str, low: int, high: float, what: str) -> None:
    """Check a list such as ``1..5,10/2`` (chain_valid())."""
    if text == "*":
        return
    for start, stop, step in _pieces(text, what):
        if not low <= start <= high or (stop and not low <= stop <= high):
            raise _ShapeError(f"{what} {text!r} is not {low} to {high:g}")
        if stop is not None and start + step > stop:
            raise _ShapeError(f"{what} {text!r} runs backwards")
        if stop is None and start + step > high:
            raise _ShapeError(f"{what} {text!r} steps past {high:g}")


def _pieces(
    text: str, what: str
) -> Iterator[tuple[float, float | None, float]]:
    for piece in text.split(","):
        match = _PIECE.fullmatch(piece)
        if match is None or (
            "." in piece.replace("..", "") and (what != "second")
        ):
            raise _ShapeError(f"{piece!r} is no {what}")
        step = float(match["step"] or 0)
        if match["step"] and not step:
            raise _ShapeError(f"{piece!r} has a step of zero")
        stop = float(match["stop"]) if match["stop"] else None
        default = 1.0 if stop is not None else 0.0
        start = float(match["start"])
        if what == "year":
            start, stop = _full_year(start), stop and _full_year(stop)
        yield start, stop, step or default


def _full_year(year: float) -> float:
    """Complete a year of two digits (fix_year())."""
    if year < 70:
        return year + 2000
    return year + 1900 if year < 100 else year


TYPES: dict[str, Check] = {"calendar": check_calendar}
