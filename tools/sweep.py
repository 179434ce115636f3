# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill a deploy at every system call that changes something.

Then let every such call fail, with each of four errors. After each
fault the host is checked, the deploy is run again, and the host is
checked once more. It takes hours: ``sweep.py --help``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faultsweep import report
from testfleet.cli import INVENTORY, main as fleet
from testfleet.progress import say

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from faultsweep.stage import ABSENT, ROTATED, Stage  # noqa: E402
from lab import Lab  # noqa: E402

HOSTS = ("bookworm", "trixie")
RESULTS = ROOT / ".build" / "sweep"
ERRORS = ("ENOSPC", "EIO", "EROFS", "EACCES")
PORT = 8201
LIFE, HEAL = "kill-life", "kill-heal"
# The states of campaigns that do not switch between b and a.
STATES = {LIFE: (ABSENT, "a"), HEAL: (ROTATED, "a")}
# {name: (whether virtualenvs are built, the fault)}.
CAMPAIGNS: dict[str, tuple[bool, dict[str, Any]]] = {
    "kill": (False, {}),
    # The first deploy, and the removal.
    LIFE: (False, {}),
    # A rotated credential, which does not make another release.
    HEAL: (False, {}),
    "kill-one": (False, {"alone": True}),
    **{error.lower(): (False, {"error": error}) for error in ERRORS},
    "kill-build": (True, {"only": "/opt/"}),
    **{
        f"{error.lower()}-build": (True, {"error": error, "only": "/opt/"})
        for error in ERRORS
    },
}


def main(arguments: list[str]) -> int:
    """Run the campaigns and return whether all is well."""
    options = _parser().parse_args(arguments)
    status = fleet(["up", *options.hosts])
    if status:
        return status
    RESULTS.mkdir(parents=True, exist_ok=True)
    rows, wrong = [], []
    for host in options.hosts:
        for name in options.campaigns:
            lines = list(_campaign(host, name, options))
            rows.append(report.row(f"{host} {name}", lines))
            wrong += [
                f"{host} {name} {text}"
                for line in lines
                for text in report.violations(line)
            ]
            say(rows[-1])
    print("\n".join([*wrong, report.HEADER, *rows]))
    return int(bool(wrong))


def _campaign(
    host: str, name: str, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Run one campaign; yield its lines, and keep them in a file."""
    does_build, fault = CAMPAIGNS[name]
    with tempfile.TemporaryDirectory(prefix="pyfleet-sweep-") as folder:
        lab = Lab(INVENTORY, Path(folder))
        stage = Stage(
            lab, host, "sweep", PORT, Path(folder), does_build=does_build
        )
        plan = {
            **stage.prepare(STATES.get(name, ("b", "a"))),
            **fault,
            "first": options.first,
            "last": options.last,
            "step": options.step,
        }
        with (RESULTS / f"{host}-{name}.jsonl").open("w") as kept:
            for line in stage.campaign(plan):
                print(json.dumps(line), file=kept, flush=True)
                for text in report.violations(line):
                    say(f"{host} {name}: {text}")
                yield line
        stage.clear()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sweep.py", description="Interrupt deploys everywhere."
    )
    parser.add_argument(
        "campaigns",
        nargs="*",
        metavar="CAMPAIGN",
        default=list(CAMPAIGNS),
        help=f"by default all: {', '.join(CAMPAIGNS)}",
    )
    parser.add_argument("--hosts", nargs="+", default=list(HOSTS))
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=10**6)
    parser.add_argument("--step", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
