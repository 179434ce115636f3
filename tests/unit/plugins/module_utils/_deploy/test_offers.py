# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller learns what a deploy need not ship."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    observe,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    interpreter,
    systemctl,
)

WHOLE = "0123" * 16
DAMAGED = "4567" * 16
APP = model.App(model.AppName("hello"), python="3.11")
PYTHON = pythons.PYTHON
MANAGER = systemctl.Manager(257, "257.13", frozenset())


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the host one Python; return the versions asked for."""
    versions: list[str] = []

    def find(wanted: str) -> model.Interpreter:
        versions.append(wanted)
        return PYTHON

    monkeypatch.setattr(interpreter, "find", find)
    return versions


def seal(path: str, digest: str) -> None:
    """Make an artifact complete."""
    Path(path, "bin").mkdir(parents=True)
    Path(path, "bin", "python").symlink_to(sys.executable)
    header = f"pyfleet 2 {digest} {'0' * 64}\n"
    Path(artifact.manifest_path(path)).write_text(header)


def test_a_host_without_the_application(
    layout: layouts.Layout, asked: list[str]
) -> None:
    nothing = observe.Observed(layout, False, None, None, {})
    expected: dict[str, Any] = {
        "systemd": 257,
        "interpreter": asdict(PYTHON),
        "environment": None,
        "environments": [],
        "codes": [],
        "source": {},
        "made_with": None,
    }
    assert observe.for_deploy(APP, nothing, (), MANAGER) == expected
    assert asked == ["3.11"]


def test_what_is_damaged_is_not_offered(
    layout: layouts.Layout, generation_of: Callable[..., records.Generation]
) -> None:
    for place in (layout.environment, layout.code):
        for digest in (WHOLE, DAMAGED):
            seal(place(digest), digest)
    generation = generation_of(
        environment=WHOLE, interpreter=replace(PYTHON, patch="3.11.1")
    )
    observed = observe.Observed(layout, True, b"", generation, {})
    damaged = {layout.environment(DAMAGED), layout.code(DAMAGED)}

    found = observe.for_deploy(APP, observed, damaged, MANAGER)

    assert found["environment"] == WHOLE
    assert found["environments"] == [WHOLE]
    assert found["codes"] == [WHOLE]
    assert found["source"] == asdict(generation.source)
    assert found["made_with"] == asdict(generation.interpreter)
    both = observe.for_deploy(APP, observed, (), MANAGER)
    assert sorted(both["environments"]) == [WHOLE, DAMAGED]
    assert sorted(both["codes"]) == [WHOLE, DAMAGED]
