# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make foreign text safe to be shown to a person.

A service may write any text to its journal: an escape sequence that
repaints the operator's screen, a line that looks like Ansible's,
letters that run from right to left. This module escapes all of them.

Private to the collection: no stability is promised.
"""

from __future__ import annotations


def line(text: str) -> str:
    """Return a text as one line of visible characters.

    Control and format characters, line ends and lone surrogates are
    written as escapes of Python.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else _escape(char) for char in text
    )


def block(text: str) -> str:
    """Return a text whose lines are safe, with its line ends."""
    return "\n".join(map(line, text.split("\n")))


def _escape(char: str) -> str:
    # A tab does no harm, although str.isprintable() denies it.
    return char if char == "\t" else ascii(char)[1:-1]
