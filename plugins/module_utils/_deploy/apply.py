# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a draft on the host, within a transaction."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable
from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    plans,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    garbage,
    venv,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    code_build,
    draft,
    drift,
    failures,
    folders,
    heal,
    inputs,
    integrity,
    links,
    observe,
    request,
    restore,
    settings,
    switch,
    traces,
    workshops,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    verbs,
)


def lay_down(order: request.Request, drafted: draft.Draft) -> bool:
    """Lay down the inputs of the wanted generation; tell if any is new."""
    layout = drafted.observed.layout
    is_new = inputs.write_claim(layout, drafted.key)
    is_new |= _give_to_root(drafted.observed)
    gid = inputs.ensure_account(layout)
    workshop = workshops.of_app(layout, drafted.rendered.facts.host)
    made = inputs.lay_down(
        order,
        gid=gid,
        workshop=workshop,
        build=_build(order, drafted, workshop),
    )
    for path in settings.changed(drafted.observed):
        restore.take_away(layout, path)
    changed = inputs.write_settings(layout, drafted.key, order.app, gid)
    changed |= inputs.write_credentials(layout, order.app)
    return bool(made) or changed or is_new


def bring_about(drafted: draft.Draft) -> list[str]:
    """Carry out the plan of a draft; return the units it restarted.

    Raises:
        ActivationError: The wanted generation did not prove itself.
    """
    layout, plan = drafted.observed.layout, drafted.plan
    generation = drafted.generation
    way = switch.Switch(
        layout,
        generation,
        drafted.observed.generation,
        plan,
        [(job.command, job.text) for job in drafted.rendered.jobs],
        drafted.unproven,
        observe.edits_in_words(drafted.observed),
    )
    if drafted.is_activation:
        return _activate(drafted, way)
    heal.prove_checks(way)
    if plan.action == plans.NOTHING:
        # The record may still lack a change that touches no unit.
        folders.write_record(layout, generation, _probes(drafted))
        return []
    current = drafted.observed.generation
    if current:
        restore.keep_all(layout, current)
    _write(drafted, generation)
    links.commit(layout, generation)
    if plan.action == plans.HEAL:
        return heal.heal(way)
    verbs.daemon_reload()
    return []


def _activate(drafted: draft.Draft, way: switch.Switch) -> list[str]:
    layout, outdated = way.layout, drafted.outdated.untold
    number = folders.newest(layout) + 1
    generation = replace(drafted.generation, sequence=number)
    trace = traces.Trace(number, True, outdated)
    traces.note(layout, trace)
    _write(drafted, generation)
    way = replace(way, new=generation)
    switch.run_jobs(way)
    units = traces.touched(way.plan, outdated)
    traces.note(layout, replace(trace, units=tuple(units)))
    if way.old:
        restore.put_back(layout, way.old)
    try:
        switch.activate(way)
    except failures.ActivationError as error:
        _judge(way, error)
        raise
    return list(way.plan.restart)


def _judge(way: switch.Switch, error: failures.ActivationError) -> None:
    """Remember a release that failed, unless its artifacts are damaged.

    Raises:
        ActivationError: Its artifacts are damaged; the next deploy
            builds them anew.
    """
    layout, generation = way.layout, way.new
    found = integrity.damage_of(layout, generation)
    if found:
        garbage.invalidate(found)
        told = "\n".join(integrity.in_words(found))
        raise failures.ActivationError(
            f"{error}\n{told}\nThe next deploy builds it anew.",
            is_verdict=False,
            is_settled=error.is_settled,
        ) from error
    if error.is_verdict:
        # A release that is not remembered is at worst tried again. The
        # error to report is the reason why the release failed.
        with contextlib.suppress(errors.HostError):
            failures.remember(layout, generation, str(error))


def _build(
    order: request.Request, drafted: draft.Draft, workshop: venv.Workshop
) -> Callable[[str], None] | None:
    builds = drafted.rendered.builds
    if not builds:
        return None
    return functools.partial(
        code_build.run,
        prefix=order.app.prefix,
        layout=drafted.observed.layout,
        builds=[(unit.command, unit.text) for unit in builds],
        python=order.lock.interpreter.real_path,
        workshop=workshop,
    )


def _write(drafted: draft.Draft, generation: records.Generation) -> None:
    folders.write(
        drafted.observed.layout,
        generation,
        {unit.name: unit.text for unit in drafted.rendered.services},
        _probes(drafted),
    )


def _give_to_root(observed: observe.Observed) -> bool:
    """Give back to root what a generation has; tell if any was not."""
    if observed.generation is None:
        return False
    owned = drift.owned(observed.layout, observed.generation)
    others = [path for path in owned if not drift.is_roots(path)]
    for path in others:
        os.lchown(path, os.geteuid(), -1)
    return bool(others)


def _probes(drafted: draft.Draft) -> dict[str, str]:
    layout = drafted.observed.layout
    return {
        layout.unit_name(probe.key): probe.text
        for probe in drafted.rendered.probes
    }
