# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units become what plans compare: wanted, recorded, present."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    observe,
    planning,
)

UNIT = "hello.service"
TEXT = b"# A comment.\n[Service]\nType=exec\n"
NORMAL = (("Service", "Type", "exec"),)
UP = {"ActiveState": "active", "NeedDaemonReload": "no"}


@pytest.fixture
def observed(
    layout: layouts.Layout,
    generation_of: Callable[..., records.Generation],
    monkeypatch: pytest.MonkeyPatch,
) -> observe.Observed:
    """Return a host with one unit that runs as it should."""
    monkeypatch.setattr(observe, "is_linked", lambda *_unused, **_: True)
    monkeypatch.setattr(observe, "is_loaded", lambda *_unused: True)
    unit = records.UnitRecord(
        model.ServiceKey("main"), "aa", "started", True, model.Health()
    )
    generation = generation_of(units={UNIT: unit})
    state = observe.UnitState(UP, TEXT, (), "")
    return observe.Observed(layout, True, b"", generation, {UNIT: state})


def with_state(
    observed: observe.Observed, sickness: str = "", **shown: str
) -> observe.Observed:
    state = observe.UnitState({**UP, **shown}, TEXT, (), sickness)
    return replace(observed, units={UNIT: state})


def test_a_unit_that_runs(observed: observe.Observed) -> None:
    found = planning.present_units(observed)[UNIT]
    assert found.normal == NORMAL
    assert found.is_running and found.is_linked
    assert found.is_healthy and found.is_up


@pytest.mark.parametrize(
    ("changes", "traits"),
    [
        ({"ActiveState": "failed"}, {"is_running": False, "is_up": False}),
        ({"ActiveState": "activating"}, {"is_running": False}),
        ({"NeedDaemonReload": "yes"}, {"is_linked": False}),
        ({"sickness": "it is late"}, {"is_healthy": False}),
    ],
)
def test_a_unit_that_does_not(
    observed: observe.Observed,
    changes: dict[str, str],
    traits: dict[str, Any],
) -> None:
    expected = planning.present_units(observed)[UNIT]
    found = planning.present_units(with_state(observed, **changes))[UNIT]
    assert found == replace(expected, **traits)


def test_a_unit_that_systemd_has_from_elsewhere(
    observed: observe.Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observe, "is_loaded", lambda *_unused: False)
    assert not planning.present_units(observed)[UNIT].is_running


def test_nothing_is_present_before_the_first_release(
    observed: observe.Observed,
) -> None:
    empty = replace(observed, generation=None, units={})
    assert planning.present_units(empty) == {}


def test_a_recorded_unit(observed: observe.Observed) -> None:
    generation, layout = observed.generation, observed.layout
    assert generation
    file = Path(layout.generation(1), UNIT)
    file.parent.mkdir(parents=True)
    file.write_bytes(TEXT)

    wish = planning.recorded_wishes(layout, generation)[UNIT]

    assert (wish.normal, wish.sha256) == (NORMAL, "aa")
    assert wish.is_started and wish.is_enabled
