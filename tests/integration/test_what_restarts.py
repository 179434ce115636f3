# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change restarts, rebuilds and makes anew as little as it can.

Where a change is one of the host's own, such as another Python, the
record says that the release was made with another: to exchange systemd
or Python in a host would take longer, and prove no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, Run, web_app

HOST = "trixie"
NAME = "it-rows"
PORT = 8270
MAIN, WORKER = f"{NAME}.service", f"{NAME}-worker.service"
LOOK = f"""
systemctl show --value -p InvocationID {MAIN} {WORKER} | grep .
readlink /etc/pyfleet/{NAME}/current
cd /opt/{NAME}
stat -c '%n %i' envs/*
ls -d code/*
"""
# The current release's record, changed by a line of Python.
RECORD = f"""
cd /etc/pyfleet/{NAME}/current
python3 -c '
import json
with open("generation.json") as file:
    record = json.load(file)
exec(input())
with open("generation.json", "w") as file:
    json.dump(record, file)
' <<'PYTHON'
"""


@dataclass(frozen=True)
class Seen:
    """The facts that show a restart, a build and a new release."""

    invocations: dict[str, str]
    release: int
    environments: list[str]
    codes: list[str]


class Subject:
    """An application of two services, and what is seen of it."""

    def __init__(self, lab: Lab, app: dict[str, Any]) -> None:
        self.lab, self.app = lab, app
        self.worker = app["services"]["worker"]
        self.files = Path(app["source"]["files"])

    def deploy(self) -> Run:
        run = self.lab.deploy([HOST], self.app)
        assert run.status == 0, run.output
        return run

    def look(self) -> Seen:
        first, second, release, *rest = self.lab.shell(HOST, LOOK).split("\n")
        paths = [line for line in rest if line]
        return Seen(
            {MAIN: first, WORKER: second},
            int(release),
            [path for path in paths if path.startswith("envs/")],
            [path for path in paths if path.startswith("code/")],
        )

    def record(self, line: str) -> None:
        self.lab.shell(HOST, f"{RECORD}{line}\nPYTHON\n")


@pytest.fixture(scope="module")
def subject(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Subject:
    claim([HOST], NAME)
    app = web_app(NAME, PORT, tmp_path_factory.mktemp("src"))
    app["services"]["worker"] = {
        "exec": "python serve.py",
        "environment": {"MODE": "mute"},
        "health": {"settle": 0.2},
    }
    app["services"]["main"]["health"]["settle"] = 0.2
    made = Subject(lab, app)
    made.deploy()
    return made


def profile(subject: Subject) -> None:
    subject.worker["profile"] = "relaxed"


def code(subject: Subject) -> None:
    (subject.files / "more.txt").write_text("more", encoding="utf-8")


def patch_upgrade(subject: Subject) -> None:
    subject.record('record["interpreter"]["patch"] = "3.13.0"')


def systemd_upgrade(subject: Subject) -> None:
    subject.record('record["systemd"]["version"] = 256')


ROWS: dict[str, tuple[Callable[[Subject], None], list[str], int, int]] = {
    # The change; the units that restart; the count of new releases and
    # of new code directories.
    "profile": (profile, [WORKER], 1, 0),
    "code": (code, [MAIN, WORKER], 1, 1),
    "Python patch upgrade": (patch_upgrade, [], 0, 0),
    "systemd upgrade": (systemd_upgrade, [], 0, 0),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_change_does_its_own_part_alone(subject: Subject, row: str) -> None:
    change, restarts, releases, codes = ROWS[row]
    before = subject.look()
    change(subject)

    run = subject.deploy()

    after = subject.look()
    restarted = [
        unit
        for unit, invocation in before.invocations.items()
        if after.invocations[unit] != invocation
    ]
    assert restarted == restarts
    assert after.release == before.release + releases
    # By inode: nothing is built again in the place of the same.
    assert after.environments == before.environments
    assert len(after.codes) == len(before.codes) + codes
    assert run.changed() == {HOST: 1 if restarts else 0}


def test_the_record_tells_of_the_systemd_that_runs(subject: Subject) -> None:
    """Else every later run would plan a deploy again."""
    record = f"/etc/pyfleet/{NAME}/current/generation.json"
    version = "systemctl show --value -p Version | grep -o '^[0-9]*'"
    script = f'grep "\\"version\\": $({version})" {record}'
    assert subject.lab.shell(HOST, script)
