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


class Counted(str):
    """A text that counts the characters that are copied from it."""

    copied = 0

    def __getitem__(self, key: object) -> Counted:
        found = Counted(super().__getitem__(key))  # type: ignore[index]
        Counted.copied += len(found)
        return found

    def lstrip(self, chars: str | None = None, /) -> Counted:
        found = Counted(super().lstrip(chars))
        Counted.copied += len(found)
        return found


@pytest.mark.parametrize(
    ("piece", "unescape", "words"),
    [
        ("word ", False, 500),
        ("'two words' ", False, 500),
        ("a\\ b ", False, 500),
        ("\\x41 ", True, 500),
        ('"" ', True, 500),
        ("a'b'c", True, 1),
    ],
)
def test_a_word_costs_no_copy_of_the_text_behind_it(
    piece: str, unescape: bool, words: int
) -> None:
    value = Counted(piece * 500)
    Counted.copied = 0
    found = splitting.split_words(value, unescape=unescape)
    assert len(found) == words
    assert Counted.copied <= 2 * len(value)


def test_the_place_goes_on_behind_what_is_skipped() -> None:
    splitter = splitting.Splitter("a ;  b")
    assert splitter.take() == "a"
    assert (splitter.place, splitter.has_rest) == (2, True)
    splitter.skip(1)
    assert splitter.place == 5
    assert splitter.take() == "b"
    assert (splitter.has_rest, splitter.rest) == (False, None)


def test_a_text_without_separators_is_one_word() -> None:
    splitter = splitting.Splitter("a b\\x41", separators="", unescape=True)
    assert splitting.take_all(splitter) == ["a bA"]
    whole = splitting.Splitter("a\\ \n'", separators="", keep_escapes=True)
    assert splitting.take_all(whole) == ["a\\ \n'"]
