# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove an application: all that we made, and nothing else."""

from __future__ import annotations

import itertools
import os
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    data,
    drift,
    generations,
    jobs,
    links,
    observe,
    refusals,
    restore,
    traces,
    transaction,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    directories,
    files,
    verbs,
)


def remove(observed: observe.Observed, *, is_data: bool) -> dict[str, Any]:
    """Stop and remove the units, releases and artifacts of ours.

    By default, the data that the services wrote stays. The account that
    owns the data and the record that both are ours stay with it, so
    that a later deploy finds its data again.

    Args:
        observed: The state of the host.
        is_data: Whether data, account and record are removed too.
    """
    layout = observed.layout
    if drift.is_absent(observed, is_data=is_data):
        return {"name": layout.app, "changed": False, "action": "nothing"}
    trace = traces.read(layout) or traces.Trace()
    refusals.in_the_way(layout, observed.units)
    # Without a current generation, the kept ones name the units.
    kept = (g.units for g in generations.complete(layout))
    named = itertools.chain(observed.units, trace.units, *kept)
    units = claims.own(layout, dict.fromkeys(named))
    told = _changes(observed, is_data=is_data)
    with transaction.transaction(layout):
        traces.note(layout, traces.Trace(units=tuple(units)))
        verbs.stop(units)
        if observed.generation:
            restore.keep_all(layout, observed.generation)
        if is_data:
            data.remove(layout, units if observed.units else [])
        _remove(layout, units)
        if is_data:
            _remove_record(layout)
    return {
        "name": layout.app,
        "changed": True,
        "action": "remove",
        "removed": units,
        "warnings": told,
    }


def _changes(observed: observe.Observed, *, is_data: bool) -> list[str]:
    """Return a text for each file that somebody changed or added."""
    ending = "It is removed with all else" if is_data else "It is kept as"
    edited = [
        f"{edit.unit}: {edit.problem}. {ending}"
        + ("" if is_data else f" {edit.copy}")
        for unit in observed.units.values()
        for edit in unit.edits
    ]
    added = [
        f"{name}: {path} is not ours, and stays"
        for name, path in observe.drop_ins(observed)
    ]
    return [*edited, *added]


def _remove(layout: layouts.Layout, units: list[str]) -> None:
    # This link goes first: without it no link leads to a unit, and a
    # reboot starts none of them instead of some.
    files.remove_link(layout.current)
    links.remove(layout, units)
    links.remove_probation(layout)
    verbs.daemon_reload()
    verbs.reset_failed(units)
    jobs.remove_dead(layout.app)
    accounts.remove_account(layout.builder)
    kept = {
        os.path.basename(path)
        for path in (
            layout.claim,
            layout.key,
            layout.transaction,
            layout.aside,
        )
    }
    for name in sorted(set(os.listdir(layout.etc)) - kept):
        directories.remove_tree(f"{layout.etc}/{name}")
    # These are removed by name, since others may have put something
    # beside them.
    for kind in ("envs", "code"):
        directories.remove_tree(f"{layout.opt}/{kind}")
    directories.remove_temporaries(layout.opt)
    directories.remove_empty(layout.opt)


def _remove_record(layout: layouts.Layout) -> None:
    accounts.remove_account(layout.app)
    # This directory is a mount point, and ours only while it is empty.
    directories.remove_empty(layout.visible_config)
    # The trace goes last: the rest may have to be done again.
    kept = {os.path.basename(layout.transaction)}
    for name in sorted(set(os.listdir(layout.etc)) - kept):
        directories.remove_tree(f"{layout.etc}/{name}")
    directories.remove_tree(layout.etc)
