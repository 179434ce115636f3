# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a host, seen from outside, after a deploy of examples/hello.

These tests do not ask the collection: they read accounts, files,
processes and units as the system shows them. The last tests disturb the
services.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from testinfra.host import Host

APP = "hello"
WEB = "hello.service"
WORKER = "hello-worker.service"
UNITS = (WEB, WORKER)
# Only the environment file has this value, as if it were a secret.
GREETING = "Hello from systemd"
ID = "[0-9a-f]{12}"
FETCH = (
    "import sys, urllib.request as r;"
    "print(r.urlopen(sys.argv[1], timeout=5).read().decode(), end='')"
)

on_both_units = pytest.mark.parametrize("unit", UNITS)


@dataclass(frozen=True)
class Node:
    """One line of a file tree: type and mode, owner and path."""

    kind: str
    mode: str
    owner: str
    path: str


def out(host: Host, command: str, *arguments: str) -> str:
    """Return the output of a command that succeeds."""
    text: str = host.check_output(command, *arguments)
    return text


def tree(host: Host, *paths: str, depth: int = 99) -> list[Node]:
    """Return everything below the paths, and the paths themselves."""
    lines = out(
        host,
        "find " + "%s " * len(paths) + r"-maxdepth %s "
        r"-printf '%%y %%#m %%u:%%g %%p\n'",
        *paths,
        str(depth),
    )
    return [Node(*line.split(" ", 3)) for line in lines.splitlines()]


def shown(host: Host, unit: str, *names: str) -> dict[str, str]:
    """Return loaded properties of a unit."""
    lines = out(
        host, "systemctl show --property=%s %s", ",".join(names), unit
    ).splitlines()
    return dict(line.split("=", 1) for line in lines)


def status(host: Host, unit: str) -> dict[str, str]:
    """Return proc(5)'s status of a unit's main process."""
    pid = shown(host, unit, "MainPID")["MainPID"]
    lines = out(host, "cat %s", f"/proc/{pid}/status").splitlines()
    return {
        name: value.strip()
        for name, value in (line.split(":", 1) for line in lines)
    }


def fetched(host: Host, path: str) -> str:
    """Return the answer of the web service, or nothing."""
    url = f"http://127.0.0.1:8000{path}"
    result = host.run("python3 -I -c %s %s", FETCH, url)
    return str(result.stdout) if result.rc == 0 else ""


def eventually(
    check: Callable[[], Any], *, seconds: float = 30, pause: float = 0.5
) -> None:
    """Wait until a check holds, or fail with its last value."""
    deadline = time.monotonic() + seconds
    while not (last := check()):
        assert time.monotonic() < deadline, f"still {last!r}"
        time.sleep(pause)


def is_well(host: Host, unit: str) -> bool:
    """Tell whether a unit runs and, for the web service, answers."""
    state = shown(host, unit, "ActiveState", "SubState")
    if state != {"ActiveState": "active", "SubState": "running"}:
        return False
    return unit != WEB or '"status": "ok"' in fetched(host, "/health")


# The account


def test_account_is_a_service_account(host: Host) -> None:
    user = host.user(APP)

    assert 0 < user.uid < 1000
    assert user.groups == [APP]
    assert user.home == "/var/lib/hello"
    assert user.shell.rsplit("/", 1)[-1] == "nologin"
    assert host.group(APP).members == []


def test_account_has_no_password(host: Host) -> None:
    password = out(host, "getent shadow %s", APP).split(":")[1]

    assert password[:1] in ("!", "*")


# The rights to the files


# Mode of directories and programs, mode of files, owner.
PUBLIC = ("0755", "0644", "root:root")
ITS_OWN = ("0750", "0640", "root:hello")
ROOTS = ("0700", "0600", "root:root")


def kept(path: str) -> tuple[str, str, str]:
    """Return the modes and the owner of an artifact's files."""
    if path.endswith(".manifest"):
        return ROOTS
    return ITS_OWN if path.startswith("/opt/hello/code/") else PUBLIC


def test_artifacts_are_root_s_and_code_is_read_by_the_service_alone(
    host: Host,
) -> None:
    nodes = tree(host, "/opt/hello")
    wrong = [
        node
        for node in nodes
        for directory, file, owner in [kept(node.path)]
        if node.owner != owner
        or (node.kind == "d" and node.mode != directory)
        or (node.kind == "f" and node.mode not in (file, directory))
    ]

    assert wrong == []


def test_artifacts_are_named_by_digest(host: Host) -> None:
    nodes = tree(host, "/opt/hello", depth=2)
    directories = {node.path for node in nodes if node.kind == "d"}

    names = "|".join(
        ("", "/envs", "/code", f"/envs/{ID}", f"/code/{ID}"),
    )
    assert directories
    assert [
        path
        for path in directories
        if not re.fullmatch(f"/opt/hello({names})", path)
    ] == []


def test_generations_are_root_s(host: Host) -> None:
    """Units and records are public, files with secrets are not."""
    modes = {
        r"": ("0755", "root:root"),
        r"/\d+": ("0755", "root:root"),
        r"/\d+/[\w-]+\.service": ("0644", "root:root"),
        r"/(\d+/generation|claim)\.json": ("0644", "root:root"),
        r"/current": ("0777", "root:root"),
        r"/key": ("0600", "root:root"),
        r"/environment": ("0750", "root:hello"),
        rf"/environment/{ID}\.env": ("0640", "root:hello"),
    }
    seen = set()
    for node in tree(host, "/etc/pyfleet/hello"):
        path = node.path[len("/etc/pyfleet/hello") :]
        rule = [name for name in modes if re.fullmatch(name, path)]
        assert rule, f"{node} has no place there"
        assert (node.mode, node.owner) == modes[rule[0]], node
        seen.add(rule[0])
    assert seen == set(modes)


def test_every_ancestor_is_root_s(host: Host) -> None:
    paths = ("/opt", "/etc", "/etc/pyfleet", "/var", "/var/lib")

    nodes = tree(host, *paths, depth=0)

    assert nodes == [Node("d", "0755", "root:root", path) for path in paths]


def test_locks_are_root_s_alone(host: Host) -> None:
    nodes = tree(host, "/run/pyfleet")

    assert (nodes[0].mode, nodes[0].owner) == ("0700", "root:root")
    assert {node.owner for node in nodes} == {"root:root"}


def test_state_is_the_service_s_alone(host: Host) -> None:
    (state,) = tree(host, "/var/lib/hello", depth=0)
    (counter,) = tree(host, "/var/lib/hello/greetings")

    assert state == Node("d", "0700", "hello:hello", "/var/lib/hello")
    assert (counter.mode, counter.owner) == ("0600", "hello:hello")
    assert int(host.file("/var/lib/hello/greetings").content_string) >= 1


def test_service_owns_nothing_else(host: Host) -> None:
    """It owns only directories of PID 1; its group reads its code."""
    found = out(
        host,
        "find /etc /home /opt /root /srv /usr /var -xdev "
        r"\( -user %s -o -group %s \) -printf '%%p\n' -prune",
        APP,
        APP,
    ).splitlines()

    assert [
        path
        for path in found
        if not re.fullmatch(
            r"/var/(lib|cache|log)/hello|/etc/pyfleet/hello/environment"
            rf"|/opt/hello/code/{ID}",
            path,
        )
    ] == []


# The units


@on_both_units
def test_unit_is_a_link_into_the_current_generation(
    unit: str, host: Host
) -> None:
    current = host.file("/etc/pyfleet/hello/current")

    assert current.is_symlink
    assert re.fullmatch(
        r"(/etc/pyfleet/hello/)?\d+",
        out(host, "readlink %s", current.path),
    )
    links = "/etc/systemd/system"
    assert [
        out(host, "readlink %s", path)
        for path in (
            f"{links}/{unit}",
            f"{links}/multi-user.target.wants/{unit}",
        )
    ] == [f"/etc/pyfleet/hello/current/{unit}", f"{links}/{unit}"]


WANTED_LINES = {
    WEB: {
        "Unit": {"Description=Greetings over HTTP"},
        "Service": {
            rf"ExecStart=/opt/hello/envs/{ID}/bin/gunicorn "
            r"--bind 127\.0\.0\.1:8000 hello\.app:app",
            "IPAddressDeny=any",
            "IPAddressAllow=localhost",
        },
    },
    WORKER: {
        "Unit": {"Description=Greetings at an interval"},
        "Service": {
            rf"ExecStart=/opt/hello/envs/{ID}/bin/python -m hello\.worker",
            "PrivateNetwork=yes",
        },
    },
}
COMMON_LINES = {
    "Unit": {
        "StartLimitIntervalSec=5min",
        "StartLimitBurst=10",
    },
    "Service": {
        "Type=notify",
        "User=hello",
        "Group=hello",
        rf"WorkingDirectory=/opt/hello/code/{ID}",
        "Environment=.*PYTHONUNBUFFERED=1.*",
        "Environment=.*PYTHONDONTWRITEBYTECODE=1.*",
        "Environment=.*PYTHONSAFEPATH=1.*",
        rf"Environment=.*PYTHONPATH=/opt/hello/code/{ID}.*",
        rf"Environment=.*VIRTUAL_ENV=/opt/hello/envs/{ID}.*",
        rf"EnvironmentFile=/etc/pyfleet/hello/environment/{ID}\.env",
        "StateDirectory=hello",
        "StateDirectoryMode=0700",
        "Restart=on-failure",
        "RestartSec=5s",
        "RestartPreventExitStatus=78",
        "WatchdogSec=10s",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "UMask=0077",
        "SystemCallFilter=@system-service",
    },
    "Install": {r"WantedBy=multi-user\.target"},
}


@on_both_units
def test_unit_says_what_was_asked_for(unit: str, host: Host) -> None:
    text = host.file(f"/etc/systemd/system/{unit}").content_string
    parts = re.split(r"^\[(\w+)\]$", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2]))

    missing = [
        line
        for wanted in (COMMON_LINES, WANTED_LINES[unit])
        for section, lines in wanted.items()
        for line in lines
        if not re.search(f"^{line}$", sections[section], re.MULTILINE)
    ]
    assert missing == []
    assert GREETING not in text


@on_both_units
def test_systemd_finds_no_fault_in_the_unit(unit: str, host: Host) -> None:
    result = host.run("systemd-analyze verify %s", unit)

    assert (result.rc, result.stdout) == (0, "")
    # The command also names faults of other units.
    assert APP not in result.stderr


@on_both_units
def test_loaded_unit_is_the_committed_one(unit: str, host: Host) -> None:
    wanted = {
        "LoadState": "loaded",
        "UnitFileState": "enabled",
        "DropInPaths": "",
        "NeedDaemonReload": "no",
        "Result": "success",
    }
    link = f"/etc/systemd/system/{unit}"

    loaded = shown(host, unit, "FragmentPath", *wanted)

    # systemd 247 shows the target of the link.
    assert loaded.pop("FragmentPath") in (
        link,
        out(host, "realpath %s", link),
    )
    assert loaded == wanted


# The running services


@on_both_units
def test_service_is_enabled_and_runs(unit: str, host: Host) -> None:
    service = host.service(unit)

    assert service.is_enabled
    assert service.is_running
    assert is_well(host, unit)


def test_health_is_reported(host: Host) -> None:
    report = json.loads(fetched(host, "/health"))

    assert report.pop("uptime") > 0
    assert report == {
        "status": "ok",
        "version": "1.0.0",
        "greeting_configured": True,
    }


def test_environment_file_reaches_the_application(host: Host) -> None:
    assert fetched(host, "/") == GREETING + "\n"


def test_only_loopback_is_listened_on(host: Host) -> None:
    sockets = out(host, "ss --tcp --listening --numeric --no-header")
    addresses = [line.split()[3] for line in sockets.splitlines()]

    assert [a for a in addresses if a.endswith(":8000")] == ["127.0.0.1:8000"]


def test_worker_works(host: Host) -> None:
    def count() -> int:
        text = host.file("/var/lib/hello/greetings").content_string
        return int(text)

    before = count()
    eventually(lambda: count() > before, seconds=15)
    text = shown(host, WORKER, "StatusText")["StatusText"]
    assert re.fullmatch(r"\d+ greetings", text)


@on_both_units
def test_watchdog_is_answered(unit: str, host: Host) -> None:
    name = "WatchdogTimestampMonotonic"
    before = int(shown(host, unit, name)[name])

    assert before > 0
    eventually(lambda: int(shown(host, unit, name)[name]) > before, seconds=15)


def test_journal_has_priority_and_unit(host: Host) -> None:
    lines = out(
        host, "journalctl --unit=%s --output=json --lines=50", WORKER
    ).splitlines()
    records = [
        record
        for record in map(json.loads, lines)
        if re.fullmatch(rf"{GREETING} count=\d+", str(record["MESSAGE"]))
    ]

    assert records
    assert {
        (record["PRIORITY"], record["_SYSTEMD_UNIT"]) for record in records
    } == {("6", WORKER)}


# The sandbox, as the kernel has it


@on_both_units
def test_process_has_no_privilege(unit: str, host: Host) -> None:
    process = status(host, unit)
    user = host.user(APP)

    assert process["Uid"].split() == [str(user.uid)] * 4
    assert process["Gid"].split() == [str(user.gid)] * 4
    assert set(process["Groups"].split()) <= {str(user.gid)}
    assert process["NoNewPrivs"] == "1"
    # 2 is SECCOMP_MODE_FILTER: proc(5).
    assert process["Seccomp"] == "2"
    assert process["Umask"] == "0077"
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(process[kind], 16) == 0, kind


@pytest.mark.parametrize(
    ("unit", "private"),
    [(WEB, {"mnt", "user"}), (WORKER, {"mnt", "net", "user"})],
)
def test_process_is_in_namespaces_of_its_own(
    unit: str, private: set[str], host: Host
) -> None:
    pid = status(host, unit)["Pid"]
    kinds = ("mnt", "net", "user")

    links = [
        out(host, "readlink %s", f"/proc/{number}/ns/{kind}")
        for number in ("1", pid)
        for kind in kinds
    ]

    assert {
        kind
        for kind, first, own in zip(kinds, links[:3], links[3:])
        if first != own
    } == private


@on_both_units
@pytest.mark.parametrize(
    "path", ["/etc", "/opt/hello", "/usr", "/var", "/var/lib/hello/.."]
)
def test_even_root_could_not_write_there(
    unit: str, path: str, host: Host
) -> None:
    pid = status(host, unit)["Pid"]

    result = host.run(
        "nsenter --target %s --mount touch %s", pid, f"{path}/pyfleet-probe"
    )

    assert result.rc != 0
    assert "Read-only file system" in result.stderr


@on_both_units
def test_homes_and_temporary_files_are_hidden(unit: str, host: Host) -> None:
    pid = status(host, unit)["Pid"]

    listing = out(
        host, "nsenter --target %s --mount ls -A /root /home /tmp", pid
    )

    assert not re.search(r"\.ssh|\.profile|systemd-private", listing)


@on_both_units
def test_loaded_sandbox_is_strict(unit: str, host: Host) -> None:
    wanted = {
        "AmbientCapabilities": "",
        "CapabilityBoundingSet": "",
        "KeyringMode": "private",
        "LockPersonality": "yes",
        "MemoryDenyWriteExecute": "yes",
        "NoNewPrivileges": "yes",
        "PrivateDevices": "yes",
        "PrivateMounts": "yes",
        "PrivateNetwork": "yes" if unit == WORKER else "no",
        "PrivateTmp": "yes",
        "PrivateUsers": "yes",
        "ProcSubset": "pid",
        "ProtectClock": "yes",
        "ProtectControlGroups": "yes",
        "ProtectHome": "yes",
        "ProtectHostname": "yes",
        "ProtectKernelLogs": "yes",
        "ProtectKernelModules": "yes",
        "ProtectKernelTunables": "yes",
        "ProtectProc": "invisible",
        "ProtectSystem": "strict",
        "RemoveIPC": "yes",
        "RestrictNamespaces": "yes",
        "RestrictRealtime": "yes",
        "RestrictSUIDSGID": "yes",
        "SystemCallArchitectures": "native",
        "UMask": "0077",
        "User": APP,
        "Group": APP,
    }

    loaded = shown(host, unit, *wanted)

    assert loaded == wanted


@on_both_units
def test_loaded_filters_deny(unit: str, host: Host) -> None:
    loaded = shown(host, unit, "SystemCallFilter", "RestrictAddressFamilies")
    calls = set(loaded["SystemCallFilter"].split())

    assert {"read", "openat"} <= calls
    assert not {"chown", "mount", "ptrace", "setuid", "swapon"} & calls
    assert sorted(loaded["RestrictAddressFamilies"].split()) == (
        ["AF_UNIX"] if unit == WORKER else ["AF_INET", "AF_INET6", "AF_UNIX"]
    )


@pytest.mark.parametrize(("unit", "limit"), [(WEB, 1.2), (WORKER, 0.5)])
def test_exposure_is_low(unit: str, limit: float, host: Host) -> None:
    text = out(host, "systemd-analyze security --no-pager %s", unit)

    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", text)

    assert score is not None
    assert float(score[1]) <= limit


# From here on the services are disturbed, and must be well again


@pytest.fixture
def _well_afterwards(host: Host) -> Iterator[None]:
    yield
    host.run("systemctl reset-failed " + " ".join(UNITS))
    host.run("systemctl start " + " ".join(UNITS))
    eventually(lambda: all(is_well(host, unit) for unit in UNITS))


@on_both_units
@pytest.mark.usefixtures("_well_afterwards")
def test_sigterm_is_handled(unit: str, host: Host) -> None:
    before = time.monotonic()

    out(host, "systemctl stop %s", unit)

    assert time.monotonic() - before < 10
    # ExecMainCode 1 is CLD_EXITED: not killed by the signal.
    assert shown(
        host, unit, "ActiveState", "Result", "ExecMainCode", "ExecMainStatus"
    ) == {
        "ActiveState": "inactive",
        "Result": "success",
        "ExecMainCode": "1",
        "ExecMainStatus": "0",
    }
    out(host, "systemctl start %s", unit)
    eventually(lambda: is_well(host, unit))


@pytest.mark.usefixtures("_well_afterwards")
def test_death_of_the_main_processes_is_survived(host: Host) -> None:
    """Kill both at once, since systemd waits before it starts them."""
    names = ("MainPID", "NRestarts", "InvocationID")
    before = {unit: shown(host, unit, *names) for unit in UNITS}

    out(host, "kill -9 %s %s", *(old["MainPID"] for old in before.values()))

    for unit, old in before.items():
        eventually(partial(has_restarted, host, unit, old["NRestarts"]))
        new = shown(host, unit, *names, "Result")
        assert new["Result"] == "success"
        assert new["MainPID"] != old["MainPID"]
        assert new["InvocationID"] != old["InvocationID"]


def has_restarted(host: Host, unit: str, restarts: str) -> bool:
    """Tell whether systemd has restarted a unit, and the unit is well."""
    now = shown(host, unit, "NRestarts")["NRestarts"]
    return int(now) > int(restarts) and is_well(host, unit)
