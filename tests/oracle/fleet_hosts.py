# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reach the hosts of the test fleet from a test.

The inventory is the one tools/fleet.py writes, or that of the
environment variable PYFLEET_INVENTORY. With PYFLEET_ORACLE=full the
tests which take long run on every host, else on some of them.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# The fleet's hosts of group `kind`, and the systemd each one boots.
HOSTS = {"bullseye": 247, "bookworm": 252, "trixie": 257, "sid": 262}

IS_FULL = os.environ.get("PYFLEET_ORACLE") == "full"


def hosts(*few: str) -> list[str]:
    """Return all hosts for a full run, else the few."""
    return list(HOSTS) if IS_FULL else list(few)


def inventory() -> dict[str, dict[str, str]]:
    """Return the variables of all hosts of the inventory."""
    further = os.environ.get("PYFLEET_FLEET")
    folder = f"fleet-{further}" if further else "fleet"
    default = ROOT / ".build" / folder / "hosts.ini"
    path = Path(os.environ.get("PYFLEET_INVENTORY", default))
    if not path.exists():
        raise AssertionError(f"no test fleet at {path}: run tools/fleet.py up")
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = shlex.split(line, comments=True)
        if len(words) > 1:
            found[words[0]] = dict(word.split("=", 1) for word in words[1:])
    return found


def run_python(host: str, script: str, given: Any) -> Any:
    """Run a Python script on a host, JSON in and JSON out.

    The script finds what it is given in `given` and prints JSON.
    """
    facts = inventory()[host]
    program = "import json, sys\ngiven = json.load(sys.stdin)\n" + script
    done = subprocess.run(
        [
            "ssh",
            "-i",
            facts["ansible_ssh_private_key_file"],
            *shlex.split(facts["ansible_ssh_common_args"]),
            "-p",
            facts["ansible_port"],
            f"{facts['ansible_user']}@{facts['ansible_host']}",
            f"python3 -c {shlex.quote(program)}",
        ],
        input=json.dumps(given),
        capture_output=True,
        check=False,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
