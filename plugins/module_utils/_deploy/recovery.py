# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Complete or undo the changes of a run that died.

The state of the host decides what to do. The progress of the dead run
does not matter.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    garbage,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    folders,
    generations,
    jobs,
    links,
    traces,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
    paths,
    verbs,
)


def recover(layout: layouts.Layout) -> list[str]:
    """Complete or undo the changes of a dead run.

    Call this under the lock. The trace itself stays, since this run may
    die as well.

    Returns:
        The units of the current generation that may run something
        else than is on the disk.

    Raises:
        HostError: The record of the current generation is unreadable.
    """
    trace = traces.read(layout)
    found = links.remove_probation(layout)
    if trace is None and not found:
        return []
    trace = trace or traces.Trace()
    _check_current(layout)
    touched = list(dict.fromkeys([*trace.units, *found]))
    return _complete_or_undo(layout, trace, touched)


def _complete_or_undo(
    layout: layouts.Layout, trace: traces.Trace, touched: Sequence[str]
) -> list[str]:
    current = generations.current(layout)
    known = current.units if current else {}
    surplus = [name for name in touched if name not in known]
    _undo(layout, trace, current, surplus)
    if current and current.sequence == trace.sequence:
        # The generation had proven itself, or it would not be current.
        return []
    return [name for name in touched if name in known]


def _undo(
    layout: layouts.Layout,
    trace: traces.Trace,
    current: records.Generation | None,
    surplus: Sequence[str],
) -> None:
    """Remove all that does not belong to the current generation.

    Args:
        layout: Paths of the application.
        trace: The trace of the dead run.
        current: The current generation, if there is one.
        surplus: Units that the dead run touched, and that the current
            generation does not have.
    """
    ours = claims.own(layout, surplus)
    verbs.stop(ours)
    links.remove(layout, ours)
    if current:
        links.commit(layout, current)
    jobs.remove_dead(layout.app)
    _clean(layout, trace, current)
    verbs.daemon_reload()
    verbs.reset_failed(ours)


def _check_current(layout: layouts.Layout) -> None:
    """Refuse to remove a generation that serves without its record."""
    number = paths.read_link(layout.current)
    if number is not None and generations.current(layout) is None:
        raise errors.HostError(
            f"{layout.etc}/{number}/generation.json, the record of the "
            "release that serves, cannot be read; no service was touched: "
            f"put the file back, or remove {layout.current} and deploy again"
        )


def _clean(
    layout: layouts.Layout,
    trace: traces.Trace,
    current: records.Generation | None,
) -> None:
    """Remove incomplete artifacts, and the generation that was tried."""
    for folder, _unused, _names in os.walk(layout.etc):
        directories.remove_temporaries(folder)
    for folder in (layout.opt, f"{layout.opt}/envs", f"{layout.opt}/code"):
        directories.remove_temporaries(folder)
    links.remove_strays(layout, claims.own(layout, trace.units))
    for kind in ("envs", "code"):
        _remove_incomplete(f"{layout.opt}/{kind}")
    complete = {g.sequence for g in generations.complete(layout)}
    active = current.sequence if current else 0
    if trace.is_new and trace.sequence != active:
        complete.discard(trace.sequence)
    for sequence in generations.sequences(layout):
        if sequence not in complete:
            folders.remove(layout, sequence)


def _remove_incomplete(folder: str) -> None:
    for name in artifact.names(folder):
        path = f"{folder}/{name}"
        if not artifact.is_complete(path):
            garbage.remove(path)
