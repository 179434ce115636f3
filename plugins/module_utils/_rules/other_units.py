# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks across the directives of units other than services.

`services` imports them only for such units.
"""

from __future__ import annotations

import re
import string

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    merged,
    paths,
    specifiers,
)

# mount_point_is_api() and mount_point_ignore() of src/shared.
_API_MOUNTS = frozenset({
    "/proc", "/proc/sys", "/proc/kmsg", "/sys", "/sys/kernel/security",
    "/sys/fs/smackfs", "/sys/fs/selinux", "/sys/fs/cgroup",
    "/sys/fs/pstore", "/sys/fs/bpf", "/sys/firmware/efi/efivars", "/dev",
    "/dev/console", "/dev/pts", "/dev/shm", "/run", "/run/host",  # noqa: S108
    "/run/host/os-release",
})  # fmt: skip


# Up to 256 socket_verify() checks MaxConnections= only with Accept=yes.
_CONNECTIONS_REFUSED_SINCE = 257


def _check_socket(unit: merged.MergedUnit) -> merged.Found:
    if not any(unit.all("Socket", name) for name in merged.LISTEN):
        yield catalogue.finding(
            "socket-no-listen",
            None,
            "the socket listens on nothing, systemd refuses it; add"
            " ListenStream= or another Listen line",
        )
    service = unit.last("Socket", "Service")
    if service and unit.is_on("Socket", "Accept"):
        yield catalogue.finding(
            "socket-accept-service",
            service,
            "Service= is refused with Accept=yes; remove one of the two",
        )
    connections = unit.last("Socket", "MaxConnections")
    is_refused = (
        unit.target.version >= _CONNECTIONS_REFUSED_SINCE
        or unit.is_on("Socket", "Accept")
    )
    if (
        connections
        and is_refused
        and not enums.parse_integer(connections.value)
    ):
        yield catalogue.finding(
            "socket-max-connections",
            connections,
            "MaxConnections=0 is refused; write 1 or more",
        )


_ACCEPTING = ("ListenStream", "ListenSequentialPacket")
# These make a node in the file system if the value is a path.
_NODES = (*_ACCEPTING, "ListenDatagram", "ListenFIFO")


def _check_listen(unit: merged.MergedUnit) -> merged.Found:
    is_accepting = unit.is_on("Socket", "Accept")
    for name in merged.LISTEN:
        item = unit.last("Socket", name)
        if item and is_accepting and name not in _ACCEPTING:
            yield catalogue.finding(
                "socket-accept-listen",
                item,
                f"{name}= is refused with Accept=yes, which needs a"
                " connection; write Accept=no",
            )
    symlinks = unit.last("Socket", "Symlinks")
    if symlinks:
        yield from _check_symlinks(unit, symlinks)
    defer = unit.last("Socket", "DeferTrigger")
    if (
        defer
        and is_accepting
        and enums.parse_boolean(defer.value) is not False
    ):
        yield catalogue.finding(
            "socket-accept-defer",
            defer,
            f"DeferTrigger={defer.value} is refused with Accept=yes; remove"
            " one of the two",
        )


def _check_symlinks(
    unit: merged.MergedUnit, symlinks: syntax.Assignment
) -> merged.Found:
    values = [i.value for name in _NODES for i in unit.all("Socket", name)]
    paths = [value for value in values if value.startswith("/")]
    # A specifier may be a path as well.
    unknown = [value for value in values if value.startswith("%")]
    if len(paths) > 1 or not (paths or unknown):
        yield catalogue.finding(
            "socket-symlinks",
            symlinks,
            f"Symlinks= with {len(paths)} sockets that have a path is"
            " refused; listen on one path, or remove it",
        )


def _check_timer(unit: merged.MergedUnit) -> merged.Found:
    changes = ("OnClockChange", "OnTimezoneChange")
    has_time = any(unit.all("Timer", name) for name in merged.TIMES)
    if not has_time and not any(unit.is_on("Timer", n) for n in changes):
        yield catalogue.finding(
            "timer-no-time",
            None,
            "the timer never elapses, systemd refuses it; add OnCalendar="
            " or another On...Sec= line",
        )


_REPEATING = ("OnUnitActiveSec", "OnUnitInactiveSec")


def _check_timer_start(unit: merged.MergedUnit) -> merged.Found:
    given = [name for name in merged.TIMES if unit.all("Timer", name)]
    if given and set(given) <= set(_REPEATING):
        item = unit.last("Timer", given[0])
        yield catalogue.finding(
            "timer-never-starts",
            item,
            f"{given[0]}= counts from a start of the unit, and no"
            " line here starts it; add OnBootSec= or OnActiveSec=",
        )
    persistent = unit.last("Timer", "Persistent")
    if unit.is_on("Timer", "Persistent") and "OnCalendar" not in given:
        yield catalogue.finding(
            "timer-persistent",
            persistent,
            "Persistent= works with OnCalendar= alone; remove it",
        )


def _check_triggered(unit: merged.MergedUnit) -> merged.Found:
    """Check Unit= of timers and paths, of which the first one counts."""
    items = unit.all(unit.section, "Unit")
    for item in items[1:]:
        yield catalogue.finding(
            "trigger-twice",
            item,
            f"Unit={item.value} is ignored, because {items[0].value} of line"
            f" {items[0].line} counts; change line {items[0].line}",
        )
    first = items[0] if items else None
    if first and first.value.endswith(".device"):
        yield catalogue.finding(
            "trigger-device",
            first,
            f"{first.value} is not ordered after this unit, because systemd"
            " cannot delay a device; trigger a service",
        )


def _check_slice(unit: merged.MergedUnit) -> merged.Found:
    item = unit.last("Unit", "OnFailure")
    if item:
        yield catalogue.finding(
            "unsupported-directive",
            item,
            "OnFailure= is ignored: a slice cannot fail; remove it",
        )


def _check_path(unit: merged.MergedUnit) -> merged.Found:
    if not any(unit.all("Path", name) for name in merged.PATHS):
        yield catalogue.finding(
            "path-no-path",
            None,
            "the unit watches no path, systemd refuses it; add"
            " PathChanged= or another path line",
        )


_PLAIN = frozenset((string.ascii_letters + string.digits + ":_.").encode())


def escape_path(path: str) -> str:
    """Return a path as unit names have it (systemd-escape --path)."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts:
        return "-"
    escaped = []
    simple = "/".join(parts).encode("utf-8", "surrogateescape")
    for index, byte in enumerate(simple):
        is_hidden = index == 0 and chr(byte) == "."
        if byte in _PLAIN and not is_hidden:
            escaped.append(chr(byte))
        else:
            escaped.append("-" if chr(byte) == "/" else f"\\x{byte:02x}")
    return "".join(escaped)


def _expanded(unit: merged.MergedUnit, item: syntax.Assignment | None) -> str:
    """Return a path with its specifiers replaced; empty if it has none."""
    context = contexts.Context(unit.target, unit.name)
    if item is None or specifiers.is_open(item.value, context):
        return ""
    try:
        return specifiers.expand(item.value, context)
    except contexts.BadValueError:
        # The value's type has a finding about it.
        return ""


def _check_mount(unit: merged.MergedUnit) -> merged.Found:
    where = unit.last(unit.section, "Where")
    stem = unit.name.rpartition(".")[0]
    path = _expanded(unit, where)
    if where and path and stem != escape_path(path):
        yield catalogue.finding(
            "mount-name",
            where,
            f"Where={where.value} needs the file name"
            f" {escape_path(path)}.{unit.section.lower()}; rename it",
        )
        stem = escape_path(path)
    # Without Where= the name tells the path (mount_add_extras()).
    yield from _check_mount_point(unit, stem, where)
    what = unit.last("Mount", "What")
    is_empty = what is None or (
        what.value == "%i" and not _expanded(unit, what)
    )
    if unit.section == "Mount" and is_empty:
        yield catalogue.finding(
            "mount-no-what",
            what or where,
            "a mount without What= is refused; add What= with the device"
            " or file to mount",
        )


# From 254 on mount_verify() refuses the mounts of credentials.
_CREDENTIALS_SINCE = 254


def _reserved(unit: merged.MergedUnit) -> tuple[str, ...]:
    """Return the prefixes of the names of systemd's own mounts."""
    if unit.target.version < _CREDENTIALS_SINCE:
        return ("sys-fs-cgroup-", "run-host-")
    return ("sys-fs-cgroup-", "run-host-", "run-credentials-")


def _check_mount_point(
    unit: merged.MergedUnit, stem: str, where: syntax.Assignment | None
) -> merged.Found:
    if unit.section == "Automount":
        if stem == "-":
            yield catalogue.finding(
                "automount-root",
                where,
                "an automount unit for / is refused; remove it",
            )
    elif stem.startswith(_reserved(unit)) or stem in map(
        escape_path, _API_MOUNTS
    ):
        yield catalogue.finding(
            "mount-api",
            where,
            f"{stem}.mount is for a directory that systemd mounts itself,"
            " systemd refuses it; remove it",
        )


# systemd passes these to autofs itself (automount_verify()).
_RESERVED = ("fd", "pgrp", "minproto", "maxproto", "direct", "indirect")


def _check_automount_options(unit: merged.MergedUnit) -> merged.Found:
    options = unit.last("Automount", "ExtraOptions")
    if options is None:
        return
    names = [word.partition("=")[0] for word in options.value.split(",")]
    for name in set(_RESERVED).intersection(names):
        yield catalogue.finding(
            "automount-options",
            options,
            f"ExtraOptions= may not have {name}, which systemd sets itself;"
            " remove it",
        )


# UUID= and its like are known from 256 on; before, the value's type has
# a finding about it.
_TAGS = ("UUID", "LABEL", "PARTUUID", "PARTLABEL")


def _node(what: str) -> str:
    """Return the device of a tag (fstab_node_to_udev_node())."""
    tag, _equals, value = what.partition("=")
    if tag not in _TAGS:
        return what
    encoded = "".join(
        char
        if not char.isascii() or char.isalnum() or char in "#+-.:=@_"
        else f"\\x{ord(char):02x}"
        for char in value.strip('"')
    )
    return f"/dev/disk/by-{tag.lower()}/{encoded}"


def _check_swap(unit: merged.MergedUnit) -> merged.Found:
    what = unit.last("Swap", "What")
    context = contexts.Context(unit.target, unit.name)
    node = paths.below_root(_node(_expanded(unit, what)), context)
    if what is None or not node:
        return
    if not node.startswith("/"):
        yield catalogue.finding(
            "swap-name",
            what,
            f"What={what.value} is neither a path nor a tag such as UUID=,"
            " systemd refuses the unit; write the path of the device",
        )
    # A path with a `..` is not compared.
    elif unit.name != f"{escape_path(node)}.swap" and "/../" not in node:
        yield catalogue.finding(
            "swap-name",
            what,
            f"What={what.value} needs the file name"
            f" {escape_path(node)}.swap; rename it",
        )


def _unescaped(stem: str) -> str:
    """Return the path that a unit's name stands for."""
    path = re.sub(
        r"\\x([0-9a-f]{2})",
        lambda match: chr(int(match[1], 16)),
        stem.replace("-", "/"),
    )
    return path.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _check_name(unit: merged.MergedUnit) -> merged.Found:
    """Check a name that is a path, beyond the rules for all names.

    unit_type_may_template() of src/basic/unit-def.c and
    unit_name_to_path() of unit-name.c.
    """
    stem, _dot, kind = unit.name.rpartition(".")
    if "@" in stem and kind != "swap":
        # `validator` has a finding about it.
        return
    parts = stem.replace("\\x2e", ".").split("-") if stem != "-" else []
    if "@" in stem:
        reason = "has an @, but a unit of this type has no instances"
    elif any(part in ("", ".", "..") for part in parts):
        reason = "has an empty part before, behind or between its dashes"
    elif escape_path(_unescaped(stem)) != stem:
        reason = "escapes a character that needs no escape"
    else:
        return
    yield catalogue.finding(
        "invalid-unit-name",
        None,
        f"{unit.name!r} {reason}, systemd refuses it; write the name that"
        " systemd-escape --path prints",
    )


RULES_BY_KIND: dict[str, merged.Checks] = {
    "socket": (_check_socket, _check_listen),
    "timer": (_check_timer, _check_timer_start, _check_triggered),
    "path": (_check_path, _check_triggered),
    "slice": (_check_slice,),
    "mount": (_check_name, _check_mount),
    "automount": (_check_name, _check_mount, _check_automount_options),
    "swap": (_check_name, _check_swap),
}
