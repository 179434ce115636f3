# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remedies for a service that its sandbox made fail.

`explain` reads the exit status and the messages of the service, and
names the need that allows the refused operation. The room `_host` puts
the exit status itself into words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    _syscall_numbers,
    needs,
    places,
    syscalls,
)

_MOST = 5
# How many lines above an error its traceback is looked for.
_ABOVE = 8
_SIGSYS = 31
# The groups in which a system call is looked for: the newest known.
_NEWEST = 9999

# The need that a sentence advises.
_ADVISED = re.compile(r"add `needs: \[\{?([a-z0-9-]+)")
# An exception as `repr` shows it, instead of `str`.
_REPR = re.compile(r"\b\w*Error\((\d+), '([^']*)'\)")
_EPERM = r"\[Errno 1\] Operation not permitted|EPERM"
_REFUSED = r"\[Errno 1\]|\[Errno 13\]|EPERM|EACCES|not permitted|denied"
_FAMILY = r"\[Errno 97\]|Address family not supported"


class _Rule(NamedTuple):
    """An error, the text around it, and the need that allows it.

    `reason` is a phrase; `{0}` in it and in `need` is the first group
    of `error`.
    """

    error: str
    around: str
    need: str
    reason: str


# The first rule that fits a line counts, so the special come first.
_RULES = tuple(
    _Rule(*row)
    for row in (
        (
            r"no new privileges.? flag is set|effective uid is not 0",
            "",
            "setuid",
            "set-user-ID programs get no privileges",
        ),
        (
            r"No usable sandbox|move to new namespace|new namespace failed",
            "",
            "namespaces",
            "no namespace can be created",
        ),
        (
            r"Cannot allocate write\+execute memory|LLVM ERROR",
            "",
            "jit",
            "memory cannot be writable and executable",
        ),
        (
            # An error that names a file is about this file.
            rf"^(?!.*: ')(?:.*)(?:{_REFUSED})",
            r"\bmmap\.mmap\(|\.callback\(|llvmlite|numba|jaxlib",
            "jit",
            "memory cannot be writable and executable",
        ),
        (
            _FAMILY,
            r"NETLINK|if_nameindex|net_if_addrs|getifaddrs|netifaces"
            r"|local network interfaces|\(src/ip_resolver\.cpp:",
            "netlink",
            "netlink sockets are shut",
        ),
        (_FAMILY, r"AF_CAN|socketcan", "can", "CAN sockets are shut"),
        (_FAMILY, r"AF_BLUETOOTH", "bluetooth", "Bluetooth sockets are shut"),
        (_FAMILY, r"AF_VSOCK", "vsock", "vsock sockets are shut"),
        (_FAMILY, r"AF_PACKET|scapy", "packet", "packet sockets are shut"),
        (
            # Postfix's sendmail goes on without addresses.
            rf"^(?!.*inet_protocols: disabling).*(?:{_FAMILY})"
            r"|\[Errno 101\]|Network is unreachable",
            "",
            "network",
            "the network is shut (localhost opens it within the host)",
        ),
        (
            r"Temporary failure in name resolution",
            "",
            "outbound",
            "the network is shut, and name servers with it",
        ),
        (
            r"mail_queue_enter: .*Permission denied",
            "",
            "groups: [postdrop]}, {write: [/var/spool/postfix/maildrop]",
            "Postfix's sendmail lacks the group of its program (beside a "
            "need for the network it takes `netlink`, too)",
        ),
        (
            r"mail_queue_enter: .*Read-only file system",
            "",
            "write: [/var/spool/postfix/maildrop]",
            "the queue of Postfix's sendmail is read-only",
        ),
        (_REFUSED, r"SOCK_RAW", "packet", "raw sockets take a capability"),
        (
            r"\[Errno 13\]|EACCES|Permission denied",
            r"(?s)^(?!.*(?:AF_UNIX|unix:|unix_|\.sock\b))"
            r".*(?:\bbind\(|\bbind on\b|connection to \()",
            "privileged-port",
            "ports below 1024 take a capability (1024 and above take none)",
        ),
        (
            _EPERM,
            r"\bconnect\(|create_connection|sendto\(|\bbind\(",
            "network",
            "addresses or ports are filtered",
        ),
        (
            # The second is gunicorn's Unix socket.
            _EPERM,
            r"\b[lf]?chown\(|connection to /\S+ failed",
            "chown",
            "owners cannot be changed",
        ),
        (
            _EPERM,
            r"\bset(?:re|res)?[ug]id\(|\b(?:set|init)groups\(",
            "same-user-setuid",
            "the setuid() family is shut (for other users: become-users)",
        ),
        (
            # The last words of libzmq, which then aborts.
            r"^Operation not permitted \(src/thread\.cpp:",
            "",
            "scheduling",
            "ZeroMQ cannot set up its threads (where it also binds a socket, "
            "as Jupyter's kernels do, it takes `netlink`, too)",
        ),
        (
            _EPERM,
            r"SCHED_(?:FIFO|RR)\b",
            "realtime",
            "real-time scheduling is shut",
        ),
        (
            _EPERM,
            r"\bnice\(|setpriority\(|sched_set\w+\(|cpu_affinity\(",
            "scheduling",
            "priorities and affinity cannot be changed",
        ),
        (
            _EPERM,
            r"\bf?chmod\(",
            "setgid-bits",
            "set-user-ID and set-group-ID bits are shut",
        ),
        (_EPERM, r"io_uring", "io-uring", "io_uring is shut"),
        (
            _EPERM,
            r"keyctl|add_key|request_key|KEYRING",
            "keyring",
            "the kernel's key service is shut",
        ),
        (
            _REFUSED,
            r"\bptrace|py-spy|perf_event_open",
            "debug",
            "tracing is shut",
        ),
        (
            _EPERM,
            r"\bpersonality\(|setarch",
            "personality",
            "the execution domain cannot be changed",
        ),
        (
            r"\[Errno 12\]|Cannot allocate memory",
            r"\bmlock",
            "memlock",
            "locked memory is limited",
        ),
        (
            r"\[Errno 30\].*'(?:/sys/fs/cgroup)",
            "",
            "cgroups",
            "control groups are read-only",
        ),
        (
            r"\[Errno 30\].*'(?:/proc/sys|/sys)/",
            "",
            "kernel-settings",
            "the kernel's settings are read-only",
        ),
        (
            r"Errno 2\b.*'(?:/home|/root|/run/user)(?:/|')"
            # Hidden files are `places`' own: most are caches.
            r"|Errno 13\b.*'(?:/home/[^/']+|/root|/run/user)(?:/(?!\.)|')"
            r"|Errno 13\b.*'/home'",
            # A directory that is made there is a cache as well.
            r"(?s)^(?!.*\b(?:mkdir|makedirs)\b)",
            "home: read",
            "home directories are hidden",
        ),
        (
            r"Errno 2\b.*'/proc/\d+",
            "",
            "processes",
            "processes of other users are hidden",
        ),
        (
            r"Errno (?:2|13|30)\b.*'/proc/(?!self|thread-self)",
            "",
            "procfs",
            "of /proc only processes are there",
        ),
        (
            # EACCES comes of the device's own mode, not of the sandbox.
            r"Errno [12]\b.*'(/dev/(?!shm|log|null)[^']+)'",
            "",
            "devices: [{0}]",
            "devices are shut",
        ),
    )
)

# Steps before the program: systemd.exec(5), "Process Exit Codes". The
# texts are those which systemd 247 to 262 logs.
_MISSING_PATH = re.compile(
    r"mount namespacing: (?:/run/systemd/unit-root)?(/.*?): No such file"
)
_PROGRAM = re.compile(
    r"(?:locate executable|Failed to execute|EXEC spawning) "
    r"'?(/[^:']+)'?: (No such file|Permission denied)"
)
_AUDIT = re.compile(
    r"(?:type=1326|SECCOMP) .*\barch=([0-9a-f]+) syscall=(\d+)"
)


def explain(
    result: str,
    status: int,
    lines: Sequence[str],
    *,
    needs: Collection[str] = (),
    app: str = "",
) -> list[str]:
    """Say what to do about a service that failed.

    Args:
        result: The unit's Result property, such as `exit-code`.
        status: Its ExecMainStatus property: exit status or signal.
        lines: The last lines of its journal, oldest first, without
            time and host; the kernel's audit lines about its processes
            may be among them.
        needs: Words of the needs the service has already.
        app: Name of the application, for the names of its directories.

    Returns:
        Sentences, the likeliest first; none where nothing is known.
    """
    found: list[str] = []
    if result in ("signal", "core-dump") and status == _SIGSYS:
        found.extend(_refused_calls(lines))
    if result == "exit-code":
        step = _STEPS.get(status)
        found.extend(step(lines) if step else ())
    if not found:
        found.extend(_refused_acts(_plain(lines), needs, app))
    return list(dict.fromkeys(found))[:_MOST]


def _plain(lines: Sequence[str]) -> list[str]:
    """Return lines with errors in the one form that the rules know."""
    return [_REPR.sub(r"[Errno \1] \2", line) for line in lines]


def _refused_acts(
    lines: Sequence[str], needs: Collection[str], app: str
) -> Iterable[str]:
    """Look for errors of the program, the last one first."""
    for index in range(len(lines) - 1, -1, -1):
        above = "\n".join(lines[max(0, index - _ABOVE) : index + 1])
        found = _rule_for(lines[index], above)
        if found is None:
            advice = places.advise(lines[index], above, app)
            named = _ADVISED.search(advice)
            if advice and not (named and named[1] in needs):
                yield advice
        elif found.need.partition(":")[0] not in needs:
            yield places.advice(found.reason, found.need)


def _rule_for(line: str, above: str) -> _Rule | None:
    """Return the rule of an error, with its need filled in."""
    for rule in _RULES:
        match = re.search(rule.error, line)
        if match and re.search(rule.around, above):
            if "{0}" in rule.need:
                return rule._replace(need=rule.need.format(match[1]))
            return rule
    return None


def _refused_calls(lines: Sequence[str]) -> Iterable[str]:
    """Name the system calls the kernel's audit has."""
    named = False
    for line in reversed(lines):
        match = _AUDIT.search(line)
        if match:
            named = True
            yield _refused_call(match[1], int(match[2]))
    if not named:
        yield (
            "A system call is not allowed by SystemCallFilter= or "
            "SystemCallArchitectures=; the kernel's journal may name it: "
            "journalctl -k --grep type=1326"
        )


def system_call(architecture: str, number: int) -> str:
    """Return the name of a system call, empty if it is not known.

    Args:
        architecture: As in `arch=` of an audit message: c000003e.
        number: As in `syscall=`.
    """
    for line in _syscall_numbers.NUMBERS.replace("\n ", " ").splitlines():
        arch, *words = line.split()
        counter = -1
        for word in words if arch == architecture else ():
            first, equals, name = word.rpartition("=")
            counter = int(first) if equals else counter + 1
            if counter == number:
                return name
    return ""


def _refused_call(architecture: str, number: int) -> str:
    """Name a system call and the need that allows it."""
    name = system_call(architecture, number)
    if not name:
        return (
            f"System call {number} (arch={architecture}) is not allowed; "
            "for a 32-bit program add `needs: [abi32]`."
        )
    for need in needs.NEEDS.values():
        words = need.calls + need.permits
        if any(name in syscalls.calls(word, _NEWEST) for word in words):
            return places.advice(f"the system call {name} is shut", need.word)
    return (
        f"The system call {name} is not allowed, and no need allows it: "
        f"set it in `options`, as SystemCallFilter={name}."
    )


def _explain_namespace(lines: Sequence[str]) -> Iterable[str]:
    text = "\n".join(lines)
    for path in dict.fromkeys(_MISSING_PATH.findall(text)):
        yield (
            f"{path} does not exist on this host: create it, or take it "
            "out of `write` and other lists of paths."
        )
    if "not permitted" in text or "Permission denied" in text:
        yield (
            "This host lets systemd set up no mount namespace, as in a "
            "container without CAP_SYS_ADMIN: set `sandbox: degrade` "
            "to do without."
        )


def _explain_program(lines: Sequence[str]) -> Iterable[str]:
    for path, error in dict.fromkeys(_PROGRAM.findall("\n".join(lines))):
        if error == "Permission denied":
            yield (
                f"{path} may not be executed: set its execute bits, and "
                "look for a file system mounted noexec."
            )
        elif path.startswith(("/home/", "/root/", "/run/user/")):
            yield places.advice(
                f"home directories are hidden, {path} among them",
                "home: read",
            )
        else:
            yield (
                f"{path}, or the interpreter its first line names, does "
                "not exist on this host."
            )


def _explain_directory(lines: Sequence[str]) -> Iterable[str]:
    yield (
        "WorkingDirectory= is not a directory of this host that the "
        "service's user may enter, or the sandbox hides it: create it, or "
        "take it out of `options`."
    )


def _explain_group(lines: Sequence[str]) -> Iterable[str]:
    yield (
        "A group of Group= or SupplementaryGroups= does not exist on this "
        "host: create it, or take it out of `groups`."
    )


def _explain_user(lines: Sequence[str]) -> Iterable[str]:
    if any("user namespac" in line for line in lines):
        yield (
            "This host lets systemd set up no user namespace: set "
            "`sandbox: degrade`, or add `needs: [peer-users]`."
        )
    else:
        yield "The user of User= does not exist on this host: create it."


def _explain_capabilities(lines: Sequence[str]) -> Iterable[str]:
    yield (
        "This host does not have a capability the service gets, as in a "
        "container that was started without it."
    )


def _explain_cgroup(lines: Sequence[str]) -> Iterable[str]:
    yield (
        "The control group could not be set up: see whether the host's "
        "cgroup tree is writable for systemd."
    )


def _explain_network(lines: Sequence[str]) -> Iterable[str]:
    yield (
        "This host lets systemd set up no network namespace: set "
        "`sandbox: degrade` to do without."
    )


_STEPS = {
    200: _explain_directory,
    203: _explain_program,
    216: _explain_group,
    217: _explain_user,
    218: _explain_capabilities,
    219: _explain_cgroup,
    225: _explain_network,
    226: _explain_namespace,
}
