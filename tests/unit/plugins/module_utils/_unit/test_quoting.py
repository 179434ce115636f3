# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quoted text comes back as it was, to the last character."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    quoting,
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    exec_lines,
)

TEXTS = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=30,
)


@given(TEXTS)
def test_environment_comes_back(value: str) -> None:
    line = quoting.quote_environment("NAME", value)
    assert "\n" not in line
    assert "\r" not in line
    (word,) = splitting.split_words(line, unescape=True)
    assert word.replace("%%", "%") == f"NAME={value}"
    assert word.count("%") % 2 == 0


@given(st.lists(TEXTS, max_size=4))
def test_exec_comes_back(arguments: list[str]) -> None:
    line = quoting.quote_exec(["/bin/x", *arguments])
    assert not {"\n", "\r", "\0"} & set(line)
    (command,) = exec_lines.split_exec(line)
    assert command.prefixes == ""
    unescaped = [
        word.replace("%%", "%").replace("$$", "$") for word in command.argv
    ]
    assert unescaped == ["/bin/x", *arguments]


def test_what_systemd_would_expand_is_doubled() -> None:
    assert (
        quoting.quote_exec(["/bin/x", "$HOME", "50%"]) == "/bin/x $$HOME 50%%"
    )
    assert quoting.quote_environment("A", "50%$B") == '"A=50%%$B"'


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A=B", "A B", "\u00c4"])
def test_environment_refuses_names(name: str) -> None:
    with pytest.raises(quoting.QuoteError):
        quoting.quote_environment(name, "x")


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_values_that_no_process_can_get(value: str) -> None:
    with pytest.raises(quoting.QuoteError):
        quoting.quote_environment("A", value)
    with pytest.raises(quoting.QuoteError):
        quoting.quote_exec(["/bin/x", value])


@pytest.mark.parametrize(
    "argv",
    [
        [],
        [""],
        ["+/bin/x"],
        ["-x"],
        ["@x"],
        ['/a"b'],
        ["/a$b"],
        ["/a\\b"],
        ["/a;b"],
        ["/a\nb"],
        ["|x"],
    ],
)
def test_exec_refuses_paths(argv: list[str]) -> None:
    with pytest.raises(quoting.QuoteError):
        quoting.quote_exec(argv)
