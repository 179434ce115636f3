# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that build in the code directory before it is frozen."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from lab import PACKAGES, Lab, Run, as_variables

HOSTS = ["bookworm", "trixie"]
NAME = "it-build"
PORT = 8270
UNIT = f"{NAME}.service"
CODE = f"/opt/{NAME}/code"
# A build makes this, and notes what it was not allowed to do.
BUILD = """
import json, os, pathlib, pwd, socket, sys, time
import iniconfig

def refused(act):
    try:
        act()
    except OSError as error:
        return error.strerror
    return None

site = pathlib.Path("static")
site.mkdir(exist_ok=True)
if os.path.exists("/opt/it-build-slow"):
    (site / "half.json").write_text("[]")
    time.sleep(600)
code, here = os.environ["PYTHONPATH"], os.getcwd()
report = {
    "arguments": sys.argv[1:],
    "user": pwd.getpwuid(os.getuid()).pw_name,
    "uids": os.getresuid(),
    "is_here": here == code,
    "greeting": os.environ["GREETING"],
    "refused": {
        "environment": refused(
            lambda: open(os.environ["VIRTUAL_ENV"] + "/x", "w")
        ),
        "beside": refused(lambda: os.mkdir(code + "/../x")),
        "data": refused(lambda: os.listdir("/var/lib/it-build")),
        "home": refused(lambda: os.listdir("/root")),
        "network": refused(
            lambda: socket.create_connection(("127.0.0.1", 22), 2)
        ),
    },
}
(site / "site.json").write_text(json.dumps(report))
os.chmod(site / "site.json", 0o666)
os.chmod(site, 0o777)
"""
_FOUND = f"""
cd {CODE}/*
find . ! -user root -o ! -group {NAME} -o ! -type l -perm /7027
echo --
stat -c '%a %n' static static/site.json
find /opt /tmp /var/tmp /etc /run/{NAME} -xdev -user _{NAME}
ls /run/systemd/system
"""
# Kill all holders of the flock: the module and its detached child.
_KILL = f"""
for link in /proc/[0-9]*/fd/*; do
    if [ "$(readlink "$link")" = /run/pyfleet/{NAME}.lock ]; then
        pid=${{link#/proc/}}
        kill -KILL "${{pid%%/*}}" || true
    fi
done
"""


@pytest.fixture(scope="module")
def app(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """Return an application whose site is built, deployed."""
    claim(HOSTS, NAME)
    folder = tmp_path_factory.mktemp("src")
    (folder / "build.py").write_text(BUILD)
    described = {
        "name": NAME,
        "source": {"packages": PACKAGES, "files": str(folder)},
        "environment": {"GREETING": "hello"},
        "build": ["python build.py"],
        "services": {
            "main": {
                "exec": f"python -m http.server {PORT} --bind 127.0.0.1 "
                "--directory static",
                "needs": ["localhost"],
                "health": {
                    "http": f"http://127.0.0.1:{PORT}/site.json",
                    "interval": 0.1,
                    "settle": 0.3,
                },
            }
        },
    }
    run = lab.deploy(HOSTS, described)
    assert run.status == 0, run.output
    return described


def changed(app: dict[str, Any], *commands: Any) -> dict[str, Any]:
    return {**copy.deepcopy(app), "build": list(commands)}


def codes(lab: Lab) -> dict[str, list[str]]:
    """Return the code directories of each host, with their times."""
    found = lab.shells(HOSTS, f"stat -c '%n %Z' {CODE}/* | sort")
    return {host: text.splitlines() for host, text in found.items()}


def test_what_was_built_is_served(lab: Lab, app: dict[str, Any]) -> None:
    for host in HOSTS:
        report = lab.get(host, PORT, "/site.json")
        (uid,) = set(report["uids"])
        service = int(lab.shell(host, f"id -u {NAME}"))
        assert report["user"] == f"_{NAME}"
        assert uid not in (0, service)
        assert report["is_here"]
        assert report["greeting"] == "hello"
        assert [k for k, v in report["refused"].items() if v is None] == []
        assert report["refused"]["environment"] == "Read-only file system"


def test_what_was_built_is_roots_and_frozen(
    lab: Lab, app: dict[str, Any]
) -> None:
    for host, text in lab.shells(HOSTS, _FOUND).items():
        odd, _dashes, rest = text.partition("--\n")
        assert odd == "", host
        assert rest == "750 static\n640 static/site.json\n", host


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["python", "-c", "exit('no such template')"], "no such template"),
        ("/bin/ln -s /etc/passwd static/leak", "out of the directory"),
    ],
)
def test_a_build_that_fails_touches_nothing(
    lab: Lab, app: dict[str, Any], command: Any, said: str
) -> None:
    before = codes(lab)
    running = lab.shells(HOSTS, f"systemctl show -p InvocationID {UNIT}")

    run = lab.deploy(HOSTS, changed(app, "python build.py", command))

    assert set(run.messages()) == set(HOSTS), run.output
    for text in run.messages().values():
        assert said in text
        assert f"pyapp_build as _{NAME}" in text
        assert "No unit was changed" in text
    assert codes(lab) == before
    assert (
        lab.shells(HOSTS, f"systemctl show -p InvocationID {UNIT}") == running
    )


def test_only_what_goes_into_it_builds_it_anew(
    lab: Lab, app: dict[str, Any]
) -> None:
    # Nor has what failed before this left anything.
    before = codes(lab)
    same = copy.deepcopy(app)
    same["services"]["main"]["environment"] = {"OTHER": "1"}
    run = lab.deploy(HOSTS, same)
    assert run.changed() == dict.fromkeys(HOSTS, 1), run.output
    assert codes(lab) == before

    other = changed(app, {"exec": ["python", "build.py", "a b"]})
    planned = lab.deploy(HOSTS, other, "--check")
    assert planned.changed() == dict.fromkeys(HOSTS, 1), planned.output
    for host in HOSTS:
        assert planned.app(host, NAME)["build"] == ["python build.py 'a b'"]
    assert codes(lab) == before

    run = lab.deploy(HOSTS, other)
    assert run.status == 0, run.output
    for host in HOSTS:
        assert lab.get(host, PORT, "/site.json")["arguments"] == ["a b"]
        assert len(codes(lab)[host]) == 2
        assert lab.shell(host, f"ls /opt/{NAME}/envs | wc -l") == "1\n"
    assert lab.deploy(HOSTS, other).changed() == dict.fromkeys(HOSTS, 0)


def test_an_interrupted_build_starts_anew(
    lab: Lab, app: dict[str, Any]
) -> None:
    (host,) = HOSTS[1:]
    other = changed(app, "python build.py twice")
    lab.shell(host, "touch /opt/it-build-slow")
    variables = as_variables(other)
    process, _record, _log = lab.start(
        "pyfleet.services.deploy", [host], variables
    )
    try:
        wait(lab, host, f"test -e {CODE}/*/static/half.json")
        lab.shell(host, _KILL)
        assert process.wait(timeout=60) != 0
    finally:
        process.kill()
        lab.shell(host, "rm /opt/it-build-slow")
    left = lab.shell(host, "ls /run/systemd/system")
    assert f"pyfleet_{NAME}_build_" in left

    run = lab.deploy([host], other)

    assert run.status == 0, run.output
    assert lab.get(host, PORT, "/site.json")["arguments"] == ["twice"]
    assert lab.shell(host, f"find {CODE} -name half.json") == ""
    assert lab.shell(host, "ls /run/systemd/system") == ""
    assert lab.shell(host, f"pgrep -u _{NAME} || true") == ""


def wait(lab: Lab, host: str, condition: str) -> None:
    """Wait until a shell's condition is true on a host."""
    deadline = time.monotonic() + 60
    while lab.execute(host, ["sh", "-c", condition]).returncode != 0:
        assert time.monotonic() < deadline, condition
        time.sleep(0.2)


def test_somebody_elses_account_builds_nothing(
    lab: Lab, app: dict[str, Any], claim: Callable[..., None]
) -> None:
    claim(HOSTS[:1], "it-taken")
    other = {**changed(app, "python build.py"), "name": "it-taken"}
    make = "useradd --system --shell /usr/sbin/nologin _it-taken"
    lab.shell(HOSTS[0], make)
    try:
        before = lab.snapshot(HOSTS[:1], "it-taken")
        run: Run = lab.deploy(HOSTS[:1], other)
        assert lab.snapshot(HOSTS[:1], "it-taken") == before
    finally:
        lab.shell(HOSTS[0], "userdel _it-taken")
    (text,) = run.messages().values()
    assert "as _it-taken, but account" in text
    assert "was not made by this collection" in text


def test_its_account_goes_with_it(lab: Lab, app: dict[str, Any]) -> None:
    gone = {"name": NAME, "state": "absent"}
    assert lab.deploy(HOSTS, gone).changed() == dict.fromkeys(HOSTS, 1)
    look = f"getent passwd _{NAME}; getent group _{NAME}; getent passwd {NAME}"
    for answer in lab.shells(HOSTS, look).values():
        # The service's own stays, and its data with it.
        assert [line.split(":")[0] for line in answer.splitlines()] == [NAME]
