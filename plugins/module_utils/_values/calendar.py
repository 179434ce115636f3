# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendar expressions (systemd.time(7), "Calendar Events").

The grammar and its bounds are those of src/shared/calendarspec.c.
"""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    specifiers,
)

SHORTHANDS = (
    "minutely", "hourly", "daily", "monthly", "annually", "yearly",
    "anually", "weekly", "quarterly", "biannually", "bi-annually",
    "semiannually", "semi-annually",
)  # fmt: skip
_DAY = re.compile(
    "(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?"
    r"|Sat(?:urday)?|Sun(?:day)?)(?=[-., ]|\Z)",
    re.I | re.A,
)
_ORDER = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A range, a comma, blanks or the end may follow a day.
_BEHIND_DAY = re.compile(
    r"(?P<range>\.\.|-)|(?P<comma>,)(?P<end> +|\Z)?| +|\Z"
)
# See timezone_is_valid(). The file of a zone begins with an upper-case
# letter; localtime, posixrules and the trees posix/ and right/ are the
# exceptions (tzfile(5)).
_ZONE = re.compile(
    r"(?:(?:posix|right)/)?[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*"
    r"|localtime|posixrules"
)
# The short names and the directories of the tz database. All other
# names, such as CEST, have three letters or more (POSIX, TZ).
_SHORT_ZONES = ("GB", "NZ")
_ZONE_AREAS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic",
    "Australia", "Brazil", "Canada", "Chile", "Etc", "Europe", "Indian",
    "Mexico", "Pacific", "US",
)  # fmt: skip
_FRACTION = r"[0-9]+(?:\.[0-9]+)?"
_PIECE = re.compile(
    rf"(?P<start>{_FRACTION})(?:\.\.(?P<stop>{_FRACTION}))?"
    rf"(?:/(?P<step>{_FRACTION}))?"
)
_INT_MAX = 2**31 - 1
_PIECES_MAX = 241
# The last second of the year 2199: no timer elapses after it.
_LAST_SECOND = 7258118399
_STAMP = re.compile(r"@[ \t\n\v\f\r]*(?:\+|-(?=0+\Z))?([0-9]+)")
_MICRO = 10**6
_EXAMPLE = "such as daily, Mon..Fri 08:30 or *-*-01 03:00:00"


def check_calendar(value: str, context: contexts.Context) -> None:
    """Check a calendar expression (systemd.time(7), OnCalendar=).

    Raises:
        BadValueError: systemd would ignore the timer.
    """
    expanded = specifiers.expand(value, context)
    if specifiers.is_open(value, context):
        return
    text = _cut_zone(expanded)
    if text.isascii() and text.lower() in SHORTHANDS:
        return
    try:
        if not text:
            raise _ShapeError("it is empty")
        rest = _cut_days(text)
        if rest:
            _check_date_and_time(rest)
    except _ShapeError as error:
        raise contexts.BadValueError(
            f"must be a calendar expression {_EXAMPLE}: {error}",
            contexts.nearest(text, SHORTHANDS),
        ) from error


class _ShapeError(ValueError):
    """A part of the expression breaks the grammar."""


def _cut_zone(text: str) -> str:
    """Cut off a time zone behind the last space, and that one space.

    Only the host knows which zones exist, so every word in the shape
    of a zone counts as a zone.
    """
    before, _space, word = text.rpartition(" ")
    if not _space or not (word.upper() == "UTC" or _is_zone(word)):
        return text
    return before


def _is_zone(word: str) -> bool:
    # No zone begins like a day, so that Sund is a misspelt day.
    if not _ZONE.fullmatch(word) or word[:3].lower() in _ORDER:
        return False
    if len(word) < 3:
        return word in _SHORT_ZONES
    return word not in _ZONE_AREAS


def _cut_days(text: str) -> str:
    """Cut off the days of the week (parse_weekdays()).

    Raises:
        _ShapeError: The days are not a list of days and ranges of days.
    """
    index, first = 0, None
    while day := _DAY.match(text, index):
        number = _ORDER.index(day[0][:3].lower())
        if first is not None and first > number:
            raise _ShapeError(f"the days up to {day[0]} run backwards")
        behind = _match_behind_day(text, day.end(), first is not None)
        index = behind.end()
        if not behind["range"] and (
            not behind["comma"] or behind["end"] is not None
        ):
            return text[index:]
        first = number if behind["range"] else None
    if index:
        raise _ShapeError(f"{text[index:]!r} is not a day of the week")
    return text


def _match_behind_day(
    text: str, index: int, is_end_of_range: bool
) -> re.Match[str]:
    """Match the range, the comma or the blanks that follow a day.

    Raises:
        _ShapeError: Something else follows, or a second range.
    """
    behind = _BEHIND_DAY.match(text, index)
    if behind is None or (behind["range"] and is_end_of_range):
        raise _ShapeError(
            f"{text!r} does not begin with a list of days such as Mon..Fri,Sun"
        )
    return behind


def _check_date_and_time(text: str) -> None:
    if text.startswith("@"):
        match = _STAMP.fullmatch(text)
        if match is None or _parse_digits(match[1]) > _LAST_SECOND:
            raise _ShapeError(
                "'@' needs the seconds since 1970, at most"
                f" {_LAST_SECOND} (the end of 2199)"
            )
        return
    date, space, time = text.partition(" ")
    if ":" not in date:
        _check_date(date)
        # Blanks may only stand between date and time.
        text = time.lstrip(" ") if space else ""
    if text:
        _check_time(text)


def _check_date(date: str) -> None:
    is_from_end = "~" in date
    if date.count("~") > 1 or (is_from_end and "-" in date.split("~")[1]):
        raise _ShapeError("'~' may only stand before the day")
    parts = date.replace("~", "-").split("-")
    if len(parts) not in (2, 3):
        raise _ShapeError(f"{date!r} is not a date such as 2030-*-01")
    if len(parts) == 3:
        _check_chain(parts[0], 1970, 2199, "year")
    _check_chain(parts[-2], 1, 12, "month")
    _check_chain(parts[-1], 1, 28 if is_from_end else 31, "day", is_from_end)


def _check_time(time: str) -> None:
    parts = time.split(":")
    if len(parts) not in (2, 3):
        raise _ShapeError(f"{time!r} is not a time such as 08:30")
    _check_chain(parts[0], 0, 23, "hour")
    _check_chain(parts[1], 0, 59, "minute")
    if len(parts) == 3:
        _check_chain(parts[2], 0, 60 * _MICRO - 1, "second")


def _check_chain(
    text: str, low: int, high: int, what: str, is_from_end: bool = False
) -> None:
    """Check a list such as ``1..5,10/2`` (chain_valid())."""
    if text == "*":
        return
    pieces = text.split(",")
    if len(pieces) > _PIECES_MAX:
        raise _ShapeError(f"{what} has more than {_PIECES_MAX} parts")
    for piece in pieces:
        start, stop, step = _parse_piece(piece, what)
        if stop is not None:
            is_valid = low <= start <= stop <= high
        elif is_from_end:
            is_valid = low <= start - step and start <= high
        else:
            is_valid = low <= start and start + step <= high
        if not is_valid:
            raise _ShapeError(f"{what} {piece!r} is out of range")


def _parse_piece(piece: str, what: str) -> tuple[int, int | None, int]:
    """Return start, stop and step; seconds are in microseconds."""
    match = _PIECE.fullmatch(piece)
    if match is None:
        raise _ShapeError(
            f"{what} {piece!r} is not a number, a range such as 1..5 or a"
            " repetition such as 1/5"
        )
    start = _complete_year(_parse_number(match["start"], what), what)
    step = _parse_number(match["step"] or "0", what)
    if match["step"] and not step:
        raise _ShapeError(f"{piece!r} has a step of zero")
    if match["stop"] is None:
        return start, None, step
    stop = _complete_year(_parse_number(match["stop"], what), what)
    # The step of seconds is one second by default, and has to fit.
    if what == "second" and not step and start + _MICRO > stop:
        raise _ShapeError(f"{piece!r} is shorter than a second")
    return start, _find_last(start, stop, step, what), step


def _find_last(start: int, stop: int, step: int, what: str) -> int:
    """Return the last step within a range (normalize_chain())."""
    if stop <= start:
        return stop
    return stop - (stop - start) % (step or _parse_number("1", what))


def _parse_number(text: str, what: str) -> int:
    """Read a number as parse_component_decimal() does."""
    whole, point, fraction = text.partition(".")
    number = _parse_digits(whole)
    if what == "second":
        # Six digits count, and the seventh rounds the sixth.
        micro = int(fraction[:6].ljust(6, "0")) + (fraction[6:7] >= "5")
        number = number * _MICRO + micro
    elif point:
        raise _ShapeError(f"{what} {text!r} must be a whole number")
    if number > _INT_MAX:
        raise _ShapeError(f"{what} {text!r} is too large")
    return number


def _parse_digits(digits: str) -> int:
    # int() refuses a number of thousands of digits.
    return int(digits.lstrip("0")[:30] or "0")


def _complete_year(number: int, what: str) -> int:
    """Complete a year of two digits (fix_year())."""
    if what != "year" or number >= 100:
        return number
    return number + (2000 if number < 70 else 1900)


TYPES: dict[str, contexts.Check] = {"calendar": check_calendar}
