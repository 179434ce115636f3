# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge an environment file: which lines does systemd drop or misread?

Findings name variables, never values: such files hold secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    environment_file,
    report,
    syntax,
    targets,
)

_BOM = "\ufeff"
# A line of a secret, such as a key in base64 or an address with a
# password, may have an equals sign. Only a text that does not look like
# a part of a secret is shown as a name.
_SHOWABLE = re.compile(r"(?:[A-Z][A-Z_.-]{0,63}|[a-z][a-z_.-]{0,63})")
_SHOWABLE_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}|[a-z][a-z0-9_]{0,63}")


def check(
    content: bytes, target: targets.Target, file: str = ""
) -> list[report.Finding]:
    """Return the findings about an environment file, by line.

    Args:
        content: The file.
        target: The systemd that will read it.
        file: Its name, for the findings.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = [
            catalogue.finding(
                "environment-not-utf8",
                _at(line),
                f"byte {error.start} of the file is not UTF-8, and systemd "
                "refuses to start the service; save the file as UTF-8",
            )
        ]
    else:
        parsed = environment_file.parse(text, version=target.version)
        found = [*_dropped(parsed), *_misread(parsed)]
    named = [replace(one, file=file or None) for one in found]
    return sorted(named, key=lambda one: one.line)


def _dropped(
    parsed: environment_file.EnvironmentFile,
) -> Iterator[report.Finding]:
    for mistake in parsed.mistakes:
        yield catalogue.finding(
            "environment-line-dropped", _at(mistake.line), _remedy(mistake)
        )


def _remedy(mistake: environment_file.Mistake) -> str:
    """Say why systemd drops a line, and what to write instead."""
    if mistake.code == "cut-off":
        return (
            "the file has a NUL byte here, and systemd reads no further; "
            "remove the byte"
        )
    if mistake.code == "no-assignment":
        return (
            "the line has no equals sign, and systemd drops it without a "
            "message; write NAME=value, or begin a comment with #"
        )
    name = mistake.name
    if name.startswith(_BOM):
        return (
            "the file begins with a byte order mark, which becomes a part "
            "of the first name, and systemd drops that variable; save the "
            "file as UTF-8 without a byte order mark"
        )
    words = name.split()
    if len(words) == 2 and words[0] == "export":
        shown = _variable(words[1], "NAME")
        return (
            f"'export {shown}' is not the name of a variable, and systemd "
            f"drops the line: it knows no export; write {shown}="
        )
    shown = "the text before the equals sign"
    if _SHOWABLE.fullmatch(name):
        shown = repr(name)
    return (
        f"{shown} is not the name of a variable, and systemd drops the "
        "line; use letters, digits and _, with no digit first, and put a "
        "value of several lines in quotes"
    )


def _variable(name: str, default: str) -> str:
    """Return a name, unless it may be a part of a secret."""
    return name if _SHOWABLE_VARIABLE.fullmatch(name) else default


def _misread(
    parsed: environment_file.EnvironmentFile,
) -> Iterator[report.Finding]:
    for entry in parsed.entries:
        if entry.is_open:
            yield catalogue.finding(
                "environment-open-quote",
                _at(entry.line),
                f"the quotes of {_variable(entry.name, 'the variable')} are "
                "not closed, so that the rest of the file is its value; "
                "close them",
            )
        elif entry.has_comment:
            yield catalogue.finding(
                "trailing-comment",
                _at(entry.line),
                f"the value of {_variable(entry.name, 'the variable')} "
                "includes the text behind #: systemd knows comments only on "
                "lines of their own; move the comment, or put the value in "
                "quotes if # is a part of it",
            )


def _at(line: int) -> syntax.Assignment:
    """Return a line without its content, which may be a secret."""
    return syntax.Assignment("", "", "", line, line)
