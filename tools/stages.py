# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the stages of the test suite and tell how each ended.

Every stage is a make target. All run, so that one run shows all that is
broken; a stage is left out only when the one it stands on has failed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# In this order: the quick ones tell first. The value is what the stage
# stands on.
STAGES = {
    "unit": None,
    "lint": None,
    "sanity": None,
    "fleet": None,
    "integration": "fleet",
    "oracle": "fleet",
    "molecule": "fleet",
}
CLOSING_LINE = re.compile(r"^=+ .*\d+ \w+.* in [\d.]+s.* =+$")


@dataclass(frozen=True)
class Outcome:
    """How a stage ended.

    Attributes:
        stage: Its make target.
        verdict: ``ok``, ``FAILED`` or ``not run``.
        seconds: How long it took.
        closing: pytest's closing lines in its output.
    """

    stage: str
    verdict: str
    seconds: float = 0.0
    closing: tuple[str, ...] = ()


def run_stage(stage: str) -> Outcome:
    """Run one stage with its output passed on."""
    print(f"\n=== make {stage}", flush=True)
    begun = time.monotonic()
    closing = []
    with subprocess.Popen(
        ["make", "--no-print-directory", stage],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if CLOSING_LINE.match(line.rstrip()):
                closing.append(line.strip("= \n"))
    verdict = "FAILED" if process.returncode else "ok"
    seconds = time.monotonic() - begun
    print(f"=== {stage}: {verdict} in {seconds:.0f} s", flush=True)
    return Outcome(stage, verdict, seconds, tuple(closing))


def run_all() -> list[Outcome]:
    """Run all stages, but none on a foundation that failed."""
    outcomes: dict[str, Outcome] = {}
    for stage, foundation in STAGES.items():
        if foundation and outcomes[foundation].verdict != "ok":
            outcomes[stage] = Outcome(stage, "not run")
        else:
            outcomes[stage] = run_stage(stage)
    return list(outcomes.values())


def summary(outcomes: list[Outcome]) -> str:
    """Render the table of all stages."""
    lines = ["", "=== summary"]
    for outcome in outcomes:
        said = "; ".join(outcome.closing)
        line = f"{outcome.stage:12} {outcome.verdict:8}"
        lines.append(f"{line} {outcome.seconds:6.0f} s  {said}".rstrip())
    total = sum(outcome.seconds for outcome in outcomes)
    lines.append(f"{'total':12} {'':8} {total:6.0f} s")
    return "\n".join(lines)


def main() -> int:
    """Run the suite and return the exit status."""
    outcomes = run_all()
    print(summary(outcomes))
    return int(any(outcome.verdict != "ok" for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
