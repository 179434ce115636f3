# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The processes that listen on a port: the service's own, or others.

An old process that still holds a port would answer the health check of
the new release. So a process of the unit's control group must hold the
listening socket, or systemd must hold it for a .socket unit.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
import re
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    printable,
)

_PROC = "/proc"
# The hierarchy of cgroup v2, then those of the hybrid layout: systemd's
# document CGROUP_DELEGATION.md.
_HIERARCHIES = (
    "/sys/fs/cgroup",
    "/sys/fs/cgroup/unified",
    "/sys/fs/cgroup/systemd",
)
_LISTEN = "0A"
_SOCKET = re.compile(r"socket:\[([0-9]+)\]")


class Listener(NamedTuple):
    """A listening socket and a process that holds it.

    Args:
        address: The address that the socket is bound to.
        port: The port that it is bound to.
        inode: The number of the socket in /proc.
        pid: A process that holds the socket; 0 if none was found.
        command: The command line of this process.
        belongs: Whether this process is in the unit's control group.
        is_held: Whether systemd alone holds it, for a .socket unit.
    """

    address: str
    port: int
    inode: int
    pid: int
    command: str
    belongs: bool
    is_held: bool


def listeners(port: int, cgroup: str, *, pid: int = 0) -> list[Listener]:
    """Find all sockets that listen on a TCP port, and their holders.

    Args:
        port: The port.
        cgroup: The ControlGroup property of the unit.
        pid: The MainPID property of the unit, since a unit with
            PrivateNetwork= has a network of its own; 0 for the host's
            network.

    Returns:
        One entry for each socket; none if no process listens.
    """
    sockets = [
        (at, inode) for at, p, inode in _find_listening(pid) if p == port
    ]
    if not sockets:
        return []
    members = cgroup_pids(cgroup)
    inodes = {inode for _unused, inode in sockets}
    own = _find_holders(members, inodes)
    missing = inodes - own.keys()
    held = _find_holders([1], missing) if missing else {}
    missing -= held.keys()
    others = _find_holders(_list_pids(), missing) if missing else {}
    found = []
    for address, inode in sockets:
        holder = own.get(inode) or held.get(inode) or others.get(inode, 0)
        found.append(
            Listener(
                address=address,
                port=port,
                inode=inode,
                pid=holder,
                command=_read_command(holder),
                belongs=inode in own,
                is_held=inode in held,
            )
        )
    return found


def bound(cgroup: str, *, pid: int) -> list[tuple[str, int]]:
    """List the TCP addresses and ports on which a unit listens.

    Args:
        cgroup: The ControlGroup property of the unit.
        pid: The MainPID property of the unit.
    """
    sockets = {
        inode: (address, port) for address, port, inode in _find_listening(pid)
    }
    own = _find_holders(cgroup_pids(cgroup), set(sockets))
    return sorted({sockets[inode] for inode in own})


def is_loopback(address: str) -> bool:
    """Tell whether only this host reaches an address, as `bound` lists."""
    plain = _unmap_address(address)
    return plain == "::1" or plain.startswith("127.")


def ownership_problem(
    found: Iterable[Listener], host: str, port: int, *, has_socket_unit: bool
) -> str | None:
    """Tell why another process than the unit's may answer on a port.

    Args:
        found: The sockets, from `listeners`.
        host: The name or address that the health check asks.
        port: The port that the health check asks.
        has_socket_unit: Whether systemd may hold the socket for the
            service.

    Returns:
        The foreign holder and the remedy, or None if the unit holds
        every socket that could answer.
    """
    answering = _choose_answering(list(found), _resolve_addresses(host))
    if not answering:
        return (
            f"no process listens on {host} port {port}; make the service "
            "listen there, or change its health check"
        )
    for one in answering:
        if one.belongs or (one.is_held and has_socket_unit):
            continue
        holder = (
            f"process {one.pid} ({one.command})"
            if one.pid
            else "a process that cannot be seen"
        )
        return (
            f"{one.address} port {one.port} is held by {holder}, which does "
            "not belong to this service; stop it, or choose another port"
        )
    return None


def cgroup_pids(cgroup: str) -> list[int]:
    """List the processes of a control group and of those below it.

    Args:
        cgroup: Such as `/system.slice/hello.service`; empty for none.
    """
    if not cgroup.startswith("/") or cgroup == "/":
        return []
    for hierarchy in _HIERARCHIES:
        top = hierarchy + os.path.normpath(cgroup)
        pids = [
            pid
            for place, _unused, _unused in os.walk(top)
            for pid in _read_procs(place)
        ]
        if pids:
            return pids
    # The hierarchy is mounted elsewhere: each process names its group.
    return [pid for pid in _list_pids() if _is_member(pid, cgroup)]


def _read_procs(place: str) -> list[int]:
    return [int(word) for word in _read(f"{place}/cgroup.procs").split()]


def _is_member(pid: int, cgroup: str) -> bool:
    """Look for a group in /proc/<pid>/cgroup (id:controllers:path)."""
    paths = (
        line.split(":", 2)[2]
        for line in _read(f"{_PROC}/{pid}/cgroup").splitlines()
        if line.count(":") >= 2
    )
    return any(
        path == cgroup or path.startswith(cgroup + "/") for path in paths
    )


def _list_pids() -> list[int]:
    return [int(name) for name in os.listdir(_PROC) if name.isdigit()]


def _find_holders(pids: Iterable[int], inodes: set[int]) -> dict[int, int]:
    """Map sockets to a process that has them open."""
    found: dict[int, int] = {}
    for pid in pids:
        for inode in _find_socket_inodes(pid):
            if inode in inodes:
                found.setdefault(inode, pid)
    return found


def _find_socket_inodes(pid: int) -> Iterator[int]:
    directory = f"{_PROC}/{pid}/fd"
    try:
        descriptors = os.listdir(directory)
    except OSError:
        # The process ended meanwhile.
        return
    for descriptor in descriptors:
        try:
            match = _SOCKET.fullmatch(os.readlink(f"{directory}/{descriptor}"))
        except OSError:
            continue
        if match:
            yield int(match[1])


def _find_listening(pid: int) -> Iterator[tuple[str, int, int]]:
    """Read address, port and inode from proc(5), /proc/net/tcp."""
    base = f"{_PROC}/{pid}/net" if pid else f"{_PROC}/net"
    for table in ("tcp", "tcp6"):
        for line in _read(f"{base}/{table}").splitlines()[1:]:
            fields = line.split()
            address, _unused, number = fields[1].partition(":")
            if fields[3] == _LISTEN:
                yield parse_address(address), int(number, 16), int(fields[9])


def parse_address(text: str) -> str:
    """Read an address as /proc/net/tcp prints it.

    Linux prints each group of 32 bits in network order as a number in
    the machine's order: its tcp_ipv4.c and tcp_ipv6.c.
    """
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed)


def _resolve_addresses(host: str) -> set[str]:
    try:
        entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise errors.HostError(
            f"{host!r} is not a name or address of this host: {error}; "
            "write one, such as 127.0.0.1"
        ) from error
    return {str(entry[4][0]) for entry in entries}


def _choose_answering(
    found: list[Listener], addresses: set[str]
) -> list[Listener]:
    """Choose the sockets that get connections to these addresses.

    A socket bound to an address wins over a socket bound to all
    addresses: inet_lookup_listener() of Linux.
    """
    chosen: list[Listener] = []
    for address in sorted(addresses):
        every = ("::",) if ":" in address else ("0.0.0.0", "::")  # noqa: S104
        bound = [
            one for one in found if _unmap_address(one.address) == address
        ]
        chosen += bound or [one for one in found if one.address in every]
    return chosen


def _unmap_address(address: str) -> str:
    """Write an IPv4 address that is mapped into IPv6 as IPv4."""
    return address[7:] if address.startswith("::ffff:") else address


def _read_command(pid: int) -> str:
    words = _read(f"{_PROC}/{pid}/cmdline").replace("\0", " ").strip()
    name = words or _read(f"{_PROC}/{pid}/comm").strip()
    return printable.line(name[:200])


def _read(path: str) -> str:
    """Read a file of /proc; empty if its process has ended."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
