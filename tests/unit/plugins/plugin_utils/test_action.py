# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of the actions: what is read, sent, shipped and reported."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pythons
import yaml
from ansible.plugins.action import ActionBase

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
    wire,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _action,
    _application,
    _errors,
    _index,
    _sources,
    _variables,
)

APPS = [
    model.App(model.AppName("blog")),
    model.App(model.AppName("shop"), keep_releases=9),
]


def without_files(app: model.App) -> _application.Application:
    """Return an application that names no file."""
    return _application.Application(app, [], _index.Index(None), None)


class FakeAction(_action.AppAction):
    """An action without a connection; it keeps what it would send."""

    def __init__(self, **args: Any) -> None:
        self._task = SimpleNamespace(args=args)
        self._templar, self._loader = "the templar", "the loader"
        self.sent: list[dict[str, Any]] = []
        self.shipped: list[tuple[str, str]] = []
        self.outcome: dict[str, Any] | Exception = {"changed": True}
        shell = SimpleNamespace(tmpdir="/tmp/x", join_path=os.path.join)
        self._connection = SimpleNamespace(_shell=shell)

    def validate_argument_spec(self, argument_spec: Any) -> None:
        self.spec = argument_spec

    def work(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        self.task_vars = task_vars
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def _execute_module(self, **options: Any) -> dict[str, Any]:
        self.sent.append(options)
        return {"answer": 42}

    def _make_tmp_path(self) -> str:
        return "/tmp/made"

    def _transfer_file(self, local_path: str, remote_path: str) -> None:
        self.shipped.append((local_path, remote_path))


@pytest.fixture(autouse=True)
def _no_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(
        ActionBase, "run", lambda *_unused: {"invocation": "it"}
    )


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ({"changed": True}, {"invocation": "it", "changed": True}),
        ({"invocation": "ours"}, {"invocation": "ours"}),
        (
            _errors.ControllerError("pyapp_name: bad"),
            {"invocation": "it", "failed": True, "msg": "pyapp_name: bad"},
        ),
        # The text of an error may come from a file or a host.
        (
            _errors.ControllerError("a\x1b[2Jb\nc"),
            {"invocation": "it", "failed": True, "msg": r"a\x1b[2Jb" "\nc"},
        ),
    ],
)
def test_what_is_reported(
    outcome: dict[str, Any] | Exception, expected: dict[str, Any]
) -> None:
    action = FakeAction()
    action.outcome = outcome
    assert action.run(None, {"a": "b"}) == expected
    assert action.task_vars == {"a": "b"}
    assert action.spec == {"app": {"type": "dict"}}


def test_a_defect_of_ours_is_not_hidden() -> None:
    action = FakeAction()
    action.outcome = KeyError("x")
    with pytest.raises(KeyError):
        action.run()


def test_a_base_does_nothing_by_itself() -> None:
    with pytest.raises(NotImplementedError):
        _action.AppAction.work(FakeAction(), {})


Collected = list[tuple[str, object, bool]]


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Collected:
    """Stand in for the variables and files; return what was read."""
    found: Collected = []

    def applications(
        given: object, task_vars: object, templar: object, *, is_named: bool
    ) -> list[model.App]:
        found.append(("variables", (given, task_vars, templar), is_named))
        return APPS

    def read(
        app: model.App, finder: object, *, is_named: bool
    ) -> _application.Application:
        found.append((app.name, finder, is_named))
        return without_files(app)

    monkeypatch.setattr(_variables, "applications", applications)
    monkeypatch.setattr(_application, "read", read)
    monkeypatch.setattr(
        _sources, "Finder", lambda task, loader: (task.args, loader)
    )
    return found


@pytest.mark.parametrize("args", [{}, {"app": {"name": "shop"}}])
@pytest.mark.parametrize("is_named", [False, True])
@pytest.mark.parametrize(
    ("only", "names"),
    [
        (bool, ["blog", "shop"]),
        (lambda app: app.keep_releases == 9, ["shop"]),
        (lambda app: None, []),
    ],
)
def test_applications_of_interest_are_read(
    args: dict[str, Any],
    is_named: bool,
    only: Callable[[model.App], object],
    names: list[str],
    collected: Collected,
) -> None:
    action = FakeAction(**args)
    found = action.collect({"v": 1}, is_named=is_named, only=only)
    assert [(name, app.wanted.name) for name, app in found.items()] == [
        (name, name) for name in names
    ]
    asked = (args.get("app"), {"v": 1}, "the templar")
    assert collected == [
        ("variables", asked, is_named),
        *[(name, (args, "the loader"), is_named) for name in names],
    ]


LOCKS = {"shop": model.Lock(model.VirtualenvId("0" * 64), pythons.PYTHON)}


@pytest.mark.parametrize(
    ("options", "locks", "is_first", "arguments"),
    [
        ({}, {}, True, {}),
        ({"locks": None}, {}, True, {}),
        ({"locks": LOCKS, "is_first": False}, LOCKS, False, {}),
        (
            {"state": "active", "bundle": None},
            {},
            True,
            {"state": "active", "bundle": None},
        ),
    ],
)
def test_what_a_module_is_sent(
    options: dict[str, Any],
    locks: dict[str, Any],
    is_first: bool,
    arguments: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_action, "collection_version", lambda: "1.2.3")
    action = FakeAction()
    apps = {"shop": without_files(APPS[1])}
    found = action.ask("release", apps, {"v": 1}, **options)
    assert found == {"answer": 42}
    (sent,) = action.sent
    assert sent["module_name"] == "pyfleet.services.release"
    assert sent["task_vars"] == {"v": 1}
    came = wire.decode(sent["module_args"].pop("wanted"))
    assert sent["module_args"] == arguments
    assert came.collection == "1.2.3"
    assert came.apps["shop"].keep_releases == 9
    assert (came.locks, came.is_first) == (locks, is_first)


@pytest.mark.parametrize(
    ("tmpdir", "remote"),
    [
        ("/tmp/x", "/tmp/x/bundle.tar"),
        (None, "/tmp/made/bundle.tar"),
    ],
)
def test_a_file_is_shipped_to_the_directory_of_the_task(
    tmpdir: str | None, remote: str
) -> None:
    action = FakeAction()
    action._connection._shell.tmpdir = tmpdir
    assert action.ship("/here.tar") == remote
    assert action.shipped == [("/here.tar", remote)]


MANIFEST = json.dumps({"collection_info": {"version": "1.2.3"}})


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"MANIFEST.json": MANIFEST}, "1.2.3"),
        ({"galaxy.yml": "version: 4.5.6\n"}, "4.5.6"),
        # YAML reads this one as a number.
        ({"galaxy.yml": "version: 4.5\n"}, "4.5"),
        (
            {"MANIFEST.json": MANIFEST, "galaxy.yml": "version: 4.5.6\n"},
            "1.2.3",
        ),
    ],
)
def test_the_version_of_the_collection(
    files: dict[str, str],
    version: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(_sources, "COLLECTION", str(tmp_path))
    assert _action.collection_version() == version


def test_a_collection_without_a_version_is_not_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sources, "COLLECTION", str(tmp_path))
    with pytest.raises(_errors.ControllerError, match="install") as error:
        _action.collection_version()
    assert str(error.value).startswith(f"{tmp_path} has neither")


def test_the_version_of_this_checkout() -> None:
    path = Path(_sources.COLLECTION) / "galaxy.yml"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))["version"]
    assert _action.collection_version() == known
