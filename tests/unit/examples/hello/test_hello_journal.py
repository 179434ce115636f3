# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records are written as journald reads them from a stream."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hello.journal import JournalFormatter


def formatted(level: int, message: str, **attributes: Any) -> str:
    record = logging.LogRecord(
        "hello", level, "app.py", 1, message, None, None
    )
    vars(record).update(attributes)
    return JournalFormatter().format(record)


@pytest.mark.parametrize(
    ("level", "prefix"),
    [
        (logging.CRITICAL, "<2>"),
        (logging.ERROR, "<3>"),
        (logging.WARNING, "<4>"),
        (logging.WARNING - 1, "<6>"),
        (logging.INFO, "<6>"),
        (logging.DEBUG, "<7>"),
        (logging.NOTSET, "<7>"),
    ],
)
def test_priority(level: int, prefix: str) -> None:
    assert formatted(level, "Words") == prefix + "Words"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (None, "null"),
        ("a b", '"a b"'),
        ('"', r'"\""'),
        ("a\n<2>forged", r'"a\n<2>forged"'),
        ("a\u2028b", r'"a\u2028b"'),
        ({1}, '"{1}"'),
    ],
)
def test_field_stays_on_its_line(value: object, text: str) -> None:
    line = formatted(logging.INFO, "Greeted", fields={"item": value})

    assert line == f"<6>Greeted item={text}"


def test_fields_follow_the_first_line() -> None:
    assert formatted(logging.ERROR, "One\ntwo", fields={"a": 1, "b": 2}).split(
        "\n"
    ) == ["<3>One a=1 b=2", "<3>two"]


def test_every_line_of_a_traceback_has_its_priority() -> None:
    error = ValueError("two\nlines")
    about = (type(error), error, None)
    text = formatted(logging.ERROR, "Failed", exc_info=about)

    lines = text.split("\n")
    assert lines[0] == "<3>Failed"
    assert lines[-2:] == ["<3>ValueError: two", "<3>lines"]
    assert all(line.startswith("<3>") for line in lines)


def test_empty_message_is_a_line() -> None:
    assert formatted(logging.INFO, "") == "<6>"
