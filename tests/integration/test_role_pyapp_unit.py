# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role pyapp_unit and modules unit and unit_validate, on every systemd."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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


def told(run: Run) -> list[Mapping[str, Any]]:
    """Return what the module returned on each host."""
    found = [one.result for one in run.results if "actions" in one.result]
    assert len(found) == len(HOSTS), run.output
    return found


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


def test_drop_ins_of_ours_and_of_others(lab: Lab, play: Play) -> None:
    """Drop-ins that are not named any more go; those of others stay."""
    folder = f"/etc/systemd/system/{NAME}.d"
    named = {"10-a.conf": "[Service]\nNice=5\n", "20-b.conf": "[Unit]\n"}
    wish: dict[str, Any] = {"options": OPTIONS, "started": True}
    assert play(HOSTS, **wish, drop_ins=named).status == 0
    lab.shells(HOSTS, 'printf "[Service]\nNice=7\n" >"$1/z.conf"', folder)
    fewer = {**wish, "drop_ins": {"20-b.conf": "[Unit]\n"}}
    planned = play(HOSTS, "--check", "--diff", **fewer)
    for result in told(planned):
        assert f"remove {folder}/10-a.conf" in result["actions"]
    assert "-Nice=5" in planned.output
    assert set(lab.shells(HOSTS, 'ls "$1"', folder).values()) == {
        "10-a.conf\n20-b.conf\nz.conf\n"
    }
    done = play(HOSTS, **fewer)
    assert set(done.changed().values()) == {1}
    said = " ".join(done.output.split())
    assert f"{folder}/z.conf was not written by this module" in said
    again = play(HOSTS, **fewer)
    assert set(again.changed().values()) == {0}
    for host in HOSTS:
        assert lab.show(host, NAME, "Nice") == "7"
        names = lab.shell(host, 'ls "$1"', folder)
        assert names == "20-b.conf\nz.conf\n"
    for result in told(done):
        assert result["findings"] == []
    assert play(HOSTS, state="absent").status == 0
    assert set(lab.shells(HOSTS, 'ls "$1"', folder).values()) == {"z.conf\n"}


def test_what_is_overridden_is_a_finding(lab: Lab, play: Play) -> None:
    folder = f"/etc/systemd/system/{NAME}.d"
    script = 'mkdir -p "$1"; printf "[Service]\nNice=7\n" >"$1/z.conf"'
    drop_ins = {"10-a.conf": "[Service]\nNice=5\nTimeoutStopSec=1min 5s\n"}
    wish = {"options": with_service(Nice="3"), "drop_ins": drop_ins}
    fine = play(HOSTS, **wish)
    assert [one["findings"] for one in told(fine)] == [[]] * 4
    lab.shells(HOSTS, script, folder)
    lab.shells(HOSTS, "systemctl daemon-reload")
    for result in told(play(HOSTS, **wish)):
        (finding,) = result["findings"]
        assert finding["code"] == "host-differs"
        assert (finding["option"], finding["value"]) == ("Nice", "5")
        assert finding["file"] == "10-a.conf"


@pytest.mark.parametrize(
    ("directives", "reason"),
    [
        ({"ProtectSytem": "strict"}, "did you mean ProtectSystem="),
        ({"ProtectSystem": "strct"}, "did you mean strict"),
        ({"CapabilityBoundingSet": "CAP_NOPE"}, "is not a capability"),
        ({"ExecStart": ["/bin/a", "/bin/b"]}, "2 commands"),
        ({"Environment": "A=b\rUser=root"}, "begin another directive"),
        ({"UMask": 0o77}, "put the value in quotes"),
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
