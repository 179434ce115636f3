# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files as text: a parser which loses nothing.

The grammar is that of systemd.syntax(7) and, where the manual is
silent, of upstream's src/shared/conf-parser.c and read_line() in
src/basic/fileio.c. It is not Python's: a lone carriage return and a NUL
byte end a line for systemd, U+0085 and U+2028 do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)

# read_line() joins end-of-line characters which differ, so that CRLF
# and LFCR are one end, and a NUL ends such a group.
_LINE = re.compile(r"([^\n\r\0]*)((?:\n\r|\r\n|\n|\r)\0?|\0|\Z)")
_COMMENTS = ("#", ";")
_BOM = "\ufeff"
# LONG_LINE_MAX of src/basic/fileio.h, in bytes. read_line() refuses a
# line that reaches it, comments too; config_parse() refuses joined
# lines that are longer.
LINE_MAX = 1024 * 1024
_MISSING = (
    "this line has no {} and is ignored; begin a comment with '#', write"
    " Name=value, or end the line before in a backslash if this one continues"
    " it"
)
# One text for many lines, so that it is kept once.
_NO_EQUALS = _MISSING.format("'='")
_NO_KEY = _MISSING.format("key before its '='")


class Assignment(NamedTuple):
    """One ``name=value`` of a unit file.

    Attributes:
        section: The section that it stands in.
        name: The directive, without white space around it.
        value: The value as systemd's parsers get it: continuation
            lines joined, white space around it removed.
        line: The number of its first line, from 1.
        end: The number of its last line, which systemd reports.
        file: The drop-in that it stands in; empty for the unit's file.
    """

    section: str
    name: str
    value: str
    line: int
    end: int
    file: str = ""


class Mistake(NamedTuple):
    """A line that systemd refuses or drops before it reads a value.

    Attributes:
        code: The id of the rule.
        line: The number of the line, from 1.
        text: The line.
        message: The mistake and the remedy.
        section: The section that it stands in.
    """

    code: str
    line: int
    text: str
    message: str
    section: str


class Header(NamedTuple):
    """A section's header line.

    Attributes:
        name: The section, without its brackets.
        line: The number of the line, from 1.
    """

    name: str
    line: int


@dataclass
class Document:
    """A parsed unit file which can be written back byte for byte.

    Attributes:
        lines: Every physical line with its ending.
        headers: The section headers in their order.
        mistakes: The lines that systemd would refuse or drop.
    """

    lines: list[str] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    _assignments: list[Assignment] = field(default_factory=list)

    def render(self) -> str:
        """Return the very text that was parsed."""
        return "".join(self.lines)

    def assignments(self) -> list[Assignment]:
        """Return every assignment in its order, duplicates included."""
        return list(self._assignments)

    def values(self, section: str, name: str) -> list[str]:
        """Return all values of one directive in their order."""
        return [
            item.value
            for item in self._assignments
            if item.section == section and item.name == name
        ]


def decode(data: bytes) -> str:
    """Decode a unit file so that encoding it again gives its bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes of a text that `decode` made.

    Raises:
        UnicodeEncodeError: The text never was the bytes of a file.
    """
    return text.encode("utf-8", "surrogateescape")


def parse(text: str | bytes) -> Document:
    """Parse a unit file as systemd reads it.

    This function raises no error: the lines that systemd would refuse
    are in `Document.mistakes`.
    """
    return _Parser(decode(text) if isinstance(text, bytes) else text).run()


class _Parser:
    """Walks over the lines as config_parse() does."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._document = Document()
        self._section: str | None = None
        self._is_fatal = False
        self._has_bom = False

    def run(self) -> Document:
        for line, end, content in self._logical_lines():
            self._read(line, end, content.strip(splitting.WHITESPACE))
        return self._document

    def _physical_lines(self) -> Iterator[tuple[int, str]]:
        for number, match in enumerate(_LINE.finditer(self._text), 1):
            if not match[0]:
                return
            self._document.lines.append(match[0])
            self._check_ending(number, match[1], match[2])
            if is_too_long(match[1]):
                self._too_long(number, match[1])
                # An empty line ends what the line continues, if any.
                yield number, ""
            else:
                yield number, match[1]

    def _check_ending(self, number: int, content: str, end: str) -> None:
        if end in ("\n", "\r\n", ""):
            return
        what = "a NUL byte" if "\0" in end else "a carriage return"
        self._mistake(
            "line-separator",
            number,
            content,
            f"{what} ends a line for systemd, and the text behind it is a"
            " line of its own; end lines with a newline alone",
        )

    def _logical_lines(self) -> Iterator[tuple[int, int, str]]:
        """Yield first line, last line and joined text of each entry.

        A comment between continuation lines is skipped and does not
        end them (systemd.syntax(7)).
        """
        pending: list[str] = []
        start = 0
        number = 0
        for number, raw in self._physical_lines():
            if raw.lstrip(splitting.WHITESPACE).startswith(_COMMENTS):
                continue
            content = self._without_bom(raw)
            start = start or number
            if is_escaped_at_end(content):
                # systemd puts a space where the backslash was.
                pending.append(content[:-1] + " ")
                continue
            pending.append(content)
            yield start, number, self._joined(start, pending)
            pending, start = [], 0
        if start:
            yield start, number, self._joined(start, pending)

    def _joined(self, start: int, parts: list[str]) -> str:
        """Return joined lines; nothing if they are too long together."""
        joined = "".join(parts)
        if len(parts) > 1 and _size(joined) > LINE_MAX:
            self._too_long(start, joined)
            return ""
        return joined

    def _too_long(self, line: int, content: str) -> None:
        self._mistake(
            "line-too-long",
            line,
            content[:40],
            "systemd refuses a file with a line of 1 MiB or more; split the"
            " line into several assignments",
        )

    def _without_bom(self, raw: str) -> str:
        if not self._has_bom and raw.startswith(_BOM):
            self._has_bom = True
            return raw[1:]
        return raw

    def _read(self, line: int, end: int, content: str) -> None:
        if not content:
            return
        if not splitting.is_utf8(content):
            self._mistake(
                "invalid-utf8",
                line,
                content,
                "systemd refuses a file with bytes that are not UTF-8, or"
                " that Unicode leaves out",
            )
        elif content.startswith("["):
            self._header(line, content)
        elif self._section is None:
            self._outside(line, content)
        else:
            self._assignment(line, end, content)

    def _outside(self, line: int, content: str) -> None:
        if not self._document.headers:
            self._mistake(
                "outside-section",
                line,
                content,
                "an assignment before the first section is ignored; put"
                " it below its section, such as [Service]",
            )

    def _header(self, line: int, content: str) -> None:
        name = content[1:-1]
        if not content.endswith("]") or _has_control(name):
            self._mistake(
                "invalid-header",
                line,
                content,
                f"{content!r} is not a section header, systemd refuses the"
                " whole file; nothing may follow the bracket, a comment"
                " needs a line of its own",
            )
            return
        self._document.headers.append(Header(name, line))
        self._section = name

    def _assignment(self, line: int, end: int, content: str) -> None:
        name, equals, value = content.partition("=")
        if not equals or not name:
            why = _NO_KEY if equals else _NO_EQUALS
            self._mistake("not-an-assignment", line, content, why)
            return
        self._document._assignments.append(
            Assignment(
                self._section or "",
                name.strip(splitting.WHITESPACE),
                value.strip(splitting.WHITESPACE),
                line,
                end,
            )
        )

    def _mistake(self, code: str, line: int, text: str, why: str) -> None:
        self._document.mistakes.append(
            Mistake(code, line, text, why, self._section or "")
        )


def is_escaped_at_end(text: str) -> bool:
    """Tell whether an odd number of backslashes ends the text."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def is_too_long(line: str) -> bool:
    """Tell whether systemd refuses a line without its end."""
    return _size(line) >= LINE_MAX


def _size(text: str) -> int:
    """Return the bytes of a text; of a short one, its characters."""
    if text.isascii() or len(text) * 4 < LINE_MAX:
        return len(text)
    return len(text.encode("utf-8", "replace"))


def _has_control(text: str) -> bool:
    return any(char < " " or char == "\x7f" for char in text)
