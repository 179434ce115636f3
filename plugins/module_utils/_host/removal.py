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
    observe,
    systemctl,
)


def is_absent(observed: observe.Observed) -> bool:
    """Tell whether nothing that runs is left of an application."""
    return observed.generation is None and not os.path.lexists(
        observed.layout.opt
    )


def remove(observed: observe.Observed) -> dict[str, Any]:
    """Stop and remove the units, releases and artifacts of ours.

    What the services wrote stays, and with it the account that owns it
    and the record that both are ours, so that a later deploy finds its
    data again.
    """
    layout = observed.layout
    if not observed.is_claimed or is_absent(observed):
        return {"name": layout.app, "changed": False, "action": "nothing"}
    units = list(observed.units)
    if units:
        systemctl.stop(units)
    activation.unlink(units)
    activation.remove_probation(layout)
    files.remove_link(layout.current)
    systemctl.daemon_reload()
    if units:
        systemctl.reset_failed(units)
    kept = {os.path.basename(layout.claim), os.path.basename(layout.key)}
    for name in sorted(set(os.listdir(layout.etc)) - kept):
        files.remove_tree(f"{layout.etc}/{name}")
    files.remove_tree(layout.opt)
    return {
        "name": layout.app,
        "changed": True,
        "action": "remove",
        "removed": units,
    }
