# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a value type gets to know, and what it says of a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)


class BadValueError(ValueError):
    """A value that systemd refuses, ignores, drops or misreads.

    Attributes:
        nearest: What was probably meant; empty if nothing is near.
        since: The version which first knows the value; 0 if none does.
    """

    def __init__(self, rule: str, nearest: str = "", since: int = 0) -> None:
        super().__init__(rule)
        self.nearest = nearest
        self.since = since


class Remark(NamedTuple):
    """What is worth saying of a value that systemd takes.

    Attributes:
        code: The id of the rule, which has the level.
        message: What is the matter and what to do.
        replacement: What to write instead; may be empty.
    """

    code: str
    message: str
    replacement: str = ""


@dataclass
class Context:
    """Where a value stands.

    Attributes:
        target: The systemd that reads it.
        unit: The unit file's name, such as ``hello@.service``.
        section: Its section.
        option: Its directive.
        is_fatal: Whether a bad value makes systemd refuse the unit.
        remarks: What a value type has to say without refusing.
    """

    target: targets.Target
    unit: str = ""
    section: str = ""
    option: str = ""
    is_fatal: bool = False
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, code: str, message: str, replacement: str = "") -> None:
        """Add a remark on the value that is being looked at."""
        remark = Remark(code, message, replacement)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def remark_comment(self, value: str) -> None:
        """Remark what looks like a comment and is part of the value."""
        for mark in (" # ", " ; "):
            before, found, _comment = f"{value} ".partition(mark)
            if found:
                self.remark(
                    "trailing-comment",
                    f"is all of {report.shorten(value)!r}, for systemd has no"
                    " comments there; a comment needs a line of its own",
                    before.rstrip(),
                )
                return


Check = Callable[[str, Context], None]


def words_of(text: str) -> list[str]:
    """Split a text of names; texts are cheaper to load than lists."""
    return text.split()


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return the choice that is most like the word, or nothing."""
    # Only a mistake needs it, and most units have none.
    import difflib  # noqa: PLC0415

    by_folded = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(
        word.casefold(), by_folded, n=1, cutoff=0.7
    )
    return by_folded[found[0]] if found else ""


def check_each(words: Iterable[str], check: Callable[[str], None]) -> None:
    """Check every word of a list, and report all bad ones together.

    Raises:
        BadValueError: At least one word is bad.
    """
    bad: list[BadValueError] = []
    for word in words:
        try:
            check(word)
        except BadValueError as error:
            bad.append(error)
    if bad:
        first = bad[0]
        raise BadValueError(
            "; ".join(str(error) for error in bad),
            first.nearest,
            first.since,
        )
