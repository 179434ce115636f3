# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value type is told where a value stands, and makes remarks."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given, strategies as st

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
)


def context() -> contexts.Context:
    return contexts.Context(targets.Target(257), "a.service", "Unit", "Any")


def test_the_same_remark_is_made_once() -> None:
    where = context()
    where.remark("a", "first")
    where.remark("a", "first")
    where.remark("a", "second")
    assert [remark.message for remark in where.remarks] == ["first", "second"]


@pytest.mark.parametrize(
    ("value", "replacement"),
    [("5 # five", "5"), ("5 ; five", "5"), ("5  #", "5")],
)
def test_a_comment_behind_a_value(value: str, replacement: str) -> None:
    where = context()
    where.remark_comment(value)
    (remark,) = where.remarks
    assert remark.code == "comment-in-value"
    assert remark.replacement == replacement


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ("User", "comment-in-value"),
        ("EnvironmentFile", "comment-in-value"),
        ("ConditionPathExists", "comment-in-value"),
        ("StandardOutput", "trailing-comment"),
        ("StandardError", "trailing-comment"),
        ("StandardInput", "comment-in-value"),
        ("ListenStream", "trailing-comment"),
    ],
)
def test_a_comment_in_a_name_that_must_exist_is_an_error(
    option: str, code: str
) -> None:
    where = contexts.Context(targets.Target(257), option=option)
    where.remark_comment("/a # b")
    assert [remark.code for remark in where.remarks] == [code]


@pytest.mark.parametrize("value", ["5", "a#b", "#a", "a;b"])
def test_no_comment_behind_a_value(value: str) -> None:
    where = context()
    where.remark_comment(value)
    assert where.remarks == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [("strct", "strict"), ("STRICT", "strict"), ("other", ""), ("full", "")],
)
def test_the_nearest_word(word: str, expected: str) -> None:
    assert contexts.nearest(word, ("strict", "full")) == expected


def test_all_bad_words_are_told_and_the_first_is_corrected() -> None:
    def check(word: str) -> None:
        if word != "good":
            raise contexts.BadValueError(f"{word}!", word.upper(), 250)

    contexts.check_each(["good"], check)
    with pytest.raises(contexts.BadValueError, match=r"^a!; b!$") as caught:
        contexts.check_each(["a", "good", "b"], check)
    assert (caught.value.nearest, caught.value.since) == ("A", 250)


def test_the_words_behind_many_bad_ones_are_not_checked() -> None:
    asked = []

    def check(word: str) -> None:
        asked.append(word)
        raise contexts.BadValueError(f"{word}!")

    words = [str(number) for number in range(100)]
    with pytest.raises(contexts.BadValueError) as caught:
        contexts.check_each(words, check)
    assert len(asked) == 21
    told = str(caught.value).split("; ")
    assert told[0] == "0!"
    assert told[19:] == ["19!", "the words behind these are not checked"]


def test_a_word_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def count(word: str, *_rest: object, **_options: object) -> list[str]:
        asked.append(word)
        return []

    monkeypatch.setattr(difflib, "get_close_matches", count)
    choices = ["seldom-seen", "seldom-heard"]
    for _round in range(3):
        assert contexts.nearest("Seldom-sen", choices) == ""
    # difflib is not asked about a text that is like none of them.
    assert contexts.nearest("x" * 10_000, choices) == ""
    assert asked == ["seldom-sen"]


NAMES = table.names("Service")


@given(
    st.sampled_from(NAMES),
    st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from(["", "e", "S", "ct"])),
        max_size=8,
    ),
)
def test_the_nearest_is_what_difflib_finds(
    name: str, edits: list[tuple[int, str]]
) -> None:
    word = name
    for place, letters in edits:
        word = word[:place] + letters + word[place + 1 :]
    folded = {choice.casefold(): choice for choice in NAMES}
    (expected,) = [
        *difflib.get_close_matches(word.casefold(), folded, 1, 0.7),
        "",
    ][:1]
    found = folded.get(expected, "")
    # The word itself is not a suggestion.
    assert contexts.nearest(word, NAMES) == (found if found != word else "")
