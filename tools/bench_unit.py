# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the time to validate a unit, and to import `app_info`.

Beside it stands the time of `systemd-analyze verify`.

Run from the root of the repository: ``python tools/bench_unit.py`` for
this machine, with ``--fleet`` for the running hosts of the test fleet
(``make bench``). The modules are imported from a zip file in a fresh
interpreter, without cached bytecode, as Ansible does it on a target.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from testfleet import containers

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "ansible_collections/pyfleet/services/plugins/module_utils"
ROOMS = (
    "_unit",
    "_values",
    "_harden",
    "_rules",
    "_app",
    "_host",
    "_build",
    "_deploy",
)
UNIT = """\
[Unit]
Description=Hello
Documentation=https://example.org/hello
After=network.target
StartLimitIntervalSec=60

[Service]
Type=notify
ExecStart=/usr/bin/true --port 80 "two words" %n
User=hello
Environment=PYTHONUNBUFFERED=1 "NAME=two words"
Restart=on-failure
RestartSec=5s
StateDirectory=hello
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
MemoryMax=512M
TasksMax=100
LimitNOFILE=65535

[Install]
WantedBy=multi-user.target
"""
SCRIPT = """\
import base64, dataclasses, fcntl, grp, hashlib, hmac, json, platform, pwd, re
import shutil, subprocess, sys, time, typing
sys.dont_write_bytecode = True
folder = sys.argv[1]
sys.path.insert(0, folder + "/modules.zip")
began = time.process_time()
from ansible_collections.pyfleet.services.plugins.module_utils._rules \\
    import validator
from ansible_collections.pyfleet.services.plugins.module_utils._unit \\
    import targets
loaded = time.process_time() - began
path = folder + "/hello.service"
text, goal = open(path).read(), targets.Target(257)
began = time.process_time()
assert validator.check(text, "hello.service", goal) == []
first = time.process_time() - began
began = time.process_time()
for _round in range(200):
    validator.check(text, "hello.service", goal)
further = (time.process_time() - began) / 200
# The modules of the validator and those of app_info are not the same.
began = time.process_time()
from ansible_collections.pyfleet.services.plugins.module_utils._app \\
    import wire
from ansible_collections.pyfleet.services.plugins.module_utils._deploy \\
    import drift, integrity
from ansible_collections.pyfleet.services.plugins.module_utils._host \\
    import holder
converged = time.process_time() - began
verify = None
if shutil.which("systemd-analyze"):
    began = time.perf_counter()
    subprocess.run(["systemd-analyze", "verify", "--man=no", path],
                   stderr=subprocess.DEVNULL)
    verify = time.perf_counter() - began
print(json.dumps([platform.python_version(), loaded, first, further,
                  converged, verify]))
"""
COLUMNS = ("import", "first unit", "further unit", "app_info", "verify")


def make_folder(folder: Path) -> None:
    """Pack the package as Ansible packs a module's imports."""
    with zipfile.ZipFile(
        folder / "modules.zip", "w", zipfile.ZIP_DEFLATED
    ) as archive:
        parts = PACKAGE.split("/")
        for end in range(1, len(parts) + 1):
            archive.writestr("/".join((*parts[:end], "__init__.py")), "")
        source = ROOT / "plugins" / "module_utils"
        for room in ROOMS:
            for module in sorted((source / room).glob("*.py")):
                archive.write(module, f"{PACKAGE}/{room}/{module.name}")
    (folder / "hello.service").write_text(UNIT, encoding="utf-8")


def measure(
    python: list[str], folder: str, rounds: int
) -> tuple[str, list[float]]:
    """Return Python's version and the medians of `COLUMNS` in seconds."""
    version, rows = "", []
    for _round in range(rounds):
        done = subprocess.run(
            [*python, "-c", SCRIPT, folder],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        version, *row = json.loads(done.stdout)
        rows.append([value or 0.0 for value in row])
    return version, [statistics.median(column) for column in zip(*rows)]


def measure_in(
    container: str, folder: Path, rounds: int
) -> tuple[str, list[float]]:
    """Measure in a container of the fleet with the Python it has."""
    there = "/run/bench-unit"
    subprocess.run(
        ["podman", "cp", folder, f"{container}:{there}"], check=True
    )
    command = ["podman", "exec", container]
    try:
        return measure([*command, "python3"], there, rounds)
    finally:
        subprocess.run([*command, "rm", "-r", there], check=False)


def show(host: str, version: str, medians: list[float]) -> None:
    """Print a line of the table, with a dash for a missing measurement."""
    cells = [f"{value * 1000:.2f}" if value else "-" for value in medians]
    print(host.ljust(12), version.ljust(10), *(c.rjust(12) for c in cells))


def main() -> int:
    """Measure some rounds and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    # The default is the Python of a host: a developer's may be faster.
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--fleet", action="store_true")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    print("Milliseconds of CPU; of verify, of time.")
    print(
        "host".ljust(12), "Python".ljust(10), *(c.rjust(12) for c in COLUMNS)
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_folder(folder)
        if not arguments.fleet:
            show("localhost", *measure([arguments.python], name, rounds))
            return 0
        for container in containers.listed(ROOT):
            show(container.host, *measure_in(container.name, folder, rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
