# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go back to an earlier release: offline, with the same proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    plans,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    activation,
    deploy,
    integrity,
    observe,
    prune,
    transaction,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)


def plan(name: str, to: int | None) -> dict[str, Any]:
    """Tell what `rolled_back` would do."""
    switch = _switch(name, to)
    return _summary(switch) if switch else _nothing(name)


def rolled_back(name: str, to: int | None) -> dict[str, Any]:
    """Activate an earlier generation.

    Args:
        name: Name of the application.
        to: Its number; None for the one before the current one.

    Raises:
        HostError: If there is none, if it is not usable any more, or if
            it did not prove itself.
    """
    layout = layouts.Layout(name)
    trace = transaction.read(layout)
    dirty = transaction.recover(layout)
    if to is None and trace and _has_ended_there(layout, trace):
        # The run that died had gone back: this one goes no further.
        to = trace.sequence
    switch = _switch(name, to, dirty)
    if switch is None:
        if not dirty:
            transaction.end(layout)
        return _nothing(name)
    with transaction.transaction(layout):
        trace = transaction.Trace(
            sequence=switch.new.sequence,
            units=tuple(transaction.touched(switch, dirty)),
        )
        transaction.note(layout, trace)
        activation.activate(switch)
    return _summary(switch)


def _has_ended_there(layout: layouts.Layout, trace: transaction.Trace) -> bool:
    current = prune.current(layout)
    is_rollback = trace.sequence > 0 and not trace.is_new
    return bool(is_rollback and current and current.sequence == trace.sequence)


def _switch(
    name: str, to: int | None, dirty: Sequence[str] = ()
) -> activation.Switch | None:
    observed = observe.read([name])[name]
    layout, current = observed.layout, observed.generation
    if current is None:
        raise errors.HostError(
            f"{name} is not deployed on this host, so there is no release "
            "to go back to"
        )
    if to == current.sequence:
        return None
    target = _target(layout, current, to)
    _refuse_irreversible(layout, current, target)
    problems = list(observe.artifact_problems(layout, target))
    problems += integrity.in_words(integrity.damage_of(layout, target))
    if problems:
        listed = "; ".join(problems)
        raise errors.HostError(
            f"release {target.sequence} of {name} is not usable any more: "
            f"{listed}. Deploy its variables again instead"
        )
    wishes = {
        unit: plans.Wish(
            normal=deploy.normal(_content(layout, target, unit)),
            sha256=entry.sha256,
            is_started=entry.state == "started",
            is_enabled=entry.enabled,
        )
        for unit, entry in target.units.items()
    }
    planned = plans.plan(
        wishes,
        deploy.present(observed),
        is_same_release=False,
        dirty=dirty,
    )
    return activation.Switch(layout, target, current, planned)


def _target(
    layout: layouts.Layout, current: records.Generation, to: int | None
) -> records.Generation:
    kept = list(prune.generations(layout))
    if to is None:
        kept = [g for g in kept if g.sequence < current.sequence]
    else:
        kept = [g for g in kept if g.sequence == to]
    if kept:
        return kept[-1]
    numbers = [str(g.sequence) for g in prune.generations(layout)]
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
    for generation in prune.generations(layout):
        is_between = target.sequence < generation.sequence <= current.sequence
        if is_between and generation.irreversible:
            raise errors.HostError(
                f"release {generation.sequence} of {layout.app} did what "
                f"cannot be undone ({generation.irreversible}), so there is "
                f"no way back to release {target.sequence}; nothing was "
                "changed. Deploy a release that goes forward"
            )


def _content(
    layout: layouts.Layout, generation: records.Generation, unit: str
) -> bytes:
    path = f"{layout.generation(generation.sequence)}/{unit}"
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise errors.HostError(
            f"{path} of release {generation.sequence} cannot be read: "
            f"{error.strerror}; choose another release"
        ) from None


def _summary(switch: activation.Switch) -> dict[str, Any]:
    return {
        "name": switch.layout.app,
        "changed": True,
        "action": "roll back",
        "release": switch.new.sequence,
        "restarted": list(switch.plan.restart),
        "stopped": list(switch.plan.stop),
        "added": list(switch.plan.add),
        "removed": list(switch.plan.remove),
    }


def _nothing(name: str) -> dict[str, Any]:
    return {"name": name, "changed": False, "action": plans.NOTHING}
