# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that a service runs to try each kind of protection.

It is a text, since a service runs it without the collection.
"""

from __future__ import annotations

# The exit status has one bit for each kind that is not enforced. It is
# above the statuses of Python and below those of systemd.
BASE = 64

# A limit is enforced if the service's control group shows another value
# than it shows without the limit. Without the controller, the control
# group does not have the file of the value.
IS_LIMITED = """\
def is_limited(tree, groups, controller, new, old):
    for line in groups:
        names, path = line.rstrip().split(":", 2)[1:]
        if names and controller not in names.split(","):
            continue
        place = tree + "/" + controller if names else tree
        for name in old if names else new:
            try:
                with open(place + path + "/" + name) as stream:
                    words = stream.read().split()
            except OSError:
                continue
            unlimited = {"max", "-1", "100", "500"}
            if not any(w in unlimited or len(w) == 19 for w in words):
                return True
    return False
"""

PROGRAM = f"""\
{IS_LIMITED}
import errno, os, socket, sys, time
mount, network, users = sys.argv[1:4]
def attempt(act):
    try:
        act()
    except OSError as error:
        return error.errno
    return 0
def same(kind, inode):
    return os.stat("/proc/self/ns/" + kind).st_ino == int(inode)
def fork():
    for _ in range(8):
        if not os.fork():
            time.sleep(2)
            os._exit(0)
def udp():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def lacks(*limit):
    with open("/proc/self/cgroup") as groups:
        return not is_limited("/sys/fs/cgroup", groups, *limit)
tests = {{
    "mount": lambda: same("mnt", mount)
    or not attempt(lambda: open("/etc/passwd").close()),
    "user": lambda: open("/proc/self/uid_map").read().split()
    == users.split(),
    "network": lambda: same("net", network),
    "seccomp": lambda: attempt(lambda: socket.socket(socket.AF_UNIX))
    != errno.EAFNOSUPPORT,
    "address": lambda: attempt(lambda: udp().sendto(b"", ("127.0.0.1", 9)))
    != errno.EPERM,
    "bind": lambda: attempt(lambda: udp().bind(("127.0.0.1", 0)))
    != errno.EPERM,
    "memory": lambda: lacks(
        "memory", ["memory.max"], ["memory.limit_in_bytes"]),
    "cpu": lambda: lacks("cpu", ["cpu.max"], ["cpu.cfs_quota_us"]),
    "io": lambda: lacks("blkio", ["io.weight", "io.bfq.weight"],
        ["blkio.weight", "blkio.bfq.weight"]),
    "tasks": lambda: not attempt(fork),
}}
bits = 0
for number, kind in enumerate(sys.argv[4:]):
    bits |= bool(tests[kind]()) << number
os._exit({BASE} + bits)
"""
