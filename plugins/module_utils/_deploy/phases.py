# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a deploy: validate, prepare, activate.

Run all but the first under the lock of the application.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    garbage,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    apply,
    draft,
    integrity,
    observe,
    prune,
    reach,
    recovery,
    refusals,
    request,
    stops,
    summary,
    traces,
    transaction,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    paths,
)


def validate(order: request.Request) -> dict[str, Any]:
    """Draft a deploy for the report, and change nothing.

    Raises:
        HostError: If the application must be refused.
    """
    drafted = draft.make(order, observe.read_one(order.layout))
    draft.refuse_failed(order, drafted)
    return {
        **summary.summarise(drafted),
        "diff": _differences(drafted),
    }


def prepare(order: request.Request) -> dict[str, Any]:
    """Lay down the files of the wanted generation; change no unit.

    Raises:
        HostError: If the application must be refused.
    """
    layout = order.layout
    interrupted = recovery.recover(layout)
    drafted = draft.make(order, observe.read_one(layout), interrupted)
    outdated = drafted.outdated.untold
    with transaction.transaction(layout, outdated=outdated):
        _note(layout, outdated)
        made = apply.lay_down(order, drafted)
    return {
        **summary.summarise(drafted),
        "changed": made,
        "diff": [],
    }


def activate(order: request.Request) -> dict[str, Any]:
    """Bring the host to the wanted state.

    Raises:
        HostError: The application was refused, or the release did not
            prove itself.
    """
    layout = order.layout
    interrupted = recovery.recover(layout)
    observed = observe.read_one(layout)
    # Damaged artifacts are made anew: without a manifest they count as
    # incomplete from here on.
    damage = integrity.damage(observed, is_full=order.is_full)
    garbage.invalidate(damage)
    drafted = draft.make(order, observed, interrupted)
    draft.refuse_failed(order, drafted)
    diff = _differences(drafted)
    with transaction.transaction(layout):
        _note(layout, _outdated(drafted))
        made = apply.lay_down(order, drafted)
        refusals.missing_programs(
            order.app.prefix, layout, drafted.rendered.services
        )
        restarted = apply.bring_about(drafted)
        pruned = prune.prune(layout, order.app.keep_releases)
    found = summary.summarise(drafted)
    services = drafted.rendered.services
    return {
        **found,
        "notices": [*found["notices"], *reach.notices(services, restarted)],
        "warnings": [
            *integrity.in_words(damage),
            *found["warnings"],
            *stops.cut_off(drafted),
        ],
        "changed": made or drafted.is_change or bool(pruned or interrupted),
        "release": int(paths.read_link(layout.current) or 0),
        "restarted": restarted,
        "diff": diff,
    }


def _differences(drafted: draft.Draft) -> list[dict[str, str]]:
    return [*summary.compare(drafted), *stops.difference(drafted)]


def _outdated(drafted: draft.Draft) -> Sequence[str]:
    """Return the units that this run or the next one must restart."""
    if drafted.is_activation:
        return drafted.outdated.untold
    return [*drafted.outdated.untold, *drafted.plan.restart]


def _note(layout: layouts.Layout, outdated: Sequence[str]) -> None:
    """Leave a trace of outdated units.

    Once an artifact is made anew below a running process, or a
    credential is exchanged, no later run can tell that the process
    still uses the old one.
    """
    if outdated:
        traces.note(layout, traces.Trace(units=tuple(outdated)))
