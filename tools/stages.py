# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the stages of the test suite and tell how each ended.

Every stage is a make target. All stages run, so that one run shows all
faults. A stage is left out only if a stage that it needs has failed
before it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Stage:
    """A part of the suite.

    Attributes:
        name: Its name.
        targets: Its make targets.
        stands_on: The stage that must succeed before it.
    """

    name: str
    targets: tuple[str, ...]
    stands_on: str = ""


# The quick stages come first. The fleet is made anew, since leftovers
# of earlier runs on its hosts may hide a fault.
STAGES = (
    Stage("unit", ("unit",)),
    Stage("lint", ("lint",)),
    Stage("sanity", ("sanity",)),
    Stage("sanity-oldest", ("sanity-oldest",)),
    Stage("fleet", ("fleet-down", "fleet")),
    Stage("integration", ("integration",), "fleet"),
    Stage("oracle", ("oracle",), "fleet"),
    Stage("molecule", ("molecule",), "fleet"),
)
CLOSING_LINE = re.compile(r"^=+ .*\d+ \w+.* in [\d.]+s.* =+$")
COLOUR = re.compile(r"\x1b\[[\d;]*m")


@dataclass(frozen=True)
class Outcome:
    """The end of a stage.

    Attributes:
        stage: Its name.
        verdict: ``ok``, ``FAILED`` or ``not run``.
        seconds: The time that it took.
        closing: pytest's closing lines in its output.
    """

    stage: str
    verdict: str
    seconds: float = 0.0
    closing: tuple[str, ...] = ()


def run_stage(stage: Stage) -> Outcome:
    """Run one stage with its output passed on."""
    print(f"\n=== {stage.name}", flush=True)
    begun = time.monotonic()
    closing = []
    with subprocess.Popen(
        ["make", "--no-print-directory", *stage.targets],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            bare = COLOUR.sub("", line).rstrip()
            if CLOSING_LINE.match(bare):
                closing.append(bare.strip("= "))
    verdict = "FAILED" if process.returncode else "ok"
    seconds = time.monotonic() - begun
    print(f"=== {stage.name}: {verdict} in {seconds:.0f} s", flush=True)
    return Outcome(stage.name, verdict, seconds, tuple(closing))


def wanted() -> list[Stage]:
    """Return the stages that this checkout and this machine have."""
    has_oracle = any((ROOT / "tests" / "oracle").rglob("test_*.py"))
    # Python 3.11 runs no core that is newer than the oldest one.
    is_oldest = sys.version_info[:2] == (3, 11)
    left_out = {"sanity-oldest": is_oldest, "oracle": not has_oracle}
    return [s for s in STAGES if not left_out.get(s.name, False)]


def run_all(stages: list[Stage]) -> list[Outcome]:
    """Run the stages, except those whose foundation failed."""
    outcomes: dict[str, Outcome] = {}
    for stage in stages:
        base = outcomes.get(stage.stands_on)
        if base and base.verdict != "ok":
            outcomes[stage.name] = Outcome(stage.name, "not run")
        else:
            outcomes[stage.name] = run_stage(stage)
    return list(outcomes.values())


def summary(outcomes: list[Outcome]) -> str:
    """Render the table of all stages."""
    lines = ["", "=== summary"]
    for outcome in outcomes:
        said = "; ".join(outcome.closing)
        line = f"{outcome.stage:14} {outcome.verdict:8}"
        lines.append(f"{line} {outcome.seconds:6.0f} s  {said}".rstrip())
    total = sum(outcome.seconds for outcome in outcomes)
    lines.append(f"{'total':14} {'':8} {total:6.0f} s")
    return "\n".join(lines)


def main() -> int:
    """Run the suite and return the exit status."""
    outcomes = run_all(wanted())
    print(summary(outcomes))
    return int(any(outcome.verdict != "ok" for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
