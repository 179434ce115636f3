# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that one directive needs and another one hides.

`services` imports these checks only for units that have such lines.
A directory is shut in one of two ways (src/core/namespace.c):

* It is closed, as by InaccessiblePaths=. systemd drops every mount at
  or below it without a message (drop_inaccessible()).
* It is empty, as by TemporaryFileSystem= or PrivateTmp=. Only what is
  mounted there is there; a mount on a path that is missing fails with
  226/NAMESPACE.

Two mounts at one path are one mount, the more restrictive of the two
(drop_duplicates()).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    exec_lines,
    lists,
    merged,
    paths,
    specifiers,
)

# No path is longer: PATH_MAX of Linux.
_LONGEST = 4095
_HOMES = ("/home", "/root", "/run/user")
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108
# mount_private_dev() of src/core/namespace.c makes these.
_DEVICES = frozenset((
    "console", "core", "fd", "full", "hugepages", "log", "mqueue", "null",
    "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty",
    "urandom", "zero",
))  # fmt: skip
# PermissionsStartOnly=yes takes all of these but the first out of the
# sandbox (exec_command_flags of src/core/service.c).
_EXEC = (
    "ExecStart", "ExecCondition", "ExecStartPre", "ExecStartPost",
    "ExecReload", "ExecReloadPost", "ExecStop", "ExecStopPost",
    "ExecStopPre",
)  # fmt: skip
# The directories of systemd.exec(5), and where they are.
_BASES = {
    "RuntimeDirectory": "/run",
    "StateDirectory": "/var/lib",
    "CacheDirectory": "/var/cache",
    "LogsDirectory": "/var/log",
    "ConfigurationDirectory": "/etc",
}
_CLOSING = ("InaccessiblePaths", "InaccessibleDirectories")
_WRITING = ("ReadWritePaths", "ReadWriteDirectories")
_READING = ("ReadOnlyPaths", "ReadOnlyDirectories")
_BINDING = ("BindPaths", "BindReadOnlyPaths")


class _Path(NamedTuple):
    """A path of a directive.

    Attributes:
        item: The assignment.
        path: The path, simplified, its specifiers replaced.
        is_optional: Whether systemd goes on without it: ``-``.
    """

    item: syntax.Assignment
    path: str
    is_optional: bool


class _Shut(NamedTuple):
    """A directory that a unit does not see as the host does.

    Attributes:
        top: The directory.
        directive: The directive that shuts it.
        is_closed: Whether it is closed; else it is empty.
    """

    top: str
    directive: str
    is_closed: bool


def _resolve(path: str, unit: merged.MergedUnit) -> str:
    """Return a path without specifiers; empty if that is not known."""
    context = contexts.Context(unit.target, unit.name)
    # %h is the home of whoever the service manager runs as.
    # No path is as long: PATH_MAX of Linux.
    if (
        len(path) > _LONGEST
        or "%h" in path
        or specifiers.may_begin_with_slash(path, context)
    ):
        return ""
    try:
        found = specifiers.expand(path, context)
    except contexts.BadValueError:
        # The value's type has a finding about it.
        return ""
    is_path = found.startswith("/") and len(found) <= _LONGEST
    return paths.simplify(found) if is_path else ""


def _words(item: syntax.Assignment) -> list[str]:
    try:
        return lists.split(item.value)
    except contexts.BadValueError:
        return []


def _paths_of(unit: merged.MergedUnit, *names: str) -> Iterator[_Path]:
    """Yield the paths of directives such as ReadWritePaths=."""
    for name in names:
        for item in unit.all(unit.section, name):
            for word in _words(item):
                path = _resolve(word.lstrip("-+").partition(":")[0], unit)
                if path:
                    yield _Path(item, path, word.startswith("-"))


def _bound(unit: merged.MergedUnit, *names: str) -> Iterator[_Path]:
    """Yield where BindPaths= and its like mount something."""
    for name in names:
        for item in unit.all(unit.section, name):
            for word in _words(item):
                source, _colon, rest = word.lstrip("-").partition(":")
                path = _resolve(rest.partition(":")[0] or source, unit)
                if path:
                    yield _Path(item, path, word.startswith("-"))


def _directories(unit: merged.MergedUnit) -> Iterator[_Path]:
    """Yield the paths of StateDirectory= and its like."""
    for name, base in _BASES.items():
        for item in unit.all(unit.section, name):
            for word in _words(item):
                path = _resolve(f"{base}/{word.partition(':')[0]}", unit)
                if path:
                    yield _Path(item, path, False)


def _shut(unit: merged.MergedUnit) -> Iterator[_Shut]:
    """Yield the directories that a unit shuts."""
    home = unit.value(unit.section, "ProtectHome")
    is_closed = unit.is_on(unit.section, "ProtectHome")
    if is_closed or home == "tmpfs":
        for top in _HOMES:
            yield _Shut(top, f"ProtectHome={home}", is_closed)
    for one in _paths_of(unit, *_CLOSING):
        yield _Shut(one.path, f"{one.item.name}={one.path}", True)
    for one in _paths_of(unit, "TemporaryFileSystem"):
        yield _Shut(one.path, f"TemporaryFileSystem={one.path}", False)
    yield from _private(unit)


def _private(unit: merged.MergedUnit) -> Iterator[_Shut]:
    """Yield the directories that are new ones for a unit."""
    # A unit of JoinsNamespaceOf= may have made the path there.
    is_shared = bool(unit.all("Unit", "JoinsNamespaceOf"))
    for name in ("DynamicUser", "PrivateTmp"):
        value = unit.value(unit.section, name)
        is_private = unit.is_on(unit.section, name) or value == "disconnected"
        if is_private and not is_shared:
            for top in _TEMPORARY:
                yield _Shut(top, f"{name}={value}", False)
    if unit.is_on(unit.section, "PrivateDevices"):
        value = unit.value(unit.section, "PrivateDevices")
        yield _Shut("/dev", f"PrivateDevices={value}", False)


class _Tree:
    """Paths in their order, so that few of them answer a question.

    A unit may have many commands and many bound paths.
    """

    def __init__(self, found: Iterable[str]) -> None:
        self._paths = frozenset(found)
        # With a slash at the end, a path begins with all above it.
        self._ordered = sorted(f"{path.rstrip('/')}/" for path in self._paths)

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def has_below(self, path: str) -> bool:
        """Tell whether a path, or one below it, is among these."""
        asked = f"{path.rstrip('/')}/"
        after = bisect_left(self._ordered, asked)
        return any(
            below.startswith(asked)
            for below in self._ordered[after : after + 1]
        )


def _upwards(path: str) -> Iterator[str]:
    """Yield a path and each directory above it, the innermost first."""
    while path:
        yield path
        path = "" if path == "/" else path.rpartition("/")[0] or "/"


class _Hiding:
    """The directories that a unit shuts, and what is mounted there."""

    def __init__(self, unit: merged.MergedUnit) -> None:
        self._closed: dict[str, _Shut] = {}
        self._emptied: dict[str, _Shut] = {}
        for one in _shut(unit):
            shut = self._closed if one.is_closed else self._emptied
            shut.setdefault(one.top, one)
        # An unknown path may be any path.
        self._has_unknown = any(
            "%h" in value or "%I" in value
            for name in _BINDING
            for value in unit.values(unit.section, name)
        )
        bound = (*_bound(unit, *_BINDING, "MountImages"), *_directories(unit))
        self._bound = _Tree(one.path for one in bound)
        made = _paths_of(unit, "TemporaryFileSystem")
        self._made = _Tree(one.path for one in made)

    def closing(self, path: str) -> _Shut | None:
        """Return the closed directory that a path is in, if any."""
        # The innermost directory decides.
        for above in _upwards(path):
            if above in self._closed:
                return self._closed[above]
        return None

    def hiding(self, path: str) -> _Shut | None:
        """Return the directory that hides a path, if one does."""
        return self.closing(path) or self._emptying(path)

    def _emptying(self, path: str) -> _Shut | None:
        is_there = self._has_unknown
        for above in _upwards(path):
            if above != path and above in self._emptied:
                # systemd makes the directories above a mount as well.
                is_there |= self._bound.has_below(path)
                is_there |= self._made.has_below(path)
                is_there |= above in self._bound or _is_device(path, above)
                return None if is_there else self._emptied[above]
            is_there |= above in self._bound
        return None


def _is_device(path: str, top: str) -> bool:
    return top == "/dev" and path.split("/")[2] in _DEVICES


# The paths by which a service and others find each other.
_MEETING = re.compile(
    r"(?:unix:(?://)?|\A|=)((?:/var)?/tmp/[^\s:,=]+)", re.ASCII
)
_MEETING_ENDS = (".sock", ".socket", ".pid")


def _check_sockets(unit: merged.MergedUnit) -> merged.Found:
    """Check sockets that a command makes in a directory of its own."""
    hiding = _Hiding(unit)
    for item, command in _commands_in_sandbox(unit):
        if "+" in command.prefixes:
            continue
        for word in command.argv[1:]:
            match = _MEETING.search(word)
            path = _resolve(match[1], unit) if match else ""
            is_meeting = path.endswith(_MEETING_ENDS) or "unix:" in word
            shut = hiding.hiding(path) if is_meeting else None
            if shut and shut.top in _TEMPORARY:
                yield catalogue.finding(
                    "private-socket",
                    item,
                    f"{path} is in a {shut.top} of the service's own, since"
                    f" {shut.directive} is set: no other service finds the"
                    " file; write a path below /run, such as that of"
                    " RuntimeDirectory=",
                )


def _has_root(unit: merged.MergedUnit) -> bool:
    """Tell whether the paths of mounts are those of another root."""
    return (
        unit.value(unit.section, "RootDirectory", "/") != "/"
        or unit.last(unit.section, "RootImage") is not None
        or unit.last(unit.section, "RootMStack") is not None
    )


def _check_commands(unit: merged.MergedUnit) -> merged.Found:
    hiding = _Hiding(unit)
    # An earlier command may have put the program there.
    is_first = not any(
        unit.all(unit.section, name)
        for name in ("ExecStartPre", "ExecCondition")
    )
    for item, command in _commands_in_sandbox(unit):
        shut = hiding.hiding(_resolve(command.argv[0], unit))
        # "+" runs outside of the mount namespace, "-" may fail.
        if shut is None or set(command.prefixes) & {"+", "-"}:
            continue
        if shut.top in _TEMPORARY and not is_first:
            continue
        yield catalogue.finding(
            "protect-home-exec",
            item,
            f"{command.argv[0]} is below {shut.top}, which"
            f" {shut.directive} hides; {_remedy(shut)}",
        )


def _commands_in_sandbox(
    unit: merged.MergedUnit,
) -> Iterator[tuple[syntax.Assignment, exec_lines.ExecCommand]]:
    is_start_only = unit.is_on("Service", "PermissionsStartOnly")
    for name in _EXEC[:1] if is_start_only else _EXEC:
        for item in unit.all(unit.section, name):
            for command in merged.commands([item]):
                yield item, command


def _check_working_directory(unit: merged.MergedUnit) -> merged.Found:
    item = unit.last(unit.section, "WorkingDirectory")
    # With a "-" in front the directory may be missing.
    path = _resolve(item.value, unit) if item else ""
    shut = _Hiding(unit).hiding(path)
    if item is None or shut is None:
        return
    # The closed directory itself is there, for root alone.
    if not (path == shut.top and _is_root(unit)):
        yield catalogue.finding(
            "working-directory-hidden",
            item,
            f"{item.value} is below {shut.top}, which {shut.directive}"
            f" hides; {_remedy(shut)}",
        )


def _is_root(unit: merged.MergedUnit) -> bool:
    user = unit.value(unit.section, "User", "root")
    is_dynamic = unit.is_on(unit.section, "DynamicUser")
    return user in ("root", "0") and not is_dynamic


def _remedy(shut: _Shut, bind: str = "BindReadOnlyPaths=") -> str:
    if shut.is_closed and shut.directive.startswith("ProtectHome"):
        return "use a path elsewhere, or write ProtectHome=read-only"
    if shut.is_closed:
        return "use a path elsewhere, or close less"
    return f"use a path elsewhere, or bind it with {bind}"


def _check_opened(unit: merged.MergedUnit) -> merged.Found:
    """Check paths that are opened where they cannot be seen."""
    if _has_root(unit):
        return
    hiding = _Hiding(unit)
    for one in _paths_of(unit, *_WRITING, *_READING, "ExecPaths"):
        shut = hiding.hiding(one.path)
        if shut is None:
            continue
        is_reading = one.item.name in _READING
        # A path that is closed needs no ReadOnlyPaths=.
        if is_reading and (one.is_optional or one.path == shut.top):
            continue
        is_harmless = shut.is_closed and is_reading
        yield _tell_opened(one, shut, is_harmless or one.is_optional)


def _check_mounted(unit: merged.MergedUnit) -> merged.Found:
    """Check what is mounted where systemd drops all mounts."""
    if _has_root(unit):
        return
    hiding = _Hiding(unit)
    for one in _bound(unit, *_BINDING):
        shut = hiding.closing(one.path)
        if shut:
            yield _tell_opened(one, shut, one.is_optional)
    for one in _paths_of(unit, "TemporaryFileSystem"):
        shut = hiding.closing(one.path)
        if shut:
            yield _tell_opened(one, shut, True)
    for one in _directories(unit):
        shut = hiding.closing(one.path)
        if shut:
            yield _tell_opened(one, shut, False)


def _tell_opened(one: _Path, shut: _Shut, is_harmless: bool) -> report.Finding:
    if shut.is_closed or one.is_optional:
        effect = "the service does not see the path, without a message"
    else:
        effect = "the path is missing, and the start fails (226/NAMESPACE)"
    is_home = shut.is_closed and shut.directive.startswith("ProtectHome")
    if is_home and one.item.name in (*_BINDING, "TemporaryFileSystem"):
        remedy = "write ProtectHome=tmpfs"
    else:
        remedy = _remedy(shut, "BindPaths=")
    return catalogue.finding(
        "hidden-path-unused" if is_harmless else "hidden-path",
        one.item,
        f"{one.path} is below {shut.top}, which {shut.directive} hides, so"
        f" that {effect}; {remedy}",
    )


def _check_pid_file(unit: merged.MergedUnit) -> merged.Found:
    """Check a PID file, which systemd reads on the host."""
    item = unit.last("Service", "PIDFile")
    if item is None or merged.service_type(unit) != "forking":
        return
    shut = _Hiding(unit).hiding(_resolve(item.value, unit))
    if shut and not _has_root(unit):
        yield catalogue.finding(
            "hidden-pid-file",
            item,
            f"{item.value} is below {shut.top}, which {shut.directive} hides"
            " from the service alone: systemd never finds the file, and the"
            " start fails; write a path below /run, such as that of"
            " RuntimeDirectory=",
        )


_SYSTEM = {
    "full": ("/usr", "/boot", "/efi", "/etc"),
    "strict": ("/",),
}


def _read_only(unit: merged.MergedUnit) -> dict[str, str]:
    """Return {directory: the directive that makes it read-only}."""
    found = {}
    mode = unit.value(unit.section, "ProtectSystem")
    tops = _SYSTEM.get(mode, ())
    if unit.is_on(unit.section, "ProtectSystem"):
        tops = _SYSTEM["full"][:3]
    found.update(dict.fromkeys(tops, f"ProtectSystem={mode}"))
    if unit.value(unit.section, "ProtectHome") == "read-only":
        found.update(dict.fromkeys(_HOMES, "ProtectHome=read-only"))
    for one in (
        *_paths_of(unit, *_READING),
        *_bound(unit, "BindReadOnlyPaths"),
    ):
        found[one.path] = f"{one.item.name}={one.path}"
    return found


def _check_overruled(unit: merged.MergedUnit) -> merged.Found:
    """Check two directives for the same path, of which one counts."""
    if _has_root(unit):
        return
    read_only = _read_only(unit)
    for one in _paths_of(unit, *_WRITING):
        if one.path in read_only:
            yield catalogue.finding(
                "path-overruled",
                one.item,
                f"{one.path} stays read-only: {read_only[one.path]} is about"
                " the same path and counts more; name paths below it, or"
                " remove one of the two",
            )
    emptied = {
        shut.top: shut.directive
        for shut in _shut(unit)
        if not shut.is_closed
        and shut.directive.startswith(("Temporary", "ProtectHome"))
    }
    for one in _paths_of(unit, *_WRITING, *_READING, "ExecPaths"):
        if one.path in emptied:
            yield catalogue.finding(
                "path-overruled",
                one.item,
                f"{one.path} is not empty: this line is about the same path"
                f" as {emptied[one.path]}, and the service sees the"
                " directory of the host; remove this line",
            )


RULES: merged.Checks = (
    _check_commands,
    _check_working_directory,
    _check_opened,
    _check_mounted,
    _check_pid_file,
    _check_overruled,
    _check_sockets,
)
