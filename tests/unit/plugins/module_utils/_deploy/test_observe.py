# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on a host is read as it is, and put into words."""

from __future__ import annotations

import hashlib
import os
import pwd
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    checks,
    folders,
    generations,
    inputs,
    links,
    observe,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"
TEXT = "[Service]\nType=exec\n"


@pytest.fixture
def shown(
    layout: layouts.Layout,
    generation_of: Callable[..., records.Generation],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, str]:
    """Deploy a unit; return what systemd says of it, to be changed."""
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    unit = records.UnitRecord(
        model.ServiceKey("main"), sha256, "started", True, model.Health()
    )
    generation = generation_of(units={UNIT: unit})
    Path(layout.etc).mkdir(parents=True)
    folders.write(layout, generation, {UNIT: TEXT}, {})
    os.symlink("1", layout.current)
    links.commit(layout, generation)
    inputs.write_claim(layout, b"key")
    properties = {
        "LoadState": "loaded",
        "ActiveState": "active",
        "FragmentPath": layout.unit_link(UNIT),
        "DropInPaths": "",
    }

    def show(units: list[str], _names: object) -> dict[str, dict[str, str]]:
        return {unit: dict(properties) for unit in units}

    monkeypatch.setattr(systemctl, "show", show)
    return properties


def test_a_host_without_the_application(layout: layouts.Layout) -> None:
    found = observe.read_one(layout)
    assert found == observe.Observed(layout, False, None, None, {})


def test_a_host_as_it_was_deployed(
    layout: layouts.Layout, shown: dict[str, str]
) -> None:
    found = observe.read_one(layout)
    assert found.is_claimed and not found.is_interrupted
    assert found.key == b"key"
    assert found.units[UNIT].content == TEXT.encode()
    assert found.units[UNIT].is_well


@pytest.mark.parametrize(
    ("health", "sickness"),
    [
        (model.Health(http="http://127.0.0.1/"), "late"),
        (model.Health(tcp="127.0.0.1:1"), "late"),
        (model.Health(unix="/run/hello.sock"), "late"),
        (model.Health(command="true"), "late"),
        (model.Health(), ""),
    ],
)
def test_a_unit_with_a_health_check_is_asked(
    layout: layouts.Layout,
    shown: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    health: model.Health,
    sickness: str,
) -> None:
    generation = generations.read_current(layout)
    assert generation is not None
    unit = replace(generation.units[UNIT], health=health)
    changed = replace(generation, units={UNIT: unit})
    monkeypatch.setattr(generations, "read_current", lambda _layout: changed)
    monkeypatch.setattr(checks, "sickness", lambda *_unused: "late")
    assert observe.read_one(layout).units[UNIT].sickness == sickness


def test_several_are_read_by_one_call(
    layout: layouts.Layout,
    shown: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []
    show = systemctl.show

    def counted(units: list[str], names: Any) -> Any:
        calls.append(units)
        return show(units, names)

    monkeypatch.setattr(systemctl, "show", counted)
    other = layouts.Layout("other", layout.root)
    assert list(observe.read([other, layout])) == ["other", "hello"]
    assert calls == [[UNIT]]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"LoadState": "masked"}, "systemd has it as masked"),
        ({"NeedDaemonReload": "yes"}, "systemd has not read its file yet"),
        ({"FragmentPath": "/run/x"}, "systemd has read another file"),
        ({"ActiveState": "failed"}, "it is failed, not started"),
    ],
)
def test_a_unit_that_systemd_has_otherwise(
    layout: layouts.Layout,
    shown: dict[str, str],
    changes: dict[str, str],
    problem: str,
) -> None:
    shown.update(changes)
    unit = observe.read_one(layout).units[UNIT]
    assert unit.problems == (problem,)
    assert not unit.is_well


def test_a_file_that_was_changed(
    layout: layouts.Layout, shown: dict[str, str]
) -> None:
    path = Path(layout.generation(1), UNIT)
    path.write_text("[Service]\n")
    unit = observe.read_one(layout).units[UNIT]
    assert unit.problems == (f"{path} was changed by hand",)
    assert [edit.path for edit in unit.edits] == [str(path)]
    (text,) = observe.edits_in_words(observe.read_one(layout))
    assert text.startswith(f"{UNIT}: {path} was changed by hand. The file ")


def test_a_directory_in_the_place_of_a_file(
    layout: layouts.Layout, shown: dict[str, str]
) -> None:
    path = Path(layout.generation(1), UNIT)
    path.unlink()
    path.mkdir()
    problems = observe.read_one(layout).units[UNIT].problems
    assert problems == ("its file is missing",)


def test_a_file_in_the_place_of_the_link(
    layout: layouts.Layout, shown: dict[str, str]
) -> None:
    link = Path(layout.unit_link(UNIT))
    link.unlink()
    link.write_text(f"{TEXT}Nice=5\n# /opt/hello/envs/\n")
    unit = observe.read_one(layout).units[UNIT]
    assert unit.problems == (
        "its links in systemd's directories are not ours",
        f"{link} was changed by hand: line 3, Nice=, was added; line 4, was "
        "added",
    )


def test_a_masked_unit_says_how_to_unmask_it(
    layout: layouts.Layout, shown: dict[str, str]
) -> None:
    link = Path(layout.unit_link(UNIT))
    link.unlink()
    link.symlink_to(os.devnull)
    assert observe.read_one(layout).units[UNIT].problems == (
        f"it is masked by {link}: `systemctl unmask {UNIT}` lifts that",
    )


def test_links_that_are_gone(
    layout: layouts.Layout, shown: dict[str, str]
) -> None:
    os.remove(layout.unit_link(UNIT))
    problems = observe.read_one(layout).units[UNIT].problems
    assert "its links in systemd's directories are not ours" in problems
    assert "its file is missing" in problems


def test_a_run_that_has_not_ended(layout: layouts.Layout) -> None:
    Path(layout.etc).mkdir(parents=True)
    Path(layout.transaction).touch()
    assert observe.read_one(layout).is_interrupted


def test_drop_ins_of_others(
    layout: layouts.Layout, shown: dict[str, str]
) -> None:
    ours = f"/etc/systemd/system/{UNIT}.d/a.conf"
    everybody = "/usr/lib/systemd/system/service.d/b.conf"
    shown["DropInPaths"] = f"{ours} {everybody}"
    assert observe.foreign_drop_ins(observe.read_one(layout)) == [
        f"{UNIT}: changed by {ours}, which is not ours"
    ]


@pytest.mark.parametrize(
    ("path", "is_loaded"),
    [
        ("link", True),
        # systemd 247 names the file.
        ("file", True),
        # It is the same file, but not by a link that stays.
        ("probation", False),
        ("/usr/lib/systemd/system/hello.service", False),
    ],
)
def test_which_file_systemd_has_read(
    layout: layouts.Layout, path: str, is_loaded: bool
) -> None:
    file = Path(layout.generation(4), UNIT)
    file.parent.mkdir(parents=True)
    file.touch()
    os.symlink("4", layout.current)
    os.symlink(f"{layout.current}/{UNIT}", layout.unit_link(UNIT))
    os.symlink(file, layout.probation_link(UNIT))
    known = {
        "link": layout.unit_link(UNIT),
        "file": str(file),
        "probation": layout.probation_link(UNIT),
    }
    shown = {"FragmentPath": known.get(path, path)}
    assert observe.is_loaded(layout, UNIT, shown) is is_loaded


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("none", ""),
        ("missing", "is missing: put the data back"),
        ("file", "is not a directory"),
        ("owner", "belongs to uid 12345, not to hello"),
        ("stopped", ""),
        ("other", ""),
    ],
)
def test_data_that_is_lost(
    layout: layouts.Layout,
    shown: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    text: str,
) -> None:
    account = SimpleNamespace(pw_uid=os.geteuid())
    monkeypatch.setattr(pwd, "getpwnam", lambda _name: account)
    state, file = Path(layout.state), Path(layout.generation(1), UNIT)
    if change != "other":
        file.write_text(f"{TEXT}StateDirectory=hello\n")
    if change in ("none", "owner"):
        state.mkdir(parents=True)
    if change == "owner":
        os.chown(state, 12345, 0)
    elif change == "file":
        state.parent.mkdir(parents=True)
        state.touch()
    elif change == "stopped":
        shown["ActiveState"] = "inactive"
    said = observe.lost_data(observe.read_one(layout))
    assert bool(said) is bool(text)
    assert text in "".join(said)
