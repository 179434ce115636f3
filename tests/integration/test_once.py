# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command that runs on one host of the fleet, before the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, as_variables, web_app, with_greeting

FIRST, SECOND = HOSTS = ["bookworm", "trixie"]
NAME = "it-once"
PORT = 8280
DONE = f"/var/lib/{NAME}/done"
# Leaves a word for each time that it ran on a host.
SAY = (
    "python -c 'import os, sys; "
    'open(os.environ["STATE_DIRECTORY"] + "/done", "a").write(sys.argv[1])\' '
)
ONE_BY_ONE = """
- hosts: all
  gather_facts: false
  become: true
  serial: 1
  roles:
    - role: pyfleet.services.pyapp
"""
# A host that nobody can reach is the first of the play.
BACKWARDS = """
- hosts: all
  gather_facts: false
  become: true
  order: reverse_inventory
  roles:
    - role: pyfleet.services.pyapp
"""


@pytest.fixture(scope="module")
def app(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """Return an application, deployed, whose commands ran."""
    claim(HOSTS, NAME)
    folder = tmp_path_factory.mktemp("src")
    first = web_app(NAME, PORT, folder, environment={"GREETING": "one"})
    first["before_switch"] = [
        {"exec": f"{SAY} m", "once": True},
        f"{SAY} e",
    ]
    run = lab.deploy(HOSTS, first)
    assert run.status == 0, run.output
    return first


def greetings(lab: Lab) -> list[str]:
    return [lab.get(h, PORT)["environment"]["GREETING"] for h in HOSTS]


def done(lab: Lab) -> list[str]:
    """Return what ran so far, by host."""
    return list(lab.shells(HOSTS, f"cat {DONE}").values())


def test_it_ran_on_the_first_host_alone(lab: Lab, app: dict[str, Any]) -> None:
    assert done(lab) == ["me", "e"]
    assert greetings(lab) == ["one", "one"]
    assert lab.deploy(HOSTS, app).changed() == dict.fromkeys(HOSTS, 0)


def test_others_stay_when_it_fails(lab: Lab, app: dict[str, Any]) -> None:
    failing = {"exec": "python -c 'exit(\"no such table\")'", "once": True}
    other = with_greeting(app, "two", before_switch=[failing])
    before = lab.snapshot([SECOND], NAME)

    run = lab.deploy(HOSTS, other)

    messages = run.messages()
    assert set(messages) == set(HOSTS), run.output
    assert "no such table" in messages[FIRST]
    assert f"runs once, on {FIRST}," in messages[SECOND]
    assert "failed there. Nothing was changed here" in messages[SECOND]
    assert lab.snapshot([SECOND], NAME) == before
    assert greetings(lab) == ["one", "one"]


def test_others_follow_a_first_host_that_is_there_already(
    lab: Lab, app: dict[str, Any]
) -> None:
    other = with_greeting(app, "three")
    assert lab.deploy([FIRST], other).status == 0
    ran = done(lab)

    run = lab.deploy(HOSTS, other)

    assert run.changed() == {FIRST: 0, SECOND: 1}, run.output
    assert done(lab) == [ran[0], f"{ran[1]}e"]
    assert greetings(lab) == ["three", "three"]


def test_one_batch_learns_from_the_one_before(
    lab: Lab, app: dict[str, Any], tmp_path: Path
) -> None:
    playbook = tmp_path / "site.yml"
    playbook.write_text(ONE_BY_ONE, encoding="utf-8")
    ran = done(lab)

    planned = lab.play(
        playbook, HOSTS, as_variables(with_greeting(app, "four")), "--check"
    )
    assert planned.status == 0, planned.output
    assert planned.changed() == dict.fromkeys(HOSTS, 1)
    assert done(lab) == ran
    run = lab.play(playbook, HOSTS, as_variables(with_greeting(app, "four")))

    assert run.status == 0, run.output
    assert done(lab) == [f"{ran[0]}me", f"{ran[1]}e"]
    assert greetings(lab) == ["four", "four"]


def test_nobody_follows_a_host_out_of_reach(
    lab: Lab, app: dict[str, Any], tmp_path: Path
) -> None:
    playbook, ghost = tmp_path / "site.yml", tmp_path / "ghost.ini"
    playbook.write_text(BACKWARDS, encoding="utf-8")
    ghost.write_text("ghost ansible_host=127.0.0.1 ansible_port=1\n")
    before = lab.snapshot(HOSTS, NAME)
    given = as_variables(with_greeting(app, "five"))

    run = lab.play(playbook, [*HOSTS, "ghost"], given, "-i", str(ghost))

    assert set(run.messages()) == set(HOSTS), run.output
    for text in run.messages().values():
        assert "runs once, on ghost," in text
        assert "that host failed or is unreachable" in text
        assert "--limit '!ghost'" in text
    assert lab.snapshot(HOSTS, NAME) == before
