# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small language of the contract: exact types and closed keys."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    schema,
)

NAME = schema.Field("str", "name", pattern="[a-z]+", rule="small letters")
SIZE = schema.Field("int", "size", default=3, minimum=1, maximum=9)
SPEC = schema.Field(
    "dict",
    options={
        "name": NAME,
        "size": SIZE,
        "mode": schema.Field("str", choices=("fast", "slow")),
        "later": schema.Field("bool", not_yet=True),
        "names": schema.Field("list", elements=NAME),
        "by_name": schema.Field("dict", keys=NAME, elements=SIZE),
        "key": schema.Field("str", pattern="[0-9]+", secret=True),
        "either": schema.Field("str", alternatives=(SIZE,)),
    },
)


def problems(value: object) -> list[str]:
    return list(schema.check(SPEC, value, "app"))


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"name": "a", "size": 9, "mode": "slow"},
        {"names": ["a", "b"], "by_name": {"a": 1}},
        {"names": ()},
        {"either": "text"},
        {"either": 5},
    ],
)
def test_what_is_accepted(value: object) -> None:
    assert problems(value) == []


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        ([], "app", "a mapping"),
        (None, "app", "a mapping"),
        ({"name": 1}, "app.name", "a string"),
        ({"name": None}, "app.name", "a string"),
        ({"name": "A"}, "app.name", "small letters"),
        ({"name": "a\n"}, "app.name", "small letters"),
        ({"size": True}, "app.size", "an integer"),
        ({"size": 1.0}, "app.size", "an integer"),
        ({"size": 0}, "app.size", "1"),
        ({"size": 10}, "app.size", "9"),
        ({"mode": "fats"}, "app.mode", "fast"),
        ({"later": True}, "app.later", "not supported yet"),
        ({"names": "a"}, "app.names", "a list"),
        ({"names": ["a", "B"]}, "app.names[1]", "small letters"),
        ({"by_name": {"A": 1}}, "app.by_name", "small letters"),
        ({"by_name": {"a": 0}}, "app.by_name.a", "1"),
        ({"nmae": "a"}, "app.nmae", "name"),
        ({"either": 0}, "app.either", "1"),
        ({"either": []}, "app.either", ""),
    ],
)
def test_what_is_refused(value: object, path: str, words: str) -> None:
    (message,) = problems(value)
    assert message.startswith(path)
    assert words in message


def test_all_problems_are_told_together() -> None:
    assert len(problems({"name": 1, "size": 0, "names": [1, 2]})) == 4


def test_a_secret_is_not_told() -> None:
    (message,) = problems({"key": "hunter2"})
    assert "hunter2" not in message


def test_defaults_are_filled_in() -> None:
    assert schema.with_defaults(SPEC, {"name": "a"}) == {
        "name": "a",
        "size": 3,
    }


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("\ud800", "app"),
        (1 << 65, "app"),
        (b"bytes", "app"),
        ([b"bytes"], "app[0]"),
        ({"a": {"b": b"bytes"}}, "app.a.b"),
        ({1: "a"}, "app"),
    ],
)
def test_data_that_cannot_travel(value: object, words: str) -> None:
    (message,) = schema.check_data(value, "app")
    assert message.startswith(words)


def test_data_that_never_ends() -> None:
    value: list[object] = []
    value.append(value)
    (message,) = schema.check_data(value, "app")
    assert "levels deep" in message


@pytest.mark.parametrize("value", ["a", 1, 1.5, True, None, [], {"a": ["b"]}])
def test_data_that_can_travel(value: object) -> None:
    assert list(schema.check_data(value, "app")) == []


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("path", ""),
        ("heatlh", "health"),
        ("exce", "exec"),
        ("enviroment", "environment"),
        ("restarts", "restart"),
        ("zzz", ""),
    ],
)
def test_only_what_fits_is_suggested(name: str, near: str) -> None:
    known = ("exec", "environment", "health", "restart", "schedule")
    wanted = f"; did you mean {near!r}?" if near else ""
    assert schema.suggest(name, known) == wanted
