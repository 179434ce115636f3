# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role pyapp_virtualenv alone, on the host that lacks most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab import Lab, Run

HOSTS = ["unkind", "trixie"]
PLACE = "/opt/venvtest"
LINK = f"{PLACE}/venv"
ROLE = "pyfleet.services.pyapp_virtualenv"
_STATE = 'readlink "$1/venv"; ls "$1/envs" 2>/dev/null; true'

Play = Callable[..., Run]


@pytest.fixture
def play(lab: Lab, tmp_path: Path) -> Iterator[Play]:
    """Run the role, and leave nothing behind."""
    playbook = tmp_path / "site.yml"
    site = {"hosts": "all", "become": True, "gather_facts": False}
    playbook.write_text(yaml.safe_dump([{**site, "roles": [ROLE]}]))
    lab.shells(HOSTS, "rm -rf $1; mkdir $1", PLACE)

    def run(*arguments: str, **variables: Any) -> Run:
        given = {f"pyapp_virtualenv_{n}": v for n, v in variables.items()}
        return lab.play(playbook, HOSTS, given, *arguments)

    yield run
    lab.shells(HOSTS, "rm -rf $1", PLACE)


def test_it_is_made_once_and_replaced_whole(lab: Lab, play: Play) -> None:
    planned = play("--check", path=LINK, packages=["iniconfig==2.1.0"])
    assert planned.changed() == dict.fromkeys(HOSTS, 1), planned.output
    assert set(lab.shells(HOSTS, _STATE, PLACE).values()) == {""}

    made = play(path=LINK, packages=["iniconfig==2.1.0"])
    assert made.changed() == dict.fromkeys(HOSTS, 1), made.output
    before = lab.shells(HOSTS, _STATE, PLACE)
    script = f"{LINK}/bin/python -c 'import iniconfig' && echo works"
    assert set(lab.shells(HOSTS, script).values()) == {"works\n"}

    again = play(path=LINK, packages=["iniconfig==2.1.0"])
    assert again.changed() == dict.fromkeys(HOSTS, 0), again.output
    assert lab.shells(HOSTS, _STATE, PLACE) == before

    play(path=LINK, packages=["iniconfig==2.0.0"])
    for host, state in lab.shells(HOSTS, _STATE, PLACE).items():
        link, *names = state.split()
        assert len(names) == 2
        assert link != before[host].split()[0]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "exactly one of packages, requirements"),
        ({"packages": ["iniconfig"]}, "pinned requirement"),
        ({"requirements": "none.txt"}, "was not found on the controller"),
        ({"packages": ["a==1"], "index_url": "http://x/"}, "https://"),
        ({"packages": ["iniconfig==0.0.0"]}, "no set of wheels"),
        ({"packages": ["iniconfig==2.1.0"], "python": "3.2"}, "3.2"),
    ],
)
def test_wrong_variables_change_nothing(
    lab: Lab, play: Play, variables: dict[str, Any], said: str
) -> None:
    refused = play(path=LINK, **variables)
    assert refused.status != 0
    assert set(refused.messages()) == set(HOSTS), refused.output
    assert all(said in text for text in refused.messages().values())
    assert "Traceback" not in refused.output
    assert set(lab.shells(HOSTS, _STATE, PLACE).values()) == {""}


def test_a_path_below_what_others_own_is_refused(lab: Lab, play: Play) -> None:
    lab.shells(HOSTS, "chown nobody $1", PLACE)
    refused = play(path=LINK, packages=["iniconfig==2.1.0"])
    assert all(PLACE in text for text in refused.messages().values())
    assert set(refused.messages()) == set(HOSTS), refused.output
