# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The context of a value, and the findings of its value type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)


class BadValueError(ValueError):
    """A value that systemd refuses, ignores, drops or misreads.

    Attributes:
        nearest: The value that the author probably meant; empty if no
            known value is near.
        since: The first version that knows the value; 0 if no version
            knows it.
    """

    def __init__(self, rule: str, nearest: str = "", since: int = 0) -> None:
        super().__init__(rule)
        self.nearest = nearest
        self.since = since


class Remark(NamedTuple):
    """A finding about a value that systemd accepts.

    Attributes:
        code: The id of the rule; its level is in the catalogue.
        message: The problem and the remedy.
        replacement: The value to write instead; may be empty.
    """

    code: str
    message: str
    replacement: str = ""


@dataclass
class Context:
    """The place of a value.

    Attributes:
        target: The systemd that reads the value.
        unit: The unit file's name, such as ``hello@.service``.
        section: The section that holds the value.
        option: The directive that has the value.
        is_fatal: Whether a bad value makes systemd refuse the unit.
        remarks: The findings of a value type that refuse nothing.
    """

    target: targets.Target
    unit: str = ""
    section: str = ""
    option: str = ""
    is_fatal: bool = False
    remarks: list[Remark] = field(default_factory=list)
    _seen: set[Remark] = field(default_factory=set, init=False, repr=False)

    def remark(self, code: str, message: str, replacement: str = "") -> None:
        """Add a remark on the value that is being checked."""
        remark = Remark(code, message, replacement)
        if remark not in self._seen:
            self._seen.add(remark)
            self.remarks.append(remark)

    def remark_comma(self, word: str, what: str) -> None:
        """Remark a comma in a word of a list of names.

        Args:
            word: The word.
            what: The kind of the names, such as ``group``.
        """
        if "," in word:
            self.remark(
                "comma-list",
                f"has {word!r} as the name of one {what}; write a blank"
                f" between two {what}s",
            )

    def remark_comment(self, value: str) -> None:
        """Remark a part of the value that looks like a comment."""
        for mark in (" # ", " ; "):
            before, found, _comment = f"{value} ".partition(mark)
            if found:
                self.remark(
                    "trailing-comment"
                    if self._makes_what_it_names()
                    else "comment-in-value",
                    f"has all of {report.shorten(value)!r} as its value:"
                    " systemd knows no comments behind a value; write the"
                    " comment on a line of its own",
                    before.rstrip(),
                )
                return

    def _makes_what_it_names(self) -> bool:
        # systemd makes a file or a socket of that whole name.
        is_stream = self.option in ("StandardOutput", "StandardError")
        return is_stream or self.option.startswith("Listen")


Check = Callable[[str, Context], None]


def words_of(text: str) -> list[str]:
    """Split a text of names; a text loads faster than a list."""
    return text.split()


_LIKENESS = 0.7
# A list with more bad words than this has some other fault, such as the
# value of another directive.
_BAD_WORDS_MAX = 20


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return the choice most like the word; empty if none is like it.

    The word itself is not a suggestion.
    """
    near = _nearest(word.casefold(), tuple(choices))
    return near if near != word else ""


@lru_cache(maxsize=512)
def _nearest(word: str, choices: tuple[str, ...]) -> str:
    letters = frozenset(word)
    by_folded = {
        choice: original
        for choice, others, original in _with_letters(choices)
        if _may_be_like(word, letters, choice, others)
    }
    if not by_folded:
        return ""
    # Only a mistake needs this module, and most units have no mistake.
    import difflib  # noqa: PLC0415

    found = difflib.get_close_matches(word, by_folded, n=1, cutoff=_LIKENESS)
    return by_folded[found[0]] if found else ""


def _blame_comma(
    word: str, check: Callable[[str], None]
) -> BadValueError | None:
    """Return the error of a bad word whose parts are all good."""
    parts = [part for part in word.split(",") if part]
    if "," not in word or not parts:
        return None
    try:
        for part in parts:
            check(part)
    except BadValueError:
        return None
    return BadValueError(
        f"{word!r} has a comma, and systemd splits this list at blanks:"
        f" write {' '.join(parts)}"
    )


@lru_cache(maxsize=16)
def _with_letters(
    choices: tuple[str, ...],
) -> list[tuple[str, frozenset[str], str]]:
    """Return each choice in lower case, its letters, and itself."""
    return [
        (choice.casefold(), frozenset(choice.casefold()), choice)
        for choice in choices
    ]


def _may_be_like(
    word: str, letters: frozenset[str], choice: str, others: frozenset[str]
) -> bool:
    """Tell whether difflib could find two texts alike.

    This costs a small part of what difflib does. A letter that only one
    of them has is not a part of any match.
    """
    least = _LIKENESS * (len(word) + len(choice)) / 2
    if min(len(word), len(choice)) < least:
        return False
    return (
        len(word) - len(letters - others) >= least
        and len(choice) - len(others - letters) >= least
    )


def check_each(words: Iterable[str], check: Callable[[str], None]) -> None:
    """Check the words of a list, and report the bad ones together.

    It looks at no further words behind a great many bad ones.

    Raises:
        BadValueError: At least one word is bad.
    """
    bad: list[BadValueError] = []
    for word in words:
        try:
            check(word)
        except BadValueError as error:
            bad.append(_blame_comma(word, check) or error)
            if len(bad) > _BAD_WORDS_MAX:
                break
    if bad:
        first = bad[0]
        told = [str(error) for error in bad[:_BAD_WORDS_MAX]]
        if len(bad) > _BAD_WORDS_MAX:
            told.append("the words behind these are not checked")
        raise BadValueError(
            "; ".join(told),
            first.nearest,
            first.since,
        )
