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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Union

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    syscalls,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    lists,
    merged,
)

Network = Union[IPv4Network, IPv6Network]

# Other names of a family: <sys/socket.h>.
_FAMILY_ALIASES = {
    "AF_LOCAL": "AF_UNIX",
    "AF_FILE": "AF_UNIX",
    "AF_ROUTE": "AF_NETLINK",
}
_UNRESTRICTED = (1 << 64) - 1
_KERNEL_CAPABILITIES = (1 << len(lists.capabilities())) - 1
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
        target: The systemd which reads them.
        words: Values of directives that take a boolean, as yes or no,
            or one of several words.
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

    target: targets.Target
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
        return not self.user and not self.is_on("DynamicUser")

    @property
    def version(self) -> int:
        """The version of systemd."""
        return self.target.version

    def is_on(self, option: str, default: bool = False) -> bool:
        """Tell whether a directive says anything but no."""
        word = self.words.get(option)
        return default if word is None else word != "no"

    def drop(self, *names: str) -> None:
        """Take capabilities out of the bounding set."""
        self.bounding &= ~capability_bits(names)

    def knows(self, option: str) -> bool:
        """Tell whether this systemd has a directive of [Service]."""
        directive = table.find("Service", option)
        return directive is None or directive.is_in(self.target)


def capability_bits(names: Iterable[str]) -> int:
    """Return capabilities as bits; unknown names have none.

    Numbers are taken too (capability_from_name() in upstream's
    capability-list.c).
    """
    bits = 0
    known = lists.capabilities()
    for name in names:
        number = enums.parse_integer(name)
        if number is not None and 0 <= number < 63:
            bits |= 1 << number
        elif name.upper() in known:
            bits |= 1 << known.index(name.upper())
    return bits


def effective(unit: merged.MergedUnit) -> Effective:
    """Return the settings that a service adds up to.

    Args:
        unit: The service, its drop-ins merged in.
    """
    state = Effective(unit.target)
    for item in unit.assigned:
        if (item.section, item.name) == ("Unit", "DefaultDependencies"):
            _read_boolean(state, item.name, item.value)
        elif item.section == "Service":
            _reader(item.name, unit.target)(state, item.name, item.value)
    _imply(state)
    return state


def _reader(option: str, target: targets.Target) -> Reader:
    """Return what reads a directive: by its name or its value type."""
    found = _READERS.get(option)
    directive = table.find("Service", option)
    if found or directive is None:
        return found or _skip
    form = directive.form(target)
    if form.kind.startswith("boolean"):
        return _read_tristate if form.empty == "reset" else _read_boolean
    return _read_enum if form.kind.startswith("enum:") else _skip


def _skip(state: Effective, option: str, value: str) -> None:
    """Leave out what has no part in the exposure."""


def _read_boolean(state: Effective, option: str, value: str) -> None:
    parsed = enums.parse_boolean(value)
    if parsed is not None:
        state.words[option] = "yes" if parsed else "no"


def _read_tristate(state: Effective, option: str, value: str) -> None:
    if value:
        _read_boolean(state, option, value)
    else:
        state.words.pop(option, None)


def _read_enum(state: Effective, option: str, value: str) -> None:
    directive = table.find("Service", option)
    kind = directive.form(state.target).kind if directive else ""
    name = kind.partition(":")[2]
    if enums.members(name, state.target).get(value) == 0:
        state.words[option] = value
    elif enums.is_bool(name):
        _read_boolean(state, option, value)


def _read_hostname(state: Effective, option: str, value: str) -> None:
    # From 258 on `private:name` sets a name; nothing is a reset.
    if state.version >= 258:
        value = value.partition(":")[0] or "no"
        if value == "private":
            state.words[option] = value
    _read_boolean(state, option, value)


def _read_delegate(state: Effective, option: str, value: str) -> None:
    # Controllers, and nothing at all, switch it on as well.
    state.words[option] = (
        "no" if enums.parse_boolean(value) is False else "yes"
    )


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
    bits = capability_bits(_words(value[1:] if inverted else value))
    everything = _UNRESTRICTED if state.version < 258 else _KERNEL_CAPABILITIES
    if not bits or current == initial:
        current = everything & ~bits if inverted else bits
    else:
        current = current & ~bits if inverted else current | bits
    if is_bounding:
        state.bounding = current
    else:
        state.ambient = current


def _words(value: str) -> Iterator[str]:
    """Yield unquoted words, up to a quote that is not closed."""
    splitter = splitting.Splitter(value, unquote=True)
    try:
        while (word := splitter.take()) is not None:
            yield word
    except splitting.WordError:
        return


def _read_namespaces(state: Effective, option: str, value: str) -> None:
    parsed = enums.parse_boolean(value)
    inverted = value.startswith("~")
    known = lists.namespaces(state.target)
    kinds = frozenset((value[1:] if inverted else value).split())
    if not value:
        state.namespaces = None
    elif parsed is not None:
        state.namespaces = frozenset() if parsed else known
    elif kinds - known:
        return  # One unknown kind, and all of the line is ignored.
    elif state.namespaces is None:
        state.namespaces = known - kinds if inverted else kinds
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
    known = lists.families(state.target)
    for word in _words(value[1:] if inverted else value):
        family = _FAMILY_ALIASES.get(word.upper(), word.upper())
        if family not in known:
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
        state.architectures |= lists.architectures(state.target) & set(
            _words(value)
        )
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
    "ProtectHostname": _read_hostname,
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
    if state.is_on("PrivateDevices"):
        state.drop("CAP_MKNOD", "CAP_SYS_RAWIO")
        if state.words.get("DevicePolicy", "auto") == "auto":
            state.words["DevicePolicy"] = "closed"
    if state.is_on("ProtectKernelModules"):
        state.drop("CAP_SYS_MODULE")
    if state.is_on("ProtectKernelLogs"):
        state.drop("CAP_SYSLOG")
    if state.is_on("ProtectClock"):
        state.drop("CAP_SYS_TIME", "CAP_WAKE_ALARM")
    if state.is_on("DynamicUser"):
        _imply_dynamic_user(state)
    if not _is_offline(state) and _has_mounts(state):
        # acquire_security_info() of src/analyze/analyze-security.c.
        state.words["PrivateMounts"] = "yes"
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
        state.words[option] = "yes"
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
        any(state.is_on(option) for option in booleans)
        or any(state.words.get(option, "no") != "no" for option in words)
        or bool(state.lists.get("RootImage"))
    )


def _implied_devices(state: Effective) -> Iterable[str]:
    """Return devices that other settings allow, as classes."""
    images = ("RootImage", "MountImages", "RootMStack")
    if any(state.lists.get(option) for option in images):
        yield "block-loop"
    if state.is_on("ProtectClock"):
        yield "char-rtc"
    secrets = ("LoadCredentialEncrypted", "SetCredentialEncrypted")
    if state.version < 258 and any(state.lists.get(o) for o in secrets):
        yield "char-tpm"
