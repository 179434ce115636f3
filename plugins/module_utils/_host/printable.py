# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Foreign text, made safe to be shown to a person.

A service writes what it likes to its journal: an escape sequence that
repaints the operator's screen, a line that looks like one of Ansible's,
letters that run from right to left. What is shown holds none of it.

Private to the collection: no stability is promised.
"""

from __future__ import annotations


def line(text: str) -> str:
    """Return a text as one line of letters that can be seen.

    Control and format characters, line ends among them, and lone
    surrogates are written as escapes of Python.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else _escaped(char) for char in text
    )


def block(text: str) -> str:
    """Return a text with its line ends as they are, and safe lines."""
    return "\n".join(map(line, text.split("\n")))


def _escaped(char: str) -> str:
    # Of str.isprintable(), a tab is not, and it does no harm.
    return char if char == "\t" else ascii(char)[1:-1]
