# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy reads the host once where the answer can be handed on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.action import (
    release,
)
from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _action,
    _application,
    _bundle,
    _delivery,
    _environment,
    _errors,
    _index,
    _variables,
)

OPEN = {
    "converged": False,
    "deploy": {
        "systemd": 257,
        "interpreter": asdict(pythons.PYTHON),
        "environment": None,
        "environments": [],
        "codes": [],
        "source": {},
        "made_with": None,
    },
}
DONE = {"converged": True}
ASKED = ["app_info", "release"]
HANDED_ON = ["release"]


class FakeAction(release.ActionModule):
    """The action plugin, with a host that is told what to answer.

    Attributes:
        asked: The modules that were run, in order.
        sent: The applications of each of these calls.
        misfits: How many of the next deploys the host refuses.
    """

    def __init__(self, **args: Any) -> None:
        self._task = SimpleNamespace(args=args, check_mode=False)
        self._templar = self._loader = None
        self.asked: list[str] = []
        self.sent: list[list[str]] = []
        self.names = ["shop"]
        self.found: dict[str, Any] = {"shop": OPEN}
        self.misfits = 0
        self.files: tuple[_environment.EnvironmentFile, ...] = ()
        self.warned: list[str] = []
        self._display = SimpleNamespace(warning=self.warned.append)

    def collect(
        self, task_vars: Mapping[str, Any], **_options: Any
    ) -> dict[str, _application.Application]:
        return {
            name: _application.Application(
                model.App(model.AppName(name)),
                [],
                _index.Index(None),
                None,
                self.files,
            )
            for name in self.names
        }

    def ask(
        self,
        module: str,
        apps: Mapping[str, Any],
        task_vars: Any,
        **_arguments: Any,
    ) -> dict[str, Any]:
        self.asked.append(module)
        self.sent.append(list(apps))
        if module == "app_info":
            return {"apps": self.found}
        if self.misfits:
            self.misfits -= 1
            return {"failed": True, "is_misfit": True, "msg": "it changed"}
        return {"changed": True, "apps": {name: {} for name in apps}}


@pytest.fixture(autouse=True)
def _no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def nothing(*_unused: object) -> Iterator[None]:
        yield None

    delivery = _delivery.Delivery(model.NO_LOCK, (), None)
    monkeypatch.setattr(_delivery, "decide", lambda *_unused: delivery)
    monkeypatch.setattr(_bundle, "bundle", nothing)


def variables(host: str = "one", **given: Any) -> dict[str, Any]:
    """Return variables of a host, the first of two by default."""
    return {
        "inventory_hostname": host,
        "ansible_play_hosts_all": ["one", "two"],
        "hostvars": {"one": given, "two": {}},
        **given,
    }


def handed_on(**found: Any) -> dict[str, Any]:
    return {"__pyapp_info_is_fresh": True, "__pyapp_info": {"apps": found}}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (handed_on(shop=OPEN), HANDED_ON),
        ({}, ASKED),
        # It was read some time ago, by tasks that ended long since.
        ({"__pyapp_info": {"apps": {"shop": OPEN}}}, ASKED),
        ({"__pyapp_info_is_fresh": True}, ASKED),
        # Another application was read.
        (handed_on(other=OPEN), ASKED),
        # By an answer of another task, nothing is left out.
        (handed_on(shop=DONE), ASKED),
        (
            {"__pyapp_info_is_fresh": True, "__pyapp_info": {"failed": True}},
            ASKED,
        ),
        # The first host has deployed since it was read.
        (
            {**handed_on(shop=OPEN), "__pyapp_ahead": {"ahead": ["shop"]}},
            ASKED,
        ),
        (
            {**handed_on(shop=OPEN), "__pyapp_ahead": {"skipped": True}},
            HANDED_ON,
        ),
    ],
)
@pytest.mark.parametrize("state", ["validated", "prepared", "active"])
def test_when_the_host_is_asked(
    given: dict[str, Any], asked: list[str], state: str
) -> None:
    action = FakeAction(state=state)

    result = action.work(variables(**given))

    assert action.asked == asked
    assert result["changed"]


def test_a_converged_application_is_not_deployed() -> None:
    action = FakeAction()
    action.names = ["shop", "blog"]
    action.found = {"shop": OPEN, "blog": DONE}

    action.work(variables(**handed_on(shop=OPEN, blog=DONE)))

    assert action.asked == ASKED
    assert action.sent[-1] == ["shop"]


def test_a_host_that_changed_meanwhile_is_asked_again() -> None:
    action = FakeAction()
    action.misfits = 1

    result = action.work(variables(**handed_on(shop=OPEN)))

    assert action.asked == ["release", *ASKED]
    assert result == {"changed": True, "apps": {"shop": {}}}


@pytest.mark.parametrize(
    ("given", "asked"),
    [(handed_on(shop=OPEN), ["release", *ASKED]), ({}, ASKED)],
)
def test_a_host_that_changes_again_and_again_is_a_failure(
    given: dict[str, Any], asked: list[str]
) -> None:
    action = FakeAction()
    action.misfits = 9

    result = action.work(variables(**given))

    assert action.asked == asked
    assert result == {"failed": True, "msg": "it changed"}


@pytest.mark.parametrize("host", ["one", "two"])
def test_ahead_reads_no_files_where_nothing_runs_once(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    command = model.SwitchCommand("a", model.ServiceKey("main"))
    app = model.App(model.AppName("shop"), before_switch=[command])
    monkeypatch.setattr(
        _variables, "applications", lambda *_unused, **_: [app]
    )
    monkeypatch.delattr(_application, "read")
    monkeypatch.setattr(
        _action, "_sources", SimpleNamespace(Finder=lambda *_: None)
    )
    monkeypatch.setattr(FakeAction, "collect", _action.AppAction.collect)
    action = FakeAction(ahead=True)

    result = action.work(variables(host))

    assert result == {"changed": False, "skipped": True}
    assert action.asked == []


def test_ahead_deploys_what_runs_once() -> None:
    action = FakeAction(ahead=True)

    result = action.work(variables(**handed_on(shop=OPEN)))

    assert action.asked == HANDED_ON
    assert result["ahead"] == ["shop"]


def test_only_the_first_host_goes_ahead() -> None:
    action = FakeAction(ahead=True)

    result = action.work(variables("two", **handed_on(shop=OPEN)))

    assert result == {"changed": False, "skipped": True}
    assert action.asked == []


@pytest.mark.parametrize("given", [handed_on(shop=OPEN), {}])
@pytest.mark.parametrize("state", ["validated", "prepared", "active"])
def test_environment_files_are_judged_before_anything_changes(
    given: dict[str, Any], state: str
) -> None:
    action = FakeAction(state=state)
    action.files = (_environment.EnvironmentFile("v", "a.env", "A: 1\n"),)

    with pytest.raises(_errors.RefusedError, match=r"v: a\.env, line 1"):
        action.work(variables(**given))

    assert "release" not in action.asked


def test_warnings_about_environment_files_are_shown() -> None:
    action = FakeAction()
    action.files = (_environment.EnvironmentFile("v", "a.env", "A=1 # b\n"),)

    assert action.work(variables(**handed_on(shop=OPEN)))["changed"]

    assert [text[:10] for text in action.warned] == ["v: a.env, "]
