# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's library stays light and apart from the unit language."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "ansible_collections.pyfleet.services.plugins.module_utils"
SCRIPT = "import sys, importlib; importlib.import_module(sys.argv[1]); "
SCRIPT += "print(*sys.modules)"
FOLDER = Path(__file__).resolve().parents[4] / "plugins" / "module_utils"
# Where this test finds the collection, for a Python of its own.
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

# A run that finds nothing to do imports these on every host.
LIGHT = [
    "_build.artifact",
    "_host.accounts",
    "_host.ancestors",
    "_host.command",
    "_host.detached",
    "_host.directories",
    "_host.errors",
    "_host.files",
    "_host.health",
    "_host.holder",
    "_host.interpreter",
    "_host.journal",
    "_host.listen",
    "_host.lock",
    "_host.paths",
    "_host.systemctl",
    "_host.verbs",
    "_host.watch",
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
# Modules that change the host, and that `app_info` can do without.
CHANGES = {
    "_app.artifact_ids",
    "_build.garbage",
    "_deploy.failures",
    "_deploy.folders",
    "_deploy.links",
    "_deploy.restore",
    "_host.directories",
    "_host.lock",
    "_host.watch",
}
# The payload has 195,500 bytes, of which 28,000 are about edited files
# and the rules of accounts. The rest is for features.
MOST_BYTES = 205_000
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
        "_host.ancestors",
        "_host.children",
        "_host.files",
        "_host.health",
        "_host.interpreter",
        "_host.journal",
        "_host.listen",
        "_host.oneshot",
        "_host.verbs",
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


def imported(path: Path) -> Iterator[Path]:
    """Yield the modules of ours that a module imports, late ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = node.module or ""
        if node.level:
            folder = path.parent
        elif module.startswith(f"{PACKAGE}."):
            folder = FOLDER / module[len(PACKAGE) + 1 :]
        else:
            continue
        yield from (folder / f"{alias.name}.py" for alias in node.names)


def shipped() -> set[Path]:
    """Return the modules that Ansible ships to a host for `app_info`.

    Ansible ships all that a module can import, late imports too, and
    the `__init__.py` of each package.
    """
    found: set[Path] = set()
    pending = [FOLDER.parent / "modules" / "app_info.py"]
    while pending:
        path = pending.pop()
        if path not in found:
            found |= {path}
            pending += imported(path)
    return found | {path.with_name("__init__.py") for path in found}


def test_app_info_ships_nothing_that_builds() -> None:
    names = {f"{path.parent.name}.{path.stem}" for path in shipped()}
    assert {"_deploy.observe", "_host.oneshot"} <= names
    rooms = {name.partition(".")[0] for name in names} - {"modules"}
    assert rooms == {"_app", "_build", "_deploy", "_host"}
    modules = {name for name in names if not name.endswith("__init__")}
    built = {name for name in modules if name.startswith("_build.")}
    assert built == {"_build.artifact", "_build.manifests"}
    assert names & CHANGES == set()


def test_app_info_ships_little() -> None:
    """A run that finds nothing to do costs the transfer of this text.

    Each host gets and reads the whole text in each run. A feature needs
    some bytes; a module that `app_info` does not use is to be split or
    imported elsewhere.
    """
    sizes = {path: path.stat().st_size for path in shipped() if path.exists()}
    assert sum(sizes.values()) <= MOST_BYTES, sizes
