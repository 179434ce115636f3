# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go back to an earlier release: offline, with the same proof."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    plans,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
    edits,
    generations,
    integrity,
    observe,
    outdated,
    planning,
    recovery,
    refusals,
    restore,
    settings,
    switch,
    traces,
    transaction,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)


def plan(layout: layouts.Layout, to: int | None) -> dict[str, Any]:
    """Tell what `roll_back` would do."""
    way = _way(layout, to)
    return _summary(way) if way else _nothing(layout)


def roll_back(layout: layouts.Layout, to: int | None) -> dict[str, Any]:
    """Activate an earlier generation.

    Args:
        layout: Paths of the application.
        to: Its number; None for the one before the current one.

    Raises:
        HostError: The generation does not exist, is not usable any
            more, or did not prove itself.
    """
    trace = traces.read(layout)
    interrupted = recovery.recover(layout)
    if to is None and trace and _has_ended_there(layout, trace):
        # The dead run had gone back already: this run goes no further.
        to = trace.sequence
    way = _way(layout, to, interrupted)
    if way is None:
        if not interrupted:
            traces.end(layout)
        return _nothing(layout)
    with transaction.transaction(layout):
        trace = traces.Trace(
            sequence=way.new.sequence,
            units=tuple(traces.touched(way.plan, interrupted)),
        )
        traces.note(layout, trace)
        for generation in (way.old, way.new):
            if generation:
                restore.put_back(layout, generation)
        switch.activate(way)
    return _summary(way)


def _has_ended_there(layout: layouts.Layout, trace: traces.Trace) -> bool:
    current = generations.current(layout)
    is_rollback = trace.sequence > 0 and not trace.is_new
    return bool(is_rollback and current and current.sequence == trace.sequence)


def _way(
    layout: layouts.Layout, to: int | None, interrupted: Sequence[str] = ()
) -> switch.Switch | None:
    """Return the way back, or None if it leads nowhere.

    Raises:
        HostError: No release on the host is a way back.
    """
    observed = observe.read_one(layout)
    current = observed.generation
    if current is None:
        raise errors.HostError(
            f"{layout.app} is not deployed on this host, so there is no "
            "release to go back to"
        )
    if to == current.sequence:
        return None
    target = _target(layout, current, to)
    _refuse_irreversible(layout, current, target)
    _refuse_unusable(layout, target)
    refusals.in_the_way(layout, [*current.units, *target.units])
    planned = plans.plan(
        planning.recorded_wishes(layout, target),
        planning.present_units(observed),
        is_same_release=False,
        outdated=[*interrupted, *outdated.edited(observed)],
    )
    return switch.Switch(
        layout,
        target,
        current,
        planned,
        warnings=_edits(observed, target),
    )


def _edits(
    observed: observe.Observed, target: records.Generation
) -> list[str]:
    """Return a text for each file that somebody changed by hand."""
    layout = observed.layout
    said = [
        edit.ending
        for name in target.units
        for edit in edits.find(layout, target, name)
        if edit.path != layout.unit_link(name) or name not in observed.units
    ]
    # A record has no texts of these files, which may be secret.
    read = settings.changed(dataclasses.replace(observed, generation=target))
    said += [
        f"{path} was changed by hand, and release {target.sequence} reads it "
        "as it is. A deploy puts it back"
        for path in read
    ]
    return [*observe.edits_in_words(observed), *said]


def _refuse_unusable(
    layout: layouts.Layout, target: records.Generation
) -> None:
    problems = list(artifacts.missing(layout, target))
    problems += integrity.in_words(integrity.damage_of(layout, target))
    problems += edits.unknown(layout, target)
    if problems:
        listed = "; ".join(problems)
        raise errors.HostError(
            f"release {target.sequence} of {layout.app} is not usable any "
            f"more: {listed}. Deploy its variables again instead"
        )


def _target(
    layout: layouts.Layout, current: records.Generation, to: int | None
) -> records.Generation:
    kept = list(generations.complete(layout))
    if to is None:
        kept = [g for g in kept if g.sequence < current.sequence]
    else:
        kept = [g for g in kept if g.sequence == to]
    if kept:
        return kept[-1]
    numbers = [str(g.sequence) for g in generations.complete(layout)]
    wanted = "before the current one" if to is None else str(to)
    raise errors.HostError(
        f"{layout.app} has no release {wanted} on this host; it has "
        f"{', '.join(numbers)}, and {current.sequence} is current"
    )


def _refuse_irreversible(
    layout: layouts.Layout,
    current: records.Generation,
    target: records.Generation,
) -> None:
    for generation in generations.complete(layout):
        is_between = target.sequence < generation.sequence <= current.sequence
        if is_between and generation.irreversible:
            raise errors.HostError(
                f"release {generation.sequence} of {layout.app} ran a "
                f"command that cannot be undone ({generation.irreversible}), "
                f"so there is no way back to release {target.sequence}; "
                "nothing was changed. Deploy a release that goes forward"
            )


def _summary(way: switch.Switch) -> dict[str, Any]:
    return {
        "name": way.layout.app,
        "changed": True,
        "action": "roll back",
        "release": way.new.sequence,
        "restarted": list(way.plan.restart),
        "stopped": list(way.plan.stop),
        "added": list(way.plan.add),
        "removed": list(way.plan.remove),
        "warnings": list(way.warnings),
    }


def _nothing(layout: layouts.Layout) -> dict[str, Any]:
    return {"name": layout.app, "changed": False, "action": plans.NOTHING}
