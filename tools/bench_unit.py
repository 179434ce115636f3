# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what validating a unit costs, beside `systemd-analyze verify`.

Run from the root of the repository: ``python tools/bench_unit.py``. The
modules are imported from a zip file in a fresh interpreter, without
cached bytecode, as Ansible does it on a target.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "ansible_collections/pyfleet/services/plugins/module_utils/_unit"
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
import sys, time
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import dataclasses, re, typing
wall, cpu = time.perf_counter(), time.process_time()
from ansible_collections.pyfleet.services.plugins.module_utils._unit \\
    import check, target
loaded = time.process_time() - cpu
text, goal = open(sys.argv[2]).read(), target.Target(257)
cpu = time.process_time()
assert check.check(text, "hello.service", goal) == []
first = time.process_time() - cpu
cpu = time.process_time()
for _round in range(200):
    check.check(text, "hello.service", goal)
print(loaded, first, (time.process_time() - cpu) / 200)
"""


def make_zip(path: Path) -> None:
    """Pack the package as Ansible packs a module's imports."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = PACKAGE.split("/")
        for end in range(1, len(parts)):
            archive.writestr("/".join((*parts[:end], "__init__.py")), "")
        source = ROOT / "plugins" / "module_utils" / "_unit"
        for module in sorted(source.glob("*.py")):
            archive.write(module, f"{PACKAGE}/{module.name}")


def measure(python: str, directory: Path) -> tuple[float, ...]:
    """Return seconds of CPU for import, first and later validations."""
    done = subprocess.run(
        [
            python,
            "-c",
            SCRIPT,
            str(directory / "modules.zip"),
            str(directory / "hello.service"),
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    return tuple(float(word) for word in done.stdout.split())


def measure_verify(directory: Path) -> float:
    """Return seconds for one `systemd-analyze verify` of the same file."""
    begun = time.perf_counter()
    subprocess.run(
        ["systemd-analyze", "verify", "--man=no", directory / "hello.service"],
        capture_output=True,
        check=False,
    )
    return time.perf_counter() - begun


def main() -> int:
    """Measure some rounds and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    # That of a target, which is not always as fast as a developer's.
    parser.add_argument("--python", default="/usr/bin/python3")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        make_zip(directory / "modules.zip")
        (directory / "hello.service").write_text(UNIT, encoding="utf-8")
        rounds = [
            measure(arguments.python, directory)
            for _round in range(arguments.rounds)
        ]
        medians = [statistics.median(column) for column in zip(*rounds)]
        for label, seconds in zip(
            ("import of the core", "first unit", "each further unit"), medians
        ):
            print(f"{label:24}{seconds * 1000:8.2f} ms of CPU")
        if shutil.which("systemd-analyze"):
            times = [measure_verify(directory) for _round in rounds]
            print(
                f"{'systemd-analyze verify':24}"
                f"{statistics.median(times) * 1000:8.2f} ms"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
