# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove an application: all that we made, and nothing else."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    data,
    drift,
    jobs,
    links,
    observe,
    traces,
    transaction,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    directories,
    errors,
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
    named = dict.fromkeys([*observed.units, *trace.units])
    units = claims.own(layout, named)
    _refuse_replaced(layout, observed, units)
    with transaction.transaction(layout):
        traces.note(layout, traces.Trace(units=tuple(units)))
        verbs.stop(units)
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
    }


def _refuse_replaced(
    layout: layouts.Layout, observed: observe.Observed, own: list[str]
) -> None:
    """Refuse to remove the files of a unit that somebody replaced.

    Raises:
        HostError: Somebody put a file or a mask in the place of a unit.
    """
    replaced = [name for name in observed.units if name not in own]
    if replaced:
        raise errors.HostError(
            f"{', '.join(replaced)}: systemd's directories hold a file or a "
            f"mask in place of the link of {layout.app}, so the unit is not "
            "stopped, and nothing was removed. Remove the file or mask "
            "(systemctl cat shows it), then run this again"
        )


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
        for path in (layout.claim, layout.key, layout.transaction)
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
