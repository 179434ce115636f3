# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection accepts the variables of the example."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from hello.settings import from_mapping

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _requirements,
)

EXAMPLE = Path(__file__).resolve().parents[4] / "examples/hello"


def test_variables_keep_the_contract() -> None:
    variables = yaml.safe_load((EXAMPLE / "app.yml").read_text())
    app = {
        name.removeprefix("pyapp_"): value for name, value in variables.items()
    }

    assert contract.check_app(app, "pyapp_") == []


def test_every_requirement_is_pinned_by_hash() -> None:
    text = (EXAMPLE / "requirements.txt").read_text()

    found = _requirements.read_requirements(text, "requirements")

    assert len(found) == 3
    for line in found:
        assert re.search(r"== ?[0-9.]+ .*--hash=sha256:[0-9a-f]{64}$", line)


def test_environment_file_is_a_valid_configuration() -> None:
    lines = (EXAMPLE / "hello.env").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if line[0] != "#"]

    settings = from_mapping({name: value.strip('"') for name, value in pairs})

    assert settings.is_greeting_configured
