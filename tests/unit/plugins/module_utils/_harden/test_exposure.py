# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exposure without a host; tests/oracle compares it with systemd's."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    exposure,
    sandbox,
    syscalls,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

_TARGET = targets.Target(257)


def score(
    *pairs: tuple[str, str], version: int = 257, variant: str = ""
) -> exposure.Exposure:
    """Score directives of [Service]."""
    return of(
        *[("Service", name, value) for name, value in pairs],
        target=targets.Target(version, variant),
    )


def of(
    *triples: tuple[str, str, str], target: targets.Target = _TARGET
) -> exposure.Exposure:
    """Score sections, directives and values."""
    return exposure.exposure(merged.MergedUnit.of(triples, target))


def badness(field: str, *pairs: tuple[str, str], **how: Any) -> int | None:
    """Return the badness of one row."""
    rows = score(*pairs, **how).checks
    return next(row.badness for row in rows if row.field == field)


# Each was read off `systemd-analyze security` on a host of the version.
PROFILES = [
    ([], {}, 0.2),
    (["localhost"], {}, 0.9),
    (["network"], {}, 1.1),
    (["outbound"], {}, 1.1),
    (["network"], {"profile": "relaxed"}, 1.2),
]


@pytest.mark.parametrize("version", [252, 257, 262])
@pytest.mark.parametrize(("needs", "how", "expected"), PROFILES)
def test_profiles_score_what_they_promise(
    needs: list[str], how: dict[str, Any], expected: float, version: int
) -> None:
    parts = sandbox.sandbox(needs, target=targets.Target(version), **how)
    found = score(("User", "app"), *parts.assignments(), version=version)
    assert found.score == expected


def test_a_bare_service_is_unsafe() -> None:
    assert (score(version=252).score, score(version=252).level) == (
        9.6,
        "UNSAFE",
    )
    # PrivateMounts= unset counts as good from 254.
    assert score(version=257).score == 9.4


ROWS = [
    ("UserOrDynamicUser", [], 10),
    ("UserOrDynamicUser", [("User", "app")], 0),
    ("UserOrDynamicUser", [("User", "root")], 10),
    ("UserOrDynamicUser", [("User", "nobody")], 9),
    ("UserOrDynamicUser", [("User", "app"), ("User", "")], 10),
    ("RemoveIPC", [], None),
    ("RemoveIPC", [("User", "app")], 1),
    ("RemoveIPC", [("DynamicUser", "yes")], 0),
    ("ProtectHome", [("DynamicUser", "yes")], 5),
    ("ProtectSystem", [("DynamicUser", "yes"), ("ProtectSystem", "no")], 0),
    ("ProtectSystem", [("ProtectSystem", "strict"), ("ProtectSystem", "")], 0),
    ("ProtectSystem", [("ProtectSystem", "strct")], 10),
    ("CapabilityBoundingSet_MKNOD", [("PrivateDevices", "yes")], 0),
    ("CapabilityBoundingSet_SYSLOG", [("ProtectKernelLogs", "yes")], 0),
    ("CapabilityBoundingSet_SYS_MODULE", [("ProtectKernelModules", "yes")], 0),
    ("CapabilityBoundingSet_WAKE_ALARM", [("ProtectClock", "yes")], 0),
    # One letter off, and the set stays full.
    (
        "CapabilityBoundingSet_SYS_ADMIN",
        [("CapabilityBoundingSet", "~CAP_SYS_ADMN")],
        1,
    ),
    (
        "CapabilityBoundingSet_SYS_ADMIN",
        [
            ("CapabilityBoundingSet", "CAP_CHOWN CAP_KILL"),
            ("CapabilityBoundingSet", "~CAP_KIL"),
        ],
        1,
    ),
    (
        "CapabilityBoundingSet_KILL",
        [
            ("CapabilityBoundingSet", "CAP_CHOWN"),
            ("CapabilityBoundingSet", "CAP_KILL"),
        ],
        1,
    ),
    ("AmbientCapabilities", [("AmbientCapabilities", "CAP_KILL")], 1),
    ("DeviceAllow", [], 10),
    ("DeviceAllow", [("PrivateDevices", "yes")], 0),
    ("DeviceAllow", [("PrivateDevices", "yes"), ("ProtectClock", "yes")], 5),
    (
        "DeviceAllow",
        [("DevicePolicy", "closed"), ("DeviceAllow", "/dev/null rw")],
        5,
    ),
    (
        "DeviceAllow",
        [("DevicePolicy", "closed"), ("DeviceAllow", "/dev/null rx")],
        0,
    ),
    ("IPAddressDeny", [("IPAddressDeny", "any")], 0),
    ("IPAddressDeny", [("IPAddressDeny", "0.0.0.0/0")], 10),
    ("IPAddressDeny", [("IPAddressDeny", "0.0.0.0/0 ::/0")], 0),
    (
        "IPAddressDeny",
        [("IPAddressDeny", "any"), ("IPAddressAllow", "localhost")],
        2,
    ),
    (
        "IPAddressDeny",
        [("IPAddressDeny", "any"), ("IPAddressAllow", "127.0.0.1 10.0.0.1")],
        5,
    ),
    (
        "RestrictAddressFamilies_AF_INET_INET6",
        [("RestrictAddressFamilies", "none")],
        0,
    ),
    (
        "RestrictAddressFamilies_AF_INET_INET6",
        [("RestrictAddressFamilies", "~AF_INET")],
        0,
    ),
    (
        "RestrictAddressFamilies_OTHER",
        [("RestrictAddressFamilies", "AF_UNIX AF_CAN")],
        1,
    ),
    ("RestrictNamespaces_user", [("RestrictNamespaces", "usr")], 1),
    ("RestrictNamespaces_user", [("RestrictNamespaces", "~user")], 0),
    ("RestrictNamespaces_net", [("RestrictNamespaces", "~user")], 1),
    (
        "SystemCallArchitectures",
        [("SystemCallArchitectures", "native x86")],
        8,
    ),
    ("SystemCallFilter_mount", [("SystemCallFilter", "~@mont")], 10),
    ("SystemCallFilter_mount", [("SystemCallFilter", "~@mount")], 0),
    (
        "SystemCallFilter_mount",
        [("SystemCallFilter", "@mount"), ("SystemCallFilter", "~@mount")],
        0,
    ),
    ("SystemCallFilter_mount", [("SystemCallFilter", "@basic-io mount")], 9),
    (
        "SystemCallFilter_mount",
        [("SystemCallFilter", "~@mount"), ("SystemCallFilter", "")],
        10,
    ),
    ("UMask", [("UMask", "0077")], 0),
    ("UMask", [("UMask", "0027")], 1),
    ("UMask", [], 5),
    ("UMask", [("UMask", "0000")], 10),
    ("UMask", [("UMask", "0007")], 2),
    ("ProtectProc", [("ProtectProc", "noaccess")], 1),
    # A denied call is none that is allowed.
    (
        "SystemCallFilter_mount",
        [("SystemCallFilter", "@basic-io mount:EPERM")],
        0,
    ),
    # Only a prefix length is read.
    ("IPAddressDeny", [("IPAddressDeny", "0.0.0.0/0.0.0.0 ::/0")], 10),
    ("PrivateTmp", [("PrivateTmp", "disconnected")], 0),
]


@pytest.mark.parametrize(("field", "pairs", "expected"), ROWS)
def test_rows(
    field: str, pairs: list[tuple[str, str]], expected: int | None
) -> None:
    name = field.replace(
        "CapabilityBoundingSet_", "CapabilityBoundingSet_CAP_"
    )
    assert badness(name, *pairs) == expected


BY_VERSION: list[tuple[str, list[tuple[str, str]], dict[int, int]]] = [
    ("PrivateMounts", [], {252: 1, 254: 0, 262: 0}),
    ("PrivateTmp", [("PrivateTmp", "disconnected")], {252: 1, 257: 0}),
    ("PrivateUsers", [("PrivateUsers", "full")], {257: 1, 258: 0}),
    ("ProtectHostname", [("ProtectHostname", "private")], {257: 1, 262: 0}),
    (
        "RestrictAddressFamilies_AF_UNIX",
        [
            ("RestrictAddressFamilies", "none"),
            ("RestrictAddressFamilies", "~AF_CAN"),
        ],
        {247: 0, 252: 1},
    ),
    # After `~` the next list is the first one, or it is merged.
    (
        "CapabilityBoundingSet_CAP_SYS_ADMIN",
        [
            ("CapabilityBoundingSet", "~"),
            ("CapabilityBoundingSet", "CAP_KILL"),
        ],
        {257: 0, 262: 1},
    ),
]


@pytest.mark.parametrize(("field", "pairs", "expected"), BY_VERSION)
def test_versions_differ(
    field: str, pairs: list[tuple[str, str]], expected: dict[int, int]
) -> None:
    found = {v: badness(field, *pairs, version=v) for v in expected}
    assert found == expected


@pytest.mark.parametrize(
    ("version", "variant", "count"),
    [(239, "", 74), (239, "el8", 75), (247, "", 80), (252, "", 81)],
)
def test_old_versions_have_fewer_rows(
    version: int, variant: str, count: int
) -> None:
    assert len(score(version=version, variant=variant).checks) == count


def test_weights_are_those_of_systemd() -> None:
    # The sums over the 81 rows of `systemd-analyze security --json`
    # with SYSTEMD_ANALYZE_DEBUG=1.
    checks = score().checks
    assert sum(check.weight for check in checks) == 56460
    assert sum(check.weight * check.scale for check in checks) == 202460


def test_early_boot_leaves_four_rows_out() -> None:
    found = of(("Unit", "DefaultDependencies", "no"))
    fields = {c.field for c in found.checks if c.badness is None}
    assert fields - {"SupplementaryGroups", "RemoveIPC"} == {
        "PrivateTmp",
        "ProtectHome",
        "ProtectSystem",
        "RootDirectoryOrRootImage",
    }


def test_directives_of_other_sections_do_not_count() -> None:
    assert (
        of(("Unit", "PrivateNetwork", "yes"), ("X-App", "User", "app"))
        == score()
    )


def test_worst_tells_what_each_change_is_worth() -> None:
    verdict = score(("User", "app"))
    found = exposure.worst(verdict, 3)
    assert found[0] == exposure.Gain("PrivateNetwork=", 0.44)
    assert len(found) == 3
    better = score(("User", "app"), ("PrivateNetwork", "yes"))
    assert verdict.score - better.score == pytest.approx(0.4, abs=0.11)


def test_worst_of_a_perfect_service_is_nothing() -> None:
    checks = tuple(
        exposure.Check(c.field, c.option, c.weight, c.scale, 0)
        for c in score().checks
    )
    assert exposure.worst(exposure.Exposure(0.0, "PERFECT", checks)) == ()


def test_groups_are_expanded() -> None:
    assert "mount" in syscalls.calls("@mount", 257)
    assert "reboot" in syscalls.calls("@privileged", 257)
    # chown32 does not exist on x86-64.
    assert syscalls.calls("@chown", 257) == {
        "chown",
        "fchown",
        "fchownat",
        "lchown",
    }
    assert syscalls.calls("@nonsense", 257) == frozenset()
    assert syscalls.calls("read", 257) == {"read"}


def test_groups_differ_between_versions() -> None:
    assert "@sandbox" not in syscalls.groups(252)
    assert "@sandbox" in syscalls.groups(255)
    assert "mount_setattr" not in syscalls.calls("@mount", 240)
    assert "mount_setattr" in syscalls.calls("@mount", 252)
