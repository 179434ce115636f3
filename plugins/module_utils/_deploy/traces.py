# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trace of a run: the units that it is about to touch.

A run leaves a trace on the disk before its first change and takes it
away after its last. So a later run can tell a run that died from one
that ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    plans,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
)


@dataclass(frozen=True)
class Trace:
    """The note that a run leaves of itself before it changes units.

    Attributes:
        sequence: The generation it tries or goes back to, 0 for none.
        is_new: Whether it made that generation.
        units: The units that it adds, removes, stops or restarts.
    """

    sequence: int = 0
    is_new: bool = False
    units: tuple[str, ...] = ()


def begin(layout: layouts.Layout) -> None:
    """Leave a trace without content.

    This function does not make a temporary file and rename it, since a
    run killed between the two would leave the temporary file and no
    trace. If an earlier run left a trace, its content stays.
    """
    for path in (os.path.dirname(layout.etc), layout.etc):
        files.ensure_directory(path, mode=0o755)
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        os.close(os.open(layout.transaction, flags, 0o600))
    except OSError as error:
        raise errors.HostError(
            f"cannot create {layout.transaction}: {error.strerror}; "
            "nothing was changed"
        ) from error
    files.fsync_directory(layout.etc)


def note(layout: layouts.Layout, trace: Trace) -> None:
    """Write the units that the run will touch into the trace."""
    content = json.dumps(asdict(trace)).encode()
    files.write_atomic(layout.transaction, content, mode=0o600)


def end(layout: layouts.Layout) -> None:
    """Remove the trace, since the run is complete."""
    files.remove_file(layout.transaction)


def read(layout: layouts.Layout) -> Trace | None:
    """Return the trace of a run that did not end, if there is one."""
    try:
        with open(layout.transaction, encoding="utf-8") as stream:
            found = json.load(stream)
        return Trace(
            int(found["sequence"]),
            bool(found["is_new"]),
            tuple(map(str, found["units"])),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        # The run died before it noted anything.
        return Trace()


def touched(plan: plans.Plan, interrupted: Sequence[str]) -> list[str]:
    """Return the units that a switch changes or finds changed.

    Args:
        plan: The plan of the switch.
        interrupted: The units that a dead run had touched.
    """
    units = [*plan.add, *plan.remove, *plan.stop, *plan.restart, *interrupted]
    return list(dict.fromkeys(units))
