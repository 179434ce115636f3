# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quote literal text so that systemd reads the same text back.

For Exec lines the manual is systemd.service(5), "Command lines", for
Environment= systemd.exec(5) and systemd.syntax(7), "Quoting".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    splitting,
)

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./$-]+")
_PREFIXES = "@-:+!|"


class QuoteError(ValueError):
    """Quotes cannot make systemd pass this text on unchanged."""


def quote_environment(name: str, value: str) -> str:
    """Return one item of Environment= that gives exactly this value.

    Raises:
        QuoteError: The name is not the name of a variable, or the
            value has a NUL byte or is not valid Unicode.
    """
    if not _ENVIRONMENT_NAME.fullmatch(name):
        raise QuoteError(
            f"{name!r} is not the name of an environment variable: letters,"
            " digits and underscores, no digit first"
        )
    _refuse_unrepresentable(value)
    return '"' + name + "=" + _escape(value).replace("%", "%%") + '"'


def quote_exec(argv: Sequence[str]) -> str:
    """Return the Exec line that runs exactly this argument list.

    Raises:
        QuoteError: The command is missing, its path has a character
            that systemd refuses or reads as a prefix, or an argument
            has a NUL byte or is not valid Unicode.
    """
    if not argv or not argv[0]:
        raise QuoteError("an Exec line needs a command to run")
    _refuse_bad_path(argv[0])
    return " ".join(_quote_word(word) for word in argv)


def _refuse_bad_path(path: str) -> None:
    # string_is_safe() of src/basic/string-util.c; a dollar stays as it
    # is in the path, but would be expanded in argv[0].
    if path[0] in _PREFIXES:
        raise QuoteError(
            f"{report.shorten(path)!r}: systemd reads {path[0]!r} as a prefix"
            " of the command; give its absolute path"
        )
    if any(char < " " or char in "'\"\\$;\x7f" for char in path):
        raise QuoteError(
            f"{report.shorten(path)!r}: a command's path may not have quotes,"
            " backslashes and control characters, which systemd refuses, nor"
            " '$' and ';'; use another path"
        )


def _quote_word(word: str) -> str:
    _refuse_unrepresentable(word)
    doubled = _escape(word).replace("%", "%%").replace("$", "$$")
    if _PLAIN_WORD.fullmatch(word):
        return doubled
    return f'"{doubled}"'


def _refuse_unrepresentable(text: str) -> None:
    if "\0" in text:
        raise QuoteError("a NUL byte cannot be passed to a process")
    if not splitting.is_utf8(text):
        raise QuoteError(f"{text!r} is not valid Unicode")


def _escape(text: str) -> str:
    """Escape for a double-quoted word (systemd.syntax(7))."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return re.sub(
        r"[\x01-\x1f\x7f]", lambda match: f"\\x{ord(match[0]):02x}", text
    )
