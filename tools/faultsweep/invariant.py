# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check an application on a host, after any fault.

The checks read the host by themselves and use none of the collection's
code, so that a fault of this code cannot hide here as well. They run on
the host, as root, from the standard library alone: `faults_now` after a
fault, `faults_settled` after a plain rerun.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

SYSTEM = "/etc/systemd/system"
PROBATION = "/run/systemd/system.control"
TEMPORARY = ".pyfleet-tmp-"
# Digits of an id that stand in paths.
SHORT = 12
_JOB_SECONDS = 30.0
_PROPERTIES = (
    "ActiveState,ControlGroup,Environment,ExecStart,FragmentPath,Job,"
    "LoadState,MainPID,NeedDaemonReload"
)

Record = dict[str, Any]


def faults_now(app: str, ports: dict[str, int]) -> list[str]:
    """Return the errors on the host right after a fault.

    A reboot would start a complete generation, all services answer and
    are of one generation, and no flock is left.

    Args:
        app: Name of the application.
        ports: The ports of the units that are in every generation.
    """
    found = list(_boot_faults(app))
    _await_jobs(list(ports))
    said = {unit: _answer(port) for unit, port in ports.items()}
    for unit, answer in said.items():
        if answer is None:
            found.append(f"{unit} does not answer")
    versions = {
        answer["environment"].get("VERSION")
        for answer in said.values()
        if answer
    }
    if len(versions) > 1:
        found.append(f"two generations serve: {sorted(map(str, versions))}")
    if not _is_lock_free(app):
        found.append("the lock is held")
    return found


def faults_settled(
    app: str,
    ports: dict[str, int],
    wanted: dict[str, str],
    keep: int | None = None,
) -> list[str]:
    """Return the errors on the host after a plain run has succeeded.

    Args:
        app: Name of the application.
        ports: The ports of all its units.
        wanted: Environment variables which all must answer with.
        keep: The greatest number of generations.
    """
    found = [*faults_now(app, ports)]
    record = _record(app)
    if record is None:
        return [*found, "no generation is current"]
    if sorted(record["units"]) != sorted(ports):
        found.append(f"the record has units {sorted(record['units'])}")
    found += _unit_faults(app, record)
    found += _answer_faults(ports, wanted)
    found += _leftovers(app, record, keep)
    return found


def absent_faults(app: str) -> list[str]:
    """Return the remains of an application that was removed.

    Its account, its data and the record that they are ours may stay.
    """
    found = [f"{path} is left" for path in _links(app)]
    found += [f"{path} is left" for path in _temporaries(app)]
    if os.path.lexists(f"/etc/pyfleet/{app}/current"):
        found.append("`current` is left")
    numbers = [n for n in _names(f"/etc/pyfleet/{app}") if n.isdecimal()]
    found += [f"generation {number} is left" for number in numbers]
    for path in (f"/etc/pyfleet/{app}/transaction.json", f"/opt/{app}"):
        if os.path.lexists(path):
            found.append(f"{path} is left")
    listed = _systemctl(
        "list-units",
        "--plain",
        "--no-legend",
        f"{app}.service",
        f"{app}-*.service",
    )
    found += [f"systemd has: {line}" for line in listed.splitlines()]
    return found


def _boot_faults(app: str) -> Iterator[str]:
    """Yield the parts that a reboot lacks if it starts any unit."""
    current = f"/etc/pyfleet/{app}/current"
    if not os.path.lexists(current):
        return
    record = _record(app)
    if record is None:
        yield "`current` leads to a directory without a record"
        return
    for unit, entry in record["units"].items():
        path = f"{SYSTEM}/{unit}"
        if not os.path.islink(path) or os.readlink(path) != (
            f"{current}/{unit}"
        ):
            yield f"{path} does not lead through `current`"
        elif _sha256(path) != entry["sha256"]:
            yield f"{path} is not what the record says"
        wants = f"{SYSTEM}/multi-user.target.wants/{unit}"
        if entry["enabled"] and not os.path.islink(wants):
            yield f"{unit} would not be started at boot"
    yield from _artifact_faults(app, record)


def _artifact_faults(app: str, record: Record) -> Iterator[str]:
    needed = []
    for kind, name in (("envs", "environment"), ("code", "code")):
        if record[name]:
            short = record[name][:SHORT]
            needed.append(f"/opt/{app}/{kind}/{short}")
            needed.append(f"/opt/{app}/{kind}/.{short}.manifest")
    if record["config"]:
        config = record["config"][:SHORT]
        needed.append(f"/etc/pyfleet/{app}/config/{config}")
    for digests in record["environment_files"].values():
        folder = f"/etc/pyfleet/{app}/environment"
        needed += [f"{folder}/{digest[:SHORT]}.env" for digest in digests]
    for path in needed:
        if not os.path.lexists(path):
            yield f"the generation that boots lacks {path}"


def _unit_faults(app: str, record: Record) -> Iterator[str]:
    """Yield the differences between systemd and the record."""
    environment = f"/opt/{app}/envs/{record['environment'][:SHORT]}/"
    for unit, entry in record["units"].items():
        shown = _show(unit)
        yield from _load_faults(unit, shown)
        if environment not in shown.get("ExecStart", ""):
            yield f"{unit} is loaded with {shown.get('ExecStart')}"
        is_active = shown.get("ActiveState") == "active"
        if is_active != (entry["state"] == "started"):
            yield f"{unit} is {shown.get('ActiveState')}"
        if not is_active:
            continue
        if environment not in _process(shown, "cmdline"):
            yield f"{unit} runs another executable"
        yield from _credential_faults(app, unit, entry["key"])
        if entry["sha256"] != _sha256(f"{SYSTEM}/{unit}"):
            yield f"{unit}'s file is not what the record says"


def _load_faults(unit: str, shown: Mapping[str, str]) -> Iterator[str]:
    link = f"{SYSTEM}/{unit}"
    # systemd 247 shows the target of the link.
    if shown.get("FragmentPath") not in (link, os.path.realpath(link)):
        yield f"{unit} is loaded from {shown.get('FragmentPath')}"
    if shown.get("NeedDaemonReload") != "no":
        yield f"{unit} needs a daemon-reload"


def _credential_faults(app: str, unit: str, key: str) -> Iterator[str]:
    """Yield the credentials that changed since a process got them."""
    for name in _names(f"/etc/pyfleet/{app}/credentials/{key}"):
        given = _read(f"/run/credentials/{unit}/{name}")
        if given != _read(f"/etc/pyfleet/{app}/credentials/{key}/{name}"):
            yield f"{unit} has another credential {name}"


def _answer_faults(
    ports: dict[str, int], wanted: dict[str, str]
) -> Iterator[str]:
    for unit, port in ports.items():
        answer = _answer(port) or {"environment": {}, "pid": 0}
        for name, value in wanted.items():
            actual = answer["environment"].get(name)
            if actual != value:
                yield f"{unit} answers with {name}={actual}, not {value}"
        group = _show(unit).get("ControlGroup", "/nowhere")
        if group not in _read(f"/proc/{answer['pid']}/cgroup"):
            yield f"another process answers for {unit}"


def _leftovers(app: str, record: Record, keep: int | None) -> Iterator[str]:
    for path in _links(app):
        is_probation = path.startswith(PROBATION)
        if is_probation or os.path.basename(path) not in record["units"]:
            yield f"{path} is left"
    for path in _temporaries(app):
        yield f"{path} is left"
    etc = f"/etc/pyfleet/{app}"
    yield from _generations_faults(etc, keep)
    if os.path.lexists(f"{etc}/transaction.json"):
        yield "the transaction is not closed"
    yield from _incomplete(app)
    failures = _read(f"{etc}/failures.json")
    if record["digest"] in failures:
        yield "the wanted generation is remembered as failed"


def _incomplete(app: str) -> Iterator[str]:
    for kind in ("envs", "code"):
        folder = f"/opt/{app}/{kind}"
        for name in _names(folder):
            is_manifest = name.endswith(".manifest")
            other = name[1:-9] if is_manifest else f".{name}.manifest"
            if not os.path.exists(f"{folder}/{other}"):
                yield f"{folder}/{name} is not complete"


def _generations_faults(etc: str, keep: int | None) -> Iterator[str]:
    numbers = [name for name in _names(etc) if name.isdecimal()]
    for number in numbers:
        yield from _generation_faults(f"{etc}/{number}")
    if keep is not None and len(numbers) > keep:
        yield f"{len(numbers)} generations are left, not {keep}"


def _generation_faults(folder: str) -> Iterator[str]:
    try:
        record = json.loads(_read(f"{folder}/generation.json"))
    except ValueError:
        yield f"{folder} has no record"
        return
    for unit, entry in record["units"].items():
        if _sha256(f"{folder}/{unit}") != entry["sha256"]:
            yield f"{folder}/{unit} is not what its record says"


def _links(app: str) -> list[str]:
    """Return all names of ours in systemd's directories."""
    found = []
    for folder in (SYSTEM, f"{SYSTEM}/multi-user.target.wants", PROBATION):
        for name in _names(folder):
            is_ours = name == f"{app}.service" or (
                name.startswith(f"{app}-") and name.endswith(".service")
            )
            if is_ours:
                found.append(f"{folder}/{name}")
    return found


def _temporaries(app: str) -> list[str]:
    found = []
    roots = (f"/etc/pyfleet/{app}", f"/opt/{app}", SYSTEM, PROBATION,
             "/run/pyfleet")  # fmt: skip
    for root in roots:
        for folder, folders, names in os.walk(root):
            found += [
                f"{folder}/{name}"
                for name in (*folders, *names)
                if name.startswith(TEMPORARY)
            ]
    others = (("/tmp", "pyfleet-"), ("/run/systemd/system", f"pyfleet_{app}_"))
    for folder, start in others:
        found += [
            f"{folder}/{name}"
            for name in _names(folder)
            if name.startswith(start)
        ]
    return found


def _record(app: str) -> Record | None:
    try:
        text = _read(f"/etc/pyfleet/{app}/current/generation.json")
        found: Record = json.loads(text)
    except ValueError:
        return None
    return found


def _is_lock_free(app: str) -> bool:
    path = f"/run/pyfleet/{app}.lock"
    if not os.path.exists(path):
        return True
    with open(path, "rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _await_jobs(units: list[str]) -> None:
    deadline = time.monotonic() + _JOB_SECONDS
    while time.monotonic() < deadline:
        shown = [_show(unit) for unit in units]
        is_busy = any(
            one.get("Job", "") not in ("", "0")
            or one.get("ActiveState") in ("activating", "deactivating")
            for one in shown
        )
        if not is_busy:
            return
        time.sleep(0.1)


def _show(unit: str) -> dict[str, str]:
    text = _systemctl("show", "--all", "-p", _PROPERTIES, unit)
    lines = (line.partition("=") for line in text.splitlines())
    return {name: value for name, _unused, value in lines}


def _systemctl(*arguments: str) -> str:
    return subprocess.run(
        ["systemctl", "--no-pager", *arguments],
        capture_output=True, check=False, text=True, timeout=60,
    ).stdout  # fmt: skip


def _answer(port: int) -> dict[str, Any] | None:
    """Ask a service, again and again where it has just been started."""
    for _attempt in range(40):
        try:
            url = f"http://127.0.0.1:{port}/"
            with urllib.request.urlopen(url, timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except (OSError, ValueError):
            time.sleep(0.1)
    return None


def _process(shown: dict[str, str], name: str) -> str:
    text = _read(f"/proc/{shown.get('MainPID', '0')}/{name}")
    return text.replace("\0", " ")


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def _sha256(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return ""


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(globals()[given.pop("check")](**given)))
