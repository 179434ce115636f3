# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our exposure is that of `systemd-analyze security --offline`.

Every row and the total are compared on each systemd of the fleet that
has the offline verdict (250 and newer): for the units the distribution
ships, for generated ones and for all sandboxes we emit. An older one
tells of units that its PID 1 has loaded, in a table for people.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest
from fleet_hosts import HOSTS, IS_FULL, ROOT, run_python

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    exposure,
    needs,
    sandbox,
    syscalls,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    lists,
    merged,
)

# Sorted: the generated units are the same in each run.
NAMESPACES = sorted(lists.namespaces(targets.Target(262)))
Assignments = list[tuple[str, str, str]]

ORACLES = [host for host, version in HOSTS.items() if version >= 250]
COUNT = 3000 if IS_FULL else 500
SEED = 20260101

# Scores units given as {name: text}, or those of directory `shipped`
# with the text systemd would read, drop-ins included.
SCRIPT = r"""
import glob, os, re, subprocess, tempfile
UNSET = 2 ** 64 - 1
home = tempfile.mkdtemp()
texts = given.get("units", {})
paths = {}
for name, text in texts.items():
    paths[name] = os.path.join(home, name)
    with open(paths[name], "w") as stream:
        stream.write(text)
def drop_ins(name):
    stem, at, rest = name.partition("@")
    names = [name] + ([stem + "@.service"] if at else [])
    names += ["service"]
    found = {}
    for base in ("/usr/lib", "/run", "/etc"):
        for one in names:
            for path in glob.glob(
                "%s/systemd/system/%s.d/*.conf" % (base, one)
            ):
                found[os.path.basename(path)] = path
    return [found[key] for key in sorted(found)]
for path in sorted(glob.glob(given.get("shipped", "") + "/*.service")):
    if "shipped" in given and os.path.getsize(os.path.realpath(path)):
        if os.path.islink(path):
            continue
        name = os.path.basename(path)
        parts = [path] + drop_ins(name)
        texts[name] = "\n".join(open(one).read() for one in parts)
        paths[name] = path
def analyze(names, *options):
    return subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager"]
        + list(options) + [paths[name] for name in names],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        universal_newlines=True, cwd=home,
        env=dict(os.environ, SYSTEMD_ANALYZE_DEBUG="1", LC_ALL="C.UTF-8"),
    ).stdout
def verdicts(names):
    # A unit that systemd refuses has no verdict, and the verdicts have
    # no name: then the names are tried one by one.
    decoder, listing, rows = json.JSONDecoder(), analyze(
        names, "--json=short"), []
    while listing.strip():
        one, end = decoder.raw_decode(listing.lstrip())
        listing = listing.lstrip()[end:]
        rows.append({
            row["json_field"]:
            None if row["badness"] == UNSET else row["badness"]
            for row in one
        })
    totals = re.findall(
        r"Overall exposure level for .*: ([0-9.]+) ([A-Z]+)",
        analyze(names))
    if len(rows) == len(totals) == len(names):
        return {name: [float(total), level, row] for
                name, (total, level), row in zip(names, totals, rows)}
    if len(names) == 1:
        return {}
    half = len(names) // 2
    found = verdicts(names[:half])
    found.update(verdicts(names[half:]))
    return found
found = {}
for start in range(0, len(paths), 50):
    found.update(verdicts(sorted(paths)[start:start + 50]))
print(json.dumps({"verdicts": found, "texts": texts}))
"""


# The same without the offline verdict, from the table made for people:
# {name: [total, level, {row: mark and exposure}]} of the units given,
# loaded as files of their own, and of what is shipped.
LOADED = r"""
import glob, os, re, subprocess
home = "/run/systemd/system"
texts = given["units"]
def reload():
    subprocess.run(["systemctl", "daemon-reload"], check=True, timeout=120)
def cat(name):
    return subprocess.run(
        ["systemctl", "cat", "--no-pager", "--", name],
        stdout=subprocess.PIPE, universal_newlines=True).stdout
def verdict(name):
    said = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", name],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        universal_newlines=True, env=dict(os.environ, LC_ALL="C.UTF-8"),
    ).stdout
    total = re.search(
        r"Overall exposure level for .*: ([0-9.]+) ([A-Z]+)", said)
    if total is None:
        return None
    # Between the head and the total: a mark, the name, a description
    # and, where it is not good, a cost.
    rows = re.findall(
        r"(?m)^(.) (\S+) .*?((?<= )[0-9.]+)?\s*$", said)
    return [float(total[1]), total[2],
            {name: (mark + cost).strip() for mark, name, cost in rows[1:-1]}]
for name, text in texts.items():
    with open(os.path.join(home, name), "w") as stream:
        stream.write(text)
try:
    reload()
    # Its /lib is a directory of its own.
    for path in sorted(glob.glob("/lib/systemd/system/*.service")):
        name = os.path.basename(path)
        if "@" not in name and not os.path.islink(path):
            texts[name] = cat(name)
    found = {name: verdict(name) for name in texts}
finally:
    for name in given["units"]:
        if os.path.exists(os.path.join(home, name)):
            os.unlink(os.path.join(home, name))
    reload()
print(json.dumps({"verdicts": found, "texts": texts}))
"""


def scored(text: str, version: int) -> exposure.Exposure:
    """Score the text of a unit file."""
    return exposure.exposure(
        merged.MergedUnit.of(read(text), targets.Target(version))
    )


def read(text: str) -> Assignments:
    """Read a unit file, as far as the units of this test need it."""
    found: Assignments = []
    section = ""
    for line in text.replace("\\\n", " ").splitlines():
        stripped = line.strip()
        if stripped.startswith("["):
            section = stripped.strip("[]")
        elif stripped and stripped[0] not in "#;":
            name, _unused, value = stripped.partition("=")
            found.append((section, name.strip(), value.strip()))
    return found


def write(assignments: Assignments) -> str:
    """Write assignments as a unit file."""
    lines = []
    for section, name, value in assignments:
        lines += [f"[{section}]", f"{name}={value}"]
    return "\n".join(lines) + "\n"


def compare(host: str, **given: Any) -> int:
    """Compare our verdict with the host's; return how many there were."""
    answer = run_python(host, SCRIPT, given)
    version = HOSTS[host]
    wrong = []
    for name, (score, level, rows) in answer["verdicts"].items():
        ours = scored(answer["texts"][name], version)
        found = {check.field: check.badness for check in ours.checks}
        if (ours.score, ours.level, found) != (score, level, rows):
            wrong.append(
                (
                    name,
                    (ours.score, score),
                    {
                        field: (found.get(field), rows.get(field))
                        for field in {**rows, **found}
                        if found.get(field) != rows.get(field)
                    },
                    answer["texts"][name] if "units" in given else "",
                )
            )
    assert not wrong, f"{len(wrong)} differ, the first: {wrong[0]}"
    return len(answer["verdicts"])


@pytest.mark.parametrize("host", ORACLES)
def test_units_of_the_distribution(host: str) -> None:
    assert compare(host, shipped="/usr/lib/systemd/system") >= 50


def services(version: int) -> Iterable[tuple[str, Assignments]]:
    """Return a service for each profile and need, alone and together."""
    given = {
        "": None,
        "paths": ["/srv/data"],
        "devices": ["/dev/ttyUSB0"],
        "groups": ["redis"],
        "access": "read",
    }
    for word, need in needs.NEEDS.items():
        one: Any = {word: given[need.takes]} if need.takes else word
        for profile in needs.PROFILES:
            for beside in ([], ["network"], ["localhost"]):
                if word in beside or (need.beside and not beside):
                    continue
                parts = sandbox.sandbox(
                    [one, *beside],
                    profile=profile,
                    target=targets.Target(version),
                )
                yield (
                    f"{profile}-{word}-{'-'.join(beside)}",
                    [
                        ("Service", name, value)
                        for name, value in parts.assignments()
                    ],
                )


@pytest.mark.parametrize("host", HOSTS)
def test_groups_of_system_calls(host: str) -> None:
    """Our table is what tools/syscall_table.py dumps on the host."""
    tool = ROOT / "tools" / "syscall_table.py"
    script = (
        "scope = {'__name__': 'tool'}\n"
        "exec(given, scope)\n"
        "print(json.dumps(scope['dump'](None)))\n"
    )
    lines = run_python(host, script, tool.read_text(encoding="utf-8"))
    theirs = {
        words[0]: frozenset(words[1:])
        for words in map(str.split, lines.splitlines())
    }
    assert syscalls.groups(HOSTS[host]) == theirs


BASE: Assignments = [("Service", "ExecStart", "/bin/true")]


@pytest.mark.parametrize("host", ORACLES)
def test_every_sandbox_we_emit(host: str) -> None:
    units = {
        f"{name}.service": write(
            [*BASE, ("Service", "User", "app"), *assignments]
        )
        for name, assignments in services(HOSTS[host])
    }
    assert compare(host, units=units) == len(units)


OLDER = [host for host in HOSTS if host not in ORACLES]


# Rows have other names before 250.
RENAMED = {
    f"RestrictNamespaces=~CLONE_NEW{old}": f"RestrictNamespaces=~{new}"
    for old, new in (
        ("USER", "user"), ("NS", "mnt"), ("IPC", "ipc"), ("PID", "pid"),
        ("CGROUP", "cgroup"), ("NET", "net"), ("UTS", "uts"),
    )
}  # fmt: skip


def shown(verdict: exposure.Exposure) -> dict[str, str]:
    """Return our rows as the table for people has them."""
    found = {}
    total = sum(c.weight for c in verdict.checks if c.badness is not None)
    for check in verdict.checks:
        if check.badness is None:
            found[check.option] = ""
        elif not check.badness:
            found[check.option] = "\u2713"
        else:
            part = check.badness * check.weight * 100
            tenths = -(-part // (check.scale * total))
            found[check.option] = f"\u2717{tenths // 10}.{tenths % 10}"
    return found


def compare_loaded(host: str, units: dict[str, str]) -> int:
    """Compare our verdict on loaded units; return how many there were."""
    answer = run_python(host, LOADED, {"units": units})
    compared = 0
    for name, verdict in answer["verdicts"].items():
        if verdict is None:
            continue
        text = answer["texts"][name]
        ours = scored(text, HOSTS[host])
        score, level, rows = verdict
        renamed = {RENAMED.get(row, row): mark for row, mark in rows.items()}
        assert shown(ours) == renamed, f"{name}\n{text}"
        assert (ours.score, ours.level) == (score, level), f"{name}\n{text}"
        compared += 1
    return compared


@pytest.mark.parametrize("host", OLDER)
def test_units_that_an_older_systemd_has_loaded(host: str) -> None:
    units = {
        f"pyfleet-oracle-{name}.service": write(
            [*BASE, ("Service", "User", "daemon"), *assignments]
        )
        for name, assignments in services(HOSTS[host])
    }
    assert compare_loaded(host, units) >= len(units) + 30


BOOLEAN = ("yes", "no", "true", "false", "1", "off", "", "maybe")
GROUPS = (
    "@system-service",
    "@privileged",
    "@resources",
    "@mount",
    "@clock",
    "@swap",
    "@raw-io",
    "@debug",
    "@module",
    "@reboot",
    "@obsolete",
    "@cpu-emulation",
    "@default",
    "@known",
    "@nonsense",
    "@basic-io",
    "read",
    "chown",
    "ptrace",
    "swapon",
    "nonsense",
    "chown:EPERM",
    "@swap:EACCES",
    "clone3",
    "iopl",
    "ioperm",
    "create_module",
)
FAMILIES = (
    "AF_UNIX",
    "AF_INET",
    "AF_INET6",
    "AF_NETLINK",
    "AF_PACKET",
    "AF_CAN",
    "AF_VSOCK",
    "AF_LOCAL",
    "AF_ROUTE",
)
ADDRESSES = (
    "any",
    "localhost",
    "link-local",
    "multicast",
    "10.0.0.0/8",
    "127.0.0.1",
    "::1/128",
    "0.0.0.0/0",
    "::/0",
    "nonsense",
    "fe80::1",
    "1.2.3.4/33",
    "app.localhost",
)
BOOLEANS = (
    "DynamicUser",
    "LockPersonality",
    "MemoryDenyWriteExecute",
    "NoNewPrivileges",
    "PrivateDevices",
    "PrivateNetwork",
    "ProtectClock",
    "ProtectKernelLogs",
    "ProtectKernelModules",
    "ProtectKernelTunables",
    "RemoveIPC",
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "PrivateMounts",
)
CHOICES = {
    "PrivateTmp": (*BOOLEAN, "connected", "disconnected"),
    "PrivateUsers": (*BOOLEAN, "self", "identity", "full"),
    "ProtectControlGroups": (*BOOLEAN, "private", "strict"),
    "ProtectHostname": (*BOOLEAN, "private", "private:web", "yes:web"),
    "ProtectHome": (*BOOLEAN, "read-only", "tmpfs"),
    "ProtectSystem": (*BOOLEAN, "full", "strict"),
    "ProtectProc": ("default", "noaccess", "invisible", "ptraceable", ""),
    "ProcSubset": ("all", "pid", "", "none"),
    "KeyringMode": ("inherit", "private", "shared", "", "none"),
    "NotifyAccess": ("none", "main", "exec", "all", "", "some"),
    "DevicePolicy": ("auto", "closed", "strict", "", "open"),
    "Delegate": (*BOOLEAN, "cpu memory", "nonsense"),
    "UMask": ("0077", "0027", "0022", "0007", "077", "", "8", "70077"),
    "User": ("app", "root", "0", "nobody", "1000", ""),
    "SupplementaryGroups": ("mail", "mail news", ""),
    "RootDirectory": ("/srv/root", "/", ""),
    "RootImage": ("/srv/root.img", ""),
    "DeviceAllow": (
        "/dev/null rw",
        "char-rtc",
        "block-loop rwm",
        "",
        "/dev/null x",
        "/etc/passwd",
        "/dev/ttyS0  r",
    ),
    "MountImages": ("/srv/a.img:/srv/a", ""),
    "IPIngressFilterPath": ("/sys/fs/bpf/a", ""),
    "IPEgressFilterPath": ("/sys/fs/bpf/b", ""),
    "SystemCallArchitectures": (
        "native",
        "native x86",
        "x86-64",
        "",
        "nonsense",
        "x86-64 nonsense",
    ),
    "LoadCredentialEncrypted": ("a:/srv/a", ""),
}


class Maker:
    """Makes services out of a source of randomness."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def words(self, choices: Iterable[str], inverted: bool = True) -> str:
        """Return some of the words, sometimes inverted or none at all."""
        pool = sorted(choices)
        if self.random.random() < 0.08:
            return self.random.choice(("", "~") if inverted else ("",))
        count = min(self.random.randint(1, 4), len(pool))
        text = " ".join(self.random.sample(pool, count))
        return f"~{text}" if inverted and self.random.random() < 0.4 else text

    def value(self, name: str) -> str:
        """Return a value for a directive."""
        if name in BOOLEANS:
            return self.random.choice(BOOLEAN)
        if name in CHOICES:
            return self.random.choice(CHOICES[name])
        if name.endswith(("BoundingSet", "Capabilities")):
            return self.words(
                [*lists.capabilities(), "CAP_NONE", "21", "cap_kill"]
            )
        if name == "RestrictNamespaces":
            extra = self.random.choice((["nonsense"], [], [], []))
            if self.random.random() < 0.3:
                return self.random.choice(BOOLEAN)
            return self.words([*NAMESPACES, *extra])
        if name == "RestrictAddressFamilies":
            extra = self.random.choice((["AF_NONE", "none"], [], []))
            if self.random.random() < 0.1:
                return "none"
            return self.words([*FAMILIES, *extra])
        if name == "SystemCallFilter":
            return self.words(GROUPS)
        return self.words(ADDRESSES, inverted=False)

    def service(self) -> Assignments:
        """Return a service with some directives, some of them often."""
        names = [
            *BOOLEANS,
            *CHOICES,
            "CapabilityBoundingSet",
            "AmbientCapabilities",
            "RestrictNamespaces",
            "RestrictAddressFamilies",
            "SystemCallFilter",
            "IPAddressAllow",
            "IPAddressDeny",
        ]
        lists = names[-7:] * 3
        chosen = self.random.sample(names, self.random.randint(0, 30))
        chosen += self.random.sample(lists, self.random.randint(0, 12))
        found = [("Service", name, self.value(name)) for name in chosen]
        if self.random.random() < 0.2:
            value = self.random.choice(BOOLEAN)
            found.append(("Unit", "DefaultDependencies", value))
        return [*BASE, *found]


def generated() -> dict[str, str]:
    """Return services of which systemd loads nearly all."""
    # It refuses the unit for a boolean of DynamicUser= that does not
    # parse.
    refused = (("DynamicUser", ""), ("DynamicUser", "maybe"))
    return {
        f"pyfleet-oracle-{number}.service": write(
            [
                (section, name, value)
                for section, name, value in Maker(SEED + number).service()
                if (name, value) not in refused
            ]
        )
        for number in range(COUNT)
    }


@pytest.mark.parametrize("host", ORACLES)
def test_generated_units(host: str) -> None:
    assert compare(host, units=generated()) >= COUNT * 0.95


@pytest.mark.parametrize("host", OLDER)
def test_generated_units_that_an_older_systemd_has_loaded(host: str) -> None:
    assert compare_loaded(host, generated()) >= COUNT * 0.95
