# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks across the directives of systemd.exec(5) that few units break.

`services` imports them only for units that have such lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    exec_lines,
    merged,
    merged_lists,
)

_HIDDEN = ("/home", "/root", "/run/user")
# PermissionsStartOnly=yes takes all of these but the first out of the
# sandbox (exec_command_flags of src/core/service.c).
_EXEC = (
    "ExecStart", "ExecCondition", "ExecStartPre", "ExecStartPost",
    "ExecReload", "ExecReloadPost", "ExecStop", "ExecStopPost",
    "ExecStopPre",
)  # fmt: skip


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top.rstrip('/')}/")


def _clean(path: str) -> str:
    return re.sub("/+", "/", path).rstrip("/") or "/"


class _Hiding:
    """The paths of home directories that a service does not see.

    A service sees the paths that are bound into a tmpfs. Below an
    inaccessible directory systemd drops all mounts (drop_inaccessible()
    in src/core/namespace.c).
    """

    def __init__(self, unit: merged.MergedUnit) -> None:
        self._directives: dict[str, str] = {}
        self._binds = _Tree(_binds(unit))
        mode = unit.value(unit.section, "ProtectHome")
        self.is_closed = unit.is_on(unit.section, "ProtectHome")
        for word in unit.words(unit.section, "TemporaryFileSystem"):
            top = _clean(word.partition(":")[0])
            self._directives[top] = f"TemporaryFileSystem={top}"
        if mode == "tmpfs" or self.is_closed:
            given = dict.fromkeys(_HIDDEN, f"ProtectHome={mode}")
            self._directives.update(given)

    def of(self, path: str) -> tuple[str, str]:
        """Return the directory that hides a path, and its directive.

        Both texts are empty if the service sees the path.
        """
        path = _clean(path)
        for top in _HIDDEN:
            directive = self._directives.get(top)
            if directive is None or not _is_below(path, top):
                continue
            if self.is_closed or not self._is_bound(path, top):
                return top, directive
        return "", ""

    def _is_bound(self, path: str, top: str) -> bool:
        # The tmpfs also has the directories above a bound path.
        return path == top or self._binds.meets(path)


class _Tree:
    """Paths in their order, so that few of them answer a question.

    A unit may have many commands and many bound paths.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        found = set(paths)
        # A specifier may stand for any path.
        self._has_any = any("%" in path for path in found)
        # With a slash at the end, a path begins with all above it.
        self._paths = sorted(f"{path.rstrip('/')}/" for path in found)
        self._tops: list[str] = []
        for path in self._paths:
            if not self._tops or not path.startswith(self._tops[-1]):
                self._tops.append(path)

    def meets(self, path: str) -> bool:
        """Tell whether any of the paths is above or below this one."""
        asked = f"{path.rstrip('/')}/"
        # The next path in the order is below, or none is.
        after = bisect_left(self._paths, asked)
        is_above = self._paths[after : after + 1]
        # The tops are apart, so that only the last before may be above.
        before = bisect_right(self._tops, asked)
        above = self._tops[before - 1 : before] if before else []
        return (
            self._has_any
            or any(below.startswith(asked) for below in is_above)
            or any(asked.startswith(top) for top in above)
        )


def _binds(unit: merged.MergedUnit) -> Iterator[str]:
    for name in ("BindPaths", "BindReadOnlyPaths"):
        for word in unit.words(unit.section, name):
            source, _colon, rest = word.lstrip("-").partition(":")
            yield _clean(rest.partition(":")[0] or source)


def _check_hidden_home(unit: merged.MergedUnit) -> merged.Found:
    hiding = _Hiding(unit)
    for item, command in _commands_in_sandbox(unit):
        path = command.argv[0]
        top, directive = hiding.of(path)
        # "+" runs outside of the mount namespace, "-" may fail.
        if top and not set(command.prefixes) & {"+", "-"}:
            yield catalogue.finding(
                "protect-home-exec",
                item,
                f"{path} is below {top}, which {directive} hides;"
                f" {_remedy(hiding)}",
            )
    directory = unit.last(unit.section, "WorkingDirectory")
    if directory is None:
        return
    # With a "-" in front the directory may be missing, and is not below
    # a home for `of`.
    top, directive = hiding.of(directory.value)
    if top and not (_clean(directory.value) == top and _is_root(unit)):
        yield catalogue.finding(
            "working-directory-hidden",
            directory,
            f"{directory.value} is below {top}, which {directive} hides;"
            f" {_remedy(hiding)}",
        )


def _commands_in_sandbox(
    unit: merged.MergedUnit,
) -> Iterator[tuple[syntax.Assignment, exec_lines.ExecCommand]]:
    is_start_only = unit.is_on("Service", "PermissionsStartOnly")
    for name in _EXEC[:1] if is_start_only else _EXEC:
        for item in unit.all(unit.section, name):
            for command in merged.commands([item]):
                yield item, command


def _is_root(unit: merged.MergedUnit) -> bool:
    user = unit.value(unit.section, "User", "root")
    is_dynamic = unit.is_on(unit.section, "DynamicUser")
    return user in ("root", "0") and not is_dynamic


def _remedy(hiding: _Hiding) -> str:
    if hiding.is_closed:
        return "use a path elsewhere, or write ProtectHome=read-only"
    return "use a path elsewhere, or bind it with BindReadOnlyPaths="


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
    path = _clean(directory.value.removeprefix("-"))
    reason = _mounting(unit)
    if reason and any(_is_below(path, top) for top in _API):
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
    _check_hidden_home,
    _check_dynamic_user,
    _check_api_directory,
    _check_namespaces,
)
