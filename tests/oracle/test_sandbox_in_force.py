# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox is in force on the running process, not only in its file.

sandbox_probe.py is run as a service on each host of the fleet and tries
forbidden acts from inside: once for each option by itself, with and
without it, and once for each need, which must open what it names and
nothing else.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fleet_hosts import HOSTS, hosts, run_python

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    needs,
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

Unit = tuple[list[tuple[str, str]], list[str]]
PROBE = Path(__file__).with_name("sandbox_probe.py")

# Runs each unit once and returns what its probe printed.
SCRIPT = r"""
import os, shutil, subprocess, stat, time
here, data, home = "/run/pyfleet-probe", "/var/lib/pyfleet-probe", \
    "/home/pyfleet-probe"
units = "/run/systemd/system"
user, group = "pyfleet-probe", "pyfleet-other"
def sh(*argv, **how):
    return subprocess.run(argv, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, universal_newlines=True, **how)
def clean():
    for name in os.listdir(units):
        if name.startswith("pyfleet-probe-"):
            os.unlink(os.path.join(units, name))
    for path in (here, data, home, "/var/lib/pyfleet-open"):
        shutil.rmtree(path, ignore_errors=True)
    for path in ("/dev/pyfleet-tun", "/dev/pyfleet-kmsg",
                 "/usr/local/bin/pyfleet-probe-id",
                 "/tmp/pyfleet-probe-marker"):
        if os.path.exists(path):
            os.unlink(path)
    sh("systemctl", "daemon-reload")
    sh("userdel", user)
    sh("groupdel", group)
def write(path, content, mode=0o644):
    with open(path, "wb") as stream:
        stream.write(content)
    os.chmod(path, mode)
def prepare():
    sh("useradd", "--system", "--user-group", user, check=True)
    sh("groupadd", "--system", group, check=True)
    os.makedirs(here + "/out")
    write(here + "/probe.py", given["probe"].encode())
    # An i386 program: exit(42).
    code = b"\xb8\x01\x00\x00\x00\xbb\x2a\x00\x00\x00\xcd\x80"
    header = (b"\x7fELF\x01\x01\x01" + bytes(9)
        + b"\x02\x00\x03\x00\x01\x00\x00\x00\x54\x80\x04\x08\x34\x00\x00\x00"
        + bytes(8) + b"\x34\x00\x20\x00\x01\x00\x28\x00\x00\x00\x00\x00")
    program = (b"\x01\x00\x00\x00" + bytes(4) + b"\x00\x80\x04\x08" * 2
        + b"\x60\x00\x00\x00" * 2 + b"\x05\x00\x00\x00\x00\x10\x00\x00")
    write(here + "/elf32", header + program + code, 0o755)
    addresses = sh("ip", "-4", "-o", "addr", "show", "scope", "global")
    write(here + "/address",
        addresses.stdout.split()[3].split("/")[0].encode())
    write(here + "/namespaces", json.dumps({
        kind: os.readlink("/proc/1/ns/" + kind) for kind in ("mnt", "net")
    }).encode())
    write(here + "/group-file", b"x", 0o640)
    shutil.chown(here + "/group-file", "root", group)
    for path in (data, home, "/var/lib/pyfleet-open"):
        os.makedirs(path)
        shutil.chown(path, user, user)
    write(home + "/marker", b"x")
    write("/tmp/pyfleet-probe-marker", b"x")
    shutil.copy("/usr/bin/id", "/usr/local/bin/pyfleet-probe-id")
    os.chmod("/usr/local/bin/pyfleet-probe-id", 0o4755)
    # Neither is among those that DevicePolicy=closed leaves open.
    for path, major, minor in (
        ("/dev/pyfleet-kmsg", 1, 11), ("/dev/pyfleet-tun", 10, 200)
    ):
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
        os.chmod(path, 0o666)
def run(name, options, acts):
    out = "%s/out/%s" % (here, name)
    lines = ["[Service]", "Type=oneshot", "StandardOutput=file:" + out,
        "ExecStart=/usr/bin/python3 -I %s/probe.py %s" % (
            here, " ".join(acts))]
    lines += ["%s=%s" % (key, value) for key, value in options]
    write("%s/pyfleet-probe-%s.service" % (units, name),
        "\n".join(lines).encode() + b"\n")
    return out
clean()
try:
    prepare()
    outs = {name: run(name, *unit) for name, unit in given["units"].items()}
    sh("systemctl", "daemon-reload", check=True)
    found = {}
    for name, out in outs.items():
        started = sh("systemctl", "start", "pyfleet-probe-%s" % name)
        try:
            with open(out) as stream:
                found[name] = json.load(stream)
        except (OSError, ValueError):
            log = sh("journalctl", "-n5", "-ocat", "-u",
                "pyfleet-probe-%s" % name)
            found[name] = {"broken": started.stdout + log.stdout}
        if "shared-memory" in given["units"][name][1]:
            # systemd removes them some time after the process has ended.
            for _ in range(20):
                memory = open("/proc/sysvipc/shm").read()
                found[name]["kept"] = str(0x70796670) in memory
                if not found[name]["kept"]:
                    break
                time.sleep(0.1)
            sh("ipcrm", "-M", str(0x70796670))
finally:
    clean()
print(json.dumps(found))
"""


def run(host: str, units: dict[str, Unit]) -> dict[str, dict[str, Any]]:
    """Run units on a host; return for each act None or the error."""
    text = PROBE.read_text(encoding="utf-8")
    given = {"probe": text, "units": units}
    found: dict[str, dict[str, Any]] = run_python(host, SCRIPT, given)
    broken = {n: o["broken"] for n, o in found.items() if "broken" in o}
    assert not broken
    return found


ROOT: list[tuple[str, str]] = []
USER = [("User", "pyfleet-probe")]

# Option, the act it forbids, who tries, and what stands before it where
# its default forbids the act already.
OPTIONS: list[tuple[str, str, str, list[tuple[str, str]], str]] = [
    ("NoNewPrivileges", "yes", "setuid-program", USER, ""),
    ("CapabilityBoundingSet", "", "give-away", ROOT, ""),
    ("AmbientCapabilities", "", "ambient-capability", USER, "CAP_KILL"),
    ("RestrictSUIDSGID", "yes", "setgid-bit", USER, ""),
    ("LockPersonality", "yes", "personality", USER, ""),
    ("KeyringMode", "private", "user-keyring", USER, "shared"),
    ("ProtectSystem", "strict", "write-system", USER, ""),
    ("ProtectHome", "yes", "home-read", USER, ""),
    ("PrivateTmp", "yes", "shared-tmp", USER, ""),
    ("PrivateMounts", "yes", "mount-namespace", ROOT, ""),
    ("UMask", "0077", "world-readable", USER, ""),
    ("PrivateDevices", "yes", "device", USER, ""),
    ("DevicePolicy", "closed", "other-device", USER, ""),
    ("PrivateUsers", "yes", "users", USER, ""),
    ("ProtectProc", "invisible", "proc-1", USER, ""),
    ("ProcSubset", "pid", "meminfo", USER, ""),
    ("ProtectClock", "yes", "adjtimex", ROOT, ""),
    ("ProtectHostname", "yes", "hostname", ROOT, ""),
    ("ProtectKernelLogs", "yes", "kernel-log", ROOT, ""),
    ("ProtectKernelModules", "yes", "module", ROOT, ""),
    ("ProtectKernelTunables", "yes", "tunables", ROOT, ""),
    ("ProtectControlGroups", "yes", "cgroup", ROOT, ""),
    ("RestrictNamespaces", "yes", "unshare-uts", ROOT, ""),
    ("RestrictRealtime", "yes", "realtime", ROOT, ""),
    ("MemoryDenyWriteExecute", "yes", "jit", USER, ""),
    ("SystemCallArchitectures", "native", "abi32", USER, ""),
    ("SystemCallFilter", "~@resources", "nice", USER, ""),
    ("PrivateNetwork", "yes", "interfaces", USER, ""),
    ("RestrictAddressFamilies", "AF_UNIX", "inet", USER, ""),
    ("IPAddressDeny", "any", "connect-local", USER, ""),
    ("SocketBindDeny", "any", "bind", USER, ""),
]

# What a container's kernel may not let anybody do, so that it cannot be
# seen to be forbidden there.
UNPROVABLE = {"io-uring", "realtime", "vsock"}


@pytest.mark.parametrize("host", hosts("bookworm", "trixie", "sid"))
def test_each_option_forbids_its_act(host: str) -> None:
    units: dict[str, Unit] = {}
    for option, value, act, identity, before in OPTIONS:
        base = [*identity, *([(option, before)] if before else [])]
        # Needs whose services start alike are tried in one service.
        start = f"as-{len(identity)}{option if before else ''}"
        units.setdefault(start, (base, []))[1].append(act)
        units[option] = [*base, (option, value)], [act]
    found = run(host, units)
    weak = {}
    for option, _value, act, identity, before in OPTIONS:
        start = f"as-{len(identity)}{option if before else ''}"
        without = found[start][act]
        forbidden = found[option][act]
        if without is not None and act in UNPROVABLE:
            continue
        # This build accepts the option and does not enforce it.
        is_filtered = option != "SocketBindDeny" or HOSTS[host] >= 257
        if without is not None or (forbidden is None) is is_filtered:
            weak[option] = without, forbidden
    assert not weak


@pytest.mark.parametrize("host", hosts("trixie"))
def test_ipc_objects_are_removed(host: str) -> None:
    found = run(
        host,
        {
            value: ([*USER, ("RemoveIPC", value)], ["shared-memory"])
            for value in ("yes", "no")
        },
    )
    assert {value: one["kept"] for value, one in found.items()} == {
        "yes": False,
        "no": True,
    }


# Acts of an ordinary user, and the needs that open them.
OPENED_BY: dict[str, set[str]] = {
    "inet": {"localhost", "network", "outbound", "setuid"},
    "netlink": {"netlink", "setuid"},
    "vsock": {"vsock", "setuid"},
    "unix": set(needs.NEEDS) | {""},
    "interfaces": {
        "localhost",
        "network",
        "outbound",
        "can",
        "bluetooth",
        "packet",
    },
    "connect-local": {"localhost", "network", "outbound"},
    "connect-out": {"network", "outbound"},
    "bind": {"localhost", "network", "setuid"},
    "jit": {"jit", "gpu", "setuid"},
    "write-data": {"write"},
    "write-system": set(),
    "shared-tmp": {"shared-tmp"},
    "home-read": {"home"},
    "home-write": {"home"},
    "device": {"devices"},
    "other-device": set(),
    "group-file": {"groups"},
    "proc-1": {"processes"},
    "meminfo": {"procfs", "gpu", "kernel-settings"},
    "users": {
        "peer-users",
        "privileged-port",
        "packet",
        "become-users",
        "setuid",
    },
    "nice": {"scheduling", "realtime", "setuid"},
    "chown": {"chown", "setuid"},
    "setuid-self": {"same-user-setuid", "become-users", "setuid"},
    "setgid-bit": {"setgid-bits", "setuid"},
    "personality": {"personality", "setuid"},
    "unshare-user": {"namespaces", "setuid"},
    "ptrace": {"debug", "setuid"},
    "adjtimex": {"setuid"},
    "abi32": {"abi32", "setuid"},
    "io-uring": {"io-uring", "setuid"},
    "keyctl": {"keyring", "setuid"},
    "setuid-program": {"setuid"},
    "world-readable": set(),
    "group-readable": {"share-files"},
    "mount-namespace": set(),
    "packet": {"packet"},
    "become-user": {"become-users"},
    "port-capability": {"privileged-port"},
    "ambient-capability": {"privileged-port", "packet", "become-users"},
    "any-capability": {
        "privileged-port",
        "packet",
        "become-users",
        "setuid",
    },
}
GIVEN: dict[str, Any] = {
    "paths": ["/var/lib/pyfleet-probe"],
    "devices": ["/dev/pyfleet-kmsg"],
    "groups": ["pyfleet-other"],
    "access": "write",
}


def opened(word: str, act: str, version: int) -> bool:
    """Tell whether a need, with those it stands beside, opens an act."""
    beside = needs.NEEDS[word].beside[:1] if word else ()
    if (word, act) == ("outbound", "bind"):
        return version < 257  # Not filtered there.
    return bool({word, *beside} & OPENED_BY[act])


@cache
def matrix(host: str) -> dict[str, dict[str, Any]]:
    """Run the probe once for each need; `open` is without a sandbox."""
    features = frozenset() if HOSTS[host] >= 257 else {"-BPF_FRAMEWORK"}
    units: dict[str, Unit] = {"open": (USER, list(OPENED_BY))}
    for word in ("", *needs.NEEDS):
        need = needs.NEEDS.get(word)
        wanted: list[Any] = []
        if need:
            takes = need.takes
            wanted = [{word: GIVEN[takes]} if takes else word]
            wanted += need.beside[:1]
        parts = sandbox.sandbox(
            wanted,
            target=targets.Target(HOSTS[host], features=frozenset(features)),
        )
        units[f"need-{word}"] = (
            [*USER, *parts.assignments()],
            list(OPENED_BY),
        )
    return run(host, units)


@pytest.mark.parametrize("host", hosts("sid"))
def test_every_need_opens_what_it_names_and_nothing_else(host: str) -> None:
    found = matrix(host)
    wrong = {
        (word, act): error
        for word in ("", *needs.NEEDS)
        for act, error in found[f"need-{word}"].items()
        if (error is None) is not opened(word, act, HOSTS[host])
    }
    everywhere = {
        act
        for act in OPENED_BY
        if all(one[act] is not None for one in found.values())
    }
    assert everywhere <= UNPROVABLE
    assert not {
        key: error for key, error in wrong.items() if key[1] not in everywhere
    }


@pytest.mark.parametrize("host", hosts("sid"))
def test_acts_are_possible_without_a_sandbox(host: str) -> None:
    """Otherwise the sandbox would not be what forbids them."""
    needs_capability = {
        "packet",
        "become-user",
        "port-capability",
        "ambient-capability",
        "group-file",
    }
    refused = {
        act: error
        for act, error in matrix(host)["open"].items()
        if error and act not in needs_capability | UNPROVABLE
    }
    assert not refused
