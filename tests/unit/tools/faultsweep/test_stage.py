# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of the application that a sweep switches between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faultsweep import stage


def make(folder: Path, *, does_build: bool = False) -> stage.Stage:
    """Return a stage whose host is never asked."""
    nobody: Any = None
    return stage.Stage(
        nobody, "trixie", "hello", 8200, folder, does_build=does_build
    )


def test_a_state_lacks_a_service_of_the_other(tmp_path: Path) -> None:
    found = make(tmp_path)
    assert found.ports("a") == {
        "hello.service": 8200,
        "hello-aux.service": 8201,
        "hello-old.service": 8202,
    }
    assert found.ports("b") == {
        "hello.service": 8200,
        "hello-aux.service": 8201,
    }
    assert found.ports(stage.ABSENT) == {}


def differences(first: Any, second: Any) -> set[str]:
    return {name for name in first if first[name] != second[name]}


@pytest.mark.parametrize("does_build", [False, True])
def test_states_differ(tmp_path: Path, does_build: bool) -> None:
    found = make(tmp_path, does_build=does_build)
    first, second = found.describe("a"), found.describe("b")
    assert differences(first, second) == {"source", "services", "config"}
    packages = (first["source"]["packages"], second["source"]["packages"])
    assert (packages[0] != packages[1]) is does_build


def test_a_rotated_state_differs_in_its_credential(tmp_path: Path) -> None:
    found = make(tmp_path)
    first, second = found.describe("a"), found.describe(stage.ROTATED)
    assert differences(first, second) == {"services"}
    assert differences(first["services"], second["services"]) == {"aux"}
    aux = (first["services"]["aux"], second["services"]["aux"])
    assert differences(*aux) == {"credentials"}


def test_an_absent_state_is_its_name(tmp_path: Path) -> None:
    found = make(tmp_path).describe(stage.ABSENT)
    assert found == {"name": "hello", "state": "absent"}
