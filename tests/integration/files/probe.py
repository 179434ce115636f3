# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health command that tells what it may do, and leaves a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys

with open("/proc/self/status", encoding="utf-8") as file:
    status = dict(line.split(":", 1) for line in file.read().splitlines())
with open("/proc/self/cgroup", encoding="utf-8") as file:
    cgroup = file.read()
subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(4321)"],
    start_new_session=True,
    stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
report = {
    "no_new_privs": status["NoNewPrivs"].strip(),
    "seccomp": status["Seccomp"].strip(),
    "uid": os.getuid(),
    "mnt": os.readlink("/proc/self/ns/mnt"),
    "net": os.readlink("/proc/self/ns/net"),
    "cgroup": cgroup,
    "has_home": os.access("/root", os.R_OK),
}
with open(f"{os.environ['HOME']}/report.json", "w", encoding="utf-8") as file:
    json.dump(report, file)
