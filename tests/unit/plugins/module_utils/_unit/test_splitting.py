# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values are split into words as systemd does it."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("  ", []),
        ("a b", ["a", "b"]),
        ("a\tb\n c ", ["a", "b", "c"]),
        ("'a b' c", ["a b", "c"]),
        ('"a b"c', ["a bc"]),
        ('a"" b', ["a", "b"]),
        ('""', [""]),
        ("a\\ b", ["a b"]),
        ("'a\\'b'", ["a'b"]),
        ("a\u00a0b", ["a\u00a0b"]),
    ],
)
def test_split_words(value: str, expected: list[str]) -> None:
    assert splitting.split_words(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("\\x41\\n\\t", "A\n\t"),
        ("\\101\\s", "A "),
        ("\\u00e4\\U0001f600", "\u00e4\U0001f600"),
        ("\\xff", "\udcff"),
    ],
)
def test_escapes(value: str, expected: str) -> None:
    assert splitting.split_words(value, unescape=True) == [expected]


@pytest.mark.parametrize(
    "value",
    [
        "'a",
        '"a',
        "a\\",
        "\\q",
        "\\x4",
        "\\x00",
        "\\U00110000",
        "\\08",
        "\\400",
    ],
)
def test_bad_words(value: str) -> None:
    with pytest.raises(splitting.WordError):
        splitting.split_words(value, unescape=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a:b", ["a", "b"]), ("a:", ["a", ""]), (":", ["", ""]), ("", [""])],
)
def test_separators_that_are_not_joined(
    value: str, expected: list[str]
) -> None:
    splitter = splitting.Splitter(value, separators=":", coalesce=False)
    assert splitting.take_all(splitter) == expected


def test_the_rest_is_what_was_not_taken() -> None:
    splitter = splitting.Splitter("a  'b c", unquote=True)
    assert splitter.take() == "a"
    assert splitter.rest == "'b c"
    with pytest.raises(splitting.WordError, match="unbalanced '"):
        splitter.take()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", True),
        ("\u00e4\U0001f600", True),
        ("\udcc3\udca4", True),
        ("\udcff", False),
        ("\ud800", False),
        ("\ufdd0", False),
        ("\ufffe", False),
        ("\U0001ffff", False),
    ],
)
def test_which_texts_are_utf8(text: str, expected: bool) -> None:
    assert splitting.is_utf8(text) == expected
