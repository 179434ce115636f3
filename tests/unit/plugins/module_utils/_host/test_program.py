# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source of a module of ours is found wherever it lies."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    printable,
    program,
)


def test_the_source_of_a_file() -> None:
    text = program.source(printable)
    assert text == Path(str(printable.__file__)).read_text(encoding="utf-8")


def test_the_source_from_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "modules.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("pyfleet_archived.py", "A = 1\n")
    monkeypatch.syspath_prepend(str(archive))
    assert program.source(ModuleType("pyfleet_archived")) == "A = 1\n"


@pytest.mark.parametrize("name", ["pyfleet_nowhere", "sys"])
def test_a_module_without_a_source_is_refused(name: str) -> None:
    with pytest.raises(errors.HostError, match=f"the source of {name} cannot"):
        program.source(ModuleType(name))
