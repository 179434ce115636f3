# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugins take what their modules document, and nothing else."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml

from ansible_collections.pyfleet.services.plugins.doc_fragments import (
    application,
)

PLUGINS = "ansible_collections.pyfleet.services.plugins"
# Set by the action plugins themselves.
INTERNAL = {"wanted", "bundle", "lock"}


def documented(name: str) -> dict[str, Any]:
    module = importlib.import_module(f"{PLUGINS}.modules.{name}")
    text = yaml.safe_load(module.DOCUMENTATION)
    options: dict[str, Any] = dict(text.get("options", {}))
    if "extends_documentation_fragment" in text:
        fragment = yaml.safe_load(application.ModuleDocFragment.DOCUMENTATION)
        options.update(fragment["options"])
    return {k: v for k, v in options.items() if k not in INTERNAL}


@pytest.mark.parametrize("name", ["app_info", "release", "virtualenv"])
def test_an_action_takes_what_is_documented(name: str) -> None:
    action = importlib.import_module(f"{PLUGINS}.action.{name}")
    spec = action.ActionModule.SPEC
    options = documented(name)
    assert set(spec) == set(options)
    for key, option in options.items():
        for trait in ("type", "choices", "default", "required", "elements"):
            assert spec[key].get(trait) == option.get(trait), (key, trait)
