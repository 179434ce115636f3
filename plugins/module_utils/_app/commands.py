# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the commands that users write, all of them in the same way.

Services, builds, commands before the switch and health checks all run
one command, with no more rights than their unit gives: systemd takes
several on a line, each with a prefix that may switch the sandbox off.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Union

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    schema,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    quoting,
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    exec_lines,
)

Command = Union[str, Sequence[str]]
_PROGRAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
# The prefixes that change the meaning of a path: systemd.service(5),
# "Command lines".
_PREFIXES = "@-:+!|"


class BadCommandError(ValueError):
    """A command cannot run as its user means it; the text says why."""


def exec_line(
    command: Command, folder: str, *, may_have_prefix: bool = False
) -> str:
    """Return the Exec line that runs one command.

    Args:
        command: A line in systemd's syntax, or literal arguments.
        folder: Directory of the programs of the virtualenv.
        may_have_prefix: Whether the user allows the prefixes that
            change how systemd runs the command.

    Raises:
        CommandError: The line has several commands or a prefix, or its
            first word does not name a program.
        QuoteError: An argument cannot be written.
    """
    if not isinstance(command, str):
        first, *rest = command
        return quoting.quote_exec([_program(first, folder), *rest])
    line = command.strip()
    if line and line[0] in _PREFIXES:
        if may_have_prefix:
            return line
        raise BadCommandError(
            f"{line[0]!r} is a prefix that changes how systemd runs the "
            "command; leave it out"
        )
    word, blank, rest_of_line = line.partition(" ")
    line = f"{_program(word, folder)}{blank}{rest_of_line}"
    try:
        found = exec_lines.split_exec(line)
    except splitting.WordError as error:
        raise BadCommandError(str(error)) from None
    if not may_have_prefix and len(found) != 1:
        # The second command could have a prefix, and run as root.
        raise BadCommandError(
            "a ';' begins another command; make that command an item or a "
            "service of its own, or write \\; if the ';' is an argument"
        )
    return line


def literal_line(command: str, folder: str) -> str:
    """Return the Exec line of a command that is quoted as in a shell.

    Raises:
        CommandError: A quote is not closed, or the first word does not
            name a program.
        QuoteError: An argument cannot be written.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise BadCommandError(str(error)) from None
    return exec_line(words, folder)


def in_words(command: Command) -> str:
    """Return a command as one line, to be shown."""
    return command if isinstance(command, str) else shlex.join(command)


def _program(word: str, folder: str) -> str:
    if word.startswith(("/", "%")):
        return word
    if not _PROGRAM.fullmatch(word):
        raise BadCommandError(
            f"{schema.shown(word)} is neither an absolute path nor the name "
            "of a program in the virtualenv"
        )
    return f"{folder}/{word}"
