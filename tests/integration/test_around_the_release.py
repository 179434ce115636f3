# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release brings commands, credentials and a way back along."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import PACKAGES, Lab, web_app, with_greeting

# The oldest systemd and a recent one.
HOSTS = ["bullseye", "trixie"]
NAME = "it-around"
PORT = 8180
UNIT = f"{NAME}.service"
IDLE = "import time; time.sleep(3600)"
READ = f"""
import os, pathlib
folder = pathlib.Path(os.environ["CREDENTIALS_DIRECTORY"])
print((folder / "token").read_text(), flush=True)
{IDLE}
"""
SAY = (
    'python -c \'import os; print(os.getuid(), os.environ["STATE_DIRECTORY"],'
    ' open("/proc/self/status").read().split("NoNewPrivs:")[1][:2])\''
)


@pytest.fixture(scope="module")
def app(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """Return the first release, deployed."""
    claim(HOSTS, NAME)
    folder = tmp_path_factory.mktemp("src")
    first = web_app(NAME, PORT, folder, environment={"GREETING": "one"})
    first["before_switch"] = [SAY]
    run = lab.deploy(HOSTS, first)
    assert run.status == 0, run.output
    return first


def greetings(lab: Lab) -> set[str]:
    return {lab.get(host, PORT)["environment"]["GREETING"] for host in HOSTS}


def invocations(lab: Lab) -> list[str]:
    return [lab.show(host, UNIT, "InvocationID") for host in HOSTS]


def test_commands_ran_in_the_sandbox_of_the_service(
    lab: Lab, app: dict[str, Any]
) -> None:
    script = f"""
    id -u {NAME}
    journalctl --output=cat _UID=$(id -u {NAME}) \
        | grep '/var/lib/{NAME}' | tail -1
    ls /run/systemd/system | grep -c before || true
    """
    for answer in lab.shells(HOSTS, script).values():
        uid, said, left = answer.splitlines()
        assert said.split() == [uid, f"/var/lib/{NAME}", "1"]
        assert left == "0"


def test_a_command_that_fails_touches_nothing(
    lab: Lab, app: dict[str, Any]
) -> None:
    before = invocations(lab)
    failing = ["python -c 'import sys; sys.exit(\"no such table\")'"]

    run = lab.deploy(HOSTS, with_greeting(app, "two", before_switch=failing))

    assert set(run.messages()) == set(HOSTS), run.output
    for text in run.messages().values():
        assert "no such table" in text
        assert "status 1" in text
        assert "No unit was changed" in text
    assert invocations(lab) == before
    assert greetings(lab) == {"one"}
    assert lab.deploy(HOSTS, app).changed() == dict.fromkeys(HOSTS, 0)


def test_back_by_hand_and_no_further_than_allowed(
    lab: Lab, app: dict[str, Any]
) -> None:
    lab.deploy(HOSTS, with_greeting(app, "three"))
    assert greetings(lab) == {"three"}

    back = "pyfleet.services.rollback"
    name = {"pyapp_name": NAME}
    planned = lab.play(back, HOSTS, name, "--check")
    assert planned.changed() == dict.fromkeys(HOSTS, 1), planned.output
    assert greetings(lab) == {"three"}
    assert lab.play(back, HOSTS, name).changed() == dict.fromkeys(HOSTS, 1)
    assert greetings(lab) == {"one"}

    final = [{"exec": "python -c 1", "irreversible": True}]
    lab.deploy(HOSTS, with_greeting(app, "four", before_switch=final))
    refused = lab.play(back, HOSTS, name)
    assert set(refused.messages()) == set(HOSTS), refused.output
    assert all(
        "cannot be undone" in text for text in refused.messages().values()
    )
    assert greetings(lab) == {"four"}


def test_releases_are_listed(lab: Lab, app: dict[str, Any]) -> None:
    run = lab.play("pyfleet.services.releases", HOSTS, {"pyapp_name": NAME})
    assert run.status == 0, run.output
    for host in HOSTS:
        found = next(
            r.result["releases"][NAME]
            for r in run.results
            if r.host == host and "releases" in r.result
        )
        numbers = [entry["release"] for entry in found]
        assert numbers == sorted(numbers)
        assert [e["is_current"] for e in found].count(True) == 1
        assert all(entry["is_usable"] for entry in found)
        assert found[-1]["irreversible"] == "python -c 1"
        assert found[-1]["source"] == f"packages: {PACKAGES[0]}"


def test_a_rotated_credential_restarts_its_user_alone(
    lab: Lab, app: dict[str, Any], claim: Callable[..., None]
) -> None:
    name = "it-secret"
    claim(HOSTS, name)
    services: dict[str, Any] = {
        "main": {
            "exec": ["python", "-c", READ],
            "credentials": {"token": "CANARY-1"},
            "health": {"settle": 0.2},
        },
        "other": {
            "exec": ["python", "-c", IDLE],
            "health": {"command": "python -c 1", "settle": 0.2},
        },
    }
    secret: dict[str, Any] = {
        "name": name,
        "source": {"packages": PACKAGES},
        "services": services,
    }
    assert lab.deploy(HOSTS, secret).status == 0
    other = lab.shells(HOSTS, f"systemctl show -p InvocationID {name}-other")
    services["main"]["credentials"]["token"] = "CANARY-2"

    run = lab.deploy(HOSTS, secret, "--diff", "-vvvv")

    assert run.changed() == dict.fromkeys(HOSTS, 1), run.output
    # Ansible shows where an extra variable came from, not its value.
    assert "CANARY-2" not in run.output
    look = f"""
    readlink /etc/pyfleet/{name}/current
    said() {{ journalctl --output=cat -u {name} | grep CANARY | tail -1; }}
    for _ in $(seq 50); do
        [ "$(said)" = CANARY-2 ] && break
        sleep 0.2
    done
    said
    stat -c '%U %a' /etc/pyfleet/{name}/credentials/main/token
    """
    for answer in lab.shells(HOSTS, look).values():
        assert answer.splitlines() == ["1", "CANARY-2", "root 600"]
    assert (
        lab.shells(HOSTS, f"systemctl show -p InvocationID {name}-other")
        == other
    )
    assert lab.deploy(HOSTS, secret).changed() == dict.fromkeys(HOSTS, 0)

    # One that comes with a release that fails, and is taken back.
    failing = copy.deepcopy(secret)
    failing["services"]["main"].update(
        exec=["python", "-c", "exit(1)"], credentials={"token": "CANARY-3"}
    )
    assert lab.deploy(HOSTS, failing).status != 0
    run = lab.deploy(HOSTS, secret)
    assert run.changed() == dict.fromkeys(HOSTS, 1), run.output
    for answer in lab.shells(HOSTS, look).values():
        assert answer.splitlines() == ["1", "CANARY-2", "root 600"]
    assert lab.deploy(HOSTS, secret).changed() == dict.fromkeys(HOSTS, 0)


def test_data_goes_when_asked(
    lab: Lab, app: dict[str, Any], tmp_path: Path
) -> None:
    gone = {"name": NAME, "state": "absent", "remove_data": True}
    look = f"""
    ls -d /var/lib/{NAME} /etc/pyfleet/{NAME} /opt/{NAME} 2>/dev/null
    getent passwd {NAME}; true
    """
    theirs = f"/etc/{NAME}/theirs"
    lab.shells(HOSTS, f"mkdir -p /etc/{NAME}; touch {theirs}")
    assert lab.deploy(HOSTS, gone).changed() == dict.fromkeys(HOSTS, 1)
    lab.shells(HOSTS, f"rm {theirs}; rmdir /etc/{NAME}")
    assert set(lab.shells(HOSTS, look).values()) == {""}
    assert lab.deploy(HOSTS, gone).changed() == dict.fromkeys(HOSTS, 0)
