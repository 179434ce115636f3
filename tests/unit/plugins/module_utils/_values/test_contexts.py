# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value type is told where a value stands, and makes remarks."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
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
