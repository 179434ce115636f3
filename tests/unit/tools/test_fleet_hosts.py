# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test fleet's hosts, names, commands and inventory."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from testfleet import containers, images, inventory
from testfleet.errors import FleetError
from testfleet.machine import Machine
from testfleet.specs import HOSTS, HostSpec, select

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


def test_default_hosts() -> None:
    names = [spec.name for spec in select([], {})]
    assert names == ["bullseye", "bookworm", "trixie", "sid", "unkind"]


def test_named_hosts_once_in_the_order_given() -> None:
    specs = select(["sid", "trixie", "sid"], {})
    assert [spec.name for spec in specs] == ["sid", "trixie"]


def test_further_fleets_have_containers_of_their_own() -> None:
    further = ROOT / ".build" / "fleet-gw1"
    names = {
        containers.container_name(owner, "sid") for owner in (ROOT, further)
    }
    assert len(names) == 2


def test_unknown_host_is_told_what_there_is() -> None:
    with pytest.raises(FleetError, match=r"host centos.*bullseye"):
        select(["trixie", "centos"], {})


def test_molecule_has_hosts_of_its_own() -> None:
    own = [s for s in HOSTS.values() if s.inventory == "molecule"]
    assert [s.name for s in own] == ["molecule-trixie", "molecule-unkind"]
    assert not any(spec.by_default for spec in own)
    environ = {"PYFLEET_IMAGE_MOLECULE_TRIXIE": "own"}
    assert select(["molecule-trixie"], environ)[0].image == "own"


def test_unkind_is_as_unkind_as_the_field() -> None:
    unkind = HOSTS["unkind"]
    assert unkind.user != "root"
    assert not unkind.pipelining
    assert not {"python3-venv", "python3-distutils", "acl"} & set(
        unkind.packages
    )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"PYFLEET_IMAGE_SID": "own/sid:1"}, None),
        ({"PYFLEET_IMAGE_TRIXIE": "own/trixie:1"}, "own/trixie:1"),
        ({"PYFLEET_IMAGES_FROM": "reg/{host}:{suite}"}, "reg/trixie:trixie"),
        (
            {"PYFLEET_IMAGES_FROM": "reg/x", "PYFLEET_IMAGE_TRIXIE": "y"},
            "y",
        ),
    ],
)
def test_own_images(environ: dict[str, str], expected: str | None) -> None:
    assert select(["trixie"], environ)[0].image == expected


def test_image_tag_follows_the_recipe() -> None:
    trixie = HOSTS["trixie"]
    tag = images.tag(trixie)
    assert tag.startswith("localhost/pyfleet-fleet:trixie-")
    assert images.tag(replace(trixie, name="another")) == tag
    packages = tuple(reversed(trixie.packages))
    assert images.tag(replace(trixie, packages=packages)) == tag
    changed = {
        images.tag(replace(trixie, suite="sid")),
        images.tag(replace(trixie, packages=(*packages, "acl"))),
        images.tag(trixie, "mirror"),
    }
    assert len(changed) == 3
    assert tag not in changed


def test_build_command() -> None:
    archive = Path("out.tar")
    command = images.build_command(HOSTS["trixie"], archive, "")
    assert command[0] == "mmdebstrap"
    assert command[-2:] == ["trixie", "out.tar"]
    assert not [part for part in command if "gunicorn" in part]
    sid = images.build_command(HOSTS["sid"], archive, "mirror")
    assert sid[-3:] == ["sid", "out.tar", "mirror"]
    assert '--aptopt=Acquire::Check-Valid-Until "false"' in sid


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


def test_inventory() -> None:
    hosts = [
        inventory.Access(HOSTS["sid"], 4001, "ssh-ed25519 AAA"),
        inventory.Access(HOSTS["unkind"], 4002, "ssh-ed25519 BBB"),
    ]
    text = inventory.render(hosts, Path("/k/id"), Path("/k/known"))
    kind, field = text.split("[field]")
    (sid,) = [li for li in kind.splitlines() if li.startswith("sid ")]
    assert "ansible_port=4001 ansible_user=root" in sid
    assert "ansible_pipelining=true" in sid
    assert "ansible_become" not in sid
    assert "-o UserKnownHostsFile=/k/known" in sid
    (unkind,) = field.strip().splitlines()
    assert "ansible_user=admin" in unkind
    assert "ansible_pipelining=false" in unkind
    assert unkind.endswith("ansible_become=true ansible_become_method=sudo")


def test_known_hosts() -> None:
    host = inventory.Access(HOSTS["sid"], 4001, "ssh-ed25519 AAA")
    rendered = inventory.known_hosts([host])
    assert rendered == "[127.0.0.1]:4001 ssh-ed25519 AAA\n"
