# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find functions that are too long or have too many branches.

    python tools/complexity.py plugins tools

radon counts the branches, since ruff's counter does not see boolean
operators and conditions of comprehensions.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from radon import complexity, visitors

MAX_COMPLEXITY = 10
MAX_LINES = 40


def offences(path: Path) -> Iterator[str]:
    """Yield a line for each rule that a function of a file breaks."""
    for block in complexity.cc_visit(path.read_text(encoding="utf-8")):
        if not isinstance(block, visitors.Function):
            continue
        where = f"{path}:{block.lineno}: {block.fullname}"
        if block.complexity > MAX_COMPLEXITY:
            yield (
                f"{where} has a cyclomatic complexity of {block.complexity}: "
                f"at most {MAX_COMPLEXITY} is allowed"
            )
        lines = block.endline - block.lineno + 1
        if lines > MAX_LINES:
            yield f"{where} has {lines} lines: at most {MAX_LINES} are allowed"


def sources(arguments: Iterable[str]) -> Iterator[Path]:
    """Yield the Python files below the folders that are named."""
    for argument in arguments:
        yield from sorted(Path(argument).rglob("*.py"))


def main(arguments: list[str]) -> int:
    """Print all offences and return the exit status."""
    found = [line for path in sources(arguments) for line in offences(path)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
