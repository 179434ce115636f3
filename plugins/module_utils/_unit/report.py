# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of the validator about a unit file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

LEVELS = ("error", "warning", "notice")
# A result of a module has so many findings of its units together, but so
# many of each unit at least. Ansible keeps a result in memory, and
# prints it.
FINDINGS_MAX = 1000
_FINDINGS_OF_EACH = 20
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
        """Return the finding as modules return it.

        Texts of great length lack their middle. The replacement is
        there as a whole or not at all, since users may apply it.
        """
        found: dict[str, Any] = {
            "code": self.code,
            "level": self.level,
            "section": printable(brief(self.section)),
            "option": printable(brief(self.option)),
            "value": printable(brief(self.value)),
            "line": self.line,
            "message": printable(brief(self.message)),
        }
        for name in ("since", "removed", "replacement", "file"):
            extra = getattr(self, name)
            if isinstance(extra, str):
                extra = printable(extra) if len(extra) <= _BRIEF else ""
            if extra:
                found[name] = extra
        return found

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file else ""
        where += f"line {self.line}: " if self.line else ""
        text = f"{self.level}: {where}{brief(self.message)} [{self.code}]"
        return printable(text)


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


def share_of_each(units: int) -> int:
    """Return how many findings a result has of each of its units."""
    return max(FINDINGS_MAX // max(units, 1), _FINDINGS_OF_EACH)


def worst(
    findings: Sequence[Finding], limit: int
) -> tuple[list[Finding], dict[str, int]]:
    """Return the worst findings in their order, and count the others.

    Args:
        findings: The findings.
        limit: How many to return at most.

    Returns:
        The findings, and {level: number of those that are left out},
        without the levels of which none is.
    """
    counts = Counter(finding.level for finding in findings)
    room: dict[str, int] = {}
    for level in LEVELS:
        room[level] = min(counts[level], limit - sum(room.values()))
    left_out = {
        level: counts[level] - kept
        for level, kept in room.items()
        if counts[level] > kept
    }
    return list(_first(findings, room)), left_out


def _first(
    findings: Iterable[Finding], room: dict[str, int]
) -> Iterable[Finding]:
    """Yield the first findings of each level."""
    for finding in findings:
        if room[finding.level] > 0:
            room[finding.level] -= 1
            yield finding


def is_valid(findings: list[Finding], *, is_strict: bool = False) -> bool:
    """Tell whether the findings let a unit pass.

    Args:
        findings: The findings about the unit.
        is_strict: Whether warnings fail too.
    """
    failing = LEVELS[: 2 if is_strict else 1]
    return not any(finding.level in failing for finding in findings)
