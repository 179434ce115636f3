# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change files of an application, run a module, and look at the host.

It runs on a host, as root, beside the payloads of the modules that
Ansible left there:

    python3 changes.py <plan.json

The plan has `app`, `ports`, `payloads` (by verb) and `cases`, each with
an `id`, the script of a `change` and a `verb`. For each case it prints
a JSON line: the answers of app_info and of the verb, and the faults
that are found afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from typing import Any

sys.path.insert(0, "/root/pyfleet-faultsweep")

from faultsweep import invariant

KEPT = "/root/pyfleet-changes"
SYSTEM = "/etc/systemd/system"
_SECONDS = 120


def shell(script: str, app: str) -> None:
    """Run a script; $1 is the application's name."""
    command = ["sh", "-es", "--", app]
    subprocess.run(command, input=script, check=True, text=True,
                   stdout=subprocess.DEVNULL, timeout=_SECONDS)  # fmt: skip


def places(app: str) -> list[str]:
    """Return the trees that are put back before each case."""
    return [
        f"/etc/pyfleet/{app}",
        f"/opt/{app}",
        f"/var/lib/{app}",
        f"{SYSTEM}/{app}.service",
        f"{SYSTEM}/{app}.service.d",
        f"{SYSTEM}/multi-user.target.wants/{app}.service",
        f"/run/systemd/system/{app}.service",
    ]


def copy(source: str, target: str) -> None:
    """Make a tree the copy of another, with owners and links."""
    if os.path.isdir(target) and not os.path.islink(target):
        shutil.rmtree(target)
    elif os.path.lexists(target):
        os.remove(target)
    if os.path.lexists(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        subprocess.run(["cp", "-a", source, target], check=True)


def save(app: str) -> None:
    """Remember the application as it is."""
    for path in places(app):
        copy(path, KEPT + path)


def restore(app: str, ports: dict[str, int]) -> None:
    """Bring the application back to what `save` saw."""
    units = [*ports]
    subprocess.run(["systemctl", "stop", *units], check=False,
                   stderr=subprocess.DEVNULL)  # fmt: skip
    for path in places(app):
        copy(KEPT + path, path)
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    subprocess.run(["systemctl", "reset-failed"], check=True)
    subprocess.run(["systemctl", "start", *units], check=True)
    deadline = time.monotonic() + _SECONDS
    while not all(map(answers, ports.values())):
        assert time.monotonic() < deadline, "it does not answer"
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Tell whether a service answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health"):
            return True
    except OSError:
        return False


def run(path: str) -> dict[str, Any]:
    """Run a payload; return the module's answer."""
    done = subprocess.run(
        ["/usr/bin/python3", path, "execute"],
        capture_output=True, check=False, text=True, timeout=_SECONDS,
    )  # fmt: skip
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        text = f"{done.stdout}\n{done.stderr}"
        return {"failed": True, "msg": f"Traceback: {text[-1500:]}"}
    return found


def read(path: str) -> str:
    """Return the text of a file."""
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def look(app: str, ports: dict[str, int], verb: str) -> dict[str, Any]:
    """Return the faults after a verb, and the files that were kept."""
    etc = f"/etc/pyfleet/{app}"
    aside = f"{etc}/aside"
    version = {"rollback": "a"}.get(verb, "b")
    is_open = os.path.lexists(f"{etc}/transaction.json")
    if verb == "remove":
        faults = invariant.absent_faults(app)
    else:
        faults = invariant.faults_settled(app, ports, {"VERSION": version})
    names = sorted(os.listdir(aside)) if os.path.isdir(aside) else []
    return {
        "faults": faults,
        "is_open": is_open,
        "serves": all(map(answers, ports.values())),
        "kept": {
            name: read(f"{aside}/{name}")
            for name in names
            if os.path.isfile(f"{aside}/{name}")
        },
    }


def main() -> None:
    """Run the cases of the plan on standard input."""
    plan = json.load(sys.stdin)
    app, ports, payloads = plan["app"], plan["ports"], plan["payloads"]
    if plan.get("save"):
        save(app)
    for case in plan["cases"]:
        begun = time.monotonic()
        restore(app, ports)
        shell(case["change"], app)
        info = run(payloads["status"]) if case["is_asked"] else None
        answer = run(payloads[case["verb"]])
        found = {
            "id": case["id"],
            "verb": case["verb"],
            "info": info,
            "answer": answer,
            "still": subprocess.run(
                ["sh", "-es", "--", app], input=case.get("still", "true"),
                check=False, text=True, capture_output=True,
            ).returncode == 0,
            **look(app, ports, case["verb"]),
            "seconds": round(time.monotonic() - begun, 1),
        }  # fmt: skip
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
