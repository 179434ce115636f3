# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own kinds of values become plain data, or are refused."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _variables,
)

SERVICES: dict[str, Any] = {"main": {"exec": "gunicorn hello:app"}}
ODD = "%n $HOME \\ \" ' {{ 7 * 6 }}"


def trusted(value: Any) -> Any:
    """Mark every text as a template, as it is in a playbook."""
    if isinstance(value, dict):
        return {name: trusted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) else value


def described(**changes: Any) -> model.App:
    """Return what the variables of a play describe."""
    variables = {
        "pyapp_name": trusted("hello"),
        "pyapp_source": trusted({"packages": ["a=={{ version }}"]}),
        "pyapp_services": trusted("{{ all_services }}"),
        "all_services": trusted({**SERVICES}),
        "version": "1",
        **changes,
    }
    templar = Templar(loader=DataLoader(), variables=variables)
    (app,) = _variables.applications(None, variables, templar)
    return app


def kinds(value: object) -> set[type]:
    """Return the exact types in a tree."""
    if isinstance(value, dict):
        items = [*value, *value.values()]
        return {type(value)}.union(*map(kinds, items))
    if isinstance(value, (list, tuple)):
        return {type(value)}.union(*map(kinds, value))
    return {type(value)}


PLAIN = {dict, list, tuple, str, int, float, bool, type(None)}


def test_lazy_and_tagged_values_become_plain() -> None:
    app = described(
        pyapp_environment=trusted({"A": "{{ version }}", "B": "x"}),
        pyapp_config=trusted("{{ {'a': 'x' ~ version} }}"),
    )
    assert kinds(asdict(app)) <= PLAIN
    assert app.source == model.Source(packages=["a==1"], exclude=[], allow=[])
    assert app.environment == {"A": "1", "B": "x"}
    assert app.config == {"a": "x1"}


@pytest.mark.parametrize("wrap", [wrap_var, lambda value: value])
def test_unsafe_texts_are_no_templates(wrap: Any) -> None:
    app = described(pyapp_environment=wrap({"A": ODD}))
    assert kinds(asdict(app)) <= PLAIN
    assert app.environment == {"A": ODD}


def test_what_is_left_out_inside_is_left_out() -> None:
    services = {"main": {**SERVICES["main"], "type": "{{ omit }}"}}
    app = described(
        all_services=trusted(services),
        pyapp_python=trusted("{{ omit }}"),
        omit="__omit_place_holder__",
    )
    assert app.services[model.ServiceKey("main")].type == "exec"
    assert app.python == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime.date(2026, 1, 1), "pyapp_environment.A: is a date"),
        ("{{ none }}", "pyapp_environment.A: is empty (null)"),
        ("{{ 0o644 }}", "pyapp_environment.A: 420 is an integer"),
        ("{{ [1] }}", "pyapp_environment.A: [1] is a list"),
        ("{{ {'a': 1} }}", "pyapp_environment.A: {'a': 1} is a mapping"),
        (wrap_var("a\nUser=root"), "pyapp_environment.A: holds a line break"),
    ],
)
def test_what_a_template_makes_is_checked(value: Any, said: str) -> None:
    with pytest.raises(_errors.RefusedError) as refusal:
        described(pyapp_environment=trusted({"A": value}))
    assert any(m.startswith(said) for m in refusal.value.messages), (
        refusal.value.messages
    )


@pytest.mark.parametrize(
    ("apps", "said"),
    [
        ([], "a mapping of application names"),
        ({}, "a mapping of application names"),
        ({"a": None}, "pyapp_apps.a: a mapping of options"),
        ({1: {}}, "pyapp_apps.1.name: 1 is an integer"),
        ({"a": {"name": "b"}}, "differs from its key 'a'"),
        ({"../a": {}}, "pyapp_apps.../a.name: '../a' is not"),
        ({"a\n": {}}, "'a\\n' is not"),
    ],
)
def test_odd_lists_of_applications(apps: object, said: str) -> None:
    variables = {"pyapp_apps": apps}
    templar = Templar(loader=DataLoader(), variables=variables)
    with pytest.raises(_errors.RefusedError) as refusal:
        _variables.applications(None, variables, templar)
    assert said in str(refusal.value)


@pytest.mark.parametrize("serial", [1, "5", "25%", "100%", [1, "10%", 50]])
def test_sizes_of_batches(serial: object) -> None:
    assert described(pyapp_serial=trusted(serial)).name == "hello"


@pytest.mark.parametrize(
    "serial",
    [0, -1, "0%", "101%", 1.5, True, None, "all", "", [], [1, 0], {}, "1\n"],
)
def test_odd_sizes_of_batches(serial: object) -> None:
    with pytest.raises(_errors.RefusedError, match="size of a batch"):
        described(pyapp_serial=trusted(serial))
