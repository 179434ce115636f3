# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment file says to us what it says to systemd."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    environment_file,
)

Mistake = environment_file.Mistake


def variables(text: str, version: int = 257) -> dict[str, str]:
    found = environment_file.parse(text, version=version)
    return {entry.name: entry.value for entry in found.entries}


def mistakes(text: str, version: int = 257) -> list[Mistake]:
    return environment_file.parse(text, version=version).mistakes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("A=1\n", "1", id="plain"),
        pytest.param("A=1", "1", id="no newline at the end"),
        pytest.param("A=1\r\n", "1", id="carriage return"),
        pytest.param("A=", "", id="empty at the end"),
        pytest.param("A=\n", "", id="empty"),
        pytest.param("  A = 1  \n", "1", id="blanks"),
        pytest.param("A=b c\n", "b c", id="blanks inside"),
        pytest.param("A='b  c' \n", "b  c", id="single quotes"),
        pytest.param("A='b\\n'\n", "b\\n", id="no escape in single quotes"),
        pytest.param('A="b\\"c"\n', 'b"c', id="escaped quote"),
        pytest.param('A="b\\$c"\n', "b$c", id="escaped dollar"),
        pytest.param('A="b\\nc"\n', "b\\nc", id="other escape stays"),
        pytest.param('A="b\nc"\n', "b\nc", id="line break in quotes"),
        pytest.param('A="b\\\nc"\n', "bc", id="continued in quotes"),
        pytest.param("A=b\\\nc\n", "bc", id="continued"),
        pytest.param("A=b\\nc\n", "bnc", id="backslash goes"),
        pytest.param("A=b\\ \n", "b ", id="escaped blank at the end"),
        pytest.param("A=b\\\\c\n", "b\\c", id="backslash"),
        pytest.param('A=b"c"\n', 'b"c"', id="quotes behind a letter"),
        pytest.param("A='b' 'c'\n", "bc", id="two quoted parts"),
        pytest.param("A='b' c\n", "bc", id="text behind quotes"),
        pytest.param("A=b#c\n", "b#c", id="hash in a value"),
        pytest.param("A=b # c\n", "b # c", id="comment in a value"),
        pytest.param("A=$B\n", "$B", id="no expansion"),
        pytest.param("A==b\n", "=b", id="equals sign"),
        pytest.param('A="b', "b", id="not closed"),
        pytest.param('A="b\\', "b", id="backslash at the end"),
        pytest.param("A=b\\", "b", id="backslash at the end, plain"),
        pytest.param("A=\\\nb\n", "b", id="continued at once"),
        pytest.param("A='b'\\", "b", id="backslash behind quotes"),
    ],
)
def test_a_value(text: str, value: str) -> None:
    assert variables(text) == {"A": value}
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("export A=1\n", Mistake(1, "bad-name", "export A")),
        ("MY-VAR=2\n", Mistake(1, "bad-name", "MY-VAR")),
        ("1A=2\n", Mistake(1, "bad-name", "1A")),
        ("=2\n", Mistake(1, "no-assignment", "")),
        ("=2=3\n", Mistake(1, "bad-name", "=2")),
        ("\ufeffA=2\n", Mistake(1, "bad-name", "\ufeffA")),
        ("A: b\n", Mistake(1, "no-assignment", "")),
        ("A", Mistake(1, "no-assignment", "")),
        ("\n\nA\nB=1\n", Mistake(3, "no-assignment", "")),
        ("B='\r\n'\r\nA\r\n", Mistake(3, "no-assignment", "")),
        ("B=1\n\0A=2\n", Mistake(2, "cut-off", "")),
    ],
)
def test_a_line_that_is_dropped(text: str, mistake: Mistake) -> None:
    assert mistakes(text) == [mistake]
    assert "A" not in variables(text)


def test_an_equals_sign_may_begin_a_name() -> None:
    # The value begins behind the second one, with a quote.
    assert variables("=='\nA=1\n'\nB=2\n") == {"B": "2"}


def test_a_carriage_return_ends_a_line() -> None:
    assert variables("A=1\rB=2\r") == {"A": "1", "B": "2"}


@pytest.mark.parametrize("sign", "#;")
def test_comments(sign: str) -> None:
    assert variables(f"{sign} A=1\n  {sign}B=2\nC=3\n") == {"C": "3"}


@pytest.mark.parametrize(
    ("version", "expected"), [(253, {}), (254, {"A": "1"})]
)
def test_a_comment_that_ends_in_a_backslash(
    version: int, expected: dict[str, str]
) -> None:
    assert variables("# C:\\\nA=1\n", version) == expected


def test_quotes_that_the_file_does_not_close() -> None:
    found = environment_file.parse("A='b\nC=d\n", version=257)
    assert found.entries == [
        environment_file.Entry(1, "A", "b\nC=d\n", is_open=True)
    ]


def test_the_last_assignment_counts() -> None:
    assert variables("A=1\nA=2\n") == {"A": "2"}
