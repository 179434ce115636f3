# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file is compared where a service is ill, or on demand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    garbage,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    integrity,
    observe,
)

ENVIRONMENT, CODE = "0123" * 16, "c0de" * 16
WELL = observe.UnitState({}, None, (), "")
SICK = observe.UnitState({}, None, (), "it is late")
DEAD = observe.UnitState({}, None, ("it is failed",), "")


@pytest.fixture
def generation(
    layout: layouts.Layout,
    generation_of: Callable[..., records.Generation],
    monkeypatch: pytest.MonkeyPatch,
) -> records.Generation:
    """Return a generation whose code was changed."""
    found = generation_of(environment=ENVIRONMENT, code=CODE)
    for path in (layout.environment(ENVIRONMENT), layout.code(CODE)):
        Path(path).mkdir(parents=True)
        header = f"pyfleet 2 {'0' * 64} {'0' * 64}\n"
        Path(artifact.manifest_path(path)).write_text(header)
    changed = {layout.code(CODE): ["app.py was changed"]}
    monkeypatch.setattr(artifact, "verify", lambda p: changed.get(p, []))
    return found


@pytest.mark.parametrize(
    ("unit", "is_full", "is_compared"),
    [
        (WELL, False, False),
        (WELL, True, True),
        (SICK, False, True),
        (DEAD, False, True),
    ],
)
def test_when_files_are_compared(
    layout: layouts.Layout,
    generation: records.Generation,
    unit: observe.UnitState,
    is_full: bool,
    is_compared: bool,
) -> None:
    observed = observe.Observed(layout, True, b"", generation, {"a": unit})
    found = integrity.damage(observed, is_full=is_full)
    damaged = {layout.code(CODE): ["app.py was changed"]}
    assert found == (damaged if is_compared else {})


def test_nothing_is_compared_before_the_first_release(
    layout: layouts.Layout,
) -> None:
    observed = observe.Observed(layout, True, b"", None, {})
    assert integrity.damage(observed, is_full=True) == {}


def test_damage_makes_incomplete(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    found = integrity.damage_of(layout, generation)

    garbage.invalidate(found)

    assert not artifact.is_complete(layout.code(CODE))
    assert artifact.is_complete(layout.environment(ENVIRONMENT))
    # An incomplete artifact is rebuilt anyway.
    assert integrity.damage_of(layout, generation) == {}


def test_a_few_files_are_named() -> None:
    (text,) = integrity.in_words({"/x": [f"{n} is gone" for n in range(7)]})
    assert text.startswith("/x is not as it was built: 0 is gone; ")
    assert text.endswith("; 4 is gone; and 2 more")
