# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run leaves a trace while it changes something, and no longer."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import generation_files
import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    failures,
    traces,
    transaction,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
)

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")
pytestmark = NEEDS_ROOT


def names(folder: str) -> list[str]:
    return sorted(os.listdir(folder))


def test_trace_is_there_while_changes_are_made(
    layout: layouts.Layout,
) -> None:
    assert traces.read(layout) is None
    with transaction.transaction(layout):
        assert traces.read(layout) == traces.Trace()
        trace = traces.Trace(3, True, ("a.service",))
        traces.note(layout, trace)
        assert traces.read(layout) == trace
    assert traces.read(layout) is None


def test_trace_is_on_the_disk_before_any_change(
    layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []

    def note(path: str) -> None:
        synced.append((path, os.path.exists(layout.transaction)))

    monkeypatch.setattr(files, "fsync_directory", note)
    with transaction.transaction(layout):
        assert synced == [(layout.etc, True)]


def unproven(is_settled: bool) -> errors.HostError:
    return failures.ActivationError(
        "x", is_verdict=True, is_settled=is_settled
    )


@pytest.mark.parametrize(
    ("error", "units", "is_left"),
    [
        (lambda: errors.HostError("x"), (), False),
        (lambda: OSError(28, "No space left on device"), (), False),
        (lambda: unproven(is_settled=True), ("a.service",), False),
        # What runs is not what is on the disk: for the next run.
        (lambda: unproven(is_settled=False), ("a.service",), True),
    ],
)
def test_failure_is_cleared_up(
    layout: layouts.Layout,
    error: Callable[[], Exception],
    units: Sequence[str],
    is_left: bool,
) -> None:
    generation_files.write_generation(layout, 1, "a.service")
    os.symlink("1", layout.current)

    with pytest.raises(errors.HostError), transaction.transaction(layout):
        generation_files.write_generation(layout, 2)
        trace = traces.Trace(2, True, tuple(units))
        traces.note(layout, trace)
        raise error()

    kept = ["1", "current", *(["transaction.json"] if is_left else [])]
    assert names(layout.etc) == kept
