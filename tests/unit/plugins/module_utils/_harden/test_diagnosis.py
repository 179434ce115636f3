# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remedies for what systemd and programs say when they fail."""

from __future__ import annotations

import re

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    diagnosis,
    needs,
)

explain = diagnosis.explain

# The last lines of a program's traceback, and the need to add.
ERRORS = [
    (
        [
            "    mmap.mmap(-1, 4096, prot=7)",
            "    ~~~~^^^",
            "PermissionError: [Errno 13] Permission denied",
        ],
        "jit",
    ),
    (
        [
            "MemoryError: Cannot allocate write+execute memory for "
            "ffi.callback()."
        ],
        "jit",
    ),
    (
        [
            "    util.chown(cfg_addr, conf.uid, conf.gid)",
            "    os.chown(path, uid, gid)",
            "PermissionError: [Errno 1] Operation not permitted: '/run/a'",
        ],
        "chown",
    ),
    (
        [
            "    os.setuid(uid)",
            "PermissionError: [Errno 1] Operation not permitted",
        ],
        "same-user-setuid",
    ),
    (
        [
            "    os.nice(5)",
            "PermissionError: [Errno 1] Operation not permitted",
        ],
        "scheduling",
    ),
    (
        [
            "    os.sched_setscheduler(0, os.SCHED_FIFO, param)",
            "PermissionError: [Errno 1] Operation not permitted",
        ],
        "realtime",
    ),
    (
        [
            "    os.chmod(path, 0o2775)",
            "PermissionError: [Errno 1] Operation not permitted: '/srv/x'",
        ],
        "setgid-bits",
    ),
    (
        [
            "    socket.if_nameindex()",
            "OSError: [Errno 97] Address family not supported by protocol",
        ],
        "netlink",
    ),
    (
        [
            "    socket.socket(socket.AF_CAN, socket.SOCK_RAW)",
            "OSError: [Errno 97] Address family not supported by protocol",
        ],
        "can",
    ),
    (
        [
            "    socket.socket(socket.AF_VSOCK)",
            "OSError: [Errno 97] Address family not supported by protocol",
        ],
        "vsock",
    ),
    (
        [
            "    socket.socket(socket.AF_BLUETOOTH)",
            "OSError: [Errno 97] Address family not supported by protocol",
        ],
        "bluetooth",
    ),
    (
        [
            "    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
            "OSError: [Errno 97] Address family not supported by protocol",
        ],
        "packet",
    ),
    (
        [
            "    socket.create_connection(address)",
            "OSError: [Errno 97] Address family not supported by protocol",
        ],
        "network",
    ),
    (["OSError: [Errno 101] Network is unreachable"], "network"),
    (
        [
            "    self.sock.connect(sa)",
            "PermissionError: [Errno 1] Operation not permitted",
        ],
        "network",
    ),
    (
        ["socket.gaierror: [Errno -3] Temporary failure in name resolution"],
        "outbound",
    ),
    (
        [
            "    server.bind(('', 80))",
            "PermissionError: [Errno 13] Permission denied",
        ],
        "privileged-port",
    ),
    (
        ["OSError: [Errno 30] Read-only file system: '/srv/shop/a.db'"],
        "{write: [/srv/shop]}",
    ),
    (
        ["OSError: [Errno 30] Read-only file system: '/proc/sys/vm/x'"],
        "kernel-settings",
    ),
    (
        ["OSError: [Errno 30] Read-only file system: '/sys/fs/cgroup/a'"],
        "cgroups",
    ),
    (
        [
            "FileNotFoundError: [Errno 2] No such file or directory: "
            "'/home/app/key'"
        ],
        "{home: read}",
    ),
    (
        [
            "FileNotFoundError: [Errno 2] No such file or directory: "
            "'/proc/meminfo'"
        ],
        "procfs",
    ),
    (
        [
            "FileNotFoundError: [Errno 2] No such file or directory: "
            "'/proc/1/stat'"
        ],
        "processes",
    ),
    (
        [
            "FileNotFoundError: [Errno 2] No such file or directory: "
            "'/dev/ttyUSB0'"
        ],
        "{devices: [/dev/ttyUSB0]}",
    ),
    (
        ["    keyctl(0, -3)", "OSError: [Errno 1] Operation not permitted"],
        "keyring",
    ),
    (["io_uring_setup failed: EPERM"], "io-uring"),
    (
        ["    mlockall(3)", "OSError: [Errno 12] Cannot allocate memory"],
        "memlock",
    ),
    (["py-spy: Permission denied"], "debug"),
    # libzmq at the first kernel of a Jupyter server, which aborts.
    (["Operation not permitted (src/thread.cpp:315)"], "scheduling"),
    (
        ["Address family not supported by protocol (src/ip_resolver.cpp:542)"],
        "netlink",
    ),
    (
        [
            "localinterfaces.py:58: UserWarning: Unexpected error discovering "
            "local network interfaces: [Errno 97] Address family not "
            "supported by protocol"
        ],
        "netlink",
    ),
    (
        [
            "postdrop: warning: mail_queue_enter: create file maildrop/1.2: "
            "Read-only file system"
        ],
        "{write: [/var/spool/postfix/maildrop]}",
    ),
    (
        [
            "warning: inet_protocols: disabling IPv4 name/address support: "
            "Address family not supported by protocol",
            "postdrop: warning: mail_queue_enter: create file maildrop/1.2: "
            "Permission denied",
        ],
        "{groups: [postdrop]}, {write: [/var/spool/postfix/maildrop]}",
    ),
    (
        [
            "sendmail: fatal: inet_addr_local[getifaddrs]: getifaddrs: "
            "Address family not supported by protocol",
        ],
        "netlink",
    ),
    (
        ["    personality(8)", "OSError: [Errno 1] Operation not permitted"],
        "personality",
    ),
    (["[0101/000000.1:FATAL:zygote.cc(1)] No usable sandbox!"], "namespaces"),
    (
        [
            'sudo: The "no new privileges" flag is set, which prevents sudo '
            "from running as root."
        ],
        "setuid",
    ),
]


@pytest.mark.parametrize(("lines", "need"), ERRORS)
def test_an_error_names_its_need(lines: list[str], need: str) -> None:
    found = explain(
        "exit-code", 1, ["Traceback (most recent call last):", *lines]
    )
    assert [re.findall(r"`needs: \[(.*)\]`", one)[0] for one in found] == [
        need
    ]
    word = need.strip("{}").partition(":")[0]
    assert word in needs.NEEDS


@pytest.mark.parametrize(("lines", "need"), ERRORS)
def test_a_need_the_service_has_is_not_advised(
    lines: list[str], need: str
) -> None:
    word = need.strip("{}").partition(":")[0]
    assert explain("exit-code", 1, lines, needs=[word]) == []


BLAMELESS = [
    ["ValueError: invalid literal for int() with base 10: 'x'"],
    ["    os.chown(a, 0, 0)", "KeyError: 'x'"],
    ["PermissionError: [Errno 1] Operation not permitted"],
    ["FileNotFoundError: [Errno 2] No such file or directory: 'a.cfg'"],
    ["FileNotFoundError: [Errno 2] No such file or directory: '/proc/self/x'"],
    ["ConnectionRefusedError: [Errno 111] Connection refused"],
    [],
]


@pytest.mark.parametrize("lines", BLAMELESS)
def test_other_errors_are_not_blamed_on_the_sandbox(
    lines: list[str],
) -> None:
    assert explain("exit-code", 1, lines) == []


# As systemd 247 to 262 logged them.
STEPS = [
    (
        200,
        "a.service: Changing to the requested working directory failed: "
        "No such file or directory",
        "WorkingDirectory= is not a directory of this host",
    ),
    (
        226,
        "a.service: Failed to set up mount namespacing: "
        "/run/systemd/unit-root/srv/a b: No such file or directory",
        "/srv/a b does not exist",
    ),
    (
        226,
        "a.service: Failed to set up mount namespacing: /srv/a: "
        "No such file or directory",
        "/srv/a does not exist",
    ),
    (
        226,
        "a.service: Failed to set up mount namespacing: "
        "Operation not permitted",
        "sandbox: degrade",
    ),
    (
        203,
        "a.service: Failed to execute /opt/a/bin/python: "
        "No such file or directory",
        "/opt/a/bin/python, or the interpreter",
    ),
    (
        203,
        "a.service: Unable to locate executable '/opt/a': Permission denied",
        "/opt/a may not be executed",
    ),
    (
        203,
        "a.service: Failed at step EXEC spawning /home/a/app: "
        "No such file or directory",
        "`needs: [{home: read}]`",
    ),
    (
        216,
        "a.service: Failed to determine supplementary groups: No such process",
        "out of `groups`",
    ),
    (
        217,
        "a.service: Failed to determine user credentials: No such process",
        "does not exist on this host",
    ),
    (
        217,
        "a.service: Failed to set up user namespacing: "
        "Operation not permitted",
        "`needs: [peer-users]`",
    ),
    (218, "", "capability"),
    (219, "", "control group"),
    (225, "", "network namespace"),
]


@pytest.mark.parametrize(("status", "line", "remedy"), STEPS)
def test_a_step_before_the_program_has_its_remedy(
    status: int, line: str, remedy: str
) -> None:
    found = explain("exit-code", status, [line])
    assert len(found) == 1
    assert remedy in found[0]


def audit(architecture: str, number: int) -> str:
    """Return an audit line as the kernel writes it."""
    return (
        "audit: type=1326 audit(1.2:3): auid=4294967295 uid=9 gid=9 "
        'ses=4294967295 pid=7 comm="a" exe="/opt/a" sig=31 '
        f"arch={architecture} syscall={number} compat=0 ip=0x1 code=0x0"
    )


CALLS = [
    ("c000003e", 92, "system call chown is shut: add `needs: [chown]`"),
    ("c000003e", 141, "call setpriority is shut: add `needs: [scheduling]`"),
    ("c00000b7", 219, "system call keyctl is shut: add `needs: [keyring]`"),
    ("c000003e", 169, "system call reboot is not allowed, and no need"),
    ("40000003", 1, "for a 32-bit program add `needs: [abi32]`"),
]


@pytest.mark.parametrize(("architecture", "number", "remedy"), CALLS)
def test_a_killing_system_call_is_named(
    architecture: str, number: int, remedy: str
) -> None:
    lines = [audit(architecture, number)]
    for result in ("signal", "core-dump"):
        assert remedy in explain(result, 31, lines)[0]


def test_without_the_audit_line_the_way_to_it_is_told() -> None:
    assert "--grep type=1326" in explain("signal", 31, [])[0]


def test_other_signals_are_not_blamed_on_the_filter() -> None:
    assert explain("signal", 9, [audit("c000003e", 92)]) == []


def test_the_last_error_comes_first_and_there_is_an_end() -> None:
    lines = [
        f"OSError: [Errno 30] Read-only file system: '/srv/{name}/x'"
        for name in "abcdefgh"
    ]
    found = explain("exit-code", 1, lines * 2)
    assert "write: [/srv/h]" in found[0]
    assert len(found) == len(set(found)) == 5


def test_numbers_of_both_processors_are_known() -> None:
    assert diagnosis.system_call("c000003e", 0) == "read"
    assert diagnosis.system_call("c00000b7", 63) == "read"
    assert diagnosis.system_call("c000003e", 999) == ""
