# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's library stays light and apart from the unit language."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PACKAGE = "ansible_collections.pyfleet.services.plugins.module_utils"
SCRIPT = "import sys, importlib; importlib.import_module(sys.argv[1]); "
SCRIPT += "print(*sys.modules)"
# Where this test finds the collection, for a Python of its own.
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

# What a run that finds nothing to do imports on every host.
LIGHT = [
    "accounts",
    "artifact",
    "command",
    "detached",
    "errors",
    "files",
    "health",
    "interpreter",
    "journal",
    "listen",
    "lock",
    "systemctl",
]
HEAVY = {"ctypes", "email", "http.client", "ssl", "tarfile", "logging"}


@pytest.mark.parametrize("name", [*LIGHT, "code_tree", "environment"])
def test_imports(name: str) -> None:
    said = subprocess.check_output(
        [sys.executable, "-c", SCRIPT, f"{PACKAGE}._host.{name}"],
        text=True,
        env=ENVIRONMENT,
    )
    loaded = set(said.split())
    foreign = {
        module
        for module in loaded
        if module.startswith(("ansible.", f"{PACKAGE}._unit"))
    }
    assert foreign == set()
    if name in LIGHT:
        assert loaded & HEAVY == set()


def test_a_converged_host_loads_no_unit_language() -> None:
    module = PACKAGE.replace(".module_utils", ".modules.app_info")
    said = subprocess.check_output(
        [sys.executable, "-c", SCRIPT, module], text=True, env=ENVIRONMENT
    )
    loaded = set(said.split())
    assert f"{PACKAGE}._host.observe" in loaded
    assert {name for name in loaded if "_unit." in name} == set()
