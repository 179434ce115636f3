# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a dead run left is completed or undone."""

from __future__ import annotations

import os
from pathlib import Path

import generation_files
import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    recovery,
    removal,
    traces,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    verbs,
)

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")
pytestmark = NEEDS_ROOT


def names(folder: str) -> list[str]:
    return sorted(os.listdir(folder))


def killed(layout: layouts.Layout, trace: traces.Trace) -> None:
    """Leave what a killed run leaves: no clean-up is run."""
    traces.begin(layout)
    traces.note(layout, trace)


def test_no_trace_no_work(
    layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(verbs, "daemon_reload")
    generation_files.write_generation(layout, 1, "a.service")
    Path(layout.generation(2)).mkdir()

    assert recovery.recover(layout) == []
    assert names(layout.etc) == ["1", "2"]


def test_half_done_things_are_removed(layout: layouts.Layout) -> None:
    generation_files.write_generation(layout, 1, "a.service")
    generation_files.write_generation(layout, 2, "a.service")
    Path(layout.generation(3)).mkdir()
    os.symlink("1", layout.current)
    for place in (layout.etc, layout.generation(1), layout.opt):
        Path(place, f"{files.TEMPORARY_PREFIX}1").touch()
    done, half = Path(layout.code("1")), Path(layout.code("2"))
    for code in (done, half):
        code.mkdir(parents=True)
    header = f"pyfleet 2 {'0' * 64} {'0' * 64}\n"
    Path(artifact.manifest_path(str(done))).write_text(header)
    killed(layout, traces.Trace(2, True, ("a.service",)))

    # It may run what it was tried with.
    assert recovery.recover(layout) == ["a.service"]

    assert names(layout.etc) == ["1", "current", "transaction.json"]
    assert names(layout.generation(1)) == ["generation.json"]
    assert names(layout.opt) == ["code"]
    assert names(f"{layout.opt}/code") == [".1.manifest", "1"]


def test_failures_of_units_that_go_are_forgotten(
    layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else they would be listed as failed until the next boot."""
    forgotten: list[str] = []
    monkeypatch.setattr(verbs, "reset_failed", forgotten.extend)
    generation_files.write_generation(layout, 1, "a.service")
    os.symlink("1", layout.current)
    units = ("a.service", "new.service")
    killed(layout, traces.Trace(2, True, units))

    recovery.recover(layout)
    assert forgotten == ["new.service"]

    removal._remove(layout, ["a.service"])
    assert forgotten == ["new.service", "a.service"]


def test_committed_is_completed(layout: layouts.Layout) -> None:
    generation_files.write_generation(layout, 1, "a.service", "old.service")
    generation_files.write_generation(layout, 2, "a.service")
    os.symlink("2", layout.current)
    for unit in ("a.service", "old.service"):
        os.symlink(f"{layout.current}/{unit}", layout.unit_link(unit))
    probation = layout.probation_link("a.service")
    os.symlink(f"{layout.generation(2)}/a.service", probation)
    killed(layout, traces.Trace(2, True, ("a.service", "old.service")))

    # It had proven itself.
    assert recovery.recover(layout) == []

    assert not os.path.lexists(probation)
    assert names(layout.system_units) == [
        "a.service",
        "multi-user.target.wants",
    ]
    assert names(layout.etc) == ["1", "2", "current", "transaction.json"]


def test_rollback_keeps_the_generation_it_tried(
    layout: layouts.Layout,
) -> None:
    generation_files.write_generation(layout, 1, "a.service")
    generation_files.write_generation(layout, 2, "a.service")
    os.symlink("2", layout.current)
    killed(layout, traces.Trace(1, False, ("a.service",)))

    assert recovery.recover(layout) == ["a.service"]
    assert names(layout.etc) == ["1", "2", "current", "transaction.json"]


def test_links_of_others_stay(layout: layouts.Layout) -> None:
    prefix = f"{layout.system_units}/{files.TEMPORARY_PREFIX}"
    os.makedirs(layout.etc)
    os.symlink(f"{layout.current}/a.service", f"{prefix}1")
    os.symlink("/etc/pyfleet/other/current/b.service", f"{prefix}2")
    wants = layout.wants_link(f"{files.TEMPORARY_PREFIX}3")
    os.symlink(layout.unit_link("a.service"), wants)
    killed(layout, traces.Trace(1, True, ("a.service",)))

    recovery.recover(layout)

    assert os.path.lexists(f"{prefix}2")
    assert not os.path.lexists(f"{prefix}1")
    assert not os.path.lexists(wants)


def test_what_serves_is_no_garbage_when_its_record_is_unreadable(
    layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation_files.write_generation(layout, 1, "a.service")
    os.symlink("1", layout.current)
    killed(layout, traces.Trace(units=("a.service",)))
    Path(layout.generation(1), "generation.json").write_text("{", "ascii")
    monkeypatch.delattr(verbs, "stop")

    with pytest.raises(
        errors.HostError, match="record of the release that serves"
    ):
        recovery.recover(layout)

    assert names(layout.etc) == ["1", "current", "transaction.json"]
