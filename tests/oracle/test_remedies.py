# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diagnosis of real failures names the remedy that cures them.

Python programs which need something are run in the strict sandbox on
each host of the fleet. The messages of systemd and of the program must
lead to a need or to a directory, and with it the program must succeed.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from fleet_hosts import HOSTS, hosts, run_python

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    diagnosis,
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

SCRIPT = r"""
import os, shutil, subprocess, time
here, units = "/run/pyfleet-diagnosis", "/run/systemd/system"
user, group = "pyfleet-diagnosis", "pyfleet-others"
home, data = "/home/pyfleet-diagnosis", "/var/lib/pyfleet-diagnosis"
top, secret = "/opt/pyfleet-diagnosis", "/etc/pyfleet-diagnosis"
code = top + "/code/0123456789ab"
foreign = "/srv/pyfleet-diagnosis"
def sh(*argv, **how):
    return subprocess.run(argv, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, universal_newlines=True, **how).stdout
def clean():
    sh("systemctl", "reset-failed", "pyfleet-diagnosis-*")
    for name in os.listdir(units):
        if name.startswith("pyfleet-diagnosis-"):
            os.unlink(os.path.join(units, name))
    for path in (here, home, data, top, secret, foreign,
            "/var/cache/" + user, "/var/log/" + user):
        shutil.rmtree(path, ignore_errors=True)
    sh("systemctl", "daemon-reload")
    sh("userdel", user)
    sh("groupdel", group)
clean()
try:
    sh("useradd", "--system", "--user-group", user, check=True)
    sh("groupadd", "--system", group, check=True)
    for path in (here, home, data, code, secret, foreign):
        os.makedirs(path)
    shutil.chown(data, user, user)
    shutil.chown(foreign, user, user)
    for path in (code + "/data.json", secret + "/tls.key"):
        with open(path, "w") as stream:
            stream.write("content")
        os.chmod(path, 0o640)
    shutil.copy("/bin/true", home + "/program")
    for name, unit in given.items():
        with open("%s/%s.py" % (here, name), "w") as stream:
            stream.write(unit["program"])
        lines = ["[Service]", "Type=oneshot"]
        lines += ["%s=%s" % tuple(pair) for pair in unit["options"]]
        path = "%s/pyfleet-diagnosis-%s.service" % (units, name)
        with open(path, "w") as stream:
            stream.write("\n".join(lines) + "\n")
    sh("systemctl", "daemon-reload", check=True)
    found = {}
    for name in given:
        full = "pyfleet-diagnosis-%s.service" % name
        began = time.time()
        sh("systemctl", "start", full)
        shown = dict(line.split("=", 1) for line in sh("systemctl", "show",
            "-p", "Result,ExecMainStatus", full).splitlines())
        sh("journalctl", "--sync")
        # Lines of processes that end at once have no invocation.
        lines = sh("journalctl", "-q", "-ocat", "-n20", "-u", full,
            "--since=@%d" % began).splitlines()
        # The audit's pid is not that of a container: take the newest.
        lines += sh("journalctl", "-q", "-k", "-ocat", "-n1",
            "--since=@%d" % began, "--grep=type=1326").splitlines()
        found[name] = [shown["Result"], int(shown["ExecMainStatus"]), lines]
finally:
    clean()
print(json.dumps(found))
"""

# A need as explain() words it, and a program that has it.
PROGRAMS = {
    "jit": "import mmap\nmmap.mmap(-1, 4096, prot=7)",
    "chown": "import os, tempfile\n"
    "with tempfile.NamedTemporaryFile() as f:\n"
    "    os.chown(f.name, os.getuid(), os.getgid())",
    "same-user-setuid": "import os\nos.setuid(os.getuid())",
    "scheduling": "import os\nos.sched_setaffinity(0, {0})",
    "setgid-bits": "import os, tempfile\n"
    "with tempfile.NamedTemporaryFile() as f:\n"
    "    os.chmod(f.name, 0o2755)",
    "netlink": "import socket\nsocket.if_nameindex()",
    "network": "import socket\nsocket.create_connection(('127.0.0.1', 22), 3)",
    "procfs": "open('/proc/meminfo').read()",
    "processes": "open('/proc/1/status').read()",
    "{write: [/var/lib/pyfleet-diagnosis]}": "import pathlib\n"
    "pathlib.Path('/var/lib/pyfleet-diagnosis/x').touch()",
    "{home: read}": "import os\nos.listdir('/home/pyfleet-diagnosis')",
    "debug": "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "def ptrace():\n    if libc.ptrace(0, 0, 0, 0):\n"
    "        raise OSError(ctypes.get_errno(), 'Operation not permitted')\n"
    "ptrace()",
    "personality": "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "def personality(number):\n    if libc.personality(number) == -1:\n"
    "        raise OSError(ctypes.get_errno(), 'Operation not permitted')\n"
    "personality(8)",
    "setuid": "import subprocess, sys\n"
    "done = subprocess.run(['sudo', '-n', '-l'], stderr=-1, text=True)\n"
    "print(done.stderr, file=sys.stderr)\n"
    "sys.exit('sudo: ' + done.stderr if 'flag is' in done.stderr else 0)",
}
# Services which fail before the program runs, and words of the remedy.
SETUPS: dict[str, tuple[dict[str, str], str]] = {
    "no-path": (
        {"ReadWritePaths": "/srv/pyfleet-none"},
        "/srv/pyfleet-none does not exist",
    ),
    "no-program": (
        {"ExecStart": "/opt/pyfleet-none/bin/app"},
        "/opt/pyfleet-none/bin/app, or the interpreter",
    ),
    "home-program": (
        {"ExecStart": "/home/pyfleet-diagnosis/program"},
        "add `needs: [{home: read}]`",
    ),
    "not-executable": (
        {"ExecStart": "/etc/hostname"},
        "/etc/hostname may not be executed",
    ),
    "no-group": ({"SupplementaryGroups": "pyfleet-none"}, "create it"),
    "no-user": ({"User": "pyfleet-none"}, "create it"),
    "no-call": ({"SystemCallErrorNumber": ""}, "add `needs: [chown]`"),
}

# Programs that use the file of their argument, and an argument that the
# sandbox refuses; the advice must lead to another one.
OPEN = "open(path, 'a').write('x')"
PLACES = {
    "log": ("import logging; logging.basicConfig(filename=path)", "a.log"),
    "append": (OPEN, "data.json"),
    "dbm": ("import shelve; shelve.open(path)", "celerybeat-schedule"),
    "directory": ("import os; os.makedirs(path)", "uploads/images"),
    "sqlite": (
        "import sqlite3; sqlite3.connect(path).execute('create table a(b)')",
        "db.sqlite3",
    ),
    "shell": (
        "import subprocess; subprocess.run(['touch', path], check=True)",
        "x",
    ),
    "cache": ("import os; os.mkdir(path)", ".cache"),
    "code": (OPEN, "/opt/pyfleet-diagnosis/code/0123456789ab/x"),
    "var-log": (OPEN, "/var/log/pyfleet-none.log"),
    "run": (OPEN, "/run/pyfleet-none.pid"),
    "var-lib": (OPEN, "/var/lib/pyfleet-none"),
    "usr": (OPEN, "/usr/share/pyfleet-none"),
    "root": ("import os; os.mkdir(path)", "/pyfleet-no-root"),
    "home": ("import os; os.mkdir(path)", "/root/.cache"),
    "foreign": (OPEN, "/srv/pyfleet-diagnosis/x"),
    "key": ("print(len(open(path).read()))", "/etc/pyfleet-diagnosis/tls.key"),
    "unix": (
        "import socket; sock = socket.socket(socket.AF_UNIX)\nsock.bind(path)",
        "app.sock",
    ),
    "stdout": (
        "stream = sys.stdout if path == '-' else open(path, 'a')\n"
        "stream.write('x')",
        "/dev/stdout",
    ),
    "stderr": (
        "import logging\n"
        "logging.basicConfig(filename=None if path == '-' else path)",
        "/dev/stderr",
    ),
}

# The first processes of 257 lose their last words now and then: its
# executor's log socket is not always flushed before it exits.
LOST = ("Main process exited", "Failed with result", "Failed to start")


USER = "pyfleet-diagnosis"


def spec(word: str) -> Any:
    """Return the need that a remedy names."""
    if not word.startswith("{"):
        return word
    name, _unused, rest = word.strip("{}").partition(": ")
    return {name: [rest.strip("[]")] if rest.startswith("[") else rest}


def service(name: str, version: int, *wanted: Any) -> list[list[str]]:
    """Return the directives of a service for a program."""
    return [
        ["User", "pyfleet-diagnosis"],
        ["ExecStart", f"/usr/bin/python3 -I /run/pyfleet-diagnosis/{name}.py"],
        *map(
            list,
            sandbox.sandbox(
                wanted, target=targets.Target(version)
            ).assignments(),
        ),
    ]


@pytest.mark.parametrize("host", hosts("trixie"))
def test_the_remedy_cures(host: str) -> None:
    units = {}
    for number, (word, program) in enumerate(PROGRAMS.items()):
        for kind, wanted in (("ill", []), ("well", [spec(word)])):
            name = f"{kind}-{number}"
            units[name] = {
                "program": program + "\n",
                "options": service(name, HOSTS[host], *wanted),
            }
    found = run_python(host, SCRIPT, units)
    wrong = {}
    for number, word in enumerate(PROGRAMS):
        result, status, lines = found[f"ill-{number}"]
        remedies = diagnosis.explain(result, status, lines)
        if not remedies or f"add `needs: [{word}]`" not in remedies[0]:
            wrong[word] = found[f"ill-{number}"], remedies
        elif found[f"well-{number}"][0] != "success":
            wrong[word] = found[f"well-{number}"], remedies
    assert not wrong


def place_service(
    name: str, version: int, argument: str, *more: list[str], needs: Any = ()
) -> dict[str, Any]:
    """Return a service as the role renders it, for a case of PLACES."""
    program = PLACES[name][0]
    shut = sandbox.sandbox(needs, target=targets.Target(version))
    run = f"/usr/bin/python3 -I /run/{USER}/{name}.py {argument}"
    return {
        "program": f"import sys\npath = sys.argv[1]\n{program}\n",
        "options": [
            ["User", USER],
            ["ExecStart", run],
            ["WorkingDirectory", f"/opt/{USER}/code/0123456789ab"],
            ["StateDirectory", USER],
            ["CacheDirectory", USER],
            ["LogsDirectory", USER],
            ["RuntimeDirectory", f"{USER}-run"],
            *map(list, shut.assignments()),
            *more,
        ],
    }


def cured(name: str, version: int, advice: str) -> dict[str, Any]:
    """Return the service of a case as the advice wants it."""
    argument = PLACES[name][1]
    file = argument.rpartition("/")[2].lstrip(".")
    handed = re.search(r"`credentials: {(\S+): {host_path: (\S+)}}`", advice)
    opened = re.search(r"`needs: \[\{write: \[(\S+)\]\}\]`", advice)
    own = re.search(r"\$(\w+_DIRECTORY)", advice)
    home = re.search(r"HOME \((\S+)\)", advice)
    if handed:
        path = f"${{CREDENTIALS_DIRECTORY}}/{handed[1]}"
        loaded = ["LoadCredential", f"{handed[1]}:{handed[2]}"]
        return place_service(name, version, path, loaded)
    if opened:
        needs = [{"write": [opened[1]]}]
        return place_service(name, version, argument, needs=needs)
    if own:
        return place_service(name, version, f"${{{own[1]}}}/{file}")
    if home:
        return place_service(name, version, f"{home[1]}/{file}")
    assert "`-`" in advice, advice
    return place_service(name, version, "-")


@pytest.mark.parametrize("host", hosts("trixie"))
def test_the_place_cures(host: str) -> None:
    version = HOSTS[host]
    found = run_python(
        host,
        SCRIPT,
        {
            name: place_service(name, version, argument)
            for name, (_program, argument) in PLACES.items()
        },
    )
    advised = {}
    wrong: dict[str, Any] = {}
    for name, (result, status, lines) in found.items():
        advice = diagnosis.explain(result, status, lines, app=USER)
        if len(advice) == 1:
            advised[name] = cured(name, version, advice[0])
        else:
            wrong[name] = found[name], advice
    for name, ended in run_python(host, SCRIPT, advised).items():
        if ended[0] != "success":
            wrong[name] = ended
    assert not wrong


@pytest.mark.parametrize("host", hosts("trixie"))
def test_failures_before_the_program(host: str) -> None:
    units = {}
    for name, (changed, _remedy) in SETUPS.items():
        options = [
            pair
            for pair in service(name, HOSTS[host])
            if pair[0] not in changed
        ]
        program = "import os\nos.chown('/dev/shm', -1, -1)\n"
        units[name] = {
            "program": program,
            "options": [*options, *map(list, changed.items())],
        }
    found = run_python(host, SCRIPT, units)
    wrong = {}
    for name, (_changed, remedy) in SETUPS.items():
        result, status, lines = found[name]
        remedies = diagnosis.explain(result, status, lines)
        is_silent = bool(lines) and all(
            any(lost in one for lost in LOST) for one in lines
        )
        if not any(remedy in one for one in remedies) and not is_silent:
            wrong[name] = found[name], remedies
    assert not wrong
