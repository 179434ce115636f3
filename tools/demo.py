# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploy examples/hello to one container and show the result."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from testfleet.cli import INVENTORY, main as fleet
from testfleet.errors import FleetError
from testfleet.progress import exit_status

ROOT = Path(__file__).resolve().parents[1]
HOST = "trixie"
EXAMPLE = Path("examples/hello")
DEPLOY = (
    "ansible-playbook",
    f"--inventory={INVENTORY}",
    f"--limit={HOST}",
    "pyfleet.services.deploy",
    "--extra-vars=@app.yml",
)
RECAP = re.compile(rf"^{HOST}\s*:.*$", re.MULTILINE)
# This runs on the host, which then needs no curl.
FETCH = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=5) as answer:
    print(answer.status, answer.read().decode().strip())
"""


def units(app: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the unit name and the options of each service."""
    name = app["pyapp_name"]
    for key, options in app["pyapp_services"].items():
        stem = name if key == "main" else f"{name}-{key}"
        yield f"{stem}.service", options


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n--- {text}", flush=True)


def on_host(*command: str) -> str:
    """Return the output of a command run on the host.

    Raises:
        FleetError: The command failed.
    """
    line = [sys.executable, "tools/fleet.py", "exec", HOST, *command]
    done = subprocess.run(
        line, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise FleetError(f"{command[0]} failed on {HOST}: {said}")
    return done.stdout.strip()


def deploy(*, quiet: bool) -> str:
    """Run the playbook and return its output.

    Raises:
        FleetError: The command failed.
    """
    with subprocess.Popen(
        DEPLOY, cwd=ROOT / EXAMPLE, stdout=subprocess.PIPE, text=True
    ) as process:
        output = []
        for line in process.stdout or ():
            output.append(line)
            if not quiet:
                print(line, end="", flush=True)
    text = "".join(output)
    if process.returncode:
        if quiet:
            print(text)
        raise FleetError("the deploy failed: its output is above")
    return text


def show(app: dict[str, Any]) -> None:
    """Print the answer of the application and its exposure."""
    for unit, options in units(app):
        url = (options.get("health") or {}).get("http")
        if url:
            title(f"health of {unit}: {url}")
            print(on_host("/usr/bin/python3", "-c", FETCH, url))
    title("exposure, of 10 at most (systemd-analyze security)")
    for unit, _options in units(app):
        report = on_host("systemd-analyze", "--no-pager", "security", unit)
        print(report.splitlines()[-1].lstrip("\u2192 "))


def run() -> None:
    """Run the demonstration.

    Raises:
        FleetError: A part of it failed.
    """
    text = (ROOT / EXAMPLE / "app.yml").read_text(encoding="utf-8")
    app = yaml.safe_load(text)
    if fleet(["up", HOST]):
        raise FleetError("the test host did not start")
    title(" ".join(DEPLOY))
    deploy(quiet=False)
    show(app)
    title("the same again: nothing to do")
    begun = time.monotonic()
    recap = RECAP.search(deploy(quiet=True))
    took = time.monotonic() - begun
    print(recap.group() if recap else "no recap", f"({took:.1f} s)")
    title("where to look next")
    unit = next(units(app))[0]
    print(
        f"{EXAMPLE}/app.yml: what was deployed; README.md: what else it does\n"
        f"python3 tools/fleet.py exec {HOST} systemctl cat {unit}\n"
        f"python3 tools/fleet.py exec {HOST} journalctl -u {unit}\n"
        f"make test: the whole suite; make clean: remove all of it"
    )


def main() -> int:
    """Run the demonstration and return the exit status."""
    return exit_status(run)


if __name__ == "__main__":
    sys.exit(main())
