# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how the time to validate a unit grows with its size.

Run from the root of the repository: ``make bench-scale``. Each row is
one kind of large unit at one size and at four times that size. The time
should grow by four as well; the bench fails if it grows by much more.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterable

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

GROWTH = 4
# A busy machine and a full cache cost time as well.
_GROWTH_MAX = 8
# Below this, in seconds, the growth is that of the clock.
_LEAST = 0.05
_START = "[Service]\nExecStart=/bin/true\nProtectHome=tmpfs\n"
_TIMER = "[Timer]\n"

Make = Callable[[int], str]


def _each(pattern: str) -> Make:
    """Return what makes so many lines or words, with their numbers."""
    return lambda size: "".join(
        pattern.replace("#", str(number)) for number in range(size)
    )


def _behind(start: str, make: Make, end: str = "\n") -> Make:
    return lambda size: f"{start}{make(size)}{end}"


# name: (file name, what makes the unit of a size)
UNITS: dict[str, tuple[str, Make]] = {
    "lines": ("a.service", _behind(_START, _each("Environment=A#=b\n"))),
    "joined lines": (
        "a.service",
        _behind(f"{_START}Environment=A=b", _each(" \\\n A#=b")),
    ),
    "words": (
        "a.service",
        _behind(f"{_START}ReadWritePaths=", _each("/run/a# ")),
    ),
    "quoted words": (
        "a.service",
        _behind(f"{_START}ExecStart=/bin/a ", _each('"a b\\x41" ')),
    ),
    "commands in a line": (
        "a.service",
        _behind(f"{_START}ExecStart=", _each("/bin/a b ; ")),
    ),
    "commands, bound paths": (
        "a.service",
        _behind(_START, _each("ExecStart=/home/a#\nBindPaths=/home/b#\n")),
    ),
    "unknown directives": (
        "a.service",
        _behind(_START, _each("ProtectSytem#=yes\n")),
    ),
    "unknown words": (
        "a.service",
        _behind(f"{_START}SystemCallFilter=", _each("raed# ")),
    ),
    "comments behind blanks": (
        "a.service",
        _behind(f"{_START}Nice=a", _each(" "), "b\n"),
    ),
    "names of secrets": (
        "a.service",
        _behind(f"{_START}Environment=", _each("_PASSWORD")),
    ),
    "blanks in a calendar": (
        "a.timer",
        _behind(f"{_TIMER}OnCalendar=Mon", _each(" "), "x\n"),
    ),
    "networks": (
        "a.service",
        _behind(f"{_START}IPAddressDeny=any\n", _each("IPAddressAllow=::#\n")),
    ),
    "garbage": ("a.service", _behind(_START, _each("a\n"))),
}


def seconds(name: str, text: str) -> float:
    """Return the time to judge a unit, in seconds of CPU."""
    gc.collect()
    began = time.process_time()
    verdict.judge(name, text, {}, targets.Target(247), verdict.Policy())
    return time.process_time() - began


def measure(kind: str, size: int) -> tuple[float, float]:
    """Return the time of a kind of unit at a size and at the larger one."""
    name, make = UNITS[kind]
    first, second = (
        min(seconds(name, make(each)) for _round in range(2))
        for each in (size, GROWTH * size)
    )
    return first, second


def is_steep(first: float, second: float) -> bool:
    """Tell whether a time grows by much more than the size does."""
    return second > _LEAST and second > _GROWTH_MAX * max(first, 1e-3)


def show(kinds: Iterable[str], size: int) -> list[str]:
    """Print a row of each kind; return those that grow too much."""
    steep = []
    print("kind".ljust(24), f"{size}".rjust(9), f"{GROWTH * size}".rjust(9))
    for kind in kinds:
        first, second = measure(kind, size)
        print(kind.ljust(24), f"{first:9.3f}", f"{second:9.3f}", flush=True)
        if is_steep(first, second):
            steep.append(kind)
    return steep


def main() -> int:
    """Measure every kind; fail if one grows too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=5000)
    arguments = parser.parse_args()
    print("Seconds of CPU for so many lines, words or characters.")
    steep = show(UNITS, arguments.size)
    for kind in steep:
        print(f"error: {kind}: the time grows by much more than the size")
    return int(bool(steep))


if __name__ == "__main__":
    sys.exit(main())
