# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module has a test of its own at the mirrored place."""

from __future__ import annotations

from pathlib import Path

import pytest

UNIT = Path(__file__).resolve().parent
ROOT = UNIT.parents[1]
FOLDERS = (
    "plugins/action",
    "plugins/module_utils",
    "plugins/modules",
    "plugins/plugin_utils",
    "tools",
)
# Modules without a test of their own, and why.
EXCEPTIONS = {
    "plugins/action/app_info.py": "test_specs.py compares its options",
    "plugins/module_utils/_app/installer.py": "constants alone",
    "plugins/module_utils/_build/manifests.py": "test_artifact.py compares",
    "plugins/module_utils/_build/sealing.py": "test_artifact.py seals",
    "plugins/module_utils/_deploy/restore.py": (
        "test_edits.py and test_settings.py put back"
    ),
    "plugins/module_utils/_harden/_syscall_numbers.py": (
        "data; test_diagnosis.py reads them"
    ),
    "plugins/module_utils/_values/_names.py": (
        "data; tools/test_names.py makes it anew"
    ),
    "plugins/plugin_utils/_packaging.py": "imports alone",
    "tools/fleet.py": "a call of testfleet.cli alone",
    "tools/testfleet/errors.py": "one empty class",
}
MODULES = {
    str(path.relative_to(ROOT)): path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.name != "__init__.py"
}


def mirrored(module: str) -> Path:
    """Return where the test of a module is; `_name` is tested as `name`."""
    path = Path(module)
    return UNIT / path.parent / f"test_{path.stem.lstrip('_')}.py"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_test(module: str) -> None:
    place = mirrored(module)
    if module in EXCEPTIONS:
        assert not place.exists(), f"{module} is not an exception any more"
        return
    assert place.is_file(), f"write {place.relative_to(ROOT)}"
    assert "def test_" in place.read_text(encoding="utf-8")


def test_every_exception_is_a_module() -> None:
    assert set(EXCEPTIONS) <= set(MODULES)


def test_every_module_is_found() -> None:
    assert "plugins/module_utils/_unit/syntax.py" in MODULES
    assert "tools/testfleet/cli.py" in MODULES
