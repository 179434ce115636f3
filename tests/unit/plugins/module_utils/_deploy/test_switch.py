# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A generation is started afresh, watched, and current once proven."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    plans,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    failures,
    heal,
    observe,
    proof,
    switch,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    journal,
    systemctl,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"
SETTLE = 1.0


class FakeSystemd:
    """A systemd whose units hit their start limits, and die.

    Attributes:
        limited: Units that refuse every start until they are reset.
        failed: Units that are listed as failed.
        lives: How many seconds the next start of a unit lasts.
    """

    def __init__(self) -> None:
        self.limited: set[str] = set()
        self.failed: set[str] = set()
        self.lives = 3600.0
        self._until: dict[str, float] = {}
        self._starts = 0

    def restart(self, units: Sequence[str], **_options: object) -> None:
        for unit in units:
            self._starts += 1
            if unit in self.limited:
                self.failed.add(unit)
            else:
                self._until[unit] = time.monotonic() + self.lives

    def stop(self, units: Sequence[str], **_options: object) -> None:
        for unit in units:
            if self._until.pop(unit, None) and self._ended(unit):
                self.failed.add(unit)

    def reset_failed(self, units: Sequence[str]) -> None:
        self.limited -= set(units)
        self.failed -= set(units)

    def show(
        self, units: Sequence[str], _names: Sequence[str]
    ) -> dict[str, dict[str, str]]:
        return {unit: self._shown(unit) for unit in units}

    def _ended(self, unit: str) -> bool:
        return self._until.get(unit, 0) < time.monotonic()

    def _shown(self, unit: str) -> dict[str, str]:
        state = "failed" if self._ended(unit) else "active"
        known = {
            "ActiveState": state,
            "InvocationID": str(self._starts),
            "NRestarts": "0",
        }
        return {name: known.get(name, "") for name in observe.PROPERTIES}


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> FakeSystemd:
    fake = FakeSystemd()
    for name in ("restart", "stop", "reset_failed", "show"):
        monkeypatch.setattr(systemctl, name, getattr(fake, name))
    monkeypatch.setattr(journal, "last_lines", lambda *_unused: [])
    monkeypatch.setattr(journal, "exit_in_words", lambda _unused: "")
    return fake


def generation(number: int, settle: float = SETTLE) -> records.Generation:
    check = model.Health(
        timeout=5, interval=0.05, consecutive=1, settle=settle
    )
    return records.Generation(
        app="hello",
        sequence=number,
        created="",
        collection="",
        wanted="",
        digest="",
        source=model.Origin("", ""),
        environment="0",
        code=None,
        config=None,
        environment_files={},
        interpreter={},
        systemd={},
        units={
            UNIT: records.UnitRecord(
                model.ServiceKey("main"), "", "started", True, check
            )
        },
    )


def way(layout: layouts.Layout, settle: float = 0) -> switch.Switch:
    """Return the way from the first generation to the second."""
    Path(layout.etc).mkdir(parents=True)
    os.symlink("1", layout.current)
    return switch.Switch(
        layout=layout,
        new=generation(2, settle),
        old=generation(1, 0),
        plan=plans.Plan(plans.ACTIVATE, restart=(UNIT,)),
    )


@pytest.mark.usefixtures("layout")
class TestActivate:
    def test_a_unit_at_its_start_limit_is_started(
        self, layout: layouts.Layout, systemd: FakeSystemd
    ) -> None:
        systemd.limited.add(UNIT)

        switch.activate(way(layout))

        assert os.readlink(layout.current) == "2"

    def test_it_must_live_as_long_as_it_is_watched(
        self, layout: layouts.Layout, systemd: FakeSystemd
    ) -> None:
        systemd.lives = SETTLE / 2

        with pytest.raises(
            failures.ActivationError, match="ended while it was watched"
        ):
            switch.activate(way(layout, SETTLE))

        assert os.readlink(layout.current) == "1"

    def test_nothing_is_current_before_its_settling_time(
        self, layout: layouts.Layout, systemd: FakeSystemd
    ) -> None:
        began = time.monotonic()

        switch.activate(way(layout, SETTLE))

        assert time.monotonic() - began >= SETTLE

    def test_nothing_is_current_before_its_proof(
        self,
        layout: layouts.Layout,
        systemd: FakeSystemd,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        seen = []
        prove = proof.prove

        def watched(
            layout: layouts.Layout,
            new: records.Generation,
            units: list[str],
        ) -> None:
            prove(layout, new, units)
            seen.append(os.readlink(layout.current))

        monkeypatch.setattr(proof, "prove", watched)

        switch.activate(way(layout))

        assert seen == ["1"]
        assert os.readlink(layout.current) == "2"

    def test_a_first_release_that_fails_is_forgotten(
        self, layout: layouts.Layout, systemd: FakeSystemd
    ) -> None:
        there = way(layout)
        os.unlink(layout.current)
        systemd.lives = -1

        with pytest.raises(failures.ActivationError, match="no release"):
            switch.activate(
                replace(there, old=None, plan=replace(there.plan, add=(UNIT,)))
            )

        assert systemd.failed == set()
        assert not os.path.lexists(layout.current)


def test_healing_starts_a_unit_at_its_start_limit(
    layout: layouts.Layout, systemd: FakeSystemd
) -> None:
    systemd.limited.add(UNIT)

    assert heal.heal(way(layout)) == [UNIT]


def test_the_limit_of_the_fake_holds(
    layout: layouts.Layout,
    systemd: FakeSystemd,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or the tests above would be void."""
    monkeypatch.setattr(systemctl, "reset_failed", lambda _unused: None)
    systemd.limited.add(UNIT)

    with pytest.raises(errors.HostError, match="did not start"):
        heal.heal(way(layout))
