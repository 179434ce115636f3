# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode tells what would be done, and does none of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab import Lab, web_app

# Not a trace of the collection on either, before the first test.
HOSTS = ["trixie", "unkind"]
PORT = 8160
NAME = "it-check"


def test_from_blank_to_changed(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    app = web_app(NAME, PORT, tmp_path / "src")
    one, none = dict.fromkeys(HOSTS, 1), dict.fromkeys(HOSTS, 0)

    blank = lab.snapshot(HOSTS, NAME)
    run = lab.deploy(HOSTS, app, "--check", "--diff")
    assert run.status == 0, run.output
    assert run.changed() == one
    assert run.output.count("+++ after: /etc/systemd/system/it-check") == 2
    assert run.output.count("+User=it-check") == len(HOSTS)
    port = f'+Environment="PORT={PORT}"'
    assert run.output.count(port) == len(HOSTS)
    assert lab.snapshot(HOSTS, NAME) == blank

    assert lab.deploy(HOSTS, app).changed() == one
    assert lab.deploy(HOSTS, app).changed() == none
    assert lab.deploy(HOSTS, app, "--check", "--diff").changed() == none

    app["services"]["main"]["environment"]["GREETING"] = "changed"
    deployed = lab.snapshot(HOSTS, NAME)
    run = lab.deploy(HOSTS, app, "--check", "--diff")
    assert run.status == 0, run.output
    assert run.changed() == one
    added = [
        line
        for line in run.output.splitlines()
        if line.startswith(("+", "-")) and line[1:4] not in ("++ ", "-- ")
    ]
    assert added == ['+Environment="GREETING=changed"'] * len(HOSTS)
    assert lab.snapshot(HOSTS, NAME) == deployed

    assert lab.deploy(HOSTS, app).changed() == one
    assert lab.deploy(HOSTS, app).changed() == none
    for host in HOSTS:
        answer = lab.get(host, PORT)
        assert answer["environment"]["GREETING"] == "changed", host
