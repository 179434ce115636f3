# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of resources, networks and control groups."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    resources,
)

CASES: value_types.Cases = {
    "blkio-weight": (("10", "1000"), ("9", "1001", "x")),
    "bpf-program": (
        (
            "egress:/sys/fs/bpf/x", ":device:/x", "device:::/x",
            r"\egress:/x", r"e\gress:/x",
        ),
        ("x:/a", "egress", "egress:a", "device:", r"egress\:/x"),
    ),
    "cgroup-name": (
        ("main", "a.b", "hugetlb.x", "misc.x"),
        (
            "_a", "a/b", "tasks", "cgroup.procs", "cpu.max", "devices.x",
            "blkio.x", "cgroup.x",
        ),
    ),
    "concurrency": (("infinity", "5", "0"), ("-1", "x")),
    "controllers": (("cpu", "cpu memory"), ("cpus", "cpu,memory")),
    "cpu-affinity": (("numa", "0-3", "0,2 4"), ("3-1", "a", "-1")),
    "cpu-list": (("0", "0-3,5"), ("%i", "3-1")),
    "cpu-set": (("0", "0-3,5", "0 1"), ("3-1", "0-", "x", "99999")),
    "cpu-shares": (("2", "262144"), ("1", "262145")),
    "cpu-weight": (("1", "10000", "idle"), ("0", "10001", "fast")),
    "delegate": (("yes", "no", "cpu memory"), ("cpus", "maybe")),
    "interface": (("eth0", "*"), ("a/b", "waytoolongforalinux", "12", "all")),
    "interface-bound": (("vrf-a",), ("a/b", "all")),
    "interfaces": (("eth0 lo", "~lo"), ("a/b", "eth0 a:b")),
    "io-priority": (("0", "7"), ("8", "-1")),
    "ip-networks": (
        (
            "any", "localhost link-local", "10.0.0.0/8", "::1/128", "1.2.3.4",
            "10.0.0.0/+8", "10.0.0.0/0x8", "::1/+128", "10.0.0.0/010",
        ),
        (
            "all", "10.0.0.0/33", "1.2.3", "1.2.3.4/255.0.0.0", "any x",
            "10.0.0.1/08", "fe80::1%lo", "10.0.0.0/33", "::1/129", "10.0.0.0/",
        ),
    ),
    "nft-set": (
        ("cgroup:inet:t:s", "user:ip:t:s", "cgroup:inet:a_b:c.d"),
        (
            "a:inet:t:s", "cgroup:x:t:s", "cgroup:inet:a-b:c",
            "cgroup:inet:1a:b", "cgroup:inet::b", "cgroup:inet:a:b,",
            "cgroup:inet:%i:b",
        ),
    ),
    "numa-mask": (("all", "0-1"), ("numa", "x", "%i")),
    "numa-set": (("all", "0-1", "%i"), ("numa", "x", "%5")),
    "oom-duration": (("1s", "2min"), ("0", "500ms", "infinity", "x")),
    "oom-rules": (("a b", "a-b", "+a"), ("a/b", "*", r"a\\q")),
    "priority-99": (("0", "99"), ("100", "-1")),
    "rlimit-nice": (
        ("-5", "+10", "40", "0", r"\-10", r"\+5"),
        ("-21", "+20", "41", "x", "-10:5", "1:2:3", "1\\"),
    ),
    "socket-bind": (
        (
            "any", "80", "tcp:80", "ipv4:udp:1-5", "ipv6", "tcp", "ipv4:tcp",
            "TCP", "ipv4:UDP:80",
        ),
        (
            "80:any", "tcp:70000", "x", "1-", "5-1", "udp:tcp", "ipv4:",
            "IPV4:80",
        ),
    ),
    "weight": (("1", "10000"), ("0", "10001", "idle")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(resources) == set(CASES)
