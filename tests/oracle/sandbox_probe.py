# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Try from inside a service what its sandbox should forbid.

Run as the main process of a unit, with acts as arguments or all acts
when there are none. Each act is tried in a process of its own; the
output is JSON: null for what could be done and the error for what could
not. Only the standard library of Python 3.9, and no other file.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable

LIBC = ctypes.CDLL(None, use_errno=True)
HERE = "/run/pyfleet-probe"
DATA = "/var/lib/pyfleet-probe"
HOME = "/home/pyfleet-probe"
SETUID = "/usr/local/bin/pyfleet-probe-id"
NODE = "/dev/pyfleet-kmsg"
OTHER_NODE = "/dev/pyfleet-tun"
MARKER = "/tmp/pyfleet-probe-marker"
CLONE_NEWUTS, CLONE_NEWUSER, CLONE_NEWIPC = 0x04000000, 0x10000000, 0x08000000
SHM_KEY = 0x70796670


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library; raise OSError if it fails."""
    ctypes.set_errno(0)
    result: int = getattr(LIBC, name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def status(field: str) -> str:
    """Return a line of /proc/self/status."""
    with open("/proc/self/status") as stream:
        for line in stream:
            if line.startswith(field + ":"):
                return line.split(":")[1].strip()
    return ""


def require(condition: object, message: str) -> None:
    """Count an act as failed without an error of the kernel."""
    if not condition:
        raise OSError(0, message)


def opens(family: int, kind: int = socket.SOCK_STREAM) -> None:
    with socket.socket(family, kind):
        pass


def connects(address: str) -> None:
    with socket.create_connection((address, 22), timeout=3):
        pass


def own_address() -> str:
    with open(HERE + "/address") as stream:
        return stream.read().strip()


def binds(port: int) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()


def sees_interfaces() -> None:
    with open("/proc/self/net/dev") as stream:
        names = [line.split(":")[0].strip() for line in stream if ":" in line]
    require(set(names) - {"lo"}, "only lo is there")


def writes(directory: str) -> None:
    with tempfile.NamedTemporaryFile(dir=directory):
        pass


def reads(path: str) -> None:
    with open(path, "rb") as stream:
        stream.read(1)


def opens_for_writing(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY))


def own_cgroup_file() -> str:
    with open("/proc/self/cgroup") as stream:
        path = [line for line in stream if line.startswith("0::")]
    tail = path[0].strip().split("::")[1]
    for base in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        name = base + tail + "/cgroup.procs"
        if os.path.exists(name):
            return name
    raise OSError(0, "no control group file")


def shares_namespace(kind: str) -> None:
    own = os.readlink("/proc/self/ns/" + kind)
    with open(HERE + "/namespaces") as stream:
        require(own == json.load(stream)[kind], "a namespace of its own")


def maps_all_users() -> None:
    with open("/proc/self/uid_map") as stream:
        mapped = int(stream.read().split()[2])
    require(mapped > 2**31, "a user namespace of its own")


def sets_mode(mode: int) -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as stream:
        os.chmod(stream.name, mode)


def changes_owner() -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as stream:
        os.chown(stream.name, os.getuid(), os.getgid())


def gives_away() -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as stream:
        os.chown(stream.name, 12345, 12345)


def maps_executable() -> None:
    mmap.mmap(-1, 4096, prot=7).close()


def runs_as_root() -> None:
    shown = subprocess.run(
        [SETUID], check=False, stdout=subprocess.PIPE, text=True
    ).stdout
    require("euid=0" in shown, "not root: " + shown.strip())


def runs_32_bit_program() -> None:
    done = subprocess.run([HERE + "/elf32"], check=False)
    require(done.returncode == 42, f"ended with {done.returncode}")


def sees_keyring() -> None:
    # keyctl(KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, ...)
    name = f"_uid.{os.getuid()}".encode()
    call("syscall", 250, 10, -3, b"keyring", name, 0)


def becomes(user: int) -> None:
    call("setgroups", 0, None)
    os.setuid(user)


def leaves_shared_memory() -> None:
    call("shmget", SHM_KEY, 4096, 0o1600)


def reads_kernel_log() -> None:
    call("klogctl", 10, None, 0)
    os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))


def expect_other_than_eperm(act: Callable[[], object]) -> None:
    try:
        act()
    except OSError as error:
        if error.errno == 1:
            raise


ACTS: dict[str, Callable[[], object]] = {
    # What an ordinary user may do in an unrestricted service.
    "inet": lambda: opens(socket.AF_INET),
    "netlink": lambda: opens(socket.AF_NETLINK, socket.SOCK_RAW),
    "vsock": lambda: opens(socket.AF_VSOCK),
    "unix": lambda: opens(socket.AF_UNIX),
    "group-file": lambda: reads(HERE + "/group-file"),
    "interfaces": sees_interfaces,
    "connect-local": lambda: connects("127.0.0.1"),
    "connect-out": lambda: connects(own_address()),
    "bind": lambda: binds(0),
    "jit": maps_executable,
    "write-data": lambda: writes(DATA),
    "write-system": lambda: writes("/var/lib/pyfleet-open"),
    "shared-tmp": lambda: reads(MARKER),
    "home-read": lambda: reads(HOME + "/marker"),
    "home-write": lambda: writes(HOME),
    "device": lambda: opens_for_writing(NODE),
    "other-device": lambda: opens_for_writing(OTHER_NODE),
    "proc-1": lambda: reads("/proc/1/status"),
    "meminfo": lambda: reads("/proc/meminfo"),
    "users": maps_all_users,
    "nice": lambda: os.nice(1),
    "chown": changes_owner,
    "setuid-self": lambda: os.setuid(os.getuid()),
    "setgid-bit": lambda: sets_mode(0o2755),
    "personality": lambda: call("personality", 8),
    "unshare-user": lambda: call("unshare", CLONE_NEWUSER),
    "ptrace": lambda: call("ptrace", 0, 0, None, None),
    "adjtimex": lambda: call("adjtimex", ctypes.create_string_buffer(512)),
    "abi32": runs_32_bit_program,
    "io-uring": lambda: os.close(
        call("syscall", 425, 1, ctypes.create_string_buffer(512))
    ),
    "keyctl": lambda: call("syscall", 250, 0, -3, 1),
    "setuid-program": runs_as_root,
    "world-readable": lambda: require(
        not os.umask(0) & 0o004, "files are not readable by others"
    ),
    "group-readable": lambda: require(
        not os.umask(0) & 0o040, "files are not readable by the group"
    ),
    "mount-namespace": lambda: shares_namespace("mnt"),
    # What takes a capability.
    "packet": lambda: opens(socket.AF_PACKET, socket.SOCK_RAW),
    "become-user": lambda: becomes(12345),
    "port-capability": lambda: require(
        int(status("CapEff"), 16) >> 10 & 1, "no CAP_NET_BIND_SERVICE"
    ),
    "any-capability": lambda: require(
        int(status("CapBnd"), 16), "the bounding set is empty"
    ),
    "ambient-capability": lambda: require(
        int(status("CapAmb"), 16), "the ambient set is empty"
    ),
    # What root may do.
    "tunables": lambda: opens_for_writing("/proc/sys/kernel/core_pattern"),
    "cgroup": lambda: opens_for_writing(own_cgroup_file()),
    "kernel-log": reads_kernel_log,
    "module": lambda: expect_other_than_eperm(
        lambda: call("init_module", None, 0, b"")
    ),
    "hostname": lambda: socket.sethostname(socket.gethostname()),
    "realtime": lambda: os.sched_setscheduler(
        0, os.SCHED_FIFO, os.sched_param(1)
    ),
    "unshare-uts": lambda: call("unshare", CLONE_NEWUTS),
    "unshare-ipc": lambda: call("unshare", CLONE_NEWIPC),
    "give-away": gives_away,
    "user-keyring": sees_keyring,
    "shared-memory": leaves_shared_memory,
}


def attempt(act: str) -> str | None:
    """Try an act in a process of its own; return None or the error."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(10)
        try:
            ACTS[act]()
            message = ""
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
        os.write(writer, message.encode())
        os._exit(0)
    os.close(writer)
    with contextlib.closing(os.fdopen(reader)) as stream:
        message = stream.read()
    _unused, state = os.waitpid(child, 0)
    if os.WIFSIGNALED(state):
        return "killed by " + signal.Signals(os.WTERMSIG(state)).name
    return message or None


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(ACTS)
    json.dump({act: attempt(act) for act in wanted}, sys.stdout)
