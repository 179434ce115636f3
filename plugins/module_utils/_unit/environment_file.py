# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read an environment file as systemd reads it.

It is not the language of a shell: systemd.exec(5), EnvironmentFile=, and
src/basic/env-file.c. Systemd drops lines without a message, and this
module keeps them as mistakes. Values may be secrets, so that a mistake
never holds one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# What ends a line, in systemd's words NEWLINE and WHITESPACE.
_NEWLINE = "\n\r"
_BLANK = " \t\n\r"
# A backslash between double quotes takes away the meaning of these.
_ESCAPABLE = '"\\`$'
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_COMMENT = re.compile(r"[ \t]#")
# A comment line that ends in a backslash swallowed the next line before.
_COMMENTS_END_SINCE = 254


class Entry(NamedTuple):
    """One assignment that systemd takes.

    Attributes:
        line: The line in which it begins, from 1.
        name: The variable.
        value: The value as the process gets it.
        has_comment: Whether the value includes a word that looks like
            a comment, outside of quotes.
        is_open: Whether the file ends inside of quotes.
    """

    line: int
    name: str
    value: str
    has_comment: bool = False
    is_open: bool = False


class Mistake(NamedTuple):
    """One line that systemd drops.

    Attributes:
        line: Its number, from 1.
        code: ``no-assignment``, ``bad-name`` or ``cut-off``.
        name: The part before the equals sign; empty without one.
    """

    line: int
    code: str
    name: str


class EnvironmentFile(NamedTuple):
    """The content of an environment file, in its order."""

    entries: list[Entry]
    mistakes: list[Mistake]


def parse(text: str, *, version: int) -> EnvironmentFile:
    """Read the text of an environment file.

    Args:
        text: The decoded file; systemd refuses a file of which a name
            or a value is not UTF-8.
        version: The version of the systemd that reads it.
    """
    found = EnvironmentFile([], [])
    # To systemd the file ends here: it reads a C string.
    whole, nul, _rest = text.partition("\0")
    reader = _Reader(whole)
    while reader.skip(_BLANK):
        begun = reader.line
        if reader.peek() in "#;":
            _skip_comment(reader, version)
            continue
        name, has_value = _read_name(reader)
        if not has_value:
            found.mistakes.append(Mistake(begun, "no-assignment", ""))
            continue
        entry = _read_value(reader, begun, name)
        if _NAME.fullmatch(name):
            found.entries.append(entry)
        else:
            found.mistakes.append(Mistake(begun, "bad-name", name))
    if nul:
        found.mistakes.append(Mistake(reader.line, "cut-off", ""))
    return found


class _Reader:
    """Walks through a text, and counts its lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self.line = 1

    def peek(self) -> str:
        """Return the next character; empty at the end."""
        return self._text[self._place : self._place + 1]

    def take(self) -> str:
        """Return the next character, and go past it."""
        char = self.peek()
        self._place += 1
        after = self.peek()
        # As editors count: CR LF is the end of one line.
        if char == "\n" or (char == "\r" and after != "\n"):
            self.line += 1
        return char

    def skip(self, chars: str) -> bool:
        """Go past these characters; tell whether any other follows."""
        while self.peek() and self.peek() in chars:
            self.take()
        return bool(self.peek())


def _skip_comment(reader: _Reader, version: int) -> None:
    while char := reader.take():
        if char == "\\" and reader.peek():
            escaped = reader.take()
            if escaped in _NEWLINE and version >= _COMMENTS_END_SINCE:
                return
        elif char in _NEWLINE:
            return


def _read_name(reader: _Reader) -> tuple[str, bool]:
    """Return the text before an equals sign, and whether there is one."""
    # To systemd the first character is a part of the name, even if it
    # is an equals sign.
    name = reader.take()
    while char := reader.take():
        if char in _NEWLINE:
            return "", False
        if char == "=":
            return name.rstrip(_BLANK), True
        name += char
    return "", False


def _read_value(reader: _Reader, line: int, name: str) -> Entry:
    """Read to the end of a value: of its line, unless it is quoted."""
    # Joined at the end: a value may have very many parts.
    parts: list[str] = []
    while reader.peek():
        char = reader.take()
        if char in _NEWLINE:
            break
        if char in "'\"":
            part, is_closed = _read_quoted(reader, char)
            parts.append(part)
            if not is_closed:
                return Entry(line, name, "".join(parts), is_open=True)
        elif char not in _BLANK:
            # From here to the end of the line quotes are characters.
            plain = _read_plain(reader, char)
            # Behind quotes the blanks before it are gone.
            has_comment = bool(parts) and plain[:1] == "#"
            has_comment |= bool(_COMMENT.search(plain))
            return Entry(line, name, "".join((*parts, plain)), has_comment)
    return Entry(line, name, "".join(parts))


def _read_quoted(reader: _Reader, quote: str) -> tuple[str, bool]:
    """Return what stands in quotes, and whether they are closed."""
    part = ""
    while char := reader.take():
        if char == quote:
            return part, True
        if char == "\\" and quote == '"':
            char = _unescape(reader.take())
        part += char
    return part, False


def _unescape(char: str) -> str:
    """Return what a backslash and a character stand for in quotes."""
    if char == "\n" or not char:
        return ""
    return char if char in _ESCAPABLE else f"\\{char}"


def _read_plain(reader: _Reader, first: str) -> str:
    """Return a value without quotes, to the end of its line."""
    value, kept, char = "", 0, first
    while char and char not in _NEWLINE:
        if char == "\\":
            char = reader.take()
            value += "" if char in _NEWLINE else char
            # A blank behind a backslash is part of the value.
            kept = len(value)
        else:
            value += char
            kept = kept if char in _BLANK else len(value)
        char = reader.take()
    return value[:kept]
