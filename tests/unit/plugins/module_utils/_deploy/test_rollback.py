# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rollback goes one release back, or refuses before it begins."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    edits,
    generations,
    observe,
    phases,
    recovery,
    refusals,
    rollback,
    settings,
    traces,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

UNIT = "hello.service"
WORKER = {"exec": "hello-serve work"}


@pytest.mark.parametrize(
    ("trace", "current", "to"),
    [
        (None, 3, None),
        # It had made 3 the current one, from 4.
        (traces.Trace(3, False), 3, 3),
        # It died before that.
        (traces.Trace(2, False), 3, None),
        # A deploy that died after it had made 3 the current one.
        (traces.Trace(3, True), 3, None),
        (traces.Trace(), 3, None),
    ],
)
def test_where_a_rerun_goes(
    monkeypatch: pytest.MonkeyPatch,
    trace: traces.Trace | None,
    current: int,
    to: int | None,
) -> None:
    asked: list[object] = []
    ended: list[object] = []
    found = SimpleNamespace(sequence=current)
    monkeypatch.setattr(traces, "read", lambda _unused: trace)
    monkeypatch.setattr(recovery, "recover", lambda _unused: [])
    monkeypatch.setattr(traces, "end", ended.append)
    monkeypatch.setattr(generations, "current", lambda _unused: found)
    monkeypatch.setattr(
        rollback, "_way", lambda _layout, to, _dirty: asked.append(to)
    )

    assert not rollback.roll_back(layouts.Layout("hello"), None)["changed"]
    assert asked == [to]
    assert len(ended) == 1


@pytest.fixture
def two(host: Any, monkeypatch: pytest.MonkeyPatch) -> layouts.Layout:
    """Deploy two releases; the first has a second service."""
    monkeypatch.setattr(refusals, "missing_programs", lambda *_unused: None)
    first = {"main": {"exec": "hello-serve"}, "worker": WORKER}
    other = {"main": {"exec": "hello-serve --other"}}
    phases.activate(host.order(services=first))
    phases.activate(host.order(services=other))
    host.calls.clear()
    layout: layouts.Layout = host.layout
    return layout


@pytest.mark.parametrize("place", ["link", "file", "file of the target"])
def test_a_file_changed_by_hand_does_not_stop_it(
    two: layouts.Layout, host: Any, place: str
) -> None:
    path = Path(two.unit_link(UNIT))
    text = f"{path.read_text()}Nice=5\n"
    if place == "link":
        path.unlink()
    elif place == "file of the target":
        path = Path(two.generation(1), UNIT)
    path.write_text(text)
    assert rollback.plan(two, None)["warnings"]

    found = rollback.roll_back(two, None)

    (told,) = found["warnings"]
    assert Path(told.rpartition(" is kept as ")[2]).read_text() == text
    assert found["release"] == 1
    assert UNIT in found["restarted"]
    assert os.readlink(two.current) == "1"
    assert os.readlink(two.unit_link(UNIT)) == f"{two.current}/{UNIT}"
    for number in (1, 2):
        assert "Nice" not in Path(two.generation(number), UNIT).read_text()
    assert traces.read(two) is None


def test_a_changed_file_of_an_earlier_version_stops_it(
    two: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its record has no text from which the file could be put back."""
    path = f"{two.generation(1)}/{UNIT}"
    monkeypatch.setattr(
        edits, "unknown", lambda _layout, made: [path][: made.sequence % 2]
    )
    with pytest.raises(errors.HostError, match="is not usable any") as told:
        rollback.roll_back(two, None)
    assert path in str(told.value)
    assert os.readlink(two.current) == "2"


def test_an_edit_equal_to_the_target_is_restarted(
    two: layouts.Layout,
) -> None:
    """The process may have been started before the edit, or after."""
    link = Path(two.unit_link(UNIT))
    link.unlink()
    link.write_text(Path(two.generation(1), UNIT).read_text())
    assert UNIT in rollback.roll_back(two, None)["restarted"]


def test_a_file_of_the_target_that_is_gone_is_written_again(
    two: layouts.Layout,
) -> None:
    file = Path(two.generation(1), UNIT)
    text = file.read_text()
    file.unlink()
    assert rollback.roll_back(two, None)["release"] == 1
    assert file.read_text() == text


@pytest.mark.parametrize("unit", [UNIT, "hello-worker.service"])
@pytest.mark.parametrize(
    ("content", "remedy"),
    [("[Service]\n", "move it away"), ("", "systemctl unmask")],
)
def test_what_is_not_ours_stops_it_before_it_begins(
    two: layouts.Layout, host: Any, unit: str, content: str, remedy: str
) -> None:
    link = Path(two.unit_link(unit))
    link.unlink(missing_ok=True)
    link.write_text(content)

    with pytest.raises(errors.HostError, match=remedy) as told:
        rollback.roll_back(two, None)

    assert "Nothing was changed" in str(told.value)
    assert link.read_text() == content
    assert os.readlink(two.current) == "2"
    assert [call for call in host.calls if call[1:]] == []
    assert traces.read(two) is None


def test_settings_that_somebody_changed_are_told(
    two: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(observed: observe.Observed) -> list[str]:
        assert observed.generation
        return ["/x"] if observed.generation.sequence == 1 else []

    monkeypatch.setattr(settings, "changed", changed)
    (told,) = rollback.roll_back(two, None)["warnings"]
    assert told.startswith("/x was changed by hand, and release 1 reads it")
