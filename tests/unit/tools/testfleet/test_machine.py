# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test fleet finds out about the machine that it is on."""

from __future__ import annotations

from typing import Any

import pytest
from testfleet.errors import FleetError
from testfleet.machine import (
    Machine,
    hindrance,
    missing_programs,
    parse_capabilities,
    parse_cgroup,
    parse_has_apt,
    require,
    run_arguments,
)

HYBRID = """\
22 26 0:20 / /proc rw,relatime shared:5 - proc proc rw
30 26 0:24 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
31 30 0:25 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw
32 30 0:26 / /sys/fs/cgroup/cpu rw,relatime shared:10 - cgroup cgroup rw,cpu
"""
UNIFIED = (
    "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev shared:4 "
    "- cgroup2 cgroup2 rw,nsdelegate\n"
)
LEGACY = "32 30 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
ALL_CAPABILITIES = (1 << 41) - 1
WITHOUT_RESOURCE = ALL_CAPABILITIES & ~(1 << 24)
PROGRAMS = frozenset(
    ("podman", "netavark", "aardvark-dns", "iptables", "nft", "ssh")
) | {"ssh-keygen", "mmdebstrap", "crun", "runc"}


def machine(**changes: Any) -> Machine:
    """Return a machine on which all is well, but for the changes."""
    facts: dict[str, Any] = {
        "cgroup": "unified",
        "unified_mount": "/sys/fs/cgroup",
        "capabilities": ALL_CAPABILITIES,
        "nofile": 1 << 20,
        "nproc": 1 << 20,
        "is_root": True,
        "has_apt": True,
        "programs": PROGRAMS,
    }
    return Machine(**(facts | changes))


HYBRID_MACHINE = machine(
    cgroup="hybrid", unified_mount="/sys/fs/cgroup/unified"
)


@pytest.mark.parametrize(
    ("mountinfo", "expected"),
    [
        (HYBRID, ("hybrid", "/sys/fs/cgroup/unified")),
        (UNIFIED, ("unified", "/sys/fs/cgroup")),
        (LEGACY, ("legacy", "")),
        ("", ("none", "")),
    ],
)
def test_cgroup_layout(mountinfo: str, expected: tuple[str, str]) -> None:
    assert parse_cgroup(mountinfo) == expected


def test_capabilities_are_the_effective_ones() -> None:
    status = "CapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n"
    assert parse_capabilities(status) == WITHOUT_RESOURCE
    assert parse_capabilities("Name:\tcat\n") == 0


@pytest.mark.parametrize(
    ("os_release", "expected"),
    [
        ("ID=debian\n", True),
        ('ID="ubuntu"\nID_LIKE=debian\n', True),
        ("ID=fedora\n", False),
        ('ID=almalinux\nID_LIKE="rhel centos fedora"\n', False),
        ("# no pair here\n", False),
    ],
)
def test_apt_is_for_debian(os_release: str, expected: bool) -> None:
    assert parse_has_apt(os_release) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (machine(), "crun"),
        (machine(programs=PROGRAMS - {"crun"}), "runc"),
        (machine(programs=frozenset()), "crun"),
        (HYBRID_MACHINE, "runc"),
        (machine(cgroup="hybrid", programs=frozenset({"crun"})), "runc"),
    ],
)
def test_runtime(facts: Machine, expected: str) -> None:
    assert facts.runtime == expected


def test_cgroup2_needs_no_mount_of_ours() -> None:
    assert run_arguments(machine()) == ["--systemd=always"]


def test_hybrid_tree_is_mounted_and_limits_stay_below_ours() -> None:
    facts = machine(
        cgroup="hybrid",
        unified_mount="/sys/fs/cgroup/unified",
        capabilities=WITHOUT_RESOURCE,
        nofile=4096,
    )
    assert run_arguments(facts) == [
        "--systemd=always",
        "--cgroupns=host",
        "--volume",
        "/sys/fs/cgroup/unified:/sys/fs/cgroup:rw",
        "--ulimit=nofile=4096:4096",
        "--ulimit=nproc=32768:32768",
    ]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (machine(cgroup="legacy", unified_mount=""), "no cgroup2"),
        (machine(capabilities=1 << 12), "CAP_SYS_ADMIN, CAP_MKNOD"),
    ],
)
def test_hindrance_is_one_line(facts: Machine, said: str) -> None:
    message = hindrance(facts)
    assert said in message
    assert "\n" not in message
    with pytest.raises(FleetError, match=said):
        require(facts, build=True)


def test_root_is_needed() -> None:
    with pytest.raises(FleetError, match="needs root"):
        require(machine(is_root=False), build=True)


def test_nothing_hinders_a_good_machine() -> None:
    require(machine(), build=True)
    require(HYBRID_MACHINE, build=True)


def test_missing_programs_name_their_packages() -> None:
    facts = machine(programs=PROGRAMS - {"nft", "mmdebstrap", "podman"})
    assert missing_programs(facts) == {
        "nft": "nftables",
        "mmdebstrap": "mmdebstrap",
        "podman": "podman",
    }
    with pytest.raises(FleetError, match="mmdebstrap nftables podman"):
        require(facts, build=True)


def test_own_images_need_no_builder() -> None:
    facts = machine(programs=PROGRAMS - {"mmdebstrap"})
    assert missing_programs(facts, build=False) == {}
