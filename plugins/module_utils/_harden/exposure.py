# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exposure of a service, as `systemd-analyze security` counts it.

The checks, their weights and the rounding are those of
src/analyze/analyze-security.c: each check has a badness between 0 and
its range, and exposure is the weighted average of badness, in tenths
and rounded up, over the checks that apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    effective,
    syscalls,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
    merged_lists,
)

_LEVELS = (
    (100, "DANGEROUS"),
    (90, "UNSAFE"),
    (75, "EXPOSED"),
    (50, "MEDIUM"),
    (10, "OK"),
    (1, "SAFE"),
    (0, "PERFECT"),
)


@dataclass(frozen=True)
class Check:
    """One row of the verdict.

    Attributes:
        field: The row's name in systemd's JSON output.
        option: The row's name as systemd shows it.
        weight: The weight of the row in the average.
        scale: The greatest badness the row can have.
        badness: 0 (good) to `scale`; None where it does not apply.
    """

    field: str
    option: str
    weight: int
    scale: int
    badness: int | None

    @property
    def cost(self) -> int:
        """The row's part of the sum, in units of weight."""
        return -(-(self.badness or 0) * self.weight // self.scale)


@dataclass(frozen=True)
class Exposure:
    """The verdict on one service.

    Attributes:
        score: 0.0 to 10.0.
        level: PERFECT, SAFE, OK, MEDIUM, EXPOSED, UNSAFE or DANGEROUS.
        checks: All rows, in the order of systemd's table.
    """

    score: float
    level: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Gain:
    """The effect that one change would have.

    Attributes:
        option: The row to mend, as systemd shows it.
        gain: The number by which the score would fall, not rounded.
    """

    option: str
    gain: float


def exposure(unit: merged.MergedUnit) -> Exposure:
    """Score a service, its drop-ins merged in.

    systemd 239 does not have this verdict, and gets that of 240.

    Returns:
        The verdict of `systemd-analyze security --offline=true`.
    """
    state = effective.effective(unit)
    checks = tuple(
        Check(field, option, weight, scale, assess(state))
        for field, option, weight, scale, assess in _TABLE
        if state.version >= _SINCE.get(field, 0) and state.knows(field)
    )
    tenths = _tenths(checks)
    level = next(name for least, name in _LEVELS if tenths >= least)
    return Exposure(tenths / 10, level, checks)


def worst(verdict: Exposure, count: int = 5) -> tuple[Gain, ...]:
    """Return the changes that would bring the score down most.

    Args:
        verdict: The result of `exposure`.
        count: How many changes to return at most.
    """
    total = sum(c.weight for c in verdict.checks if c.badness is not None)
    costly = sorted(verdict.checks, key=lambda check: -check.cost)
    return tuple(
        Gain(check.option, round(check.cost * 10 / total, 2))
        for check in costly[:count]
        if check.cost
    )


def _tenths(checks: Iterable[Check]) -> int:
    """Average badness over the checks that apply, rounded up."""
    applying = [check for check in checks if check.badness is not None]
    cost = sum(check.cost for check in applying)
    return -(-cost * 100 // sum(check.weight for check in applying))


Assess = Callable[[effective.Effective], "int | None"]


def _boolean(option: str) -> Assess:
    return lambda state: int(not state.is_on(option))


def _with_dependencies(assess: Assess) -> Assess:
    """Apply only where DefaultDependencies= is on.

    Services of early boot have it off, and cannot use these options.
    """
    return lambda state: (
        None
        if state.unit.is_off("Unit", "DefaultDependencies")
        else assess(state)
    )


def _word(
    option: str, badness: Mapping[bool | str | None, int], other: int
) -> Assess:
    return lambda state: badness.get(state.setting(option), other)


def _capabilities(names: str) -> Assess:
    bits = merged_lists.capability_bits(
        f"CAP_{name}" for name in names.split()
    )
    return lambda state: int(bool(state.bounding & bits))


def _namespace(kind: str) -> Assess:
    def assess(state: effective.Effective) -> int:
        allowed = state.namespaces
        return int(allowed is None or kind in allowed)

    return assess


def _user(state: effective.Effective) -> int:
    if state.user == "nobody":
        return 9
    return 10 if state.is_root else 0


def _supplementary_groups(state: effective.Effective) -> int | None:
    if state.is_root:
        return None
    return int(state.has("SupplementaryGroups"))


def _remove_ipc(state: effective.Effective) -> int | None:
    if state.is_root:
        return None
    return int(not state.is_on("RemoveIPC"))


def _private_mounts(state: effective.Effective) -> int:
    # Unset is -1 since 254, and read as true by the offline verdict.
    return int(not state.is_on("PrivateMounts", state.version >= 254))


def _root(state: effective.Effective) -> int:
    images = ("RootDirectory", "RootImage")
    return int(not any(map(state.has_path, images)))


def _umask(state: effective.Effective) -> int:
    for bit, badness in ((0o002, 10), (0o004, 5), (0o020, 2), (0o040, 1)):
        if not state.umask & bit:
            return badness
    return 0


def _families(*families: str) -> Assess:
    return lambda state: int(_may_open(state, families))


def _may_open(state: effective.Effective, families: tuple[str, ...]) -> bool:
    """Tell whether one of the families is open.

    A deny list shuts `INET` as soon as it has one of the two.
    """
    asked = {f"AF_{name}" for name in families}
    listed, is_allow = state.families
    return bool(listed & asked) == is_allow


def _other_families(state: effective.Effective) -> int:
    usual = {"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET"}
    listed, is_allow = state.families
    return int(bool(listed - usual) == is_allow)


def _architectures(state: effective.Effective) -> int:
    allowed = state.unit.architectures("Service")
    if not allowed:
        return 10
    return 0 if allowed == {"native"} else 8


def _calls(group: str) -> Assess:
    def assess(state: effective.Effective) -> int:
        listed, is_allow = state.calls
        if not listed and not is_allow:
            return 10
        members = syscalls.calls(group, state.version)
        if is_allow:
            return 9 if members & listed else 0
        return 0 if members <= listed else 10

    return assess


def _is_localhost(
    state: effective.Effective, network: effective.Network
) -> bool:
    # 247 counts a part of 127.0.0.0/8 as another network.
    whole = network.prefixlen == (8 if network.version == 4 else 128)
    is_loopback = network.network_address.is_loopback
    return is_loopback and (whole or state.is_offline)


def _addresses(state: effective.Effective) -> int:
    # In 247 IPEgressFilterPath= overwrites IPIngressFilterPath=.
    options = ["IPEgressFilterPath"]
    if state.is_offline:
        options.append("IPIngressFilterPath")
    if any(map(state.has, options)):
        return 0
    denied = state.networks("IPAddressDeny")
    if {n.version for n in denied if n.prefixlen == 0} != {4, 6}:
        return 10
    allowed = state.networks("IPAddressAllow")
    if not all(_is_localhost(state, one) for one in allowed):
        return 5
    return 2 if allowed else 0


def _devices(state: effective.Effective) -> int:
    if state.setting("DevicePolicy") in (None, "auto"):
        return 10
    return 5 if state.devices else 0


def _ambient(state: effective.Effective) -> int:
    return int(bool(state.unit.capabilities("Service", "AmbientCapabilities")))


# Rows which are younger than the directive they are about. This row is
# from 255 and was backported to the stable branches from 252. Its
# weight is too small to change a score.
_SINCE = {"CapabilityBoundingSet_CAP_BPF": 252}

_TABLE: tuple[tuple[str, str, int, int, Assess], ...] = (
    ("UserOrDynamicUser", "User=/DynamicUser=", 2000, 10, _user),
    (
        "SupplementaryGroups",
        "SupplementaryGroups=",
        200,
        1,
        _supplementary_groups,
    ),
    ("PrivateDevices", "PrivateDevices=", 1000, 1, _boolean("PrivateDevices")),
    ("PrivateMounts", "PrivateMounts=", 1000, 1, _private_mounts),
    ("PrivateNetwork", "PrivateNetwork=", 2500, 1, _boolean("PrivateNetwork")),
    (
        "PrivateTmp",
        "PrivateTmp=",
        1000,
        1,
        _with_dependencies(_boolean("PrivateTmp")),
    ),
    ("PrivateUsers", "PrivateUsers=", 1000, 1, _boolean("PrivateUsers")),
    (
        "ProtectControlGroups",
        "ProtectControlGroups=",
        1000,
        1,
        _boolean("ProtectControlGroups"),
    ),
    (
        "ProtectKernelModules",
        "ProtectKernelModules=",
        1000,
        1,
        _boolean("ProtectKernelModules"),
    ),
    (
        "ProtectKernelTunables",
        "ProtectKernelTunables=",
        1000,
        1,
        _boolean("ProtectKernelTunables"),
    ),
    (
        "ProtectKernelLogs",
        "ProtectKernelLogs=",
        1000,
        1,
        _boolean("ProtectKernelLogs"),
    ),
    ("ProtectClock", "ProtectClock=", 1000, 1, _boolean("ProtectClock")),
    (
        "ProtectHome",
        "ProtectHome=",
        1000,
        10,
        _with_dependencies(
            _word("ProtectHome", {True: 0, "tmpfs": 1, "read-only": 5}, 10)
        ),
    ),
    (
        "ProtectHostname",
        "ProtectHostname=",
        50,
        1,
        _boolean("ProtectHostname"),
    ),
    (
        "ProtectSystem",
        "ProtectSystem=",
        1000,
        10,
        _with_dependencies(
            _word("ProtectSystem", {"strict": 0, "full": 3, True: 5}, 10)
        ),
    ),
    (
        "RootDirectoryOrRootImage",
        "RootDirectory=/RootImage=",
        200,
        1,
        _with_dependencies(_root),
    ),
    (
        "LockPersonality",
        "LockPersonality=",
        100,
        1,
        _boolean("LockPersonality"),
    ),
    (
        "MemoryDenyWriteExecute",
        "MemoryDenyWriteExecute=",
        100,
        1,
        _boolean("MemoryDenyWriteExecute"),
    ),
    (
        "NoNewPrivileges",
        "NoNewPrivileges=",
        1000,
        1,
        _boolean("NoNewPrivileges"),
    ),
    *(
        (
            f"CapabilityBoundingSet_CAP_{field}",
            f"CapabilityBoundingSet=~CAP_{shown}",
            weight,
            1,
            _capabilities(names),
        )
        for field, shown, weight, names in (
            ("SYS_ADMIN", "SYS_ADMIN", 1500, "SYS_ADMIN"),
            (
                "SET_UID_GID_PCAP",
                "SET(UID|GID|PCAP)",
                1500,
                "SETUID SETGID SETPCAP",
            ),
            ("SYS_PTRACE", "SYS_PTRACE", 1500, "SYS_PTRACE"),
            ("SYS_TIME", "SYS_TIME", 1000, "SYS_TIME"),
            ("NET_ADMIN", "NET_ADMIN", 1000, "NET_ADMIN"),
            ("SYS_RAWIO", "SYS_RAWIO", 1000, "SYS_RAWIO"),
            ("SYS_MODULE", "SYS_MODULE", 1000, "SYS_MODULE"),
            ("AUDIT", "AUDIT_*", 500, "AUDIT_CONTROL AUDIT_READ AUDIT_WRITE"),
            ("SYSLOG", "SYSLOG", 500, "SYSLOG"),
            (
                "SYS_NICE_RESOURCE",
                "SYS_(NICE|RESOURCE)",
                500,
                "SYS_NICE SYS_RESOURCE",
            ),
            ("MKNOD", "MKNOD", 500, "MKNOD"),
            (
                "CHOWN_FSETID_SETFCAP",
                "(CHOWN|FSETID|SETFCAP)",
                1000,
                "CHOWN FSETID SETFCAP",
            ),
            (
                "DAC_FOWNER_IPC_OWNER",
                "(DAC_*|FOWNER|IPC_OWNER)",
                1000,
                "DAC_OVERRIDE DAC_READ_SEARCH FOWNER IPC_OWNER",
            ),
            ("KILL", "KILL", 500, "KILL"),
            # The name has a closing bracket in systemd, too.
            (
                "NET_BIND_SERVICE_BROADCAST_RAW)",
                "NET_(BIND_SERVICE|BROADCAST|RAW)",
                500,
                "NET_BIND_SERVICE NET_BROADCAST NET_RAW",
            ),
            ("SYS_BOOT", "SYS_BOOT", 100, "SYS_BOOT"),
            ("MAC", "MAC_*", 100, "MAC_ADMIN MAC_OVERRIDE"),
            ("LINUX_IMMUTABLE", "LINUX_IMMUTABLE", 75, "LINUX_IMMUTABLE"),
            ("IPC_LOCK", "IPC_LOCK", 50, "IPC_LOCK"),
            ("SYS_CHROOT", "SYS_CHROOT", 50, "SYS_CHROOT"),
            ("BLOCK_SUSPEND", "BLOCK_SUSPEND", 25, "BLOCK_SUSPEND"),
            ("WAKE_ALARM", "WAKE_ALARM", 25, "WAKE_ALARM"),
            ("LEASE", "LEASE", 25, "LEASE"),
            ("SYS_TTY_CONFIG", "SYS_TTY_CONFIG", 25, "SYS_TTY_CONFIG"),
            ("SYS_PACCT", "SYS_PACCT", 25, "SYS_PACCT"),
            ("BPF", "BPF", 25, "BPF"),
        )
    ),
    ("UMask", "UMask=", 100, 10, _umask),
    (
        "KeyringMode",
        "KeyringMode=",
        1000,
        1,
        _word("KeyringMode", {"inherit": 1, "shared": 1}, 0),
    ),
    (
        "ProtectProc",
        "ProtectProc=",
        1000,
        3,
        _word(
            "ProtectProc", {"noaccess": 1, "invisible": 0, "ptraceable": 0}, 3
        ),
    ),
    ("ProcSubset", "ProcSubset=", 10, 1, _word("ProcSubset", {"pid": 0}, 1)),
    (
        "NotifyAccess",
        "NotifyAccess=",
        1000,
        1,
        _word("NotifyAccess", {"all": 1}, 0),
    ),
    ("RemoveIPC", "RemoveIPC=", 100, 1, _remove_ipc),
    (
        "Delegate",
        "Delegate=",
        100,
        1,
        lambda state: int(state.delegates()),
    ),
    (
        "RestrictRealtime",
        "RestrictRealtime=",
        500,
        1,
        _boolean("RestrictRealtime"),
    ),
    (
        "RestrictSUIDSGID",
        "RestrictSUIDSGID=",
        1000,
        1,
        _boolean("RestrictSUIDSGID"),
    ),
    *(
        (
            f"RestrictNamespaces_{kind}",
            f"RestrictNamespaces=~{kind}",
            weight,
            1,
            _namespace(kind),
        )
        for kind, weight in (
            ("user", 1500),
            ("mnt", 500),
            ("ipc", 500),
            ("pid", 500),
            ("cgroup", 500),
            ("net", 500),
            ("uts", 100),
        )
    ),
    (
        "RestrictAddressFamilies_AF_INET_INET6",
        "RestrictAddressFamilies=~AF_(INET|INET6)",
        1500,
        1,
        _families("INET", "INET6"),
    ),
    (
        "RestrictAddressFamilies_AF_UNIX",
        "RestrictAddressFamilies=~AF_UNIX",
        25,
        1,
        _families("UNIX"),
    ),
    (
        "RestrictAddressFamilies_AF_NETLINK",
        "RestrictAddressFamilies=~AF_NETLINK",
        200,
        1,
        _families("NETLINK"),
    ),
    (
        "RestrictAddressFamilies_AF_PACKET",
        "RestrictAddressFamilies=~AF_PACKET",
        1000,
        1,
        _families("PACKET"),
    ),
    (
        "RestrictAddressFamilies_OTHER",
        "RestrictAddressFamilies=~…",
        1250,
        1,
        _other_families,
    ),
    (
        "SystemCallArchitectures",
        "SystemCallArchitectures=",
        1000,
        10,
        _architectures,
    ),
    *(
        (
            f"SystemCallFilter_{group.replace('-', '_')}",
            f"SystemCallFilter=~@{group}",
            weight,
            10,
            _calls(f"@{group}"),
        )
        for group, weight in (
            ("swap", 1000),
            ("obsolete", 250),
            ("clock", 1000),
            ("cpu-emulation", 250),
            ("debug", 1000),
            ("mount", 1000),
            ("module", 1000),
            ("raw-io", 1000),
            ("reboot", 1000),
            ("privileged", 700),
            ("resources", 700),
        )
    ),
    ("IPAddressDeny", "IPAddressDeny=", 1000, 10, _addresses),
    ("DeviceAllow", "DeviceAllow=", 1000, 10, _devices),
    (
        "AmbientCapabilities",
        "AmbientCapabilities=",
        500,
        1,
        _ambient,
    ),
)
