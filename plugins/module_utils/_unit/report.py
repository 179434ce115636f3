# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of the validator about a unit file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LEVELS = ("error", "warning", "notice")
_SHOWN = 80
_BRIEF = 800


@dataclass(frozen=True)
class Finding:
    """One thing found in a unit file.

    Attributes:
        code: The id of the rule, see ``catalogue.RULES``.
        level: ``error`` (systemd refuses, ignores or misreads it),
            ``warning`` or ``notice``.
        section: The section; empty for the file as a whole.
        option: The directive; empty if the finding is about none.
        value: Its value.
        line: The line, from 1; 0 if there is none.
        message: The value, the rule and the remedy in one sentence.
        since: The version which first knows the directive or value.
        removed: The version which no longer has it.
        replacement: The text to write instead.
        file: The drop-in or unit file, where there are several.
    """

    code: str
    level: str
    section: str
    option: str
    value: str
    line: int
    message: str
    since: int | None = None
    removed: int | None = None
    replacement: str | None = None
    file: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as modules return it."""
        found: dict[str, Any] = {
            "code": self.code,
            "level": self.level,
            "section": printable(self.section),
            "option": printable(self.option),
            "value": printable(self.value),
            "line": self.line,
            "message": printable(self.message),
        }
        for name in ("since", "removed", "replacement", "file"):
            extra = getattr(self, name)
            if extra:
                is_text = isinstance(extra, str)
                found[name] = printable(extra) if is_text else extra
        return found

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file else ""
        where += f"line {self.line}: " if self.line else ""
        return printable(f"{self.level}: {where}{self.message} [{self.code}]")


def printable(text: str) -> str:
    """Return a text that can be sent, its odd bytes in hex.

    Bytes that are not UTF-8 come as lone surrogates, both in the text
    of a file and in its name (PEP 383), and JSON has no place for them.
    """
    try:
        data = text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        # A surrogate that stands for no byte, such as \ud800 in YAML.
        data = text.encode(errors="backslashreplace")
    return data.decode(errors="backslashreplace")


def shorten(value: str) -> str:
    """Return a value short enough to stand in a message."""
    if len(value) <= _SHOWN:
        return value
    return value[: _SHOWN - 3] + "..."


def brief(message: str) -> str:
    """Return a message without the middle of a value of great length."""
    if len(message) <= _BRIEF:
        return message
    half = _BRIEF // 2
    return f"{message[:half]} ... {message[-half:]}"


def is_valid(findings: list[Finding], *, is_strict: bool = False) -> bool:
    """Tell whether the findings let a unit pass.

    Args:
        findings: The findings about the unit.
        is_strict: Whether warnings fail too.
    """
    failing = LEVELS[: 2 if is_strict else 1]
    return not any(finding.level in failing for finding in findings)
