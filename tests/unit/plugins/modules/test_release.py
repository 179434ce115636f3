# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each state leads to its own work, and check mode to none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
import pythons
from ansible.module_utils import basic

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    wire,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    drift,
    fit,
    observe,
    phases,
    removal,
    request,
    rollback,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    detached,
    errors,
    files,
    holder,
)
from ansible_collections.pyfleet.services.plugins.modules import (
    release,
)

LOCKS = {"shop": model.Lock(model.VirtualenvId("0" * 64), pythons.PYTHON)}


def wanted(*apps: model.App, **options: Any) -> str:
    """Return the wanted state of applications, as it travels."""
    named: dict[str, model.App] = {app.name: app for app in apps}
    return wire.encode(wire.Wanted("1.2.3", named, **options))


def app(name: str = "shop", **options: Any) -> model.App:
    return model.App(model.AppName(name), **options)


# As fixture `call` runs it.
MODULE = release
GIVEN: dict[str, Any] = {"wanted": wanted(app())}
Call = Callable[..., dict[str, Any]]


def fail(error: Exception) -> NoReturn:
    raise error


class Work:
    """Stands in for all work on the host.

    Attributes:
        begun: What was begun, in order: the work and the application.
        orders: The orders of it.
        results: What the next work returns or raises, by application.
        misfit: What speaks against a deploy, or the error.
        is_gone: Whether nothing is left of an application.
        owners: Who held the flock while the work was done.
    """

    def __init__(self) -> None:
        self.begun: list[tuple[object, ...]] = []
        self.orders: list[request.Request] = []
        self.results: dict[str, dict[str, Any] | Exception] = {}
        self.misfit: str | Exception = ""
        self.is_gone = False
        self.owners: list[str] = []

    def phase(self, name: str) -> Callable[[request.Request], dict[str, Any]]:
        def work(order: request.Request) -> dict[str, Any]:
            self.orders.append(order)
            return self.done(name, order.layout.app)

        return work

    def done(self, *what: object) -> dict[str, Any]:
        self.begun.append(what)
        app = str(what[1])
        self.owners.append(holder.find(app))
        result = self.results.get(app, {"changed": True})
        if isinstance(result, Exception):
            raise result
        return dict(result)

    def judge(self, order: request.Request) -> str:
        self.begun.append(("misfit", order.layout.app))
        if isinstance(self.misfit, Exception):
            fail(self.misfit)
        return self.misfit


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    found = Work()
    monkeypatch.setattr(holder, "DIRECTORY", str(tmp_path))
    monkeypatch.setattr(ancestors, "check", lambda _path: None)
    monkeypatch.setattr(files, "ensure_directory", lambda *_, **__: False)
    monkeypatch.setattr(detached, "run", lambda function, **_: function())
    monkeypatch.setattr(phases, "validate", found.phase("validate"))
    for state in ("prepared", "active"):
        monkeypatch.setitem(release._PHASES, state, found.phase(state))
    monkeypatch.setattr(fit, "misfit", found.judge)
    for verb in ("plan", "roll_back"):

        def back(
            layout: layouts.Layout, to: int | None, verb: str = verb
        ) -> dict[str, Any]:
            return found.done(verb, layout.app, to)

        monkeypatch.setattr(rollback, verb, back)
    monkeypatch.setattr(observe, "read_one", lambda layout: layout)
    monkeypatch.setattr(drift, "is_absent", lambda *_, **__: found.is_gone)
    monkeypatch.setattr(
        removal,
        "remove",
        lambda layout, *, is_data: found.done("remove", layout.app, is_data),
    )
    return found


FITS = ("misfit", "shop")


@pytest.mark.parametrize(
    ("options", "arguments", "begun"),
    [
        ({}, {"state": "validated"}, [("validate", "shop")]),
        ({}, {"state": "prepared"}, [FITS, ("prepared", "shop")]),
        ({}, {"state": "active"}, [FITS, ("active", "shop")]),
        ({}, {}, [FITS, ("active", "shop")]),
        ({}, {"state": "rolled_back"}, [("roll_back", "shop", None)]),
        ({}, {"state": "rolled_back", "to": 3}, [("roll_back", "shop", 3)]),
        ({"state": "absent"}, {}, [("remove", "shop", False)]),
        (
            {"state": "absent", "remove_data": True},
            {},
            [("remove", "shop", True)],
        ),
        # Nothing is removed before the other hosts are known to be fine.
        ({"state": "absent"}, {"state": "validated"}, []),
        ({"state": "absent"}, {"state": "prepared"}, []),
    ],
)
def test_a_state_leads_to_its_work(
    options: dict[str, Any],
    arguments: dict[str, Any],
    begun: list[tuple[object, ...]],
    call: Call,
    work: Work,
) -> None:
    call(wanted=wanted(app(**options)), **arguments)
    assert work.begun == begun


@pytest.mark.parametrize(
    ("options", "arguments", "begun"),
    [
        ({}, {"state": "validated"}, [("validate", "shop")]),
        ({}, {"state": "prepared"}, [("validate", "shop")]),
        ({}, {"state": "active"}, [("validate", "shop")]),
        ({}, {"state": "rolled_back", "to": 3}, [("plan", "shop", 3)]),
        ({"state": "absent"}, {}, []),
    ],
)
def test_check_mode_plans_alone(
    options: dict[str, Any],
    arguments: dict[str, Any],
    begun: list[tuple[object, ...]],
    call: Call,
    work: Work,
) -> None:
    given = wanted(app(**options))
    call(wanted=given, _ansible_check_mode=True, **arguments)
    assert work.begun == begun
    assert set(work.owners) <= {""}


@pytest.mark.parametrize(
    ("state", "owner"),
    [
        ("validated", ""),
        ("prepared", "release prepared"),
        ("active", "release active"),
        ("rolled_back", "release rolled_back"),
    ],
)
def test_a_change_holds_the_flock(
    state: str, owner: str, call: Call, work: Work
) -> None:
    call(state=state)
    (found,) = work.owners
    assert owner in found
    assert bool(found) is bool(owner)


@pytest.mark.parametrize(
    ("state", "is_gone", "is_check", "changed"),
    [
        ("active", False, True, True),
        ("active", True, True, False),
        ("validated", False, False, True),
        ("validated", True, False, False),
        ("prepared", False, False, False),
    ],
)
def test_a_removal_that_is_only_planned(
    state: str,
    is_gone: bool,
    is_check: bool,
    changed: bool,
    call: Call,
    work: Work,
) -> None:
    work.is_gone = is_gone
    result = call(
        wanted=wanted(app(state="absent")),
        state=state,
        _ansible_check_mode=is_check,
    )
    assert result["changed"] is changed
    assert result["apps"]["shop"] == {
        "name": "shop",
        "changed": changed,
        "action": "remove",
    }


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("arguments", "bundle", "is_full"),
    [
        ({}, None, False),
        ({"bundle": "/tmp/bundle.tar"}, "/tmp/bundle.tar", False),
        ({"verify": "full"}, None, True),
    ],
)
def test_what_an_order_says(
    is_first: bool,
    arguments: dict[str, Any],
    bundle: str | None,
    is_full: bool,
    call: Call,
    work: Work,
) -> None:
    given = wanted(app("blog"), app(), locks=LOCKS, is_first=is_first)
    call(wanted=given, **arguments)
    blog, shop = work.orders
    assert (blog.app.name, blog.lock) == ("blog", model.NO_LOCK)
    assert (shop.app.name, shop.lock) == ("shop", LOCKS["shop"])
    for order in (blog, shop):
        assert order.collection == "1.2.3"
        assert (order.bundle, order.is_full) == (bundle, is_full)
        assert order.is_first is is_first


@pytest.mark.parametrize("state", ["prepared", "active"])
@pytest.mark.parametrize("misfit", ["it is", errors.HostError("it is")])
def test_a_host_that_changed_meanwhile(
    state: str, misfit: str | Exception, call: Call, work: Work
) -> None:
    work.misfit = misfit
    result = call(state=state)
    assert result["failed"]
    assert result["is_misfit"] is True
    assert result["msg"].startswith("shop: this host changed while")
    assert "prepared: it is. Nothing" in result["msg"]
    assert work.begun == [FITS]


@pytest.mark.parametrize(
    ("state", "options", "is_check"),
    [
        ("validated", {}, False),
        ("rolled_back", {}, False),
        ("active", {"state": "absent"}, False),
        ("active", {}, True),
    ],
)
def test_a_misfit_matters_to_a_deploy_alone(
    state: str,
    options: dict[str, Any],
    is_check: bool,
    call: Call,
    work: Work,
) -> None:
    work.misfit = "it is"
    given = wanted(app(**options))
    result = call(wanted=given, state=state, _ansible_check_mode=is_check)
    assert "failed" not in result


@pytest.mark.parametrize(
    ("apps", "error", "message"),
    [
        (("shop",), errors.HostError("it died"), "it died"),
        (
            ("blog", "shop", "zoo"),
            errors.HostError("it died"),
            "shop: it died",
        ),
        (
            ("blog", "shop", "zoo"),
            OSError(28, "No space left on device", "/opt/x"),
            "shop: the host failed: /opt/x: No space left on device",
        ),
    ],
)
def test_an_error_tells_what_was_done_before_it(
    apps: tuple[str, ...],
    error: Exception,
    message: str,
    call: Call,
    work: Work,
) -> None:
    work.results["shop"] = error
    result = call(wanted=wanted(*map(app, apps)))
    assert result["failed"]
    assert result["msg"].startswith(message)
    done = apps[: apps.index("shop")]
    assert result["apps"] == {name: {"changed": True} for name in done}
    assert ("active", "zoo") not in work.begun


@pytest.mark.parametrize(
    ("blog", "shop", "changed"),
    [
        (False, False, False),
        (True, False, True),
        (False, True, True),
    ],
)
def test_results_of_all_are_told(
    blog: bool, shop: bool, changed: bool, call: Call, work: Work
) -> None:
    work.results = {
        "blog": {"changed": blog, "diff": [{"after": "a"}]},
        "shop": {"changed": shop, "diff": [{"after": "b"}]},
    }
    result = call(wanted=wanted(app("blog"), app()))
    assert result["changed"] is changed
    assert result["apps"] == {
        "blog": {"changed": blog},
        "shop": {"changed": shop},
    }
    assert [one["after"] for one in result["diff"]] == ["a", "b"]


@pytest.mark.parametrize("kind", ["warnings", "notices"])
def test_warnings_and_notices_are_warned_of(
    kind: str, call: Call, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        basic.AnsibleModule, "warn", lambda _self, text: said.append(text)
    )
    work.results["shop"] = {"changed": False, kind: ["it is\x1b[2J odd"]}
    call()
    assert said == [r"it is\x1b[2J odd"]
