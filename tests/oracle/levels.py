# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What PID 1 of a host does with a unit: load, show and start it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from fleet_hosts import run_python

# Prints {file: [load state, properties, started, messages]}.
SCRIPT = r"""
import os, re, subprocess, time
directory = "/run/systemd/system"
ignored = re.compile(
    r"(Id|Names|FragmentPath|InvocationID|.*Timestamp.*|SourcePath|Job"
    r"|NeedDaemonReload|LoadError|Can[A-Z]\w+|ActiveState|SubState"
    r"|UnitFile(State|Preset)|Memory(Available|Current|Peak)|CPUUsageNSec"
    r"|Effective\w+|NextElapse\w+|Transient|StateChange\w+)=")
def call(*words):
    return subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=120)
def show(names):
    text = call("systemctl", "show", "--no-pager", "--", *names).stdout.decode(
        "utf-8", "replace")
    blocks = re.split(r"\n\n(?=[A-Z]\w+=)", text)
    assert len(blocks) == len(names), text[:2000]
    return {
        name: dict(line.split("=", 1) for line in block.splitlines()
                   if "=" in line)
        for name, block in zip(names, blocks)}
def path_of(name):
    return os.path.join(directory, name)
def remove():
    for name in given:
        if os.path.lexists(path_of(name)):
            os.unlink(path_of(name))
found = {}
services = [name for name in given if name.endswith(".service")]
begin = time.time()
try:
    for name, text in given.items():
        with open(path_of(name), "wb") as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
    call("systemctl", "daemon-reload")
    for name, shown in show(list(given)).items():
        # Dependencies are shown in the order of a hash table.
        lines = sorted(
            key + "=" + " ".join(sorted(value.split(" ")))
            for key, value in shown.items() if not ignored.match(key + "="))
        found[name] = [shown.get("LoadState", ""), "\n".join(lines), True, []]
    loaded = time.time()
    refused = set()
    for name in services:
        if found[name][0] == "loaded":
            done = call("systemctl", "start", "--no-block", "--", name)
            if done.returncode:
                refused.add(name)
    for _try in range(80):
        if not call("systemctl", "list-jobs", "--no-legend",
                    "pyfleet-level-*").stdout.strip():
            break
        time.sleep(0.25)
    time.sleep(0.5)
    for name, now in show(services).items():
        is_up = now.get("ActiveState") in ("active", "activating")
        has_run = now.get("ExecMainPID", "0") != "0"
        is_failed = now.get("ActiveState") == "failed"
        found[name][2] = name not in refused and not is_failed and (
            is_up or has_run)
finally:
    call("systemctl", "stop", "pyfleet-level-*")
    remove()
    call("systemctl", "daemon-reload")
    call("systemctl", "reset-failed")
said = call(
    "journalctl", "-b", "_PID=1", "-o", "json", "--no-pager",
    "--since", "@%d" % begin, "--until", "@%f" % loaded,
).stdout.decode("utf-8", "replace")
for line in said.splitlines():
    try:
        entry = json.loads(line)
    except ValueError:
        continue
    unit, text = entry.get("UNIT"), entry.get("MESSAGE")
    if unit in found and isinstance(text, str):
        found[unit][3].append(text)
print(json.dumps(found))
"""


class Seen(NamedTuple):
    """What PID 1 did with a unit.

    Attributes:
        state: The load state, such as ``loaded`` or ``bad-setting``.
        properties: The loaded properties, as ``systemctl show`` has
            them, without those that each unit has of its own.
        is_started: Whether it came up; True for what is not a service.
        messages: The messages of PID 1 when it loaded the unit.
    """

    state: str
    properties: str
    is_started: bool
    messages: tuple[str, ...]

    @property
    def is_told(self) -> bool:
        """Whether PID 1 says that it does not take a line."""
        return any(_DROPPED.search(text) for text in self.messages)


_DROPPED = re.compile(
    r"(?i)\bignor(?:ing|ed)|has no effect|no effect\b|refusing"
    r"|dropp(?:ing|ed)|resetting|unknown (?:key|section|lvalue)"
)


def load(host: str, units: Mapping[str, str]) -> dict[str, Seen]:
    """Load units into PID 1 of a host, and start those of services.

    Args:
        host: A host of the fleet.
        units: {file name: text}.
    """
    answer = run_python(host, SCRIPT, dict(units))
    return {
        name: Seen(state, shown, is_started, tuple(messages))
        for name, (state, shown, is_started, messages) in answer.items()
    }
