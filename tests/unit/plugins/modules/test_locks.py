# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No module changes anything while another run holds its lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import pythons
from ansible.module_utils.testing import patch_module_args

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    inputs,
    observe,
    removal,
    request,
    workshops,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    detached,
    errors,
    files,
    holder,
    lock,
)
from ansible_collections.pyfleet.services.plugins.modules import (
    release,
    unit,
    virtualenv,
)


def order(state: str) -> request.Request:
    app = model.App(model.AppName("hello"), state=state)
    return request.Request(app, model.NO_LOCK, "", None)


def make_virtualenv() -> None:
    lock_of = {"environment": "0", "interpreter": asdict(pythons.PYTHON)}
    params = {"path": "/opt/x", "lock": lock_of, "bundle": None}
    virtualenv._apply(params, {"environment": "/opt/envs/0"})


CALLS: dict[str, Callable[[], object]] = {
    "active": lambda: release._deploy(order("present"), "active", False),
    "prepared": lambda: release._deploy(order("present"), "prepared", False),
    "absent": lambda: release._deploy(order("absent"), "active", False),
    "rolled_back": lambda: release._roll_back(
        layouts.Layout("hello"), None, False
    ),
    "virtualenv": make_virtualenv,
}


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for all work; return what was begun."""
    begun: list[str] = []
    monkeypatch.setattr(holder, "DIRECTORY", str(tmp_path / "run"))
    monkeypatch.setattr(ancestors, "check", lambda _unused: None)
    monkeypatch.setattr(files, "ensure_directory", lambda *_, **__: False)
    (tmp_path / "run").mkdir()
    for place, name in (
        (detached, "run"),
        (removal, "remove"),
        (inputs, "environment_at"),
        (workshops, "of_host"),
        (files, "replace_link"),
    ):

        def begin(*_args: object, name: str = name, **_: object) -> None:
            begun.append(name)

        monkeypatch.setattr(place, name, begin)
    monkeypatch.setattr(observe, "read_one", lambda _layout: None)
    monkeypatch.setattr(holder, "SECONDS", 0)
    return begun


@pytest.fixture(params=["hello", "virtualenv"])
def held(request: pytest.FixtureRequest) -> Iterator[str]:
    """Hold one of the locks."""
    with lock.hold(request.param, timeout=0, owner="the first"):
        yield request.param


@pytest.mark.parametrize("call", CALLS)
def test_it_waits_for_its_own_lock_alone(
    done: list[str], held: str, call: str
) -> None:
    own = call if call == "virtualenv" else "hello"
    if own != held:
        CALLS[call]()
        assert done
        return
    with pytest.raises(errors.DeadlineError, match="the first"):
        CALLS[call]()
    assert done == []


def test_unit_files_have_a_lock_of_their_own(
    done: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    real = lock.hold

    def at_once(app: str, *, timeout: float, owner: str) -> Any:
        assert timeout > 0
        return real(app, timeout=0, owner=owner)

    def begin(_unused: object) -> dict[str, bool]:
        done.append("unit")
        return {"changed": True}

    monkeypatch.setattr(unit, "_run", begin)
    for is_held in (True, False):
        with (
            real("units" if is_held else "x", timeout=0, owner="the first"),
            monkeypatch.context() as patch,
            patch_module_args({"name": "a.service"}),
            pytest.raises(SystemExit),
        ):
            patch.setattr(lock, "hold", at_once)
            unit.main()
        said = capsys.readouterr().out
        assert ("the first" in said) is is_held
        assert (done == []) is is_held
