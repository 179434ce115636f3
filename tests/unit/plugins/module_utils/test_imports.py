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

# A run that finds nothing to do imports these on every host.
LIGHT = [
    "_build.artifact",
    "_host.accounts",
    "_host.command",
    "_host.detached",
    "_host.errors",
    "_host.files",
    "_host.health",
    "_host.interpreter",
    "_host.journal",
    "_host.listen",
    "_host.lock",
    "_host.systemctl",
]
# The unit language.
LANGUAGE = tuple(
    f"{PACKAGE}.{room}" for room in ("_unit", "_values", "_harden", "_rules")
)
HEAVY = {
    "csv",
    "ctypes",
    "email",
    "http.client",
    "ipaddress",
    "logging",
    "ssl",
    "tarfile",
    "urllib.parse",
    "zipfile",
}
# Modules that a run needs only if it deploys or builds something, or if
# a unit has a health check.
RARE = {
    f"{PACKAGE}.{name}"
    for name in (
        "_build.manifests",
        "_build.sealing",
        "_build.wheel_job",
        "_deploy.checks",
        "_deploy.offers",
        "_host.children",
        "_host.health",
        "_host.interpreter",
        "_host.journal",
        "_host.listen",
        "_host.oneshot",
    )
}


@pytest.mark.parametrize("name", [*LIGHT, "_build.code_tree", "_build.venv"])
def test_imports(name: str) -> None:
    said = subprocess.check_output(
        [sys.executable, "-c", SCRIPT, f"{PACKAGE}.{name}"],
        text=True,
        env=ENVIRONMENT,
    )
    loaded = set(said.split())
    foreign = {
        module
        for module in loaded
        if module.startswith(("ansible.", *LANGUAGE))
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
    assert f"{PACKAGE}._deploy.observe" in loaded
    assert {name for name in loaded if name.startswith(LANGUAGE)} == set()
    assert loaded & RARE == set()
