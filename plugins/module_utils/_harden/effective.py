# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox of a service as systemd has it once all lines are read.

`merged.MergedUnit` adds up the lines. This module adds the settings
that only the exposure asks for, and those that unit_patch_contexts() of
src/core/unit.c implies. Specifiers are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Union

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    syscalls,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    merged,
    merged_lists,
)

Network = Union[IPv4Network, IPv6Network]

_SECTION = "Service"
_UMASK = 0o022
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
# From this version on systemd scores a file. Older versions score the
# loaded unit, which they read over the bus. Further changes between 247
# and 252 are unknown, since the versions between could not be asked.
_OFFLINE_SINCE = 250
# From this version on no device is implied by encrypted credentials.
_NO_TPM_SINCE = 258


@dataclass
class Effective:
    """The settings of one service that count for its exposure.

    Attributes:
        unit: The service, its drop-ins merged in.
        bounding: CapabilityBoundingSet=, one bit per capability.
        implied: Settings that other settings imply.
        devices: DeviceAllow=, with the devices that are implied.
    """

    unit: merged.MergedUnit
    bounding: int
    implied: dict[str, bool | str] = field(default_factory=dict)
    devices: list[str] = field(default_factory=list)

    @property
    def user(self) -> str:
        """User=, empty if there is none."""
        return self.unit.value(_SECTION, "User")

    @property
    def is_root(self) -> bool:
        """Whether the service runs as root."""
        if self.user in ("0", "root"):
            return True
        return not self.user and not self.is_on("DynamicUser")

    @property
    def umask(self) -> int:
        """UMask=."""
        mask = self.unit.mode(_SECTION, "UMask")
        return _UMASK if mask is None else mask

    @property
    def version(self) -> int:
        """The version of systemd."""
        return self.unit.target.version

    @property
    def is_offline(self) -> bool:
        """Whether the verdict is of a file and not of a loaded unit."""
        return self.version >= _OFFLINE_SINCE

    def setting(self, option: str) -> bool | str | None:
        """Return a boolean or word of [Service]; None if it is unset."""
        implied = self.implied.get(option)
        return (
            self.unit.setting(_SECTION, option) if implied is None else implied
        )

    def is_on(self, option: str, default: bool = False) -> bool:
        """Tell whether a directive says anything but no."""
        found = self.setting(option)
        return default if found is None else found is not False

    def has(self, option: str) -> bool:
        """Tell whether a list of [Service] has anything in it."""
        return bool(self.unit.all(_SECTION, option))

    def has_path(self, option: str) -> bool:
        """Tell whether a path of [Service] is other than the root."""
        return bool(self.unit.value(_SECTION, option).strip("/"))

    def delegates(self) -> bool:
        """Tell whether Delegate= is on.

        A list of controllers, or an empty value, switches it on, too.
        """
        values = self.unit.values(_SECTION, "Delegate")
        return bool(values) and enums.parse_boolean(values[-1]) is not False

    def drop(self, *names: str) -> None:
        """Take capabilities out of the bounding set."""
        self.bounding &= ~merged_lists.capability_bits(names)

    def knows(self, option: str) -> bool:
        """Tell whether this systemd has a directive of [Service]."""
        directive = table.find(_SECTION, option)
        return directive is None or directive.is_in(self.unit.target)

    @cached_property
    def namespaces(self) -> frozenset[str] | None:
        """The namespaces that may be created; None for all."""
        return self.unit.namespaces(_SECTION)

    @cached_property
    def families(self) -> merged_lists.Filter:
        """The filter of address families."""
        return self.unit.families(_SECTION)

    @cached_property
    def calls(self) -> merged_lists.Filter:
        """The filter of system calls."""
        values = self.unit.values(_SECTION, "SystemCallFilter")
        return _merge_calls(values, self.version)

    def networks(self, option: str) -> set[Network]:
        """Return the networks of IPAddressAllow= or IPAddressDeny=."""
        values = self.unit.values(_SECTION, option)
        return _merge_networks(values, is_offline=self.is_offline)


def effective(unit: merged.MergedUnit) -> Effective:
    """Return the settings that a service adds up to.

    Args:
        unit: The service, its drop-ins merged in.
    """
    bounding = unit.capabilities(_SECTION, "CapabilityBoundingSet")
    state = Effective(unit, bounding)
    _imply_settings(state)
    _drop_capabilities(state)
    state.devices += _devices(unit)
    if state.devices or state.setting("DevicePolicy") not in (None, "auto"):
        state.devices += _implied_devices(state)
    return state


def _merge_calls(values: Iterable[str], version: int) -> merged_lists.Filter:
    """Merge as config_parse_syscall_filter() does.

    An allow list begins with `@default`.
    """
    names: set[str] = set()
    is_allow, is_first = False, True
    for value in values:
        if not value:
            names, is_allow, is_first = set(), False, True
            continue
        is_inverted, rest = merged_lists.inverted(value)
        if is_first:
            default = syscalls.calls("@default", version)
            names = set() if is_inverted else set(default)
            is_allow, is_first = not is_inverted, False
        for word in rest.split():
            found = syscalls.calls(word.partition(":")[0], version)
            if _is_added(word, is_inverted, is_allow, version):
                names |= found
            elif not _is_passed_over(word, is_inverted, version):
                names -= found
    return merged_lists.Filter(frozenset(names), is_allow=is_allow)


def _is_added(
    word: str, is_inverted: bool, is_allow: bool, version: int
) -> bool:
    """Tell whether a word puts calls on the list, or takes them off.

    The bus tells `call:errno`, which is another call than the one that
    was named before, and takes that one off.
    """
    is_plain = ":" not in word
    is_denied = version >= _OFFLINE_SINCE and is_inverted
    return (is_plain or is_denied) and is_inverted != is_allow


def _is_passed_over(word: str, is_inverted: bool, version: int) -> bool:
    return version >= _OFFLINE_SINCE and not is_inverted and ":" in word


def _devices(unit: merged.MergedUnit) -> Iterator[str]:
    """Yield the devices of DeviceAllow= (config_parse_device_allow())."""
    for item in unit.all(_SECTION, "DeviceAllow"):
        path, _blank, access = item.value.partition(" ")
        is_class = path.startswith(("block-", "char-"))
        is_node = path.startswith(("/dev/", "/run/systemd/inaccessible/"))
        if (is_class or is_node) and not set(access.strip()) - set("rwm"):
            yield path


def _merge_networks(
    values: Iterable[str], *, is_offline: bool
) -> set[Network]:
    """Merge as config_parse_in_addr_prefixes() does."""
    settled: set[Network] = set()
    added: set[Network] = set()
    for value in values:
        if not value:
            settled.clear()
            added.clear()
        for word in value.split():
            found = set(_networks(word))
            if not found and not is_offline:
                # 247 reads no further, and merges nothing. 252 does
                # not stop.
                break
            added.update(found)
        else:
            settled |= added
            added.clear()
    # Only the check for localhost of 247 looks at this.
    return (settled if is_offline else set(_uncovered(settled))) | added


def _uncovered(networks: set[Network]) -> Iterator[Network]:
    """Yield the networks that are not a part of another one."""
    last: Network | None = None
    # A network stands before its parts, and all parts behind it.
    for network in sorted(
        networks, key=lambda n: (n.version, n.network_address, n.prefixlen)
    ):
        is_part = (
            last is not None
            and last.version == network.version
            and network.network_address in last
        )
        if not is_part:
            last = network
            yield network


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


# setting: the capabilities that it takes out of the bounding set.
_DROPPED = {
    "PrivateDevices": ("CAP_MKNOD", "CAP_SYS_RAWIO"),
    "ProtectKernelModules": ("CAP_SYS_MODULE",),
    "ProtectKernelLogs": ("CAP_SYSLOG",),
    "ProtectClock": ("CAP_SYS_TIME", "CAP_WAKE_ALARM"),
}


def _drop_capabilities(state: Effective) -> None:
    for option, names in _DROPPED.items():
        if state.is_on(option):
            state.drop(*names)


def _imply_settings(state: Effective) -> None:
    """Add the settings of unit_patch_contexts() of src/core/unit.c."""
    has_policy = state.setting("DevicePolicy") not in (None, "auto")
    if state.is_on("PrivateDevices") and not has_policy:
        state.implied["DevicePolicy"] = "closed"
    if state.is_on("DynamicUser"):
        _imply_dynamic_user(state)
    if not state.is_offline and _has_mounts(state):
        # acquire_security_info() of src/analyze/analyze-security.c.
        state.implied["PrivateMounts"] = True


def _imply_dynamic_user(state: Effective) -> None:
    for option in (
        "PrivateTmp",
        "RemoveIPC",
        "NoNewPrivileges",
        "RestrictSUIDSGID",
    ):
        state.implied[option] = True
    state.implied["ProtectSystem"] = "strict"
    if not state.is_on("ProtectHome"):
        state.implied["ProtectHome"] = "read-only"


def _has_mounts(state: Effective) -> bool:
    """Tell whether other settings give a mount namespace anyway."""
    options = (
        "PrivateTmp",
        "PrivateDevices",
        "ProtectControlGroups",
        "ProtectKernelTunables",
        "ProtectKernelModules",
        "ProtectHome",
        "ProtectSystem",
    )
    return any(map(state.is_on, options)) or state.has_path("RootImage")


def _implied_devices(state: Effective) -> Iterator[str]:
    """Yield devices that other settings allow, as classes."""
    has_image = state.has_path("RootImage") or state.has_path("RootMStack")
    if has_image or state.has("MountImages"):
        yield "block-loop"
    if state.is_on("ProtectClock"):
        yield "char-rtc"
    secrets = ("LoadCredentialEncrypted", "SetCredentialEncrypted")
    if state.version < _NO_TPM_SINCE and any(map(state.has, secrets)):
        yield "char-tpm"
