# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count the faults that campaigns found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# systemd takes one message for each unit. If all of a run is killed
# between two messages, some services are restarted and others are not
# until the next run, since no other process of ours is on the host.
_BETWEEN = "message of systemctl"
_MIXED = "two generations serve"


def violations(line: Mapping[str, Any]) -> Iterator[str]:
    """Yield the errors at one point, in words."""
    where = f"{line['state']} {line['at']} ({line['hit']})"
    for text in line["now"]:
        if not is_excused(line, text):
            yield f"{where}: after the fault: {text}"
    if line["said_badly"]:
        yield f"{where}: the error was: {line['said']}"
    if line["rerun"]:
        yield f"{where}: the rerun failed: {line['rerun']}"
    for text in line["settled"]:
        yield f"{where}: after the rerun: {text}"


def is_excused(line: Mapping[str, Any], text: str) -> bool:
    """Tell whether a fault may last until the next run."""
    hit = line["hit"] or ""
    return text.startswith(_MIXED) and hit.startswith(_BETWEEN)


def row(title: str, lines: Iterable[Mapping[str, Any]]) -> str:
    """Return a line of the table of campaigns."""
    found = list(lines)
    points = sum(bool(line["hit"]) for line in found)
    bad = sum(any(violations(line)) for line in found)
    mixed = sum(
        any(is_excused(line, text) for text in line["now"]) for line in found
    )
    seconds = sum(line["seconds"] for line in found)
    return f"{title:34} {points:7} {bad:10} {mixed:13} {seconds:8.0f}".rstrip()


HEADER = f"{'campaign':34} {'points':>7} {'violations':>10}" + (
    f" {'until rerun':>13} {'seconds':>8}"
)
