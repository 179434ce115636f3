# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service's sandbox directives add up to once systemd has them.

Assignments are worked in one after the other as the parsers of
src/core/load-fragment.c do: lists are merged or reset; what does not
parse is ignored and leaves the value before it. At the end comes what
unit_patch_contexts() of src/core/unit.c implies. Specifiers are left as
they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Union

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syscalls,
)

Network = Union[IPv4Network, IPv6Network]

_CAPABILITY_NAMES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID "
    "SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN "
    "NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT "
    "SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE "
    "SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL "
    "SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND "
    "AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
)
CAPABILITIES = tuple(f"CAP_{name}" for name in _CAPABILITY_NAMES.split())
# The families of Linux's socket.h; the aliases are those of glibc.
_FAMILY_NAMES = (
    "UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE "
    "DECnet NETBEUI SECURITY KEY NETLINK PACKET ASH ECONET ATMSVC RDS "
    "SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC "
    "ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP"
)
FAMILIES = {f"AF_{name}": name for name in _FAMILY_NAMES.split()}
FAMILIES.update(AF_LOCAL="UNIX", AF_FILE="UNIX", AF_ROUTE="NETLINK")
NAMESPACES = frozenset(
    ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
)
_ARCHITECTURE_NAMES = (
    "native x86 x86-64 x32 arm arm64 loongarch64 mips mips64 mips64-n32 "
    "mips-le mips64-le mips64-le-n32 parisc parisc64 ppc ppc64 ppc64-le "
    "riscv64 s390 s390x"
)
_ARCHITECTURES = frozenset(_ARCHITECTURE_NAMES.split())

_BOOLEANS = (
    "DynamicUser LockPersonality MemoryDenyWriteExecute NoNewPrivileges "
    "PrivateDevices PrivateNetwork ProtectClock ProtectKernelLogs "
    "ProtectKernelModules ProtectKernelTunables RemoveIPC RestrictRealtime "
    "RestrictSUIDSGID"
)
# Booleans which got more values, each with the version it came with.
_SWITCHES: dict[str, dict[str, int]] = {
    "PrivateTmp": {"connected": 257, "disconnected": 257},
    "PrivateUsers": {
        "self": 257,
        "identity": 257,
        "full": 258,
        "managed": 260,
    },
    "ProtectControlGroups": {"private": 257, "strict": 257},
    "ProtectHostname": {"private": 258},
}
_ENUMS: dict[str, frozenset[str]] = {
    "DevicePolicy": frozenset(("auto", "closed", "strict")),
    "KeyringMode": frozenset(("inherit", "private", "shared")),
    "NotifyAccess": frozenset(("none", "main", "exec", "all")),
    "ProcSubset": frozenset(("all", "pid")),
    "ProtectHome": frozenset(("yes", "no", "read-only", "tmpfs")),
    "ProtectProc": frozenset(
        ("default", "noaccess", "invisible", "ptraceable")
    ),
    "ProtectSystem": frozenset(("yes", "no", "full", "strict")),
}

# Where a directive begins, by upstream's parser table.
_SINCE = {
    "IPEgressFilterPath": 243,
    "IPIngressFilterPath": 243,
    "LoadCredentialEncrypted": 250,
    "MountImages": 247,
    "ProcSubset": 247,
    "ProtectClock": 245,
    "ProtectHostname": 242,
    "ProtectKernelLogs": 244,
    "ProtectProc": 247,
    "RestrictSUIDSGID": 242,
    "RootMStack": 260,
    "SetCredentialEncrypted": 250,
}
_BACKPORTED = frozenset({("el8", "RestrictSUIDSGID")})

_UNRESTRICTED = (1 << 64) - 1
_KERNEL_CAPABILITIES = (1 << len(CAPABILITIES)) - 1
_ANY = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_ADDRESS_WORDS = {
    "any": _ANY,
    "link-local": (ip_network("169.254.0.0/16"), ip_network("fe80::/64")),
    "multicast": (ip_network("224.0.0.0/4"), ip_network("ff00::/8")),
}
_LOCALHOST = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_LOCALHOST_NAME = re.compile(
    r"(?:.*\.)?localhost(?:\.localdomain)?\.?", re.IGNORECASE
)


@dataclass
class Effective:
    """The settings of one service that count for its exposure.

    Attributes:
        version: The systemd version which reads them.
        variant: "el8" or "el9" where it is such a tree.
        on: Booleans, and switches whether they are anything but `no`.
        words: Values of directives that take one of several words.
        lists: Directives of which counts whether they are empty.
        bounding: CapabilityBoundingSet=, one bit per capability.
        ambient: AmbientCapabilities=, likewise.
        namespaces: Kinds that may be created; None is unrestricted.
        families: Socket families listed; None before the first list.
        allows_families: Whether `families` is an allow list.
        calls: System calls listed; None before the first list.
        allows_calls: Whether `calls` is an allow list.
        architectures: SystemCallArchitectures=.
        addresses: IPAddressAllow= and IPAddressDeny=.
        user: User=, empty if there is none.
        umask: UMask=.
    """

    version: int
    variant: str = ""
    on: dict[str, bool] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    bounding: int = _UNRESTRICTED
    ambient: int = 0
    namespaces: frozenset[str] | None = None
    families: set[str] | None = None
    allows_families: bool = False
    calls: set[str] | None = None
    allows_calls: bool = False
    architectures: set[str] = field(default_factory=set)
    addresses: dict[str, set[Network]] = field(default_factory=dict)
    user: str = ""
    umask: int = 0o022

    @property
    def is_root(self) -> bool:
        """Whether the service runs as root."""
        if self.user in ("0", "root"):
            return True
        return not self.user and not self.on.get("DynamicUser", False)

    def drop(self, *names: str) -> None:
        """Take capabilities out of the bounding set."""
        self.bounding &= ~capability_bits(names)

    def knows(self, option: str) -> bool:
        """Tell whether this systemd has a directive of [Service]."""
        if self.version >= _SINCE.get(option, 0):
            return True
        return (self.variant, option) in _BACKPORTED


def capability_bits(names: Iterable[str]) -> int:
    """Return capabilities as bits; unknown names have none.

    Numbers are taken too (capability_from_name() in upstream's
    capability-list.c).
    """
    bits = 0
    for name in names:
        if name.isdecimal() and int(name) < 63:
            bits |= 1 << int(name)
        elif name.upper() in CAPABILITIES:
            bits |= 1 << CAPABILITIES.index(name.upper())
    return bits


def effective(
    assignments: Iterable[tuple[str, str, str]],
    version: int,
    variant: str = "",
) -> Effective:
    """Return the settings a service's assignments add up to.

    Args:
        assignments: Section, name and value in the order systemd reads
            them, drop-ins after the unit file.
        version: The systemd version which reads them.
        variant: "el8" or "el9" where it is such a tree.
    """
    state = Effective(version, variant)
    for section, option, value in assignments:
        if (section, option) == ("Unit", "DefaultDependencies"):
            _read_boolean(state, option, value.strip())
        elif section == "Service" and state.knows(option):
            read = _READERS.get(option)
            if read:
                read(state, option, value.strip())
    _imply(state)
    return state


def _boolean(value: str) -> bool | None:
    """Parse as parse_boolean() does; None if it is no boolean."""
    word = value.lower()
    if word in ("1", "yes", "y", "true", "t", "on"):
        return True
    if word in ("0", "no", "n", "false", "f", "off"):
        return False
    return None


def _read_boolean(state: Effective, option: str, value: str) -> None:
    parsed = _boolean(value)
    if parsed is not None:
        state.on[option] = parsed


def _read_switch(state: Effective, option: str, value: str) -> None:
    if option == "ProtectHostname" and state.version >= 258:
        # `private:name` sets a name; an empty assignment resets.
        value = value.partition(":")[0] or "no"
    since = _SWITCHES[option].get(value)
    if since is not None and state.version >= since:
        state.on[option] = True
    else:
        _read_boolean(state, option, value)


def _read_private_mounts(state: Effective, option: str, value: str) -> None:
    # A tristate since 254: config_parse_tristate() resets on nothing.
    if not value and state.version >= 254:
        state.on.pop(option, None)
    else:
        _read_boolean(state, option, value)


def _read_enum(state: Effective, option: str, value: str) -> None:
    allowed = _ENUMS[option]
    parsed = _boolean(value) if "yes" in allowed else None
    if parsed is not None:
        state.words[option] = "yes" if parsed else "no"
    elif value in allowed:
        state.words[option] = value


def _read_delegate(state: Effective, option: str, value: str) -> None:
    # Controllers, and nothing at all, switch it on as well.
    parsed = _boolean(value)
    state.on[option] = True if parsed is None else parsed


def _read_user(state: Effective, option: str, value: str) -> None:
    state.user = value


def _read_umask(state: Effective, option: str, value: str) -> None:
    if re.fullmatch(r"[0-7]+", value) and int(value, 8) <= 0o7777:
        state.umask = int(value, 8)


def _read_list(state: Effective, option: str, value: str) -> None:
    words = value.split()
    kept = state.lists.get(option, [])
    state.lists[option] = kept + words if words else []


def _read_path(state: Effective, option: str, value: str) -> None:
    state.lists[option] = [value] if value.strip("/") else []


def _read_device(state: Effective, option: str, value: str) -> None:
    path, _unused, access = value.partition(" ")
    is_class = path.startswith(("block-", "char-"))
    is_node = path.startswith(("/dev/", "/run/systemd/inaccessible/"))
    if not value:
        state.lists[option] = []
    elif (is_class or is_node) and not set(access.strip()) - set("rwm"):
        state.lists.setdefault(option, []).append(path)


def _read_capabilities(state: Effective, option: str, value: str) -> None:
    """Merge as config_parse_capability_set() does.

    The first list replaces the default, and so does one without any
    known name: `~CAP_SYS_ADMN` alone is all capabilities. From 258 the
    complement is of the kernel's capabilities and not of all 64 bits,
    so that what follows `~` is merged and not taken as the first.
    """
    is_bounding = option == "CapabilityBoundingSet"
    current = state.bounding if is_bounding else state.ambient
    initial = _UNRESTRICTED if is_bounding else 0
    inverted = value.startswith("~")
    bits = capability_bits(_unquoted(value[1:] if inverted else value))
    everything = _UNRESTRICTED if state.version < 258 else _KERNEL_CAPABILITIES
    if not bits or current == initial:
        current = everything & ~bits if inverted else bits
    else:
        current = current & ~bits if inverted else current | bits
    if is_bounding:
        state.bounding = current
    else:
        state.ambient = current


def _unquoted(value: str) -> list[str]:
    """Split at white space and drop quotes around words."""
    return [word.strip("\"'") for word in value.split()]


def _read_namespaces(state: Effective, option: str, value: str) -> None:
    parsed = _boolean(value)
    inverted = value.startswith("~")
    kinds = frozenset((value[1:] if inverted else value).split())
    if not value:
        state.namespaces = None
    elif parsed is not None:
        state.namespaces = frozenset() if parsed else NAMESPACES
    elif kinds - (NAMESPACES if _is_offline(state) else NAMESPACES - {"time"}):
        return  # One unknown kind, and all of the line is ignored.
    elif state.namespaces is None:
        state.namespaces = NAMESPACES - kinds if inverted else kinds
    elif inverted:
        state.namespaces -= kinds
    else:
        state.namespaces |= kinds


def _read_families(state: Effective, option: str, value: str) -> None:
    if not value or (value == "none" and state.version >= 249):
        state.families = None
        state.allows_families = value == "none"
        return
    inverted = value.startswith("~")
    if state.families is None:
        state.families = set()
        state.allows_families = not inverted
    for word in _unquoted(value[1:] if inverted else value):
        family = FAMILIES.get(word)
        if family is None:
            if state.version >= 258:
                return  # The rest of the line is ignored.
        elif inverted != state.allows_families:
            state.families.add(family)
        else:
            state.families.discard(family)


def _read_calls(state: Effective, option: str, value: str) -> None:
    """Merge as config_parse_syscall_filter() does.

    An allow list begins with `@default`; `call:errno` is a denial.
    """
    if not value:
        state.calls = None
        state.allows_calls = False
        return
    inverted = value.startswith("~")
    if state.calls is None:
        state.calls = set()
        state.allows_calls = not inverted
        if not inverted:
            state.calls |= syscalls.calls("@default", state.version)
    for word in (value[1:] if inverted else value).split():
        name, colon, _error = word.partition(":")
        found = syscalls.calls(name, state.version)
        if colon and not inverted:
            # Over the bus it is another call than the one allowed before.
            state.calls -= set() if _is_offline(state) else found
            continue
        if inverted != state.allows_calls:
            # The bus tells `call:errno`, which is taken for another one.
            is_told = not colon or _is_offline(state)
            state.calls = (
                state.calls | found if is_told else state.calls - found
            )
        else:
            state.calls -= found


def _read_architectures(state: Effective, option: str, value: str) -> None:
    if value:
        state.architectures |= _ARCHITECTURES & set(_unquoted(value))
    else:
        state.architectures = set()


def _read_addresses(state: Effective, option: str, value: str) -> None:
    networks = state.addresses.setdefault(option, set())
    if not value:
        networks.clear()
    for word in value.split():
        found = set(_networks(word))
        if not found and not _is_offline(state):
            # 247 reads no further, 252 does.
            return
        networks.update(found)
    if not _is_offline(state):
        # Matters to 247's idea of localhost alone.
        networks -= {one for one in networks if _is_covered(one, networks)}


def _is_covered(network: Network, others: set[Network]) -> bool:
    """Tell whether a network is part of another one."""
    return any(
        network != other
        and network.version == other.version
        and network.prefixlen >= other.prefixlen
        and network.network_address in other
        for other in others
    )


def _networks(word: str) -> Iterable[Network]:
    """Return the networks a word of IPAddressAllow= stands for."""
    if word in _ADDRESS_WORDS:
        return _ADDRESS_WORDS[word]
    if _LOCALHOST_NAME.fullmatch(word):
        return _LOCALHOST
    _address, slash, length = word.partition("/")
    if slash and not length.isdecimal():
        return ()
    try:
        return (ip_network(word, strict=False),)
    except ValueError:
        return ()


Reader = Callable[[Effective, str, str], None]
_READERS: dict[str, Reader] = {
    **dict.fromkeys(_BOOLEANS.split(), _read_boolean),
    **dict.fromkeys(_SWITCHES, _read_switch),
    **dict.fromkeys(_ENUMS, _read_enum),
    **dict.fromkeys(
        (
            "IPEgressFilterPath",
            "IPIngressFilterPath",
            "LoadCredentialEncrypted",
            "MountImages",
            "SetCredentialEncrypted",
            "SupplementaryGroups",
        ),
        _read_list,
    ),
    **dict.fromkeys(("RootDirectory", "RootImage", "RootMStack"), _read_path),
    "AmbientCapabilities": _read_capabilities,
    "CapabilityBoundingSet": _read_capabilities,
    "Delegate": _read_delegate,
    "DeviceAllow": _read_device,
    "IPAddressAllow": _read_addresses,
    "IPAddressDeny": _read_addresses,
    "PrivateMounts": _read_private_mounts,
    "RestrictAddressFamilies": _read_families,
    "RestrictNamespaces": _read_namespaces,
    "SystemCallArchitectures": _read_architectures,
    "SystemCallFilter": _read_calls,
    "UMask": _read_umask,
    "User": _read_user,
}


def _is_offline(state: Effective) -> bool:
    """Tell whether the verdict is of a file: 250 and later.

    Before that a loaded unit was asked over the bus. Versions between
    247 and 252 could not be asked for what else changed meanwhile.
    """
    return state.version >= 250


def _imply(state: Effective) -> None:
    """Add what unit_patch_contexts() of src/core/unit.c adds."""
    if state.on.get("PrivateDevices"):
        state.drop("CAP_MKNOD", "CAP_SYS_RAWIO")
        if state.words.get("DevicePolicy", "auto") == "auto":
            state.words["DevicePolicy"] = "closed"
    if state.on.get("ProtectKernelModules"):
        state.drop("CAP_SYS_MODULE")
    if state.on.get("ProtectKernelLogs"):
        state.drop("CAP_SYSLOG")
    if state.on.get("ProtectClock"):
        state.drop("CAP_SYS_TIME", "CAP_WAKE_ALARM")
    if state.on.get("DynamicUser"):
        _imply_dynamic_user(state)
    if not _is_offline(state) and _has_mounts(state):
        # acquire_security_info() of src/analyze/analyze-security.c.
        state.on["PrivateMounts"] = True
    devices = state.lists.setdefault("DeviceAllow", [])
    if devices or state.words.get("DevicePolicy", "auto") != "auto":
        devices.extend(_implied_devices(state))


def _imply_dynamic_user(state: Effective) -> None:
    for option in (
        "PrivateTmp",
        "RemoveIPC",
        "NoNewPrivileges",
        "RestrictSUIDSGID",
    ):
        state.on[option] = True
    state.words["ProtectSystem"] = "strict"
    if state.words.get("ProtectHome", "no") == "no":
        state.words["ProtectHome"] = "read-only"


def _has_mounts(state: Effective) -> bool:
    """Tell whether other settings give a mount namespace anyway."""
    booleans = (
        "PrivateTmp",
        "PrivateDevices",
        "ProtectControlGroups",
        "ProtectKernelTunables",
        "ProtectKernelModules",
    )
    words = ("ProtectHome", "ProtectSystem")
    return (
        any(state.on.get(option) for option in booleans)
        or any(state.words.get(option, "no") != "no" for option in words)
        or bool(state.lists.get("RootImage"))
    )


def _implied_devices(state: Effective) -> Iterable[str]:
    """Return devices that other settings allow, as classes."""
    images = ("RootImage", "MountImages", "RootMStack")
    if any(state.lists.get(option) for option in images):
        yield "block-loop"
    if state.on.get("ProtectClock"):
        yield "char-rtc"
    secrets = ("LoadCredentialEncrypted", "SetCredentialEncrypted")
    if state.version < 258 and any(state.lists.get(o) for o in secrets):
        yield "char-tpm"
