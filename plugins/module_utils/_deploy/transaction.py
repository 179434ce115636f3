# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes with a trace, which are cleared away if they fail."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    failures,
    generations,
    recovery,
    traces,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)


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
        traces.begin(layout)
        yield
        if outdated:
            traces.note(layout, traces.Trace(units=tuple(outdated)))
        else:
            traces.end(layout)
    except OSError as error:
        _try_to_clear_up(layout, error)
        raise errors.HostError(errors.in_words(error)) from error
    except errors.HostError as error:
        _try_to_clear_up(layout, error)
        raise


def _try_to_clear_up(layout: layouts.Layout, error: Exception) -> None:
    # The error that led here is the one to report.
    with contextlib.suppress(errors.HostError, OSError):
        if isinstance(error, failures.ActivationError):
            _clear_up(layout, error.is_settled)
        else:
            _clear_up(layout, False)


def _clear_up(layout: layouts.Layout, is_settled: bool) -> None:
    trace = traces.read(layout) or traces.Trace()
    current = generations.current(layout)
    if current and trace.sequence == current.sequence:
        # The switch is committed; the next run does the rest.
        return
    if is_settled:
        traces.note(layout, replace(trace, units=()))
    if not recovery.recover(layout):
        traces.end(layout)
