# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers boot systemd, and each checkout has its own."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from testfleet import containers
from testfleet.machine import Machine
from testfleet.specs import HOSTS, HostSpec

ROOT = Path("/srv/checkout")
CGROUP2 = Machine(
    cgroup="unified",
    unified_mount="/sys/fs/cgroup",
    capabilities=(1 << 41) - 1,
    nofile=1 << 20,
    nproc=1 << 20,
    is_root=True,
    has_apt=True,
    programs=frozenset({"crun"}),
)


def test_further_fleets_have_containers_of_their_own() -> None:
    further = ROOT / ".build" / "fleet-gw1"
    names = {
        containers.container_name(owner, "sid") for owner in (ROOT, further)
    }
    assert len(names) == 2


def test_two_checkouts_do_not_collide() -> None:
    here = containers.container_name(ROOT, "sid")
    there = containers.container_name(Path("/srv/other"), "sid")
    assert here != there
    assert here.startswith("pyfleet-")
    assert here.endswith("-sid")


def test_run_command() -> None:
    spec = HOSTS["trixie"]
    command = containers.run_command(spec, "an/image", CGROUP2, ROOT)
    assert command[:3] == ["podman", "--runtime=crun", "run"]
    assert "--privileged" in command
    assert "--publish=127.0.0.1::22" in command
    at = command.index("an/image")
    assert command[at + 1] == "/sbin/init"
    assert all(part.startswith("--") for part in command[3:at])


def test_dropped_capabilities_replace_privileged() -> None:
    spec = HostSpec("poor", "sid", drop_capabilities=("CAP_SYS_ADMIN",))
    command = containers.run_command(spec, "an/image", CGROUP2, ROOT)
    assert "--privileged" not in command
    assert "--cap-drop=CAP_SYS_ADMIN" in command


def test_a_user_namespace_has_no_power_outside() -> None:
    spec = HostSpec("mapped", "sid", maps_users=True)
    command = containers.run_command(spec, "an/image", CGROUP2, ROOT)
    assert "--privileged" not in command
    assert "--uidmap=0:100000:65536" in command
    assert "--gidmap=0:100000:65536" in command
    # The runtime delegates cgroup2 where there is nothing else.
    assert command[command.index("an/image") + 1] == "/sbin/init"

    mixed = replace(CGROUP2, cgroup="hybrid")
    command = containers.run_command(spec, "an/image", mixed, ROOT)
    waiting = command[command.index("an/image") + 1 :]
    assert waiting[0] == "/bin/sh"
    assert "/sbin/init" in waiting


def test_recipe_changes_with_the_command() -> None:
    assert containers.recipe(["a", "b"]) == containers.recipe(["a", "b"])
    assert containers.recipe(["a", "b"]) != containers.recipe(["ab"])


def test_listing() -> None:
    labels = {"pyfleet.host": "sid", "pyfleet.recipe": "abc"}
    entry = {
        "Labels": labels,
        "Names": ["pyfleet-1-sid"],
        "State": "running",
        "Pid": os.getpid(),
        "Image": "an/image",
        "Ports": [
            {"host_port": 8080, "container_port": 80},
            {"host_port": 4022, "container_port": 22},
        ],
    }
    stopped = dict(entry, State="exited", Pid=0, Ports=None)
    lost = dict(entry, Pid=2**30)
    found = containers.parse_listing(json.dumps([entry, stopped, lost]))
    assert found[0] == containers.Container(
        "sid", "pyfleet-1-sid", True, "abc", 4022, "an/image"
    )
    assert (found[1].is_running, found[1].port) == (False, 0)
    assert not found[2].is_running
    assert containers.parse_listing("") == []


def test_provision_root_host() -> None:
    script = containers.provision_script(HOSTS["sid"], "ssh-x K me", "")
    assert "key='ssh-x K me'" in script
    assert "mount --make-rshared /" in script
    assert "sudoers" not in script
    assert "ca-certificates" not in script


def test_provision_sudo_host_with_certificates() -> None:
    script = containers.provision_script(HOSTS["unkind"], "k", "PEM TEXT")
    assert "user=admin" in script
    assert "NOPASSWD" in script
    assert "PermitRootLogin no" in script
    assert "PEM TEXT" in script
