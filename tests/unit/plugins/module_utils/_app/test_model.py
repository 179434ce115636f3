# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data becomes typed objects, whose defaults are the contract's."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, asdict
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    model,
)

MAIN = model.ServiceKey("main")


def load(**options: Any) -> model.App:
    """Return an application of plain data, with some options."""
    return model.load_app({"name": "hello", **options})


def plain(app: model.App) -> Any:
    """Return an application as JSON has it, without tuples."""
    return json.loads(json.dumps(asdict(app)))


def test_an_application_of_a_name_has_all_defaults() -> None:
    assert load() == model.App(
        model.AppName("hello"), build=[], before_switch=[]
    )


def test_defaults_are_those_of_the_contract() -> None:
    """The contract fills in what a user leaves out, and so does a class."""
    given = {
        "name": "hello",
        "source": {"packages": ["a==1"], "files": "src"},
        "services": {"main": {"exec": "a"}},
        "before_switch": [{"exec": "a", "service": "main"}],
        "build": [{"exec": "a"}],
    }
    assert contract.check_app(given, "pyapp_") == []
    normal = contract.normalise_app(given)
    loaded = model.load_app({**given, "prefix": "pyapp_"})
    assert plain(loaded) == plain(normal)


@pytest.mark.parametrize(
    ("options", "name", "expected"),
    [
        ({"build": [{"exec": "a"}]}, "build", [model.BuildCommand("a")]),
        (
            {"build": [{"exec": ["a", "b"], "timeout": "1min"}]},
            "build",
            [model.BuildCommand(["a", "b"], "1min")],
        ),
        (
            {"before_switch": [{"exec": "a", "service": "main"}]},
            "before_switch",
            [model.SwitchCommand("a", MAIN)],
        ),
        (
            {
                "before_switch": [
                    {
                        "exec": "a",
                        "service": "main",
                        "irreversible": True,
                        "once": True,
                    }
                ]
            },
            "before_switch",
            [model.SwitchCommand("a", MAIN, "15min", True, True)],
        ),
        ({"source": None}, "source", None),
        (
            {"source": {"requirements": "r.txt", "index_url": "https://x/"}},
            "source",
            model.Source(requirements="r.txt", index_url="https://x/"),
        ),
        ({"origin": None}, "origin", None),
        (
            {"origin": {"label": "packages: a", "inputs": "0"}},
            "origin",
            model.Origin("packages: a", "0"),
        ),
    ],
)
def test_parts_become_objects(
    options: dict[str, Any], name: str, expected: object
) -> None:
    assert getattr(load(**options), name) == expected


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        ({}, "health", model.Health()),
        ({}, "start_limit", model.StartLimit("5min", 10)),
        (
            {"health": {"tcp": "localhost:80", "timeout": 60.5}},
            "health",
            model.Health(tcp="localhost:80", timeout=60.5),
        ),
        (
            {"start_limit": {"burst": 3}},
            "start_limit",
            model.StartLimit("5min", 3),
        ),
        ({"credentials": {"a": "b"}}, "credentials", {"a": "b"}),
    ],
)
def test_parts_of_a_service_become_objects(
    given: dict[str, Any], name: str, expected: object
) -> None:
    app = load(services={"main": {"exec": "a", **given}})
    assert list(app.services) == [MAIN]
    assert getattr(app.services[MAIN], name) == expected


@pytest.mark.parametrize(
    ("state", "is_live"),
    [("started", True), ("stopped", True), ("absent", False)],
)
def test_a_service_that_is_to_exist(state: str, is_live: bool) -> None:
    assert model.Service("a", state=state).is_live is is_live


@pytest.mark.parametrize(
    ("state", "is_wanted"), [("present", True), ("absent", False)]
)
def test_an_application_that_is_to_exist(state: str, is_wanted: bool) -> None:
    assert load(state=state).is_wanted is is_wanted


WHEEL = {
    "name": "a",
    "version": "1",
    "sha256": "0" * 64,
    "file": "a-1-py3-none-any.whl",
}


@pytest.mark.parametrize(
    ("given", "wheels"),
    [
        ({}, None),
        ({"wheels": None}, None),
        # A virtualenv without wheels is another matter than none.
        ({"wheels": []}, []),
        ({"wheels": [WHEEL]}, [model.Wheel(**WHEEL)]),
    ],
)
def test_a_lock_of_plain_data(
    given: dict[str, Any], wheels: list[model.Wheel] | None
) -> None:
    python = json.loads(json.dumps(asdict(pythons.PYTHON)))
    data = {"environment": "1" * 64, "interpreter": python}
    lock = model.load_lock({**data, **given})
    assert lock.environment == "1" * 64
    assert lock.interpreter == pythons.PYTHON
    assert lock.wheels == wheels


@pytest.mark.parametrize(
    "options",
    [
        {"colour": "red"},
        {"services": {"main": {"exec": "a", "colour": "red"}}},
        {"services": {"main": {}}},
        {"services": {"main": {"exec": "a", "health": {"colour": "red"}}}},
        {"build": [{"exec": "a", "colour": "red"}]},
        {"before_switch": [{"exec": "a"}]},
        {"source": {"colour": "red"}},
    ],
)
def test_data_of_another_version_is_not_taken(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"colour|exec|service"):
        load(**options)


def test_the_data_stays_as_it_is() -> None:
    data = {"name": "hello", "services": {"main": {"exec": "a"}}}
    model.load_app(data)
    assert data == {"name": "hello", "services": {"main": {"exec": "a"}}}


@pytest.mark.parametrize("thing", [load(), model.Service("a"), model.NO_LOCK])
def test_nothing_is_changed_afterwards(thing: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        thing.name = "other"
