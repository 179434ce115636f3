# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell runs that died from those that ended, and undo their traces.

A run leaves a trace on the disk before its first change and takes it
away after its last. A later run that finds one, under the lock,
completes or undoes what is half done. It decides by the state of the
host, and not by how far the dead run may have come.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    plans,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    failures,
    generations,
    jobs,
    links,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    systemctl,
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


@contextlib.contextmanager
def transaction(
    layout: layouts.Layout, outdated: Sequence[str] = ()
) -> Iterator[None]:
    """Leave a trace while changes are made.

    When they fail, half-done changes are cleared away at once, so that
    a full disk does not stay full. If that fails too, or if services
    are down, the trace stays, and the next run recovers from it.

    Args:
        layout: Paths of the application.
        outdated: Units that may run something else than is on the
            disk even when the changes are made. The trace of them
            stays, and the next run restarts them.

    Raises:
        HostError: As the changes; the host's own errors are put into
            words.
    """
    try:
        begin(layout)
        yield
        if outdated:
            note(layout, Trace(units=tuple(outdated)))
        else:
            end(layout)
    except OSError as error:
        _try_to_clear_up(layout, error)
        raise errors.HostError(errors.in_words(error)) from error
    except errors.HostError as error:
        _try_to_clear_up(layout, error)
        raise


def begin(layout: layouts.Layout) -> None:
    """Leave a trace that says nothing yet.

    It is not made by a temporary file and a rename, since a run killed
    between them would leave the temporary file and no trace. If an
    earlier run left a trace, its content stays.
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
    """Write into the trace which units are going to be touched."""
    content = json.dumps(asdict(trace)).encode()
    files.write_atomic(layout.transaction, content, mode=0o600)


def end(layout: layouts.Layout) -> None:
    """Remove the trace, since all is done."""
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
        plan: What the switch does.
        interrupted: The units that a dead run had touched.
    """
    units = [*plan.add, *plan.remove, *plan.stop, *plan.restart, *interrupted]
    return list(dict.fromkeys(units))


def recover(layout: layouts.Layout) -> list[str]:
    """Complete or undo what a dead run left.

    To be called under the lock. The trace itself stays, since this run
    may die as well.

    Returns:
        The units of the current generation that may run something
        else than is on the disk.

    Raises:
        HostError: The record of the current generation is unreadable.
    """
    trace = read(layout)
    found = links.remove_probation(layout)
    if trace is None and not found:
        return []
    trace = trace or Trace()
    _check_current(layout)
    touched = list(dict.fromkeys([*trace.units, *found]))
    return _complete_or_undo(layout, trace, touched)


def _complete_or_undo(
    layout: layouts.Layout, trace: Trace, touched: Sequence[str]
) -> list[str]:
    current = generations.current(layout)
    known = current.units if current else {}
    surplus = [name for name in touched if name not in known]
    _undo(layout, trace, current, surplus)
    if current and current.sequence == trace.sequence:
        # It had proven itself, or it would not be current.
        return []
    return [name for name in touched if name in known]


def _undo(
    layout: layouts.Layout,
    trace: Trace,
    current: records.Generation | None,
    surplus: Sequence[str],
) -> None:
    """Take away what does not belong to the current generation.

    Args:
        layout: Paths of the application.
        trace: What the dead run noted.
        current: The current generation, if there is one.
        surplus: Units that the dead run touched, and that the current
            generation does not have.
    """
    ours = claims.own(layout, surplus)
    systemctl.stop(ours)
    links.remove(layout, ours)
    if current:
        links.commit(layout, current)
    jobs.remove_dead(layout.app)
    _clean(layout, trace, current)
    systemctl.daemon_reload()
    systemctl.reset_failed(ours)


def _check_current(layout: layouts.Layout) -> None:
    """Refuse to take what serves for garbage: its record is unreadable."""
    number = files.read_link(layout.current)
    if number is not None and generations.current(layout) is None:
        raise errors.HostError(
            f"{layout.etc}/{number}/generation.json, the record of what "
            "serves, cannot be read; no service was touched: put it back, or "
            f"remove {layout.current} and deploy again"
        )


def _try_to_clear_up(layout: layouts.Layout, error: Exception) -> None:
    # The error that led here is the one to report.
    with contextlib.suppress(errors.HostError, OSError):
        if isinstance(error, failures.ActivationError):
            _clear_up(layout, error.is_settled)
        else:
            _clear_up(layout, False)


def _clear_up(layout: layouts.Layout, is_settled: bool) -> None:
    trace = read(layout) or Trace()
    current = generations.current(layout)
    if current and trace.sequence == current.sequence:
        # The switch is committed; the next run does the rest.
        return
    if is_settled:
        note(layout, replace(trace, units=()))
    if not recover(layout):
        end(layout)


def _clean(
    layout: layouts.Layout, trace: Trace, current: records.Generation | None
) -> None:
    """Remove what is incomplete, and the generation that was tried."""
    for folder, _unused, _names in os.walk(layout.etc):
        files.remove_temporaries(folder)
    for folder in (layout.opt, f"{layout.opt}/envs", f"{layout.opt}/code"):
        files.remove_temporaries(folder)
    links.remove_strays(layout, claims.own(layout, trace.units))
    for kind in ("envs", "code"):
        _remove_incomplete(f"{layout.opt}/{kind}")
    complete = {g.sequence for g in generations.complete(layout)}
    active = current.sequence if current else 0
    if trace.is_new and trace.sequence != active:
        complete.discard(trace.sequence)
    for sequence in generations.sequences(layout):
        if sequence not in complete:
            generations.remove(layout, sequence)


def _remove_incomplete(folder: str) -> None:
    for name in artifact.names(folder):
        path = f"{folder}/{name}"
        if not artifact.is_complete(path):
            artifact.remove(path)
