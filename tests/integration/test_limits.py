# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits stand in a unit where the host's control groups hold them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab import Lab, web_app

HOSTS = ["bullseye", "trixie"]
PORT = 8200
NAME = "it-limits"
CONTROLLERS = "cat /sys/fs/cgroup/cgroup.controllers"
SOURCE = f"cat /etc/systemd/system/{NAME}.service"


def test_what_is_not_enforced_is_left_out_and_told(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    app = web_app(NAME, PORT, tmp_path / "src")
    app["services"]["main"]["resources"] = {
        "memory_max": "256M",
        "tasks_max": 50,
        "nofile": 512,
    }

    run = lab.deploy(HOSTS, app)

    assert run.status == 0, run.output
    for host in HOSTS:
        held = lab.shell(host, CONTROLLERS).split()
        unit = lab.shell(host, SOURCE)
        assert "LimitNOFILE=512" in unit
        for controller, directive in (
            ("memory", "MemoryMax="),
            ("pids", "TasksMax="),
        ):
            assert (directive in unit) == (controller in held), host
            is_told = f"{directive} is left out" in run.output
            assert is_told == (controller not in held), host
    assert lab.deploy(HOSTS, app).changed() == dict.fromkeys(HOSTS, 0)
