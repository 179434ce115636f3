# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units are outdated by five causes, each told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
    edits,
    observe,
    outdated,
    settings,
)

A, B = "a.service", "b.service"
APP = model.App(
    model.AppName("hello"),
    services={
        model.ServiceKey("a"): model.Service(
            "x", credentials={"token": "new"}
        ),
        model.ServiceKey("b"): model.Service("x"),
    },
)
Maker = Callable[..., records.Generation]


def units(stamp: str | None) -> dict[str, records.UnitRecord]:
    return {
        f"{key}.service": records.UnitRecord(
            model.ServiceKey(key),
            "",
            "started",
            True,
            model.Health(),
            stamp if key == "a" else None,
        )
        for key in ("a", "b")
    }


@pytest.fixture
def observed(
    layout: layouts.Layout,
    generation_of: Maker,
    monkeypatch: pytest.MonkeyPatch,
) -> observe.Observed:
    """Return a host where every unit is as it should be."""
    monkeypatch.setattr(artifacts, "missing", lambda *_unused: [])
    token = Path(layout.credential("a", "token"))
    token.parent.mkdir(parents=True)
    token.write_text("new")
    current = generation_of(units=units("1"))
    return observe.Observed(layout, True, b"", current, {})


def find(observed: observe.Observed, stamp: str = "1") -> outdated.Outdated:
    assert observed.generation
    wanted = replace(observed.generation, units=units(stamp))
    return outdated.find(observed, APP, wanted, [B])


def test_only_a_dead_run(observed: observe.Observed) -> None:
    found = find(observed)
    assert found == outdated.Outdated(interrupted=(B,))
    assert found.untold == found.all == (B,)


def test_an_artifact_is_of_all_units(
    observed: observe.Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "missing", lambda *_unused: ["code"])
    found = find(observed)
    assert found.incomplete == (A, B)
    assert found.untold == found.all == (B, A)


def test_credentials_that_were_started_with_others(
    observed: observe.Observed,
) -> None:
    found = find(observed, "2")
    assert found.rotated == (A,)
    assert found.untold == (B,)
    assert found.all == (B, A)


def test_credentials_that_a_failed_release_left(
    observed: observe.Observed,
) -> None:
    Path(observed.layout.credential("a", "token")).write_text("other")
    assert find(observed).rotated == (A,)


@pytest.mark.parametrize("is_material", [False, True])
def test_units_whose_files_somebody_changed(
    observed: observe.Observed, *, is_material: bool
) -> None:
    edit = edits.Edit(A, "/x", "/y", "", is_material)
    changed = observe.UnitState({}, None, (), "", (edit,))
    found = find(replace(observed, units={A: changed}))
    assert found.edited == ((A,) if is_material else ())
    # A later deploy finds the change again, so no trace is needed.
    assert found.untold == (B,)
    assert found.all == (B, *found.edited)


def test_units_whose_settings_somebody_changed(
    observed: observe.Observed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are written anew while the unit runs: a trace must tell."""
    monkeypatch.setattr(settings, "users", lambda _unused: [A])
    found = find(observed)
    assert found.resettled == (A,)
    assert found.untold == found.all == (B, A)


def test_a_unit_that_is_new_is_not_outdated(
    observed: observe.Observed,
) -> None:
    assert observed.generation
    fresh = replace(observed, generation=None)
    wanted = replace(observed.generation, units=units("2"))
    assert outdated.find(fresh, APP, wanted) == outdated.Outdated()
