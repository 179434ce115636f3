# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks across the directives of systemd.exec(5) that few units break.

`services` imports them only for units that have such lines.
"""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    merged,
    merged_lists,
    paths,
)

_IMPLIED = ("NoNewPrivileges", "RestrictSUIDSGID", "RemoveIPC", "PrivateTmp")
# Before this version the service fails at its start; with a "-" in
# front of the directory it goes on.
_HOME_REFUSED_SINCE = 257


def _check_dynamic_user(unit: merged.MergedUnit) -> merged.Found:
    if not unit.is_on(unit.section, "DynamicUser"):
        return
    directory = unit.last(unit.section, "WorkingDirectory")
    homes = ["~"]
    if unit.target.version >= _HOME_REFUSED_SINCE:
        homes.append("-~")
    if directory and directory.value in homes:
        yield catalogue.finding(
            "dynamic-user-home",
            directory,
            "WorkingDirectory=~ does not work with DynamicUser=yes, whose"
            " user has no home; use a StateDirectory= and its path",
        )
    for name in (*_IMPLIED, "ProtectSystem", "ProtectHome"):
        item = unit.last(unit.section, name)
        if item and unit.is_off(unit.section, name):
            yield catalogue.finding(
                "dynamic-user-overrides",
                item,
                f"DynamicUser=yes implies {name}= and overrides this"
                f" {item.value}; remove the line, or name a User= that"
                " exists",
            )


_API = ("/proc", "/sys", "/dev")
# https://github.com/systemd/systemd/pull/31210 is in 256.
_API_REFUSED_SINCE = 256
# 262 counts PrivateTmp=yes, 257 does not.
_TMP_COUNTS_SINCE = 258
# exec_needs_mount_namespace() of src/core/execute.c: each of these
# gives the unit a mount namespace, unless `_NO_MOUNTING` has its value.
_MOUNTING = frozenset((
    "BindLogSockets", "BindPaths", "BindReadOnlyPaths", "DynamicUser",
    "ExecPaths", "ExtensionDirectories", "ExtensionImages",
    "IPCNamespacePath", "InaccessibleDirectories", "InaccessiblePaths",
    "LogNamespace", "MountAPIVFS", "MountFlags", "MountImages",
    "NetworkNamespacePath", "NoExecPaths", "PrivateBPF", "PrivateDevices",
    "PrivateIPC", "PrivateMounts", "PrivateNetwork", "PrivatePIDs",
    "PrivateTmp", "ProcSubset", "ProtectControlGroups", "ProtectHome",
    "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables",
    "ProtectProc", "ProtectSystem", "ReadOnlyDirectories",
    "ReadOnlyPaths", "ReadWriteDirectories", "ReadWritePaths",
    "RootDirectory", "RootImage", "RootMStack", "TemporaryFileSystem",
))  # fmt: skip
_NO_MOUNTING = {
    "MountFlags": "shared",
    "ProcSubset": "all",
    "ProtectProc": "default",
    "RootDirectory": "/",
}
# A directory that is linked read-only is mounted.
_READ_ONLY = re.compile(r"\w+Directory=.*:ro(?:\s|$)")


def _mounting(unit: merged.MergedUnit) -> str:
    """Return a directive that gives a mount namespace, if any does."""
    for item in unit.counting():
        is_off = enums.parse_boolean(item.value) is False
        if item.name == "PrivateTmp":
            is_always = unit.target.version >= _TMP_COUNTS_SINCE
            is_off = is_off or not (is_always or item.value == "disconnected")
        is_off = is_off or item.value == _NO_MOUNTING.get(item.name)
        line = f"{item.name}={item.value}"
        if (item.name in _MOUNTING and not is_off) or _READ_ONLY.match(line):
            return line
    return ""


def _check_api_directory(unit: merged.MergedUnit) -> merged.Found:
    directory = unit.last(unit.section, "WorkingDirectory")
    if directory is None or unit.target.version < _API_REFUSED_SINCE:
        return
    path = paths.simplify(directory.value.removeprefix("-"))
    reason = _mounting(unit)
    if reason and any(paths.is_below(path, top) for top in _API):
        yield catalogue.finding(
            "api-working-directory",
            directory,
            f"{path} is below an API file system, which is refused with a"
            f" mount namespace as {reason} gives it; use another directory",
        )


# 262 refuses PrivatePIDs= with PAMName=, 257 takes both. 257 does not
# know PrivateUsers=managed.
_REFUSED_SINCE = 258
_USERS = ("User", "Group", "PAMName")


def _check_namespaces(unit: merged.MergedUnit) -> merged.Found:
    is_refused = unit.target.version >= _REFUSED_SINCE
    is_private = unit.is_on(unit.section, "PrivatePIDs")
    if is_private and is_refused and unit.last(unit.section, "PAMName"):
        yield catalogue.finding(
            "pam-private-pids",
            unit.last(unit.section, "PrivatePIDs"),
            "PrivatePIDs=yes is refused together with PAMName=; remove one"
            " of the two",
        )
    if not unit.is_off(unit.section, "PrivateUsers"):
        yield from _check_user_namespace(unit, is_refused)


def _check_user_namespace(
    unit: merged.MergedUnit, is_refused: bool
) -> merged.Found:
    users = unit.last(unit.section, "PrivateUsers")
    if users is None:
        return
    given = [name for name in _USERS if unit.last(unit.section, name)]
    if unit.is_on(unit.section, "DynamicUser"):
        given.append("DynamicUser")
    if users.value == "managed" and given and is_refused:
        yield catalogue.finding(
            "managed-users",
            users,
            f"PrivateUsers=managed is refused together with {given[0]}=;"
            " write PrivateUsers=yes, or leave the user to systemd",
        )
    if unit.last(unit.section, "UserNamespacePath"):
        yield catalogue.finding(
            "user-namespace-twice",
            users,
            "PrivateUsers= is refused together with UserNamespacePath=;"
            " remove one of the two",
        )


_CAPABILITY_SETS = ("CapabilityBoundingSet", "AmbientCapabilities")
_DENY_LISTS = (
    "RestrictNamespaces", "RestrictAddressFamilies", "SystemCallFilter",
    "RestrictFileSystems", "RestrictNetworkInterfaces",
)  # fmt: skip


def _place(item: syntax.Assignment, unit: merged.MergedUnit) -> str:
    return f"line {item.line} of {item.file or unit.name}"


def _check_sets(unit: merged.MergedUnit) -> merged.Found:
    earlier: dict[str, syntax.Assignment] = {}
    for item in unit.assigned:
        before = earlier.get(item.name)
        earlier[item.name] = item
        if item.value.strip() != "~":
            continue
        if item.name in _CAPABILITY_SETS:
            lost = f", whatever {_place(before, unit)} says" if before else ""
            yield catalogue.finding(
                "set-reset",
                item,
                f"{item.name}=~ is the full set{lost}; name the"
                " capabilities to take away",
            )
        elif item.name in _DENY_LISTS:
            yield catalogue.finding(
                "set-reset",
                item,
                f"{item.name}=~ denies nothing and so restricts nothing;"
                " name the words to deny, or remove the line",
            )


def _check_ambient(unit: merged.MergedUnit) -> merged.Found:
    item = unit.last(unit.section, "AmbientCapabilities")
    ambient = unit.capabilities(unit.section, "AmbientCapabilities")
    named = merged_lists.capability_bits(
        word
        for value in unit.values(unit.section, "AmbientCapabilities")
        for word in value.removeprefix("~").split()
    )
    # A complement has capabilities that no line names.
    if item is None or ambient & ~named:
        return
    bounding = unit.capabilities(unit.section, "CapabilityBoundingSet")
    lost = merged_lists.capability_names(ambient & ~bounding)
    if lost:
        yield catalogue.finding(
            "ambient-not-bounded",
            item,
            f"{' '.join(sorted(lost))} is not in CapabilityBoundingSet= and"
            " is never granted; add it there",
        )


RULES: merged.Checks = (
    _check_sets,
    _check_ambient,
    _check_dynamic_user,
    _check_api_directory,
    _check_namespaces,
)
