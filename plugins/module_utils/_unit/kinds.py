# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules across directives of units that are no services.

As those of `crosscheck`, which imports this where it needs it.
"""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit.crosscheck import (  # noqa: E501
    LISTEN,
    PATHS,
    TIMES,
    Found,
    Rules,
    Unit,
    finding,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.text import (  # noqa: E501
    Assignment,
)

# mount_point_is_api() and mount_point_ignore() of src/shared.
_API_MOUNTS = frozenset({
    "/proc", "/proc/sys", "/proc/kmsg", "/sys", "/sys/kernel/security",
    "/sys/fs/smackfs", "/sys/fs/selinux", "/sys/fs/cgroup",
    "/sys/fs/pstore", "/sys/fs/bpf", "/sys/firmware/efi/efivars", "/dev",
    "/dev/console", "/dev/pts", "/dev/shm", "/run", "/run/host",  # noqa: S108
    "/run/host/os-release",
})  # fmt: skip


# 252 looks at MaxConnections= of Accept=yes alone, 257 always.
_CONNECTIONS_REFUSED_SINCE = 253


def _check_socket(unit: Unit) -> Found:
    if not any(unit.all("Socket", name) for name in LISTEN):
        yield finding(
            "socket-no-listen",
            None,
            "the socket listens on nothing, systemd refuses it; add"
            " ListenStream= or another Listen line",
        )
    service = unit.last("Socket", "Service")
    if service and unit.is_on("Socket", "Accept"):
        yield finding(
            "socket-accept-service",
            service,
            "Service= is refused with Accept=yes; remove one of the two",
        )
    connections = unit.last("Socket", "MaxConnections")
    is_refused = (
        unit.target.version >= _CONNECTIONS_REFUSED_SINCE
        or unit.is_on("Socket", "Accept")
    )
    if connections and connections.value == "0" and is_refused:
        yield finding(
            "socket-max-connections",
            connections,
            "MaxConnections=0 is refused; write 1 or more",
        )


def _check_timer(unit: Unit) -> Found:
    changes = ("OnClockChange", "OnTimezoneChange")
    has_time = any(unit.all("Timer", name) for name in TIMES)
    if not has_time and not any(unit.is_on("Timer", n) for n in changes):
        yield finding(
            "timer-no-time",
            None,
            "the timer never elapses, systemd refuses it; add OnCalendar="
            " or another On...Sec= line",
        )


_REPEATING = ("OnUnitActiveSec", "OnUnitInactiveSec")


def _check_timer_start(unit: Unit) -> Found:
    given = [name for name in TIMES if unit.all("Timer", name)]
    if given and set(given) <= set(_REPEATING):
        item = unit.last("Timer", given[0])
        yield finding(
            "timer-never-starts",
            item,
            f"{given[0]}= counts from a start of the unit, and nothing"
            " here starts it; add OnBootSec= or OnActiveSec=",
        )
    persistent = unit.last("Timer", "Persistent")
    if unit.is_on("Timer", "Persistent") and "OnCalendar" not in given:
        yield finding(
            "timer-persistent",
            persistent,
            "Persistent= works with OnCalendar= alone; remove it",
        )


def _check_path(unit: Unit) -> Found:
    if not any(unit.all("Path", name) for name in PATHS):
        yield finding(
            "path-no-path",
            None,
            "the unit watches no path, systemd refuses it; add"
            " PathChanged= or another path line",
        )


def escape_path(path: str) -> str:
    """Return a path as unit names have it (systemd-escape --path)."""
    simple = re.sub(r"/(\./)*/*", "/", path).strip("/")
    if not simple:
        return "-"
    escaped = []
    for index, byte in enumerate(simple.encode("utf-8", "surrogateescape")):
        char = chr(byte)
        is_plain = byte < 128 and (char.isalnum() or char in ":_.")
        if char == "/":
            escaped.append("-")
        elif is_plain and not (char == "." and index == 0):
            escaped.append(char)
        else:
            escaped.append(f"\\x{byte:02x}")
    return "".join(escaped)


def _check_mount(unit: Unit) -> Found:
    section = "Mount" if unit.name.endswith(".mount") else "Automount"
    where = unit.last(section, "Where")
    if where and not unit.name.startswith(f"{escape_path(where.value)}."):
        yield finding(
            "mount-name",
            where,
            f"Where={where.value} needs the file name"
            f" {escape_path(where.value)}.{section.lower()}; rename it",
        )
    if where:
        yield from _check_mount_point(where)
    if section == "Mount" and not unit.last(section, "What"):
        yield finding(
            "mount-no-what",
            where,
            "a mount without What= is refused; add what is to be mounted",
        )


def _check_mount_point(where: Assignment) -> Found:
    path = re.sub("/+", "/", where.value.rstrip("/")) or "/"
    if where.section == "Automount":
        if path == "/":
            yield finding(
                "automount-root",
                where,
                "an automount unit for / is refused; remove it",
            )
    elif path in _API_MOUNTS or path.startswith("/sys/fs/cgroup/"):
        yield finding(
            "mount-api",
            where,
            f"{path} is mounted by systemd itself, which refuses a unit for"
            " it; remove it",
        )


def _check_swap(unit: Unit) -> Found:
    what = unit.last("Swap", "What")
    if what is None or not what.value.startswith("/"):
        return
    if unit.name != f"{escape_path(what.value)}.swap":
        yield finding(
            "swap-name",
            what,
            f"What={what.value} needs the file name"
            f" {escape_path(what.value)}.swap; rename it",
        )


RULES_BY_KIND: dict[str, Rules] = {
    "socket": (_check_socket,),
    "timer": (_check_timer, _check_timer_start),
    "path": (_check_path,),
    "mount": (_check_mount,),
    "automount": (_check_mount,),
    "swap": (_check_swap,),
}
