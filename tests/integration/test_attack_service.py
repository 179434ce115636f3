# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service cannot hold up root, nor use root's probes for itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import HERE, PACKAGES, Lab

HOSTS = ["bookworm", "trixie"]
NAME = "it-evil-service"
UNIT = f"{NAME}.service"
STATE = f"/var/lib/{NAME}"
SOCKET = f"/run/{NAME}/main/web.sock"
OVER_SOCKET = {"http": "http://localhost/", "socket": SOCKET, "match": "well"}


@pytest.fixture(scope="module")
def folder(
    lab: Lab, claim: Callable[..., None], tmp_path_factory: Any
) -> Path:
    claim(HOSTS, NAME)
    path: Path = tmp_path_factory.mktemp("code")
    for name in ("stopper.py", "probe.py"):
        (path / name).write_text((HERE / "files" / name).read_text())
    return path


def app(folder: Path, health: dict[str, Any], **options: Any) -> Any:
    check = {"interval": 0.2, "settle": 0.4, "timeout": 6, **health}
    main = {"exec": f"python stopper.py {SOCKET}", "stop_timeout": "3s"}
    return {
        "name": NAME,
        "source": {"packages": PACKAGES, "files": str(folder)},
        "services": {"main": {**main, "health": check, **options}},
    }


def test_a_health_command_runs_in_the_sandbox(lab: Lab, folder: Path) -> None:
    run = lab.deploy(HOSTS, app(folder, {"command": "python probe.py"}))
    assert run.status == 0, run.output
    for host in HOSTS:
        report = json.loads(lab.shell(host, f"cat {STATE}/report.json"))
        pid = lab.show(host, UNIT, "MainPID")
        uid, network, mounts = lab.shell(
            host, f"id -u {NAME}; readlink /proc/{pid}/ns/net /proc/1/ns/mnt"
        ).split()
        assert (report["no_new_privs"], report["seccomp"]) == ("1", "2")
        assert (str(report["uid"]), report["net"]) == (uid, network)
        assert report["mnt"] != mounts
        assert not report["has_home"]
        assert f"pyfleet_{NAME}_health_" in report["cgroup"]
        left = lab.shell(host, "pgrep -f 'time.sleep[(]4321' || :")
        assert left == ""
        assert "health" not in lab.shell(host, "ls /run/systemd/system")


def attack(lab: Lab) -> None:
    # By root: a process of the user's own would be stopped, too.
    lab.shells(HOSTS, f"touch {STATE}/attack")


def test_nothing_waits_for_a_service_that_stops_its_probes(
    lab: Lab, folder: Path
) -> None:
    """Deploy, rollback and removal end, whatever the service does."""
    wanted = app(folder, OVER_SOCKET)
    run = lab.deploy(HOSTS, wanted)
    assert run.status == 0, run.output
    attack(lab)
    began = time.monotonic()
    run = lab.deploy(
        HOSTS, app(folder, OVER_SOCKET, environment={"GREETING": "2"})
    )
    assert set(run.messages()) == set(HOSTS), run.output
    assert time.monotonic() - began < 120
    lab.shells(HOSTS, f"rm -f {STATE}/attack")
    run = lab.deploy(HOSTS, wanted)
    assert run.status == 0, run.output
    attack(lab)
    began = time.monotonic()
    run = lab.deploy(
        HOSTS, {"name": NAME, "state": "absent", "remove_data": True}
    )
    assert run.status == 0, run.output
    assert time.monotonic() - began < 60
