# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The subcommands of the fleet, as far as they start no container."""

from __future__ import annotations

from pathlib import Path

import pytest
from testfleet import cli, containers, machine
from testfleet.errors import FleetError
from testfleet.specs import HOSTS


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fleet of this checkout alone."""
    monkeypatch.setattr(cli, "STATE", tmp_path / "fleet")
    monkeypatch.setattr(cli, "FLEETS", tmp_path)
    monkeypatch.setattr(cli, "IMAGES", tmp_path / "images")
    monkeypatch.setattr(cli, "INVENTORY", tmp_path / "hosts.ini")


def test_an_unknown_subcommand_is_refused() -> None:
    with pytest.raises(SystemExit):
        cli.main(["start"])


def test_an_inventory_that_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["inventory"]) == 1
    assert "start the fleet with: fleet.py up" in capsys.readouterr().err
    cli.INVENTORY.write_text("[kind]\n")
    assert cli.main(["inventory"]) == 0
    assert capsys.readouterr().out == "[kind]\n"


def test_no_host_is_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(containers, "listed", lambda _owner: [])
    assert cli.main(["status"]) == 0
    assert "no host is up" in capsys.readouterr().out


def test_an_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_facts: object, *, build: bool) -> None:
        raise FleetError("no cgroup2")

    monkeypatch.setattr(machine, "require", refuse)
    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().err.endswith("error: no cgroup2\n")


def test_a_command_in_an_unknown_host(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["exec", "centos", "true"]) == 1
    assert "unknown host centos" in capsys.readouterr().err


def test_images_made_here_are_remembered_once() -> None:
    for name in ("sid", "trixie"):
        cli._note_image(HOSTS[name], "an/image")
    assert cli._made_images() == ["an/image"]


def test_the_state_is_removed_but_not_the_notes_of_images(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cli.STATE.mkdir()
    monkeypatch.setattr(cli, "KEY", cli.STATE / "id_ed25519")
    monkeypatch.setattr(cli, "KNOWN_HOSTS", cli.STATE / "known_hosts")
    for name in ("id_ed25519", "id_ed25519.pub", "hosts.ini", "sid.name"):
        (cli.STATE / name).write_text("")
    cli._remove_state()
    assert [path.name for path in cli.STATE.iterdir()] == ["sid.name"]
