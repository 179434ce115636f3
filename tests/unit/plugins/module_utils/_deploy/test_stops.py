# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy says how long a stop may take, and what it cut off."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    draft,
    observe,
    phases,
    refusals,
    stops,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    journal,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT, OLD = "hello.service", "hello-old.service"
RUN = "e648c5b471254895ae46c101f0bd13ca"
MAIN = {"exec": "hello-serve"}


@pytest.fixture
def drafted(
    host: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., draft.Draft]:
    """Return a maker of drafts that change a service and remove one."""
    monkeypatch.setattr(refusals, "missing_programs", lambda *_unused: None)
    old = {**MAIN, "stop_timeout": "7min"}
    phases.activate(host.order(services={"main": MAIN, "old": old}))
    observed = observe.read_one(host.layout)
    units = {
        name: replace(unit, properties={**unit.properties, **up("active")})
        for name, unit in observed.units.items()
    }

    def make(state: str = "active", **main: Any) -> draft.Draft:
        units[UNIT] = replace(
            units[UNIT],
            properties={**units[UNIT].properties, **up(state)},
        )
        services = {"main": {"exec": "hello-serve --other", **main}}
        return draft.make(
            host.order(services=services), replace(observed, units=units)
        )

    return make


def up(state: str) -> dict[str, str]:
    return {"ActiveState": state, "InvocationID": RUN}


@pytest.mark.parametrize(
    ("state", "main", "time"),
    [
        ("active", {}, "90s"),
        ("activating", {"stop_timeout": "infinity"}, "infinity"),
        # The last line counts, also that which sets both times.
        ("active", {"options": {"Service": {"TimeoutSec": "4s"}}}, "4s"),
        ("active", {"options": {"Service": {"TimeoutStopSec": "5s"}}}, "5s"),
        # These are not stopped: they do not run.
        ("inactive", {}, ""),
        ("failed", {}, ""),
    ],
)
def test_how_long_a_stop_may_take(
    drafted: Callable[..., draft.Draft],
    state: str,
    main: dict[str, Any],
    time: str,
) -> None:
    found = drafted(state, **main)
    told = {UNIT: time} if time else {}
    assert stops.longest(found) == {**told, OLD: "7min"}
    (difference,) = stops.difference(found)
    lines = difference["prepared"].splitlines()
    assert len(lines) == len(told) + 1
    assert f"{OLD} may take up to 7min to stop (stop_timeout)" in lines


def test_nothing_is_stopped_on_the_first_deploy(host: Any) -> None:
    found = draft.make(host.order(), observe.read_one(host.layout))
    assert stops.longest(found) == {}
    assert list(stops.difference(found)) == []
    assert stops.cut_off(found) == []


@pytest.mark.parametrize(
    ("kills", "words"),
    [
        (journal.Kills(False, ()), []),
        (
            journal.Kills(True, ["python"]),
            ["did not end within 90s", "services.main.stop_timeout"],
        ),
        (
            journal.Kills(False, ["ffmpeg", "python", "ffmpeg"]),
            ["(ffmpeg, python)", "services.main.options.Service.KillMode"],
        ),
    ],
)
def test_what_was_cut_off(
    drafted: Callable[..., draft.Draft],
    monkeypatch: pytest.MonkeyPatch,
    kills: journal.Kills,
    words: list[str],
) -> None:
    found = drafted()
    monkeypatch.setattr(journal, "kills", lambda run: kills)
    warnings = stops.cut_off(found)
    assert len(warnings) == (2 if words else 0)
    for word in (*words, UNIT) if words else ():
        assert word in warnings[0]
    for word in (OLD, "services.old.") if words else ():
        assert word in warnings[1]
