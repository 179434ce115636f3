# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupt a deploy at every point, rerun it, and check the host.

Two states of one application take turns: each interrupted deploy is
followed by a plain one, and the next interrupted deploy begins there.
The deploys are the modules' own payloads, as Ansible left them on the
host. It runs on the host, as root:

    python3 -m faultsweep.campaign <plan.json

It prints a JSON line for each point, and one of totals.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from faultsweep import invariant, tracer

_RUN_SECONDS = 400


@dataclass(frozen=True)
class State:
    """One of the two states.

    Attributes:
        name: Its name.
        release_name: The answer of its services as VERSION.
        info: Path of the payload of `app_info`.
        release: Path of the payload of `release`.
        ports: The ports of its units; none if it is to be absent.
    """

    name: str
    release_name: str
    info: str
    release: str
    ports: dict[str, int]


class Campaign:
    """One kind of fault, at one point after the other.

    Args:
        plan: `app`, `states`, `keep`, `error`, `alone`, `only`.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self._app: str = plan["app"]
        self._keep: int = plan["keep"]
        self._error: str | None = plan.get("error")
        self._is_alone: bool = plan.get("alone", False)
        self._only: str = plan.get("only", "")
        self._first: int = plan.get("first", 1)
        self._last: int = plan.get("last", 10**6)
        self._step: int = plan.get("step", 1)
        self._states = [State(**state) for state in plan["states"]]
        ports = [set(state.ports.items()) for state in self._states]
        self._common = dict(set.intersection(*ports))
        self._has_begun = False

    def run(self) -> Iterator[dict[str, Any]]:
        """Yield the faults that were found at each point."""
        open_ends = {state.name for state in self._states}
        at = self._first
        while open_ends and at <= self._last:
            for state in self._states:
                found = self._one(state, at)
                if not found["hit"]:
                    open_ends.discard(state.name)
                yield found
            at += self._step

    def reference(self) -> dict[str, list[str]]:
        """Deploy both states undisturbed; return their points."""
        return {
            state.name: self._trace(state, tracer.Fault()).points
            for state in self._states
        }

    def _one(self, state: State, at: int) -> dict[str, Any]:
        begun = time.monotonic()
        fault = tracer.Fault(at, self._error, self._is_alone)
        outcome = self._trace(state, fault)
        found = {
            "state": state.name,
            "at": at,
            "hit": outcome.hit,
            "points": len(outcome.points),
            "said": _message(outcome.output),
            "now": invariant.faults_now(self._app, self._common),
        }
        found["said_badly"] = _bad_words(outcome.output)
        found["rerun"] = self.plain(state)
        found["settled"] = self._settled(state)
        found["seconds"] = round(time.monotonic() - begun, 1)
        return found

    def _settled(self, state: State) -> list[str]:
        if not state.ports:
            return invariant.absent_faults(self._app)
        return invariant.faults_settled(
            self._app,
            state.ports,
            {"VERSION": state.release_name},
            self._keep,
        )

    def plain(self, state: State) -> str:
        """Deploy a state as a playbook does; return the failure."""
        info = _payload(state.info)
        if info.get("failed"):
            return str(info.get("msg", info))
        if info["apps"][self._app]["converged"]:
            return ""
        result = _payload(state.release)
        if result.get("failed"):
            return str(result.get("msg", result))
        return ""

    def _trace(self, state: State, fault: tracer.Fault) -> tracer.Outcome:
        self._has_begun = False
        return tracer.run(_command(state.release), fault, self._is_counted)

    def _is_counted(self, label: str) -> bool:
        """Leave out the work of Ansible before and after the module."""
        self._has_begun |= "/run/pyfleet" in label
        return (
            self._has_begun
            and "/tmp/ansible_" not in label
            and "/payload.py" not in label
            and self._only in label
        )


def _command(path: str) -> list[str]:
    return ["/usr/bin/python3", path, "execute"]


def _payload(path: str) -> dict[str, Any]:
    done = subprocess.run(
        _command(path),
        capture_output=True, check=False, text=True, timeout=_RUN_SECONDS,
    )  # fmt: skip
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        text = f"{done.stdout}\n{done.stderr}"
        return {"failed": True, "msg": f"no JSON: {text[-1500:]}"}
    return found


def _message(output: str) -> str:
    try:
        found = json.loads(output)
    except ValueError:
        return output[-300:]
    return str(found.get("msg", "succeeded"))


def _bad_words(output: str) -> str:
    """Return a word of a message that no user shall read."""
    for word in ("Traceback", "a defect of the collection"):
        if word in output:
            return word
    return ""


def main() -> None:
    """Run the plan on standard input."""
    plan = json.load(sys.stdin)
    campaign = Campaign(plan)
    if plan.get("reference"):
        print(json.dumps({"reference": campaign.reference()}), flush=True)
        return
    for found in campaign.run():
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
