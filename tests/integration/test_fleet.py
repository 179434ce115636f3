# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example, in one play to every suite and to an unkind host."""

from __future__ import annotations

from collections.abc import Callable

from lab import DEPLOY, ROOT, Lab

EXAMPLE = ROOT / "examples" / "hello"
HOSTS = ["bullseye", "bookworm", "trixie", "sid", "unkind"]


def test_one_play_deploys_everywhere(
    lab: Lab, claim: Callable[..., None]
) -> None:
    claim(HOSTS, "hello")

    first = lab.play(DEPLOY, HOSTS, None, "-e", "@app.yml", cwd=EXAMPLE)

    assert first.status == 0, first.output
    assert first.changed() == dict.fromkeys(HOSTS, 1)
    for host in HOSTS:
        assert lab.get(host, 8000, "/health")["status"] == "ok", host
        states = lab.shell(
            host, "systemctl is-active hello.service hello-worker.service"
        )
        assert states.split() == ["active", "active"], host

    again = lab.play(DEPLOY, HOSTS, None, "-e", "@app.yml", cwd=EXAMPLE)

    assert again.status == 0, again.output
    assert again.changed() == dict.fromkeys(HOSTS, 0)
