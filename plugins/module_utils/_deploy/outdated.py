# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that may run something else than is on the disk.

They are restarted even where their unit files have not changed. This
is the one word for them: _app/plans.py and the traces use it as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
    drift,
    observe,
    settings,
)


@dataclass(frozen=True)
class Outdated:
    """Units of the current generation that are outdated, by cause.

    Attributes:
        interrupted: A run that died may have restarted them.
        incomplete: An artifact of theirs is not complete, and is built
            anew while they run.
        rotated: Their credentials are not those they were started with.
        edited: Somebody changed their files, and may have started them
            since.
        resettled: Somebody changed the configuration or the variables
            that they read, and these are written anew while they run.
    """

    interrupted: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    rotated: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    resettled: tuple[str, ...] = ()

    @property
    def untold(self) -> tuple[str, ...]:
        """Those that a later run could not find without a trace."""
        return tuple(
            dict.fromkeys(
                [*self.interrupted, *self.incomplete, *self.resettled]
            )
        )

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(
            dict.fromkeys([*self.untold, *self.rotated, *self.edited])
        )


def find(
    observed: observe.Observed,
    app: model.App,
    wanted: records.Generation,
    interrupted: Sequence[str] = (),
) -> Outdated:
    """Find the outdated units of an application.

    Args:
        observed: The state of the host.
        app: The wanted application.
        wanted: The wanted generation.
        interrupted: The units that a run which died had touched.
    """
    return Outdated(
        interrupted=tuple(interrupted),
        incomplete=tuple(_incomplete(observed)),
        rotated=tuple(_rotated(observed, app, wanted)),
        edited=tuple(edited(observed)),
        resettled=tuple(settings.users(observed)),
    )


def edited(observed: observe.Observed) -> list[str]:
    """Return the units that may run what somebody wrote into a file."""
    return [
        name
        for name, unit in observed.units.items()
        if any(edit.is_material for edit in unit.edits)
    ]


def _incomplete(observed: observe.Observed) -> list[str]:
    generation = observed.generation
    if generation is None:
        return []
    missing = artifacts.missing(observed.layout, generation)
    return list(generation.units) if any(missing) else []


def _rotated(
    observed: observe.Observed,
    app: model.App,
    wanted: records.Generation,
) -> list[str]:
    there = observed.generation.units if observed.generation else {}
    stale = drift.stale_credentials(observed.layout, app)
    return [
        name
        for name, unit in wanted.units.items()
        if name in there
        and (unit.key in stale or there[name].credentials != unit.credentials)
    ]
