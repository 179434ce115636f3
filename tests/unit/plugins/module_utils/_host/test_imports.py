# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's library stays light and apart from the unit language."""

from __future__ import annotations

import subprocess
import sys

import pytest

PACKAGE = "ansible_collections.pyfleet.services.plugins.module_utils"
SCRIPT = "import sys, importlib; importlib.import_module(sys.argv[1]); "
SCRIPT += "print(*sys.modules)"

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
        [sys.executable, "-c", SCRIPT, f"{PACKAGE}._host.{name}"], text=True
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
