# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put units into the terms that `_app.plans` compares."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    plans,
    records,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    folders,
    observe,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)


def rendered_wishes(
    app: model.App, services: Sequence[units.Unit]
) -> dict[str, plans.Wish]:
    """Return the wishes of units that were rendered for an application."""
    wishes = {}
    for unit in services:
        service = app.services[unit.key]
        wishes[unit.name] = plans.Wish(
            normal=unit.assignments,
            sha256=hashlib.sha256(unit.text.encode()).hexdigest(),
            is_started=service.state == "started",
            is_enabled=service.enabled,
        )
    return wishes


def recorded_wishes(
    layout: layouts.Layout, generation: records.Generation
) -> dict[str, plans.Wish]:
    """Return the wishes of a generation, as its record has them.

    Raises:
        HostError: The record is of an earlier version, and one of its
            unit files cannot be read.
    """
    return {
        name: plans.Wish(
            normal=_normal(
                unit.text.encode()
                or folders.read_unit(layout, generation, name)
            ),
            sha256=unit.sha256,
            is_started=unit.state == "started",
            is_enabled=unit.enabled,
        )
        for name, unit in generation.units.items()
    }


def present_units(observed: observe.Observed) -> dict[str, plans.Present]:
    """Return the units of the current generation, as they are."""
    generation = observed.generation
    if generation is None:
        return {}
    return {
        name: _present(observed.layout, name, unit, generation.units[name])
        for name, unit in observed.units.items()
    }


def _present(
    layout: layouts.Layout,
    name: str,
    unit: observe.UnitState,
    recorded: records.UnitRecord,
) -> plans.Present:
    active = unit.properties["ActiveState"]
    is_linked = observe.is_linked(layout, name, is_enabled=recorded.enabled)
    return plans.Present(
        normal=_normal(unit.content or b""),
        sha256=hashlib.sha256(unit.content or b"").hexdigest(),
        is_running=(
            active == "active"
            and observe.is_loaded(layout, name, unit.properties)
        ),
        is_linked=unit.properties["NeedDaemonReload"] != "yes" and is_linked,
        is_healthy=not unit.sickness,
        is_up=active not in ("inactive", "failed"),
    )


def _normal(content: bytes) -> plans.Normal:
    """Return a unit file's assignments, without its comments."""
    document = syntax.parse(content)
    return tuple((a.section, a.name, a.value) for a in document.assignments())
