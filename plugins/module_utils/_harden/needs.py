# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The needs that an application may have of the system, as data.

The strict sandbox shuts all that CPython can live without; a need is
one word that opens one part of the sandbox again. Every need has the
part that it opens, the directives that this takes, the manual page that
describes them, and the failures of an application that has the need and
does not name it.

This module is data: `sandbox` turns it into directives, and
`docs/needs.md` is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass

Assignment = tuple[str, str]

IO_URING = ("io_uring_enter", "io_uring_register", "io_uring_setup")


@dataclass(frozen=True)
class Need:
    """One part of the system that an application may need.

    Attributes:
        word: The word that the user writes.
        opens: The opening in words, for documentation and comments.
        breaks: The functions that fail in an application without it.
        manual: Manual page and section which describe the directives.
        lifts: Directives of the strict sandbox that are left out.
        sets: Directives that are set, or set to another value.
        families: Socket address families that may be opened.
        capabilities: Capabilities the service gets.
        bounding: Capabilities that programs run by it may get.
        calls: System calls and groups allowed again.
        permits: Entries taken out of the list of denied system calls.
        takes: The value that stands beside its word: "" (nothing),
            "access" (`read` or `write`), or a list of "paths",
            "devices" or "groups".
        beside: The need makes sense only beside one of these.
    """

    word: str
    opens: str
    breaks: str
    manual: str
    lifts: tuple[str, ...] = ()
    sets: tuple[Assignment, ...] = ()
    families: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    bounding: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    permits: tuple[str, ...] = ()
    takes: str = ""
    beside: tuple[str, ...] = ()


_INTERNET = ("AF_INET", "AF_INET6")

# Until systemd 256 a service that does not run as root gets
# NoNewPrivileges= implied by each of these (context_has_seccomp in
# src/core/exec-invoke.c, context_has_no_new_privileges before 254), so
# a set-user-ID program works only without all of them.
_IMPLY_NO_NEW_PRIVILEGES = (
    "LockPersonality",
    "MemoryDenyWriteExecute",
    "PrivateDevices",
    "ProtectClock",
    "ProtectHostname",
    "ProtectKernelLogs",
    "ProtectKernelModules",
    "ProtectKernelTunables",
    "RestrictAddressFamilies",
    "RestrictNamespaces",
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "SystemCallArchitectures",
    "SystemCallErrorNumber",
    "SystemCallFilter",
)

_NETWORK = (
    Need(
        word="localhost",
        opens="connections within the host",
        breaks="The service can neither connect to a database or proxy on "
        "the same host nor listen on 127.0.0.1.",
        manual="systemd.resource-control(5), IPAddressAllow=",
        lifts=("PrivateNetwork", "SocketBindDeny"),
        sets=(("IPAddressAllow", "localhost"),),
        families=_INTERNET,
    ),
    Need(
        word="outbound",
        opens="connections to other hosts, without listening",
        breaks="The service cannot connect to other hosts: name look-up "
        "and connect() fail.",
        manual="systemd.resource-control(5), SocketBindDeny=",
        lifts=("PrivateNetwork", "IPAddressDeny", "IPAddressAllow"),
        sets=(("SocketBindDeny", "any"),),
        families=_INTERNET,
    ),
    Need(
        word="network",
        opens="connections from and to other hosts",
        breaks="The service neither reaches other hosts nor is reached.",
        manual="systemd.exec(5), PrivateNetwork=",
        lifts=(
            "PrivateNetwork",
            "IPAddressDeny",
            "IPAddressAllow",
            "SocketBindDeny",
        ),
        families=_INTERNET,
    ),
    Need(
        word="netlink",
        opens="netlink sockets",
        breaks="getifaddrs(3), socket.if_nameindex() and "
        "psutil.net_if_addrs() fail; getaddrinfo(3) does not need it. "
        "pyzmq aborts where it binds a TCP socket, as Jupyter's kernels do: "
        "see `scheduling`.",
        manual="systemd.exec(5), RestrictAddressFamilies=",
        families=("AF_NETLINK",),
    ),
    Need(
        word="privileged-port",
        opens="listening below port 1024; a proxy in front needs no "
        "capability",
        breaks="bind() to a port below 1024 fails with EACCES.",
        manual="systemd.exec(5), AmbientCapabilities=",
        # A capability of a private user namespace is void outside it.
        lifts=("PrivateUsers",),
        capabilities=("CAP_NET_BIND_SERVICE",),
        beside=("network", "localhost"),
    ),
    Need(
        word="packet",
        opens="raw and packet sockets",
        breaks="Packet capture (scapy) and raw ICMP sockets fail.",
        manual="systemd.exec(5), AmbientCapabilities=",
        lifts=("PrivateUsers", "PrivateNetwork"),
        families=("AF_PACKET",),
        capabilities=("CAP_NET_RAW",),
    ),
    Need(
        word="can",
        opens="CAN bus sockets",
        breaks="python-can's socketcan interface fails.",
        manual="systemd.exec(5), RestrictAddressFamilies=",
        # Interfaces of the bus live in the host's network namespace.
        lifts=("PrivateNetwork",),
        families=("AF_CAN",),
    ),
    Need(
        word="bluetooth",
        opens="Bluetooth sockets",
        breaks="socket.AF_BLUETOOTH cannot be opened.",
        manual="systemd.exec(5), RestrictAddressFamilies=",
        lifts=("PrivateNetwork",),
        families=("AF_BLUETOOTH",),
    ),
    Need(
        word="vsock",
        opens="sockets between a virtual machine and its host",
        breaks="socket.AF_VSOCK cannot be opened.",
        manual="systemd.exec(5), RestrictAddressFamilies=",
        families=("AF_VSOCK",),
    ),
)

_FILES = (
    Need(
        word="write",
        opens="writing below the paths named, which must exist",
        breaks="Writing outside the state, cache, log and runtime "
        "directories fails with EROFS.",
        manual="systemd.exec(5), ReadWritePaths=",
        takes="paths",
    ),
    Need(
        word="home",
        opens="home directories: `home: read` or `home: write`",
        breaks="/home, /root and /run/user look empty, so a virtual "
        "environment or key below them is not found.",
        manual="systemd.exec(5), ProtectHome=",
        takes="access",
    ),
    Need(
        word="shared-tmp",
        opens="the host's own /tmp and /var/tmp",
        breaks="The service and other programs do not see each other's "
        "files in /tmp.",
        manual="systemd.exec(5), PrivateTmp=",
        lifts=("PrivateTmp",),
        # Once shared, ProtectSystem=strict makes both read-only.
        sets=(
            ("ReadWritePaths", "/tmp"),  # noqa: S108
            ("ReadWritePaths", "/var/tmp"),  # noqa: S108
        ),
    ),
    Need(
        word="share-files",
        opens="reading the service's files for its group",
        breaks="Other members of the service's group cannot read its "
        "files (files are 0600, directories 0700).",
        manual="systemd.exec(5), UMask=",
        sets=(("UMask", "0027"),),
    ),
    Need(
        word="groups",
        opens="what the groups named may access",
        breaks="Files and sockets of another group, such as a database "
        "socket, are refused with EACCES.",
        manual="systemd.exec(5), SupplementaryGroups=",
        takes="groups",
    ),
    Need(
        word="setgid-bits",
        opens="set-user-ID and set-group-ID bits on the service's files",
        breaks="chmod() to a mode such as 2775 fails with EPERM.",
        manual="systemd.exec(5), RestrictSUIDSGID=",
        lifts=("RestrictSUIDSGID",),
    ),
    Need(
        word="chown",
        opens="changing the owner of files within what the user may do",
        breaks="os.chown() fails with EPERM even to the service's own "
        "user: gunicorn bound to a Unix socket never listens.",
        manual="systemd.exec(5), SystemCallFilter=",
        calls=("@chown",),
    ),
    Need(
        word="devices",
        opens="the devices named, such as /dev/ttyUSB0 or char-rtc",
        breaks="/dev has only null, zero, random, tty and the like.",
        manual="systemd.resource-control(5), DeviceAllow=",
        lifts=("PrivateDevices",),
        sets=(("DevicePolicy", "closed"),),
        takes="devices",
    ),
    Need(
        word="gpu",
        opens="graphics and compute devices; name the `render` group in "
        "`groups` beside it",
        breaks="CUDA, ROCm and OpenCL find no device, and their run-time "
        "compilers cannot make code executable.",
        manual="systemd.resource-control(5), DeviceAllow=",
        lifts=("PrivateDevices", "MemoryDenyWriteExecute", "ProcSubset"),
        sets=(
            ("DevicePolicy", "closed"),
            ("DeviceAllow", "char-drm rw"),
            ("DeviceAllow", "char-kfd rw"),
            ("DeviceAllow", "char-nvidia* rw"),
        ),
    ),
)

_PROCESS = (
    Need(
        word="jit",
        opens="memory that is writable and executable",
        breaks="Code made at run time fails: cffi callbacks, numba, jax, "
        "polars, PyPy and CPython's own compiler (3.14).",
        manual="systemd.exec(5), MemoryDenyWriteExecute=",
        lifts=("MemoryDenyWriteExecute",),
    ),
    Need(
        word="procfs",
        opens="the parts of /proc that are not about processes",
        breaks="psutil.virtual_memory(), cpu_percent() and boot_time(), "
        "py-cpuinfo and prometheus_client's start time fail.",
        manual="systemd.exec(5), ProcSubset=",
        lifts=("ProcSubset",),
    ),
    Need(
        word="processes",
        opens="seeing the processes of other users",
        breaks="psutil.process_iter() lists only the service's own processes.",
        manual="systemd.exec(5), ProtectProc=",
        lifts=("ProtectProc",),
    ),
    Need(
        word="peer-users",
        opens="the host's user and group names as they are",
        breaks="Other users appear as `nobody`: SO_PEERCRED and os.stat() "
        "do not tell who they are.",
        manual="systemd.exec(5), PrivateUsers=",
        lifts=("PrivateUsers",),
    ),
    Need(
        word="scheduling",
        opens="priorities, processor affinity and memory policy",
        breaks="os.nice() and os.sched_setaffinity() fail with EPERM, and "
        "pyzmq aborts. A Jupyter server starts without it, and aborts at "
        "its first kernel: give it `netlink` and `scheduling`.",
        manual="systemd.exec(5), SystemCallFilter=",
        permits=("@resources",),
    ),
    Need(
        word="realtime",
        opens="real-time scheduling",
        breaks="os.sched_setscheduler() to SCHED_FIFO or SCHED_RR fails "
        "with EPERM.",
        manual="systemd.exec(5), RestrictRealtime=",
        lifts=("RestrictRealtime",),
        sets=(("LimitRTPRIO", "99"),),
        permits=("@resources",),
    ),
    Need(
        word="memlock",
        opens="locking memory without limit",
        breaks="mlock() beyond the default limit fails with ENOMEM.",
        manual="systemd.exec(5), LimitMEMLOCK=",
        sets=(("LimitMEMLOCK", "infinity"),),
    ),
    Need(
        word="io-uring",
        opens="io_uring, whose operations pass the system-call filter by",
        breaks="io_uring_setup() fails with EPERM; libuv and asyncio do "
        "without it.",
        manual="systemd.exec(5), SystemCallFilter=",
        permits=IO_URING,
    ),
    Need(
        word="keyring",
        opens="the kernel's key service",
        breaks="add_key(), request_key() and keyctl() fail with EPERM: "
        "Kerberos caches of type KEYRING, python-keyutils.",
        manual="systemd.exec(5), KeyringMode=",
        permits=("@keyring",),
    ),
    Need(
        word="sysv-ipc",
        opens="System V and POSIX IPC objects that outlive the service",
        breaks="Shared memory, semaphores and queues of the service's user "
        "are removed when it stops.",
        manual="systemd.exec(5), RemoveIPC=",
        lifts=("RemoveIPC",),
    ),
    Need(
        word="personality",
        opens="changing the execution domain",
        breaks="personality() fails: `setarch`, debuggers that switch off "
        "address randomisation.",
        manual="systemd.exec(5), LockPersonality=",
        lifts=("LockPersonality",),
    ),
    Need(
        word="abi32",
        opens="system calls of the processor's other modes",
        breaks="A 32-bit program run by the service fails at once.",
        manual="systemd.exec(5), SystemCallArchitectures=",
        lifts=("SystemCallArchitectures",),
    ),
    Need(
        word="debug",
        opens="tracing the service's own processes",
        breaks="ptrace() and perf_event_open() fail: py-spy, strace, "
        "faulthandler helpers.",
        manual="systemd.exec(5), SystemCallFilter=",
        calls=("@debug",),
    ),
)

_SYSTEM = (
    Need(
        word="kernel-settings",
        opens="/proc/sys, /sys and the like, within what the user may do",
        breaks="Files below /proc/sys and /sys are read-only even where "
        "their mode allows writing.",
        manual="systemd.exec(5), ProtectKernelTunables=",
        # /proc/sys is there only with all of /proc. With ProcSubset=pid
        # and ProtectHostname= 247 fails at step NAMESPACE, moreover.
        lifts=("ProtectKernelTunables", "ProcSubset"),
    ),
    Need(
        word="cgroups",
        opens="control groups below the service's own",
        breaks="The service cannot make control groups for its processes.",
        manual="systemd.resource-control(5), Delegate=",
        lifts=("ProtectControlGroups",),
        sets=(("Delegate", "yes"),),
    ),
    Need(
        word="namespaces",
        opens="user, PID and network namespaces, as browsers use them",
        breaks="Chromium's own sandbox fails to start.",
        manual="systemd.exec(5), RestrictNamespaces=",
        sets=(("RestrictNamespaces", "net pid user"),),
        calls=("capset", "chroot"),
    ),
    Need(
        word="same-user-setuid",
        opens="the setuid() family, without a capability for it",
        breaks="os.setuid() to the service's own user fails with EPERM: "
        "daemons that always drop privileges.",
        manual="systemd.exec(5), SystemCallFilter=",
        calls=("@setuid",),
    ),
    Need(
        word="become-users",
        opens="becoming any other user but by set-user-ID programs",
        breaks="os.setuid() and os.setgroups() to another user fail.",
        manual="systemd.exec(5), AmbientCapabilities=",
        lifts=("PrivateUsers",),
        capabilities=("CAP_SETGID", "CAP_SETUID"),
        calls=("@setuid",),
    ),
    Need(
        word="setuid",
        opens="set-user-ID programs, and with them most of the sandbox",
        breaks="sudo and other set-user-ID programs start without "
        "privileges. Postfix's sendmail is none of them: it takes `groups: "
        "[postdrop]`, `write: [/var/spool/postfix/maildrop]` and, beside a "
        "need for the network, `netlink`.",
        manual="systemd.exec(5), NoNewPrivileges=",
        lifts=(
            "NoNewPrivileges",
            "PrivateUsers",
            *_IMPLY_NO_NEW_PRIVILEGES,
        ),
        sets=(("DevicePolicy", "closed"),),
        bounding=(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_DAC_READ_SEARCH",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_SETGID",
            "CAP_SETUID",
        ),
    ),
)

NEEDS: dict[str, Need] = {
    need.word: need for need in _NETWORK + _FILES + _PROCESS + _SYSTEM
}

# The profile `relaxed` has the needs that C extensions commonly have.
PROFILES: dict[str, tuple[str, ...]] = {
    "strict": (),
    "relaxed": ("jit", "procfs", "scheduling", "netlink"),
}
