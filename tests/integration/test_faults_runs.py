# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that lose their controller, their host, or each other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lab import DEPLOY, ROOT, as_variables, fleet
from victim import NO_PIPELINING, Victim

HOST = "trixie"
NAME = "it-runs"
PORT = 8260
# The proof takes long enough for something to happen meanwhile.
SLOWLY = {"health": {"settle": 8, "timeout": 30}}
# The sshd of the session in which the module runs.
_DROP = """
pid=$(pgrep -f 'AnsiballZ_release.py' | head -n 1)
while [ "${pid:-0}" -gt 1 ] && [ "$(cat /proc/$pid/comm)" != sshd ] &&
    [ "$(cat /proc/$pid/comm)" != sshd-session ]; do
    pid=$(awk '/^PPid:/ {print $2}' /proc/$pid/status)
done
test "${pid:-0}" -gt 1 && kill -KILL $pid
"""


def test_the_controller_is_killed(victim: Victim) -> None:
    victim.succeeds("a")
    process = victim.start("b", **SLOWLY)

    process.kill()
    process.wait()

    victim.wait_free()
    # It went on alone to its end.
    victim.serves("b")
    victim.succeeds("b", **SLOWLY)


def test_the_connection_is_lost(victim: Victim) -> None:
    victim.succeeds("a")
    process = victim.start("b", *NO_PIPELINING, **SLOWLY)

    victim.shell(_DROP)

    assert process.wait(timeout=60) != 0
    victim.wait_free()
    victim.serves("b")


def test_two_controllers(victim: Victim) -> None:
    victim.succeeds("a")
    first = victim.start("b", **SLOWLY)

    second = victim.deploy("c")

    assert first.wait(timeout=60) == 0
    assert second.status == 0, second.output
    assert f"another run works on {NAME} on this host" in second.output
    assert "release active, since" in second.output
    victim.serves("c")


def test_the_holder_of_the_lock_is_killed(victim: Victim) -> None:
    victim.succeeds("a")
    victim.shell(
        "systemd-run --quiet --collect --unit=it-runs-holder "
        "flock /run/pyfleet/$1.lock sleep 600"
    )
    victim.wait(f"! flock -n /run/pyfleet/{NAME}.lock true")
    variables = as_variables(victim.describe("b"))
    process, _record, _log = victim.lab.start(
        DEPLOY, [HOST], variables, *NO_PIPELINING
    )
    victim.wait("pgrep -f '[A]nsiballZ_release.py'")

    victim.shell("systemctl kill -s KILL it-runs-holder")

    assert process.wait(timeout=60) == 0
    victim.serves("b")


def test_systemd_is_reloaded_all_the_time(victim: Victim) -> None:
    victim.succeeds("a")
    victim.shell(
        "systemd-run --quiet --collect --unit=it-runs-reloads sh -c "
        "'while :; do systemctl daemon-reload; sleep 0.2; done'"
    )
    try:
        victim.succeeds("b")
    finally:
        victim.shell("systemctl stop it-runs-reloads.service")


@pytest.mark.slow
def test_reboot_in_the_middle(victim: Victim) -> None:
    victim.succeeds("a")
    process = victim.start("b", **SLOWLY)

    _container(victim.host, "kill", "--signal=KILL")
    process.kill()
    process.wait()
    _container(victim.host, "start")
    fleet("up", HOST)

    assert victim.current()["environment"]["VERSION"] == "a"
    victim.succeeds("b")


@pytest.mark.slow
def test_systemd_hangs(victim: Victim) -> None:
    victim.succeeds("a")
    with _stopped(victim.host):
        run = victim.deploy("b")
    assert run.status != 0
    assert "Traceback" not in run.output
    assert "systemd (PID 1) hangs" in run.output
    assert victim.current()["environment"]["VERSION"] == "a"
    victim.succeeds("b")


@contextmanager
def _stopped(host: str) -> Iterator[None]:
    """Stop a host's PID 1, as only the machine around it can."""
    pid = _container(host, "inspect", "--format={{.State.Pid}}").strip()
    subprocess.run(["kill", "-STOP", pid], check=True)
    try:
        yield
    finally:
        subprocess.run(["kill", "-CONT", pid], check=True)


def _container(host: str, verb: str, *options: str) -> str:
    """Run podman on the container of a host."""
    listed = subprocess.check_output(
        ["podman", "ps", "--all", "--format=json",
         "--filter", f"label=pyfleet.host={host}"],
    )  # fmt: skip
    script = ROOT / "tools" / "fleet.py"
    status = subprocess.check_output(
        [sys.executable, script, "status"], text=True
    )
    (name,) = [
        entry["Names"][0]
        for entry in json.loads(listed)
        if entry["Names"][0] in status
    ]
    return subprocess.check_output(["podman", verb, *options, name], text=True)
