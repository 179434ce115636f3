# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove an application: what we made, and nothing else."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    activation,
    files,
    jobs,
    observe,
    systemctl,
    transaction,
)
from ansible_collections.pyfleet.services.plugins.module_utils._release import (  # noqa: E501
    layout as layouts,
)


def is_absent(observed: observe.Observed) -> bool:
    """Tell whether nothing that runs is left of an application."""
    return not (
        observed.generation
        or observed.is_interrupted
        or os.path.lexists(observed.layout.opt)
    )


def remove(observed: observe.Observed) -> dict[str, Any]:
    """Stop and remove the units, releases and artifacts of ours.

    What the services wrote stays, and with it the account that owns it
    and the record that both are ours, so that a later deploy finds its
    data again.
    """
    layout = observed.layout
    is_ours = observed.is_claimed or observed.is_interrupted
    if not is_ours or is_absent(observed):
        return {"name": layout.app, "changed": False, "action": "nothing"}
    trace = transaction.read(layout) or transaction.Trace()
    units = list(dict.fromkeys([*observed.units, *trace.units]))
    with transaction.transaction(layout):
        transaction.note(layout, transaction.Trace(units=tuple(units)))
        _remove(layout, units)
    return {
        "name": layout.app,
        "changed": True,
        "action": "remove",
        "removed": units,
    }


def _remove(layout: layouts.Layout, units: list[str]) -> None:
    systemctl.stop(units)
    activation.unlink(units)
    activation.remove_probation(layout)
    files.remove_link(layout.current)
    systemctl.daemon_reload()
    systemctl.reset_failed(units)
    jobs.remove_dead(layout.app)
    kept = {
        os.path.basename(path)
        for path in (layout.claim, layout.key, layout.transaction)
    }
    for name in sorted(set(os.listdir(layout.etc)) - kept):
        files.remove_tree(f"{layout.etc}/{name}")
    files.remove_tree(layout.opt)
