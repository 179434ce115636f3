# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible and ssh find the hosts."""

from __future__ import annotations

from pathlib import Path

from testfleet import inventory
from testfleet.specs import HOSTS


def test_inventory() -> None:
    hosts = [
        inventory.Access(HOSTS["sid"], 4001, "ssh-ed25519 AAA"),
        inventory.Access(HOSTS["unkind"], 4002, "ssh-ed25519 BBB"),
    ]
    text = inventory.render(hosts, Path("/k/id"), Path("/k/known"))
    kind, field = text.split("[field]")
    (sid,) = [li for li in kind.splitlines() if li.startswith("sid ")]
    assert "ansible_port=4001 ansible_user=root" in sid
    assert "ansible_pipelining=true" in sid
    assert "ansible_become" not in sid
    assert "-o UserKnownHostsFile=/k/known" in sid
    (unkind,) = field.strip().splitlines()
    assert "ansible_user=admin" in unkind
    assert "ansible_pipelining=false" in unkind
    assert unkind.endswith("ansible_become=true ansible_become_method=sudo")


def test_known_hosts() -> None:
    host = inventory.Access(HOSTS["sid"], 4001, "ssh-ed25519 AAA")
    rendered = inventory.known_hosts([host])
    assert rendered == "[127.0.0.1]:4001 ssh-ed25519 AAA\n"
