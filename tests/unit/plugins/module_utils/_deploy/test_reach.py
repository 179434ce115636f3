# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that waits for hosts which its filter shuts out is told."""

from __future__ import annotations

from typing import Any

import pytest
import rendering

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    reach,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    listen,
    systemctl,
)

LOCAL: dict[str, Any] = {"needs": ["localhost"]}
EVERY = [("0.0.0.0", 8000)]


def tell(
    monkeypatch: pytest.MonkeyPatch,
    bound: list[tuple[str, int]],
    **main: Any,
) -> list[str]:
    unit = rendering.unit(**main)
    shown = {"ControlGroup": "/system.slice/x", "MainPID": "7"}

    def find(cgroup: str, *, pid: int) -> list[tuple[str, int]]:
        assert (cgroup, pid) == ("/system.slice/x", 7)
        return bound

    monkeypatch.setattr(listen, "bound", find)
    monkeypatch.setattr(
        systemctl, "show", lambda names, _wanted: dict.fromkeys(names, shown)
    )
    return reach.notices([unit], [unit.name])


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (EVERY, "listens on 0.0.0.0 port 8000, but services.main.needs"),
        ([("::", 80)], "listens on :: port 80, but"),
        ([("127.0.0.1", 80), ("192.0.2.1", 81)], "on 192.0.2.1 port 81, but"),
        ([*EVERY, ("::", 80)], "on 0.0.0.0 port 8000, :: port 80, but"),
        ([("127.0.0.1", 80), ("::1", 80)], ""),
        ([("::ffff:127.0.0.1", 80)], ""),
        ([], ""),
    ],
)
def test_the_address_decides(
    monkeypatch: pytest.MonkeyPatch, bound: list[tuple[str, int]], words: str
) -> None:
    found = tell(monkeypatch, bound, **LOCAL)
    assert len(found) == bool(words)
    assert words in "".join(found)


def raw(**directives: object) -> dict[str, Any]:
    return {**LOCAL, "options": {"Service": directives}}


@pytest.mark.parametrize(
    ("main", "is_told"),
    [
        (LOCAL, True),
        ({"needs": ["network"]}, False),
        # The user's own words are the last.
        (raw(IPAddressAllow="192.0.2.0/24"), False),
        (raw(IPAddressAllow=["", "127.0.0.1 ::1/128"]), True),
        (raw(IPAddressDeny=""), False),
        (raw(IPAddressDeny=["", "0.0.0.0/0 ::/0"]), True),
        (raw(IPAddressDeny=["", "0.0.0.0/0"]), False),
        (raw(IPAddressAllow="link-local"), False),
    ],
)
def test_the_filter_decides(
    monkeypatch: pytest.MonkeyPatch, main: dict[str, Any], is_told: bool
) -> None:
    assert bool(tell(monkeypatch, EVERY, **main)) is is_told


def test_a_unit_that_was_not_started_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(systemctl, "show", lambda names, _wanted: {})
    assert reach.notices([rendering.unit(**LOCAL)], []) == []


def test_a_deploy_does_not_fail_for_a_notice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_unused: object) -> None:
        raise errors.HostError("systemd does not answer")

    monkeypatch.setattr(systemctl, "show", fail)
    unit = rendering.unit(**LOCAL)
    assert reach.notices([unit], [unit.name]) == []
