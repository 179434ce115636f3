# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A removal takes nothing from under what it does not stop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    data,
    observe,
    phases,
    refusals,
    removal,
    traces,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    directories,
    errors,
    systemctl,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Touch no account, and look for no program."""
    monkeypatch.setattr(refusals, "missing_programs", lambda *_unused: None)
    monkeypatch.setattr(accounts, "remove_account", lambda _unused: None)


def deploy(host: Any) -> None:
    """Deploy the application."""
    phases.activate(host.order())
    host.calls.clear()


@pytest.mark.parametrize("kind", ["file", "mask"])
def test_a_unit_that_was_replaced_stops_the_removal(
    layout: layouts.Layout,
    kind: str,
) -> None:
    folder = Path(layout.system_units)
    if kind == "file":
        (folder / UNIT).write_text("[Service]\n")
    else:
        (folder / UNIT).symlink_to("/dev/null")
    Path(layout.etc).mkdir(parents=True)
    state = observe.UnitState({}, None, (), "")
    observed = observe.Observed(layout, True, b"", None, {UNIT: state})

    remedy = {"file": "move it away", "mask": f"systemctl unmask {UNIT}"}
    with pytest.raises(errors.HostError, match="Nothing was changed") as told:
        removal.remove(observed, is_data=True)
    assert remedy[kind] in str(told.value)

    assert Path(layout.etc).exists()


def test_removal_leaves_what_others_put_beside(
    layout: layouts.Layout,
) -> None:
    theirs = Path(layout.opt) / "theirs"
    theirs.touch()
    (Path(layout.opt) / "envs" / "0").mkdir(parents=True)
    Path(layout.generation(1)).mkdir(parents=True)

    removal._remove(layout, [])

    assert os.listdir(layout.opt) == ["theirs"]
    theirs.unlink()
    assert directories.remove_empty(layout.opt)
    assert not directories.remove_empty(layout.opt)


def test_it_is_removed_but_for_its_data(
    host: Any, layout: layouts.Layout
) -> None:
    deploy(host)
    Path(layout.state).mkdir(parents=True)

    found = removal.remove(observe.read_one(layout), is_data=False)

    assert found["removed"] == [UNIT]
    assert ("stop", UNIT) in host.calls
    assert sorted(os.listdir(layout.etc)) == ["claim.json", "key"]
    assert not os.path.exists(layout.opt)
    assert os.path.exists(layout.state)
    assert not os.path.lexists(layout.unit_link(UNIT))
    assert not os.path.lexists(layout.wants_link(UNIT))
    again = removal.remove(observe.read_one(layout), is_data=False)
    assert again == {"name": "hello", "changed": False, "action": "nothing"}


@pytest.mark.parametrize("is_data", [False, True])
@pytest.mark.parametrize("place", ["link", "file"])
def test_a_changed_file_is_kept_or_told(
    host: Any,
    layout: layouts.Layout,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    *,
    is_data: bool,
) -> None:
    monkeypatch.setattr(data, "remove", lambda *_unused: None)
    deploy(host)
    path = Path(layout.unit_link(UNIT))
    text = f"{path.read_text()}Nice=5\n"
    if place == "link":
        path.unlink()
    path = path if place == "link" else Path(layout.generation(1), UNIT)
    path.write_text(text)

    found = removal.remove(observe.read_one(layout), is_data=is_data)

    (told,) = found["warnings"]
    assert f"{path} was changed by hand: line " in told
    assert not os.path.lexists(layout.unit_link(UNIT))
    if is_data:
        assert told.endswith("It is removed with all else")
        assert not os.path.exists(layout.etc)
    else:
        copy = told.rpartition("It is kept as ")[2]
        assert Path(copy).read_text() == text


def test_a_drop_in_of_somebody_else_stays_and_is_told(
    host: Any, layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(host)
    path = Path(f"{layout.unit_link(UNIT)}.d", "x.conf")
    path.parent.mkdir()
    path.touch()
    shown = systemctl.show

    def show(*names: Any) -> dict[str, dict[str, str]]:
        found = shown(*names)
        return {u: {**p, "DropInPaths": str(path)} for u, p in found.items()}

    monkeypatch.setattr(systemctl, "show", show)
    found = removal.remove(observe.read_one(layout), is_data=False)
    assert found["warnings"] == [f"{UNIT}: {path} is not ours, and stays"]
    assert path.exists()


def test_without_a_current_release_nothing_keeps_running(
    host: Any, layout: layouts.Layout
) -> None:
    deploy(host)
    os.remove(layout.current)

    found = removal.remove(observe.read_one(layout), is_data=False)

    assert found["removed"] == [UNIT]
    assert ("stop", UNIT) in host.calls
    assert not os.path.lexists(layout.unit_link(UNIT))


def test_it_is_removed_with_its_data(
    host: Any, layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def remove(layout: layouts.Layout, names: list[str]) -> None:
        asked.append(names)
        # If this run is killed, the next one knows the units.
        assert traces.read(layout) == traces.Trace(units=(UNIT,))

    monkeypatch.setattr(data, "remove", remove)
    deploy(host)

    removal.remove(observe.read_one(layout), is_data=True)

    assert asked == [[UNIT]]
    assert not os.path.exists(layout.etc)
    again = removal.remove(observe.read_one(layout), is_data=True)
    assert not again["changed"]


def test_a_removal_that_failed_is_done_again(
    host: Any, layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its trace says that something is left, and of which units."""

    def fail(_layout: object, _names: object) -> None:
        raise errors.HostError("a mount is in the way")

    deploy(host)
    with monkeypatch.context() as patch:
        patch.setattr(data, "remove", fail)
        with pytest.raises(errors.HostError, match="a mount"):
            removal.remove(observe.read_one(layout), is_data=True)

    assert os.readlink(layout.current) == "1"
    monkeypatch.setattr(data, "remove", lambda *_unused: None)
    found = removal.remove(observe.read_one(layout), is_data=True)
    assert found["removed"] == [UNIT]
