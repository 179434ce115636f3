# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command of a builder is a unit with a name of its own."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    enforcement,
    jobs,
    workshops,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the jobs that were run: what they are called, and hold."""
    found: list[tuple[str, str]] = []

    def run(stem: str, texts: list[str], _commands: Any, **_: Any) -> None:
        found.extend((stem, text) for text in texts)

    monkeypatch.setattr(jobs, "run", run)
    return found


def test_an_application_has_a_builder(ran: list[tuple[str, str]]) -> None:
    host = units.Host(targets.Target(252), None)
    shop = workshops.of_app(layouts.Layout("hello"), host)

    shop.run(["/bin/true"], ["/opt/hello/envs/0"])
    shop.run(["/bin/true"], ["/opt/hello/envs/0"])

    assert shop.account == "_hello"
    assert len({stem for stem, _unused in ran}) == 2
    for stem, text in ran:
        assert stem.startswith("pyfleet_hello_install_")
        assert "User=_hello\n" in text
        assert "ReadWritePaths=/opt/hello/envs/0\n" in text


def test_a_virtualenv_of_no_application(
    ran: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    weak = sandbox.Weakness(frozenset(), frozenset())
    manager = systemctl.Manager(252, "252.39", frozenset())
    monkeypatch.setattr(jobs, "remove_dead", ended.append)
    monkeypatch.setattr(systemctl, "manager", lambda: manager)
    monkeypatch.setattr(enforcement, "weakness", lambda _unused: weak)

    shop = workshops.of_host()
    shop.run(["/bin/true"], ["/opt/envs/0"])

    assert shop.account == "_pyfleet"
    assert ended == [""]
    assert ran[0][0].startswith("pyfleet__install_")
