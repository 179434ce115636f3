# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assignments add up as systemd's parsers merge them."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given, strategies as st

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    effective,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
    merged_lists,
)


def of(*lines: str, version: int = 257) -> effective.Effective:
    """Return what lines of [Service] add up to."""
    triples = []
    for line in lines:
        option, _equals, value = line.partition("=")
        triples.append(("Service", option, value))
    unit = merged.MergedUnit.of(triples, targets.Target(version))
    return effective.effective(unit)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), True),
        (("User=root",), True),
        (("User=0",), True),
        (("User=hello",), False),
        (("DynamicUser=yes",), False),
        (("User=hello", "User="), True),
    ],
)
def test_who_is_root(lines: tuple[str, ...], expected: bool) -> None:
    assert of(*lines).is_root == expected


@pytest.mark.parametrize(
    ("lines", "has_kill", "has_chown"),
    [
        ((), True, True),
        (("CapabilityBoundingSet=",), False, False),
        (("CapabilityBoundingSet=CAP_KILL",), True, False),
        (("CapabilityBoundingSet=cap_kill 0",), True, True),
        (("CapabilityBoundingSet=~CAP_KILL",), False, True),
        (
            ("CapabilityBoundingSet=CAP_KILL", "CapabilityBoundingSet=0"),
            True,
            True,
        ),
        (
            (
                "CapabilityBoundingSet=CAP_KILL CAP_CHOWN",
                "CapabilityBoundingSet=~CAP_KILL",
            ),
            False,
            True,
        ),
    ],
)
def test_capabilities(
    lines: tuple[str, ...], has_kill: bool, has_chown: bool
) -> None:
    bounding = of(*lines).bounding
    kill, chown = (
        merged_lists.capability_bits([name])
        for name in ("CAP_KILL", "CAP_CHOWN")
    )
    assert (bool(bounding & kill), bool(bounding & chown)) == (
        has_kill,
        has_chown,
    )


@pytest.mark.parametrize(
    ("line", "option", "expected"),
    [
        ("PrivateDevices=yes", "DevicePolicy", "closed"),
        ("DynamicUser=yes", "ProtectSystem", "strict"),
        ("DynamicUser=yes", "ProtectHome", "read-only"),
        ("DynamicUser=yes", "NoNewPrivileges", True),
    ],
)
def test_what_is_implied(line: str, option: str, expected: bool | str) -> None:
    assert of(line).setting(option) == expected


@pytest.mark.parametrize(
    ("line", "capability"),
    [
        ("PrivateDevices=yes", "CAP_MKNOD"),
        ("ProtectKernelModules=yes", "CAP_SYS_MODULE"),
        ("ProtectKernelLogs=yes", "CAP_SYSLOG"),
        ("ProtectClock=yes", "CAP_SYS_TIME"),
    ],
)
def test_a_protection_takes_a_capability(line: str, capability: str) -> None:
    bit = merged_lists.capability_bits([capability])
    assert of().bounding & bit
    assert not of(line).bounding & bit


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("RestrictNamespaces=yes",), set()),
        (("RestrictNamespaces=net user",), {"net", "user"}),
        (
            ("RestrictNamespaces=net", "RestrictNamespaces=user"),
            {"net", "user"},
        ),
        (("RestrictNamespaces=net user", "RestrictNamespaces=~net"), {"user"}),
        (("RestrictNamespaces=net bogus",), None),
        (("RestrictNamespaces=net", "RestrictNamespaces="), None),
    ],
)
def test_namespaces(lines: tuple[str, ...], expected: set[str] | None) -> None:
    assert of(*lines).namespaces == expected


@pytest.mark.parametrize(
    ("lines", "is_allowed"),
    [
        (("SystemCallFilter=@mount",), True),
        (("SystemCallFilter=@mount", "SystemCallFilter=~mount"), False),
        (("SystemCallFilter=~@mount",), False),
        (("SystemCallFilter=~@mount", "SystemCallFilter=mount"), True),
    ],
)
def test_system_calls(lines: tuple[str, ...], is_allowed: bool) -> None:
    found = of(*lines).calls
    assert (("mount" in found.names) == found.is_allow) == is_allowed


def test_an_empty_filter_is_none() -> None:
    found = of("SystemCallFilter=@mount", "SystemCallFilter=").calls
    assert found == merged_lists.UNRESTRICTED


@pytest.mark.parametrize(
    ("line", "families", "allows"),
    [
        ("RestrictAddressFamilies=AF_UNIX AF_LOCAL", {"AF_UNIX"}, True),
        ("RestrictAddressFamilies=~AF_UNIX", {"AF_UNIX"}, False),
        ("RestrictAddressFamilies=none", set(), True),
        ("RestrictAddressFamilies=", set(), False),
    ],
)
def test_families(line: str, families: set[str], allows: bool) -> None:
    found = of(line).families
    assert (set(found.names), found.is_allow) == (families, allows)


def test_addresses_add_up_and_words_are_networks() -> None:
    found = of("IPAddressDeny=any", "IPAddressDeny=10.0.0.0/8 x")
    networks = found.networks("IPAddressDeny")
    assert ip_network("0.0.0.0/0") in networks
    assert ip_network("10.0.0.0/8") in networks
    found = of("IPAddressDeny=any", "IPAddressDeny=")
    assert found.networks("IPAddressDeny") == set()


def test_a_value_that_does_not_parse_leaves_the_one_before() -> None:
    found = of("ProtectSystem=full", "ProtectSystem=bogus", "UMask=0027")
    assert found.setting("ProtectSystem") == "full"
    assert of("UMask=0027", "UMask=9").umask == 0o027


@given(
    st.lists(
        st.sampled_from(
            [
                "10.0.0.0/8",
                "10.1.0.0/16",
                "10.1.2.3",
                "11.0.0.0/8",
                "::1",
                "::/0",
                "fe80::/64",
                "0.0.0.0/0",
                "nothing",
                "",
            ]
        ),
        max_size=6,
    )
)
def test_247_merges_the_networks_of_good_lines(lines: list[str]) -> None:
    """The networks are merged as they would be line by line."""
    expected: set[effective.Network] = set()
    for line in lines:
        if line == "nothing":
            continue
        expected = expected | {ip_network(line)} if line else set()
        expected = {
            one
            for one in expected
            if not any(
                one != other
                and one.version == other.version
                and one.network_address in other
                and one.prefixlen >= other.prefixlen
                for other in expected
            )
        }
    given_lines = [f"IPAddressDeny={line}" for line in lines]
    found = of(*given_lines, version=247)
    assert found.networks("IPAddressDeny") == expected
