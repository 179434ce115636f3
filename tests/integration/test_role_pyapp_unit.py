# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role pyapp_unit and modules unit and unit_validate, on every systemd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab import Lab, Run

HOSTS = ["bullseye", "bookworm", "trixie", "sid"]
NAME = "pyfleet-unittest.service"
ROLE = "pyfleet.services.pyapp_unit"
SITE: dict[str, Any] = {"hosts": "all", "become": True, "gather_facts": False}
OPTIONS: dict[str, dict[str, Any]] = {
    "Unit": {"Description": "Unit of a test"},
    "Service": {
        "ExecStart": "/bin/sleep infinity",
        "DynamicUser": True,
        "ProtectHome": True,
    },
    "Install": {"WantedBy": "multi-user.target"},
}
_GONE = (
    'systemctl disable --now "$1"; rm -rf "/etc/systemd/system/$1"'
    ' "/etc/systemd/system/$1.d"; systemctl daemon-reload; true'
)

Play = Callable[..., Run]


@pytest.fixture
def play(lab: Lab, tmp_path: Path) -> Iterator[Play]:
    """Run the role, and leave no unit behind."""
    playbook = tmp_path / "site.yml"
    playbook.write_text(yaml.safe_dump([{**SITE, "roles": [ROLE]}]))
    touched: set[str] = set()

    def run(hosts: list[str], *arguments: str, **variables: Any) -> Run:
        if not touched:
            lab.shells(hosts, _GONE, NAME)
        touched.update(hosts)
        given = {f"pyapp_unit_{name}": v for name, v in variables.items()}
        given["pyapp_unit_name"] = NAME
        return lab.play(playbook, hosts, given, *arguments)

    yield run
    lab.shells(sorted(touched), _GONE, NAME)


def states(lab: Lab) -> list[str]:
    """Return how the unit is on each host."""
    return [lab.show(host, NAME, "ActiveState") for host in HOSTS]


def with_service(**directives: Any) -> dict[str, dict[str, Any]]:
    """Return the options with more directives in [Service]."""
    return {**OPTIONS, "Service": {**OPTIONS["Service"], **directives}}


def test_install_change_and_remove(lab: Lab, play: Play) -> None:
    wish = {"options": OPTIONS, "enabled": True, "started": True}
    planned = play(HOSTS, "--check", **wish)
    assert planned.status == 0, planned.output
    assert set(planned.changed().values()) == {1}
    assert states(lab) == ["inactive"] * 4

    assert play(HOSTS, **wish).status == 0
    assert states(lab) == ["active"] * 4
    assert set(play(HOSTS, **wish).changed().values()) == {0}

    pids = [lab.show(host, NAME, "MainPID") for host in HOSTS]
    wish["drop_ins"] = {"10-nice.conf": "[Service]\nNice=5\n"}
    assert set(play(HOSTS, **wish).changed().values()) == {1}
    assert states(lab) == ["active"] * 4
    for host, pid in zip(HOSTS, pids, strict=True):
        assert lab.show(host, NAME, "MainPID") != pid
        assert lab.show(host, NAME, "Nice") == "5"

    assert set(play(HOSTS, state="absent").changed().values()) == {1}
    assert states(lab) == ["inactive"] * 4
    assert set(play(HOSTS, state="absent").changed().values()) == {0}


@pytest.mark.parametrize(
    ("directives", "reason"),
    [
        ({"ProtectSytem": "strict"}, "did you mean ProtectSystem="),
        ({"ProtectSystem": "strct"}, "did you mean strict"),
        ({"CapabilityBoundingSet": "CAP_NOPE"}, "is no capability"),
        ({"ExecStart": ["/bin/a", "/bin/b"]}, "2 commands"),
        ({"Environment": "A=b\rUser=root"}, "begin another directive"),
        ({"UMask": 0o77}, "quote it"),
        ({"User": None}, "null"),
    ],
)
def test_refused_before_any_change(
    lab: Lab, play: Play, directives: dict[str, Any], reason: str
) -> None:
    refused = play(HOSTS[2:3], options=with_service(**directives))
    assert refused.status != 0
    (message,) = refused.messages().values()
    assert reason in message
    path = f"/etc/systemd/system/{NAME}"
    lab.shell(HOSTS[2], 'test ! -e "$1"', path)


def test_exposure_is_a_gate(play: Play) -> None:
    refused = play(HOSTS[2:3], options=OPTIONS, exposure_max=1.0)
    assert refused.status != 0
    (message,) = refused.messages().values()
    assert "above exposure_max" in message
