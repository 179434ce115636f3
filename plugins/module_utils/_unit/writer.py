# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files from values: a renderer without holes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Union

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
    syntax,
)

_SECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]*")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

Value = Union[str, Sequence[str]]


class RenderError(ValueError):
    """A name or value cannot be written without changing its meaning."""


def render(sections: Mapping[str, Mapping[str, Value]]) -> str:
    """Write a unit file from sections, directives and their values.

    Each value comes back from `parse`, and from systemd, character for
    character; what cannot is refused rather than altered.

    Args:
        sections: {Section: {Directive: value or list of values}}. A
            list gives one line per value. Quoting and the doubling of
            ``%`` and ``$`` are the caller's part, see `quote_exec` and
            `quote_environment`.

    Raises:
        RenderError: A name is no name, or a value would end its line,
            swallow the next one or lose characters.
    """
    return "\n".join(
        _render_section(name, directives)
        for name, directives in sections.items()
    )


def _render_section(name: str, directives: Mapping[str, Value]) -> str:
    if not isinstance(name, str) or not _SECTION.fullmatch(name):
        raise RenderError(f"{name!r} is no section name, such as Service")
    lines = [f"[{name}]\n"]
    for key, value in directives.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise RenderError(
                f"[{name}] {key!r} is no directive's name, such as User"
            )
        values = [value] if isinstance(value, str) else value
        for item in values:
            reason = unwritable(item)
            if reason:
                raise RenderError(f"[{name}] {key}={item!r}: {reason}")
            if syntax.is_too_long(f"{key}={item}"):
                raise RenderError(f"[{name}] {key}= is longer than 1 MiB")
            lines.append(f"{key}={item}\n")
    return "".join(lines)


def unwritable(value: object) -> str:
    """Tell why a value cannot stand in a unit file; empty if it can."""
    if not isinstance(value, str):
        return f"{type(value).__name__} is no text: quote it"
    if any(char in value for char in "\n\r\0"):
        return (
            "a newline, carriage return or NUL would begin another"
            " directive; in Exec and Environment lines write \\n"
        )
    if syntax.is_escaped_at_end(value):
        return "the trailing backslash would swallow the next directive"
    if value != value.strip(splitting.WHITESPACE):
        return "systemd drops white space around a value: quote it"
    if not splitting.is_utf8(value):
        return "not valid Unicode, systemd refuses what is not UTF-8"
    return ""
