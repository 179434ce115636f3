# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms of module_utils: each uses itself and those before it."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
FOLDER = PLUGINS / "module_utils"
COLLECTION = "ansible_collections.pyfleet.services.plugins"
PACKAGE = f"{COLLECTION}.module_utils"
ROOMS = (
    "_unit",
    "_values",
    "_harden",
    "_rules",
    "_app",
    "_host",
    "_build",
    "_verify",
    "_single",
    "_deploy",
)
MODULES = {
    f"{path.parent.name}.{path.stem}": path
    for path in sorted(FOLDER.glob("*/*.py"))
    if path.name != "__init__.py"
}


def statements(node: ast.AST, *, lazy: bool) -> Iterator[ast.ImportFrom]:
    """Yield the imports, those inside functions if `lazy`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ImportFrom):
            yield child
        elif lazy or not isinstance(child, ast.FunctionDef):
            yield from statements(child, lazy=lazy)


def imported(path: Path, *, lazy: bool) -> Iterator[str]:
    """Yield what a module imports of module_utils: room and name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for statement in statements(tree, lazy=lazy):
        module = statement.module or ""
        if statement.level:
            assert statement.level == 1, path
            module = ".".join(filter(None, (path.parent.name, module)))
        elif module == PACKAGE or module.startswith(f"{PACKAGE}."):
            module = module[len(PACKAGE) + 1 :]
        else:
            continue
        for alias in statement.names:
            yield f"{module}.{alias.name}"


def test_every_folder_is_a_room() -> None:
    folders = {path.name for path in FOLDER.iterdir()} - {"__pycache__"}
    assert folders == set(ROOMS)
    assert {name.partition(".")[0] for name in MODULES} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_package_is_empty(room: str) -> None:
    text = (FOLDER / room / "__init__.py").read_text(encoding="utf-8")
    assert all(line.startswith("#") for line in text.splitlines())


@pytest.mark.parametrize("name", MODULES)
def test_a_module_uses_its_room_and_those_before(name: str) -> None:
    own = ROOMS.index(name.partition(".")[0])
    later = [
        other
        for other in imported(MODULES[name], lazy=True)
        if ROOMS.index(other.partition(".")[0]) > own
    ]
    assert later == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {
        name: set(imported(path, lazy=False)) for name, path in MODULES.items()
    }
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert set(order) == set(MODULES)


@pytest.mark.parametrize(
    "path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: path.stem
)
def test_of_our_own_only_modules_are_imported(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for statement in statements(tree, lazy=True):
        module = statement.module or ""
        if statement.level or not module.startswith(COLLECTION):
            continue
        parts = module[len(COLLECTION) + 1 :].split(".")
        for alias in statement.names:
            file = PLUGINS.joinpath(*parts, f"{alias.name}.py")
            assert file.is_file(), (module, alias.name)
            assert alias.asname is None, (module, alias.name)
