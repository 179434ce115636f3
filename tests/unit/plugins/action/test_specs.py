# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules and action plugins take what is documented, no more."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

PLUGINS = "ansible_collections.pyfleet.services.plugins"
ROOT = Path(__file__).resolve().parents[4] / "plugins"
MODULES = sorted(path.stem for path in (ROOT / "modules").glob("[a-z]*.py"))
ACTIONS = sorted(path.stem for path in (ROOT / "action").glob("[a-z]*.py"))
TRAITS = ("type", "choices", "default", "required", "elements", "aliases")
# Set by the action plugins themselves.
INTERNAL = {"wanted", "bundle", "lock"}
# A module says of each how far it goes.
ATTRIBUTES = {"check_mode", "diff_mode", "platform"}


class SpecError(Exception):
    """Carries what a module gives to AnsibleModule."""


def merged(name: str, part: str) -> dict[str, Any]:
    """Return a part of a module's documentation, with its fragments."""
    module = importlib.import_module(f"{PLUGINS}.modules.{name}")
    text = yaml.safe_load(module.DOCUMENTATION)
    found: dict[str, Any] = {}
    for fragment in text["extends_documentation_fragment"]:
        place = fragment.replace("pyfleet.services.", "doc_fragments.")
        source = importlib.import_module(f"{PLUGINS}.{place}")
        document = yaml.safe_load(source.ModuleDocFragment.DOCUMENTATION)
        found.update(document.get(part, {}))
    for key, own in text.get(part, {}).items():
        found[key] = {**found.get(key, {}), **own}
    return found


def argument_spec(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Return what a module gives to AnsibleModule, as Ansible gets it."""

    def stand_in(**arguments: object) -> None:
        raise SpecError(arguments)

    module = importlib.import_module(f"{PLUGINS}.modules.{name}")
    monkeypatch.setattr(module, "AnsibleModule", stand_in)
    with pytest.raises(SpecError) as caught:
        module.main()
    arguments: dict[str, Any] = caught.value.args[0]
    return arguments


def compare(spec: dict[str, Any], options: dict[str, Any]) -> None:
    assert set(spec) == set(options)
    for key, option in options.items():
        for trait in TRAITS:
            assert spec[key].get(trait) == option.get(trait), (key, trait)


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_takes_what_is_documented(name: str) -> None:
    action = importlib.import_module(f"{PLUGINS}.action.{name}")
    options = merged(name, "options")
    compare(
        action.ActionModule.SPEC,
        {k: v for k, v in options.items() if k not in INTERNAL},
    )


@pytest.mark.parametrize("name", MODULES)
def test_a_module_takes_what_is_documented(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = argument_spec(name, monkeypatch)
    compare(arguments["argument_spec"], merged(name, "options"))
    check_mode = merged(name, "attributes")["check_mode"]
    is_full = check_mode["support"] == "full"
    assert arguments["supports_check_mode"] is is_full


@pytest.mark.parametrize("name", MODULES)
def test_attributes_are_complete(name: str) -> None:
    attributes = merged(name, "attributes")
    assert set(attributes) == ATTRIBUTES
    for key, attribute in attributes.items():
        assert {"support", "description"} <= set(attribute), key
    assert attributes["platform"]["platforms"] == "linux"


def test_all_plugins_are_looked_at() -> None:
    assert set(ACTIONS) <= set(MODULES)
    assert {"release", "service_user", "unit", "virtualenv"} <= set(MODULES)
    assert {"app_info", "release", "virtualenv"} <= set(ACTIONS)
