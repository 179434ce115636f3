# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy that goes from batch to batch, and loses a host between."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lab import DEPLOY, ROOT, Lab, as_variables, read_run, web_app

# By inventory: one alone, then two at once, then what is left.
HOSTS = ["bullseye", "bookworm", "trixie", "sid"]
FIRST, LOST, LAST = HOSTS[0], HOSTS[1], HOSTS[3]
BATCHES = {"pyapp_serial": [1, 2]}
NAME = "it-rolling"
PORT = 8290
RELEASES = ROOT / "playbooks" / "releases.yml"
UNDER_PROOF = f"test -e /run/systemd/system.control/{NAME}.service"
# Nobody can log in for a while, and nobody is logged in any more.
GONE = (
    "systemd-run --quiet --collect sh -c "
    "'systemctl stop ssh.socket ssh; pkill -KILL sshd; sleep 45; "
    "systemctl start ssh'"
)


def test_a_roll_stops_where_a_host_is_lost(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    # The first proof takes long enough to lose another host meanwhile.
    app = web_app(NAME, PORT, tmp_path / "src", health={"settle": 5})
    main = app["services"]["main"]
    main["environment"]["AT"] = "one"
    run = lab.deploy(HOSTS, app)
    assert run.status == 0, run.output
    main["environment"]["AT"] = "two"
    given = as_variables(app)
    before = lab.snapshot([LAST], NAME)

    process, record, log = lab.start(DEPLOY, HOSTS, {**given, **BATCHES})
    wait_for(lab, FIRST, UNDER_PROOF)
    lab.execute(LOST, ["sh", "-c", GONE])
    process.wait(timeout=120)

    run = read_run(process.returncode, record, log)
    assert run.status != 0
    assert [r.host for r in run.results if r.outcome == "unreachable"] == [
        LOST
    ], run.output
    assert set(run.messages()) == {LAST}, run.output
    message = run.messages()[LAST]
    assert f"{LOST} failed, stopped or cannot be reached" in message
    assert lab.snapshot([LAST], NAME) == before
    wait_for(lab, LOST, "true")
    assert served(lab) == ["two", "one", "two", "one"]
    listed = lab.play(RELEASES, HOSTS, {"pyapp_name": NAME})
    assert listed.status == 0, listed.output
    again = lab.deploy(HOSTS, app, "-e", "pyapp_serial=50%")
    assert again.status == 0, again.output
    assert served(lab) == ["two"] * 4


def test_nothing_changes_while_a_host_is_out_of_reach(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    ghost = tmp_path / "ghost.ini"
    ghost.write_text("ghost ansible_host=127.0.0.1 ansible_port=1\n")
    app = web_app(NAME, PORT, tmp_path / "src")
    before = lab.snapshot(HOSTS, NAME)

    run = lab.deploy([*HOSTS, "ghost"], app, "-i", str(ghost))

    assert run.status != 0
    assert {r.host for r in run.results if r.outcome == "unreachable"} == {
        "ghost"
    }
    assert lab.snapshot(HOSTS, NAME) == before


def served(lab: Lab) -> list[str]:
    return [lab.get(host, PORT)["environment"]["AT"] for host in HOSTS]


def wait_for(lab: Lab, host: str, condition: str) -> None:
    """Wait until one can log in on a host, and a condition is true."""
    deadline = time.monotonic() + 90
    while lab.execute(host, ["sh", "-c", condition]).returncode != 0:
        assert time.monotonic() < deadline, host
        time.sleep(0.2)
