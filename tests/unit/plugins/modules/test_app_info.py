# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host is read and compared with what is wanted; nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pythons
from ansible.module_utils import basic

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    wire,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    aftermath,
    claims,
    drift,
    generations,
    integrity,
    observe,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    holder,
    interpreter,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.modules import (
    app_info,
)


def wanted(*apps: model.App) -> str:
    """Return the wanted state of applications, as it travels."""
    return wire.encode(wire.Wanted("1.2.3", {app.name: app for app in apps}))


def app(name: str = "shop", **options: Any) -> model.App:
    services = {model.ServiceKey("main"): model.Service("a")}
    return model.App(model.AppName(name), services=services, **options)


# As fixture `call` runs it.
MODULE = app_info
GIVEN: dict[str, Any] = {"wanted": wanted(app())}
Call = Callable[..., dict[str, Any]]
PYTHON = pythons.PYTHON


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory that stands for `/`, without applications."""
    real, folder = layouts.Layout, tmp_path / "root"
    (folder / "run").mkdir(parents=True)
    monkeypatch.setattr(
        layouts, "Layout", lambda name: real(name, str(folder))
    )
    monkeypatch.setattr(holder, "DIRECTORY", str(folder / "run"))
    monkeypatch.setattr(claims, "is_known", lambda *_unused: False)
    monkeypatch.setattr(interpreter, "find", lambda _wanted: PYTHON)
    manager = systemctl.Manager(252, "252.39", frozenset())
    monkeypatch.setattr(systemctl, "manager", lambda: manager)
    return folder


def test_a_service_that_failed_since_its_deploy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def observed(count: str) -> observe.Observed:
        state = observe.UnitState({"NRestarts": count}, b"", (), "")
        layout = layouts.Layout(model.AppName("shop"))
        well = observe.UnitState({"NRestarts": "0"}, b"", (), "")
        units = {"shop-b.service": well, "shop.service": state}
        return observe.Observed(layout, True, b"", None, units, False)

    def failure(name: str, count: int) -> dict[str, int]:
        return {name: count}

    monkeypatch.setattr(aftermath, "failure", failure)
    assert observe.failures_since(observed("0")) == []
    assert observe.failures_since(observed("")) == []
    assert observe.failures_since(observed("2")) == [{"shop.service": 2}]


def test_an_application_that_is_not_there(call: Call, root: Path) -> None:
    before = sorted(root.rglob("*"))
    result = call()
    assert (result["changed"], result["converged"]) == (False, False)
    shop = result["apps"]["shop"]
    assert shop["reasons"] == ["it is not deployed here"]
    assert shop["release"] is shop["environment"] is shop["code"] is None
    assert (shop["units"], shop["warnings"]) == ({}, [])
    deploy = shop["deploy"]
    assert deploy["interpreter"]["patch"] == "3.11.2"
    assert (deploy["environments"], deploy["codes"]) == ([], [])
    assert (deploy["source"], deploy["made_with"]) == ({}, None)
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize(
    ("reasons", "damage", "is_converged"),
    [
        ([], {}, True),
        (["its file is missing"], {}, False),
        ([], {"/opt/shop/envs/0": ["bin/python was changed"]}, False),
    ],
)
def test_what_is_as_wanted_needs_no_deploy(
    reasons: list[str],
    damage: dict[str, list[str]],
    is_converged: bool,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drift, "reasons", lambda *_unused: list(reasons))
    monkeypatch.setattr(integrity, "damage", lambda *_, **__: damage)
    result = call()
    shop = result["apps"]["shop"]
    assert result["converged"] is shop["converged"] is is_converged
    assert ("deploy" in shop) is not is_converged
    assert bool(shop["reasons"]) is not is_converged


@pytest.mark.parametrize(
    ("arguments", "is_full"),
    [({}, False), ({"verify": "quick"}, False), ({"verify": "full"}, True)],
)
def test_how_much_is_compared(
    arguments: dict[str, Any],
    is_full: bool,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def damage(_observed: object, *, is_full: bool) -> integrity.Damage:
        asked.append(is_full)
        return {}

    monkeypatch.setattr(integrity, "damage", damage)
    call(**arguments)
    assert asked == [is_full]


@pytest.mark.parametrize(
    ("is_gone", "reasons"), [(True, []), (False, ["it is on this host"])]
)
@pytest.mark.parametrize("is_data", [False, True])
def test_an_application_that_is_not_wanted(
    is_gone: bool,
    reasons: list[str],
    is_data: bool,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def is_absent(_observed: object, *, is_data: bool) -> bool:
        asked.append(is_data)
        return is_gone

    monkeypatch.setattr(drift, "is_absent", is_absent)
    given = wanted(app(state="absent", remove_data=is_data))
    result = call(wanted=given)
    assert result["apps"]["shop"] == {
        "converged": is_gone,
        "reasons": reasons,
        "units": {},
        "warnings": [],
    }
    assert asked == [is_data]


@pytest.mark.parametrize(
    ("apps", "begin"),
    [
        ((), "pyapp_name: 'shop' would seize"),
        (("blog",), "shop: pyapp_name: 'shop' would seize"),
    ],
)
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("opt/shop", "/opt/shop exists and is not ours"),
        ("etc/systemd/system/shop.service", "the unit shop.service exists"),
    ],
)
def test_names_of_somebody_else_are_refused(
    apps: tuple[str, ...],
    begin: str,
    path: str,
    words: str,
    call: Call,
    root: Path,
) -> None:
    (root / path).mkdir(parents=True)
    result = call(wanted=wanted(*map(app, apps), app()))
    assert result["failed"]
    assert result["msg"].startswith(begin)
    assert words in result["msg"]


def test_a_unit_of_a_service_that_is_absent_is_not_wanted(
    call: Call, root: Path
) -> None:
    (root / "etc/systemd/system/shop-old.service").mkdir(parents=True)
    services = {
        model.ServiceKey("main"): model.Service("a"),
        model.ServiceKey("old"): model.Service("a", state="absent"),
    }
    given = model.App(model.AppName("shop"), services=services)
    assert "failed" not in call(wanted=wanted(given))


@pytest.mark.parametrize("arguments", [{}, {"releases": True}])
@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errors.HostError("its record is broken"), "its record is broken"),
        (
            OSError(5, "Input/output error", "/etc/x"),
            "the host failed: /etc/x: Input/output error",
        ),
    ],
)
def test_an_error_of_the_host_is_told(
    arguments: dict[str, Any],
    error: Exception,
    message: str,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_places: object) -> None:
        raise error

    monkeypatch.setattr(observe, "read", fail)
    result = call(**arguments)
    assert result["failed"]
    assert result["msg"].startswith(message)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_another_run_is_warned_of(
    state: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []
    monkeypatch.setattr(
        basic.AnsibleModule, "warn", lambda _self, text: warned.append(text)
    )
    monkeypatch.setattr(holder, "find", lambda name: f"run of {name}")
    result = call(wanted=wanted(app(state=state)))
    (said,) = result["apps"]["shop"]["warnings"]
    assert said.startswith("another run works on shop on this host: run of")
    assert warned == [said]


def test_all_of_several_must_be_as_wanted(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        drift,
        "reasons",
        lambda _observed, one, *_: ["odd"] if one.name == "blog" else [],
    )
    result = call(wanted=wanted(app("blog"), app()))
    assert result["converged"] is False
    assert result["apps"]["shop"]["converged"] is True


def test_releases_are_listed(
    call: Call, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = {"at": "2026-11-23T05:01:12Z", "reason": "it ended"}
    path = Path(layouts.Layout("shop").failures)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"0": failed}))
    # Names alone are asked for; what is wanted is not compared.
    monkeypatch.delattr(drift, "reasons")
    result = call(wanted=wanted(app("blog"), app()), releases=True)
    assert result["changed"] is False
    assert result["releases"] == {"blog": [], "shop": []}
    assert result["failures"] == {"blog": [], "shop": [failed]}
    assert generations.failed(layouts.Layout("blog")) == {}
