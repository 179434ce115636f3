# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines whose last backslash does not do what the author meant.

systemd joins a line with the next one if the backslash is its very last
character (systemd.syntax(7)). With a blank behind the backslash, it
joins nothing; and a backslash that was left behind joins a line that
was meant to stand for itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    splitting,
    syntax,
    table,
)

_ENDS = "\r\n\0"
_HEADER = re.compile(r"\s*\[(.*)\]\s*\Z")
_ASSIGNMENT = re.compile(r"\s*([A-Za-z]\w*)\s*=")
# A cut value is not the value that the author meant.
_OF_VALUES = frozenset(("invalid-value", "value-too-new", "unknown-escape"))


class Cut(NamedTuple):
    """A line with a blank behind its last backslash.

    Attributes:
        item: What the line assigns; its name is empty if it assigns
            nothing.
        line: The number of the line, from 1.
        lost: The numbers of the lines that the author meant to join.
    """

    item: syntax.Assignment
    line: int
    lost: range


class _Joined(NamedTuple):
    """A line that a backslash joins to the line before by mistake.

    Attributes:
        item: What systemd reads it as a part of.
        line: The number of the line, from 1.
        own: The directive or section header that it would be.
    """

    item: syntax.Assignment
    line: int
    own: str


def settle(
    findings: Collection[report.Finding],
    document: syntax.Document,
    sections: Collection[str],
) -> list[report.Finding]:
    """Return the findings about a file, these lines named once.

    Args:
        findings: The findings about each line alone.
        document: The file.
        sections: The sections of this type of unit.
    """
    settled = list(findings)
    for cut in cuts(document, sections):
        settled = _settle_cut(settled, cut)
    for joined in _swallowed(document, sections):
        settled = _without_value(settled, joined.item.line)
        settled.append(_tell_swallowed(joined))
    return settled


def _settle_cut(
    findings: list[report.Finding], cut: Cut
) -> list[report.Finding]:
    left = [one for one in findings if one.line not in cut.lost]
    left = _without_value(left, cut.item.line)
    gone = [one for one in findings if one not in left]
    is_broken = bool(cut.lost) or any(one.level == "error" for one in gone)
    return [*left, _tell_cut(cut, is_broken=is_broken)]


def _without_value(
    findings: list[report.Finding], line: int
) -> list[report.Finding]:
    """Return the findings but those about the value of one line."""
    return [
        one
        for one in findings
        if one.line != line or one.code not in _OF_VALUES
    ]


def explained(
    document: syntax.Document, sections: Collection[str]
) -> Iterator[int]:
    """Yield the lines of entries whose mistake `settle` tells."""
    for cut in cuts(document, sections):
        yield from (cut.item.line, cut.line, *cut.lost)
    for joined in _swallowed(document, sections):
        yield joined.item.line


def _tell_cut(cut: Cut, *, is_broken: bool) -> report.Finding:
    place = cut.item._replace(line=cut.line)
    if not is_broken:
        return catalogue.finding(
            "backslash-at-end",
            place,
            f"{_subject(cut)} ends in a backslash and a blank, and systemd"
            " takes the backslash for a part of the value; remove the"
            " backslash and the blank",
        )
    if cut.lost:
        effect = f"systemd does not join line {cut.line + 1} to it"
    else:
        effect = "systemd takes the backslash for a part of the value"
    return catalogue.finding(
        "blank-behind-backslash",
        place,
        f"{_subject(cut)} has a blank behind its last backslash, so that"
        f" {effect}; remove the blank behind the backslash",
    )


def _subject(cut: Cut) -> str:
    """Return a name for the line; its value may be a secret."""
    if not cut.item.name:
        return "this line"
    if cut.line == cut.item.line:
        return f"the line of {cut.item.name}="
    return f"this line of {cut.item.name}="


def cuts(
    document: syntax.Document, sections: Collection[str]
) -> Iterator[Cut]:
    """Yield the lines of a file with a blank behind the backslash."""
    items = {item.line: item for item in document.assignments()}
    by_end = {item.end: item for item in items.values()}
    for number in range(1, len(document.lines) + 1):
        line = _text(document, number)
        if _is_comment(line) or line == line.rstrip(splitting.WHITESPACE):
            continue
        if not _goes_on(line):
            continue
        place = syntax.Assignment("", "", line.strip(), number, number)
        yield Cut(
            by_end.get(number, place),
            number,
            _lost(document, number + 1, items, sections),
        )


def _lost(
    document: syntax.Document,
    start: int,
    items: dict[int, syntax.Assignment],
    sections: Collection[str],
) -> range:
    """Return the lines from `start` on that belong to the line before."""
    end = start
    for number in range(start, len(document.lines) + 1):
        line = _text(document, number)
        item = items.get(number)
        if _is_comment(line):
            continue
        if not line.strip() or _HEADER.match(line):
            break
        if item is not None and _is_known(item.section, item.name, sections):
            break
        end = number + 1
        if not _goes_on(line):
            break
    return range(start, end)


def _swallowed(
    document: syntax.Document, sections: Collection[str]
) -> Iterator[_Joined]:
    """Yield each line that a backslash joins by mistake."""
    for item in document.assignments():
        if item.end == item.line or item.section not in sections:
            continue
        indent = _indent(_text(document, item.line))
        before = ""
        for number in range(item.line, item.end + 1):
            line = _text(document, number)
            if _is_comment(line):
                continue
            is_new = number > item.line and _indent(line) <= indent
            if is_new and not _has_open_quote(before):
                own = _own_line(line, item.section, sections)
                if own:
                    yield _Joined(item, number, own)
            before += line.rstrip("\\") + " "


def _tell_swallowed(joined: _Joined) -> report.Finding:
    item, number, own = joined
    return catalogue.finding(
        "swallowed-line",
        item._replace(value=own, line=number),
        f"{own} is a part of {item.name}= of line {item.line}, since the line"
        " before it ends in a backslash, and systemd never reads it; remove"
        " the backslash, or indent a line that goes on",
    )


def _own_line(line: str, section: str, sections: Collection[str]) -> str:
    """Return what a line would be if it stood for itself, if anything."""
    header = _HEADER.match(line)
    if header:
        return f"[{header[1]}]" if header[1] in sections else ""
    match = _ASSIGNMENT.match(line)
    is_own = match is not None and _is_known(section, match[1], sections)
    return f"{match[1]}=" if match is not None and is_own else ""


def _is_known(section: str, name: str, sections: Collection[str]) -> bool:
    if name.startswith("X-") or section.startswith("X-"):
        return True
    return any(home in sections for home in table.sections_with(name))


def _text(document: syntax.Document, number: int) -> str:
    return document.lines[number - 1].rstrip(_ENDS)


def _goes_on(line: str) -> bool:
    """Tell whether a line ends in a backslash, blanks aside."""
    return syntax.is_escaped_at_end(line.rstrip(splitting.WHITESPACE))


def _is_comment(line: str) -> bool:
    return line.lstrip(splitting.WHITESPACE).startswith(("#", ";"))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(splitting.WHITESPACE))


def _has_open_quote(text: str) -> bool:
    try:
        splitting.split_words(text.partition("=")[2])
    except splitting.WordError:
        return True
    return False
