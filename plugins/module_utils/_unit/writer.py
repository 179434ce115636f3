# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write unit files: this module takes values and returns the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Union

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    splitting,
    syntax,
)

_SECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]*")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

Value = Union[str, Sequence[str]]


class WriteError(ValueError):
    """A name or value cannot be written without changing its meaning.

    Attributes:
        section: The section that it was to stand in.
        name: The directive; empty where the section is wrong.
        reason: The value and the rule, without the place.
    """

    def __init__(self, section: str, name: str, reason: str) -> None:
        super().__init__(f"[{section}] {reason}")
        self.section = section
        self.name = name
        self.reason = reason


class Block(NamedTuple):
    """Directives of one section that belong together.

    Attributes:
        section: The section.
        pairs: Each directive with its value.
        comment: One line that stands above them; may be empty.
    """

    section: str
    pairs: Sequence[tuple[str, str]]
    comment: str = ""


def render(sections: Mapping[str, Mapping[str, Value]]) -> str:
    """Write a unit file from sections, directives and their values.

    Args:
        sections: {Section: {Directive: value or list of values}}. A
            list gives one line per value.

    Raises:
        RenderError: See `write`.
    """
    return write(
        Block(section, list(_pairs(directives)))
        for section, directives in sections.items()
    )


def _pairs(directives: Mapping[str, Value]) -> Iterable[tuple[str, str]]:
    for name, value in directives.items():
        for item in [value] if isinstance(value, str) else value:
            yield name, item


def write(blocks: Iterable[Block], head: Sequence[str] = ()) -> str:
    """Write a unit file from blocks of directives.

    Each value comes back from `parse`, and from systemd, character for
    character; a value that cannot come back is refused.

    Args:
        blocks: The blocks. Consecutive blocks of one section share its
            header. The caller quotes values and doubles ``%`` and
            ``$``, see `quote_exec` and `quote_environment`.
        head: The lines of the comment at the start of the file.

    Raises:
        RenderError: A name is malformed, or a value would end its
            line, swallow the next one or lose characters.
    """
    lines = [f"# {line}" for line in head]
    section: str | None = None
    for block in blocks:
        if section is None or block.section != section:
            section = block.section
            lines += ["", *_header(section)] if lines else _header(section)
        if block.comment and block.pairs:
            lines.append(f"# {block.comment}")
        lines += [_line(section, name, value) for name, value in block.pairs]
    return "".join(f"{line}\n" for line in lines)


def _header(section: str) -> list[str]:
    if not isinstance(section, str) or not _SECTION.fullmatch(section):
        raise WriteError(
            str(section),
            "",
            f"{section!r} is not the name of a section, such as Service",
        )
    return [f"[{section}]"]


def _line(section: str, name: str, value: str) -> str:
    if not isinstance(name, str) or not _KEY.fullmatch(name):
        reason = f"{name!r} is not the name of a directive, such as User"
        raise WriteError(section, str(name), reason)
    reason = unwritable(value)
    if reason:
        shown = report.shorten(repr(value))
        raise WriteError(section, name, f"{name}={shown}: {reason}")
    if syntax.is_too_long(f"{name}={value}"):
        reason = (
            f"{name}= makes a line of 1 MiB or more, which systemd refuses"
        )
        raise WriteError(section, name, reason)
    return f"{name}={value}"


def unwritable(value: object) -> str:
    """Tell why a value cannot stand in a unit file; empty if it can."""
    if not isinstance(value, str):
        return f"a {type(value).__name__} is not text; quote it"
    if any(char in value for char in "\n\r\0"):
        return (
            "a newline, carriage return or NUL would begin another"
            " directive; in Exec and Environment lines write \\n"
        )
    if syntax.is_escaped_at_end(value):
        return (
            "the trailing backslash would swallow the next directive;"
            " remove it, or double it"
        )
    if value != value.strip(splitting.WHITESPACE):
        return (
            "systemd drops white space around a value; remove it, or put"
            " the text in double quotes"
        )
    if not splitting.is_utf8(value):
        return "systemd refuses a file that is not valid UTF-8; remove it"
    return ""
