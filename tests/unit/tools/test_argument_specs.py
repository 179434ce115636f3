# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the role is made from the contract."""

from __future__ import annotations

from pathlib import Path

import argument_specs
import pytest
import yaml

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    options,
)

ROLE = Path(__file__).parents[3] / "roles" / "pyapp"


def test_the_argument_specs_are_generated_from_the_contract() -> None:
    committed = (ROLE / "meta/argument_specs.yml").read_text()
    assert committed == argument_specs.content()


def test_the_role_has_no_default_that_the_contract_does_not_know() -> None:
    assert yaml.safe_load((ROLE / "defaults/main.yml").read_text()) == {}


def test_every_phase_has_its_specs() -> None:
    phases = {path.stem for path in (ROLE / "tasks").glob("*.yml")}
    # plan.yml is an internal part of validate.yml.
    assert phases - {"plan"} == set(argument_specs.ENTRY_POINTS)


@pytest.mark.parametrize(
    "name",
    [name for name in options.OPTIONS if not options.OPTIONS[name].not_yet],
)
def test_the_readme_names_every_variable_and_key(name: str) -> None:
    readme = (ROLE / "README.md").read_text()
    assert f"`pyapp_{name}`" in readme
    option = options.OPTIONS[name]
    nested = option.options or (option.elements and option.elements.options)
    for key, field in dict(nested or {}).items():
        if not field.not_yet:
            assert f"`{key}`" in readme, key
