# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workshops: commands of a builder, each a job in the strict sandbox."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    oneshots,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    venv,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    enforcement,
    jobs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

# The account of module virtualenv, which belongs to no application. No
# application can be named pyfleet.
_ACCOUNT = "_pyfleet"


def of_app(layout: layouts.Layout, host: units.Host) -> venv.Workshop:
    """Return the workshop of an application's builder."""
    stem = jobs.stem(layout.app, "install", os.getpid())
    return _workshop(layout.builder, stem, host)


def of_host() -> venv.Workshop:
    """Return the workshop for virtualenvs of no application.

    Call this under the lock, since it ends the jobs of a dead run.
    """
    jobs.remove_dead("")
    manager = systemctl.manager()
    target = targets.Target(manager.version, manager.variant, manager.features)
    host = units.Host(target, enforcement.weakness(manager))
    # No application can have this name.
    stem = jobs.stem("", "install", os.getpid())
    return _workshop(_ACCOUNT, stem, host)


def _workshop(account: str, stem: str, host: units.Host) -> venv.Workshop:
    # systemd still knows the last unit, so no name is used twice.
    numbers: Iterator[int] = itertools.count(1)

    def run(argv: Sequence[str], writable: Sequence[str]) -> None:
        text = oneshots.render_tool(account, argv, writable, host)
        name = f"{stem}_{next(numbers)}"
        jobs.run(name, [text], ["install the wheels"], has_needs=False)

    return venv.Workshop(account, run)
