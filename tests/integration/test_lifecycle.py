# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application is deployed, changed, healed and removed."""

from __future__ import annotations

import copy
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lab import DEPLOY, ROOT, Lab, Run, as_variables, web_app

HOST = "bookworm"
NAME = "it-life"
PORT = 8180
MAIN, WORKER = f"{NAME}.service", f"{NAME}-worker.service"
SHIPPED = ("galaxy.yml", "meta", "playbooks", "plugins", "roles")
LEFT = f"""
find /etc/systemd/system /run/systemd/system.control -name "{NAME}*"
find /opt -name "{NAME}*"
systemctl list-units --all --plain --no-legend "{NAME}*"
"""


@pytest.fixture(scope="module")
def first(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Any]:
    """Return an application of two services."""
    claim([HOST], NAME)
    app = web_app(NAME, PORT, tmp_path_factory.mktemp("src"))
    app["services"]["worker"] = {
        "exec": "python serve.py",
        "environment": {"MODE": "mute"},
        "health": {"settle": 0.5},
    }
    return app


@pytest.fixture
def app(lab: Lab, first: Mapping[str, Any]) -> dict[str, Any]:
    """Return the application, deployed, for the test to change."""
    deploy(lab, first)
    return copy.deepcopy(dict(first))


def deploy(lab: Lab, app: Mapping[str, Any], **settings: str) -> Run:
    """Deploy what must succeed."""
    run = lab.deploy([HOST], app, **settings)
    assert run.status == 0, run.output
    return run


def invocations(lab: Lab) -> dict[str, str]:
    """Return what tells one start of a unit from the next."""
    return {
        unit: lab.show(HOST, unit, "InvocationID") for unit in (MAIN, WORKER)
    }


def release(lab: Lab) -> int:
    """Return the number of the current release."""
    return int(lab.shell(HOST, f"readlink /etc/pyfleet/{NAME}/current"))


def artifacts(lab: Lab) -> str:
    """Return what is built, by inode: the same again is not the same."""
    return lab.shell(HOST, f"stat -c '%i %n' /opt/{NAME}/*/*")


def restarted(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [unit for unit in before if before[unit] != after[unit]]


def test_only_the_changed_service_restarts(
    lab: Lab, app: dict[str, Any]
) -> None:
    before, built, number = invocations(lab), artifacts(lab), release(lab)
    app["services"]["worker"]["environment"]["PACE"] = "slow"

    run = deploy(lab, app)

    assert (artifacts(lab), release(lab)) == (built, number + 1)

    assert run.changed() == {HOST: 1}
    assert restarted(before, invocations(lab)) == [WORKER]
    assert run.app(HOST, NAME)["restarted"] == [WORKER]


def test_another_version_of_the_collection_restarts_nothing(
    lab: Lab, app: dict[str, Any], tmp_path: Path
) -> None:
    copied = tmp_path / "ansible_collections" / "pyfleet" / "services"
    copied.mkdir(parents=True)
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copied / name)
        else:
            text = source.read_text(encoding="utf-8")
            lines = [
                "version: 99.0.0" if line.startswith("version:") else line
                for line in text.splitlines()
            ]
            (copied / name).write_text("\n".join(lines), encoding="utf-8")
    before, built, number = invocations(lab), artifacts(lab), release(lab)
    other = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}

    run = deploy(lab, app, **other)

    text = lab.shell(HOST, f"cat /etc/systemd/system/{MAIN}")
    assert "pyfleet.services 99.0.0" in text
    assert (artifacts(lab), release(lab)) == (built, number)
    assert run.changed() == {HOST: 1}
    assert restarted(before, invocations(lab)) == []
    assert lab.show(HOST, MAIN, "NeedDaemonReload") == "no"
    assert deploy(lab, app, **other).changed() == {HOST: 0}


@pytest.mark.parametrize(
    "harm",
    [
        f"systemctl kill --signal=KILL {MAIN}; systemctl stop {MAIN}",
        f"systemctl stop {MAIN}; systemctl disable {MAIN}",
        f"echo User=root >>$(readlink -f /etc/systemd/system/{MAIN})",
        f"rm /etc/systemd/system/{MAIN}; systemctl daemon-reload",
        f"rm -rf /opt/{NAME}/envs/*",
    ],
    ids=["stopped", "disabled", "edited", "unlinked", "gutted"],
)
def test_a_plain_rerun_heals(lab: Lab, app: dict[str, Any], harm: str) -> None:
    lab.shell(HOST, harm)

    run = deploy(lab, app)

    assert run.changed() == {HOST: 1}
    assert lab.get(HOST, PORT)["environment"]["PORT"] == str(PORT)
    assert lab.show(HOST, MAIN, "UnitFileState") == "enabled"
    assert lab.show(HOST, MAIN, "User") == NAME
    assert deploy(lab, app).changed() == {HOST: 0}


def test_a_new_health_check_is_tried_before_it_counts(
    lab: Lab, app: dict[str, Any]
) -> None:
    before, number = invocations(lab), release(lab)
    right = dict(app["services"]["main"]["health"])
    app["services"]["main"]["health"] = {**right, "status": 418, "timeout": 2}

    run = lab.deploy([HOST], app)

    assert run.status != 0
    assert "check that is new does not pass" in run.messages()[HOST]
    assert "418" in run.messages()[HOST]
    app["services"]["main"]["health"] = right
    assert deploy(lab, app).changed() == {HOST: 0}
    app["services"]["main"]["health"] = {**right, "status": 200}
    assert deploy(lab, app).changed() == {HOST: 0}
    assert deploy(lab, app).changed() == {HOST: 0}
    assert (invocations(lab), release(lab)) == (before, number)


def test_what_fails_again_and_again_can_be_stopped(
    lab: Lab, app: dict[str, Any]
) -> None:
    worker = app["services"]["worker"]
    worker["environment"] = {
        "MODE": "late",
        # Its proof must have passed by then.
        "SECONDS": "8",
        "PORT": str(PORT + 1),
    }
    worker["restart_sec"] = "1h"
    deploy(lab, app)
    state = f"systemctl is-active {WORKER} | grep -q activating"
    lab.shell(HOST, f"timeout 60 sh -c 'until {state}; do sleep 0.2; done'")
    worker["state"] = "stopped"

    deploy(lab, app)

    assert lab.show(HOST, WORKER, "ActiveState") in ("inactive", "failed")
    assert deploy(lab, app).changed() == {HOST: 0}


def test_service_that_is_no_longer_named_goes(
    lab: Lab, app: dict[str, Any]
) -> None:
    before, built, number = invocations(lab), artifacts(lab), release(lab)
    del app["services"]["worker"]

    run = deploy(lab, app)

    assert (artifacts(lab), release(lab)) == (built, number + 1)

    assert run.app(HOST, NAME)["removed"] == [WORKER]
    assert lab.show(HOST, WORKER, "LoadState") == "not-found"
    assert lab.show(HOST, WORKER, "ActiveState") == "inactive"
    assert lab.show(HOST, MAIN, "InvocationID") == before[MAIN]


def test_releases_are_pruned(lab: Lab, app: dict[str, Any]) -> None:
    releases = f"ls /etc/pyfleet/{NAME} | grep -E '^[0-9]+$' | sort -n"
    codes = f"ls /opt/{NAME}/code"
    files = Path(app["source"]["files"])
    kept = {**app, "keep_releases": 2}
    for number in range(3):
        (files / "news.txt").write_text(str(number), encoding="utf-8")
        deploy(lab, kept)

    (files / "news.txt").unlink()
    numbers = [int(line) for line in lab.shell(HOST, releases).split()]
    current = lab.shell(HOST, f"readlink /etc/pyfleet/{NAME}/current")
    assert numbers == [int(current) - 1, int(current)]
    # Each of the kept releases has its own code.
    assert len(lab.shell(HOST, codes).split()) == 2


@pytest.mark.parametrize("moment", ["activating", "preparing"])
def test_controller_killed(lab: Lab, app: dict[str, Any], moment: str) -> None:
    app["services"]["main"]["environment"]["GREETING"] = f"after {moment}"
    app["services"]["main"]["health"]["settle"] = 3
    signs = {
        "preparing": f"test -s /run/pyfleet/{NAME}.lock",
        "activating": f"test -L /run/systemd/system.control/{MAIN}",
    }
    # Waits on the host itself: a moment is shorter than a connection.
    wait = f"until {signs[moment]}; do sleep 0.02; done"
    variables = as_variables(app)

    process, _unused, _unused = lab.start(DEPLOY, [HOST], variables)
    lab.shell(HOST, f"timeout 60 sh -c '{wait}'")
    process.send_signal(signal.SIGKILL)
    process.wait()
    # The work of a host without its controller is bounded.
    idle = f"flock --timeout 60 /run/pyfleet/{NAME}.lock true"
    time.sleep(1)
    lab.shell(HOST, idle)
    run = deploy(lab, app)

    greeting = lab.get(HOST, PORT)["environment"]["GREETING"]
    assert greeting == f"after {moment}"
    current = lab.shell(HOST, f"readlink /etc/pyfleet/{NAME}/current")
    assert run.status == 0
    text = lab.shell(HOST, f"cat /etc/pyfleet/{NAME}/{current.strip()}/{MAIN}")
    assert f"after {moment}" in text
    assert lab.show(HOST, MAIN, "FragmentPath").startswith("/etc/")
    found = lab.shell(
        HOST, f"find /run/systemd/system.control -name '{NAME}*'"
    )
    assert found == ""
    assert deploy(lab, app).changed() == {HOST: 0}


def test_absent_removes_what_runs(lab: Lab, app: dict[str, Any]) -> None:
    absent = {"name": NAME, "state": "absent"}

    assert lab.deploy([HOST], absent, "--check").changed() == {HOST: 1}
    assert lab.show(HOST, MAIN, "ActiveState") == "active"
    assert deploy(lab, absent).changed() == {HOST: 1}
    assert deploy(lab, absent).changed() == {HOST: 0}

    assert lab.shell(HOST, LEFT) == ""
    # Its data stays, and with it the account that owns it.
    owner = lab.shell(HOST, f"stat -c %U /var/lib/{NAME}").strip()
    assert owner == NAME

    assert deploy(lab, app).changed() == {HOST: 1}
    assert lab.get(HOST, PORT)["environment"]["PORT"] == str(PORT)
