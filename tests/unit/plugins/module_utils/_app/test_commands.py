# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One command is read, with no more rights than its unit gives."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    commands,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    quoting,
)

BIN = "/opt/hello/envs/0/bin"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("gunicorn hello:app", f"{BIN}/gunicorn hello:app"),
        ("  python  -m a ", f"{BIN}/python  -m a"),
        ("/bin/x $A", "/bin/x $A"),
        ("%h/x", "%h/x"),
        (["python", "a b", "$A"], f'{BIN}/python "a b" $$A'),
        (["/bin/x", "50%"], "/bin/x 50%%"),
        (r"/bin/x \; a", r"/bin/x \; a"),
    ],
)
def test_a_command(command: str | list[str], expected: str) -> None:
    assert commands.exec_line(command, BIN) == expected


@pytest.mark.parametrize(
    "command",
    [
        "+/bin/x",
        "-/bin/x",
        "@/bin/x y",
        "!!/bin/x",
        "|/bin/x",
        "/bin/x ; +/bin/y",
        "/bin/x 'a",
        "./x",
        "../x",
        "a/b",
        "$SHELL -c x",
        ["./x"],
        [""],
        "",
        " \t",
    ],
)
def test_a_command_that_is_refused(command: str | list[str]) -> None:
    with pytest.raises((commands.BadCommandError, quoting.QuoteError)):
        commands.exec_line(command, BIN)


@pytest.mark.parametrize("may_have_prefix", [False, True])
def test_an_empty_command_is_not_a_program(may_have_prefix: bool) -> None:
    with pytest.raises(commands.BadCommandError, match="'' is neither"):
        commands.exec_line("", BIN, may_have_prefix=may_have_prefix)


@pytest.mark.parametrize("command", ["+/bin/x", "-/bin/x a ; /bin/y"])
def test_a_prefix_that_is_allowed(command: str) -> None:
    found = commands.exec_line(command, BIN, may_have_prefix=True)
    assert found == command


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python -c 'print(1)'", f'{BIN}/python -c "print(1)"'),
        ("/bin/x $A", "/bin/x $$A"),
    ],
)
def test_a_command_quoted_as_in_a_shell(command: str, expected: str) -> None:
    found = commands.literal_line(command, BIN)
    assert found.replace('"', "") == expected.replace('"', "")
    assert commands.in_words(command) == command


def test_a_quote_that_is_not_closed() -> None:
    with pytest.raises(commands.BadCommandError):
        commands.literal_line("python 'a", BIN)


def test_arguments_as_one_line() -> None:
    assert commands.in_words(["a", "b c"]) == "a 'b c'"
