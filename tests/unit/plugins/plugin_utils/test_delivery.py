# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is resolved anew, and what stays as this host has it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _application,
    _delivery,
    _index,
    _sources,
    _wheels,
)

PYTHON = pythons.PYTHON
NAME = model.AppName("hello")
NEXT = replace(
    PYTHON,
    real_path="/usr/bin/python3.12",
    version="3.12",
    patch="3.12.1",
    soabi="cpython-312-x86_64-linux-gnu",
)


class FakeIndex:
    """An index that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def lock(
        self, requirements: Sequence[str], _interpreter: model.Interpreter
    ) -> list[_wheels.IndexedWheel]:
        self.asked += 1
        if not requirements:
            return []
        return [
            _wheels.IndexedWheel(
                "a", "2", "a-2-py3-none-any.whl", "0" * 64, ""
            )
        ]

    def installer(
        self, _interpreter: model.Interpreter
    ) -> _wheels.IndexedWheel:
        return _wheels.IndexedWheel(
            "pip", "25", "pip-25-py3-none-any.whl", "1" * 64, ""
        )


def decide(
    python: model.Interpreter,
    *,
    inputs: str = "same",
    environments: Sequence[str] = ("0123",),
) -> tuple[_delivery.Delivery, FakeIndex]:
    """Decide about an application that runs with `PYTHON` in 0123."""
    index: Any = FakeIndex()
    wanted = model.App(NAME, origin=model.Origin("", "same"))
    found = _delivery.Found(
        interpreter=python,
        environment="0123",
        environments=environments,
        codes=[],
        inputs=inputs,
        made_with=PYTHON,
    )
    app = _application.Application(wanted, ["a"], index, None)
    return _delivery.decide(app, found), index


@pytest.mark.parametrize("patch", ["3.11.2", "3.11.9"])
def test_a_patch_upgrade_of_python_resolves_and_ships_nothing(
    patch: str,
) -> None:
    """What was resolved on this host stays; another run may know newer."""
    delivery, index = decide(replace(PYTHON, patch=patch))
    assert (delivery.lock.environment, delivery.wheels) == ("0123", ())
    assert index.asked == 0
    # It is what the record says from now on.
    assert delivery.lock.interpreter.patch == patch


@pytest.mark.parametrize(
    "change",
    [
        {"python": NEXT},
        {"python": replace(PYTHON, libc=("glibc", "2.41"))},
        {"python": PYTHON, "inputs": "other"},
        {"python": PYTHON, "environments": ["4567"]},
    ],
    ids=["minor upgrade", "C library", "requirements", "environment gone"],
)
def test_what_else_changes_is_resolved_and_shipped(
    change: dict[str, Any],
) -> None:
    delivery, index = decide(**change)
    assert index.asked == 1
    assert delivery.lock.environment != "0123"
    assert [wheel.name for wheel in delivery.wheels] == ["a", "pip"]


def test_without_packages_no_installer_is_shipped() -> None:
    index: Any = FakeIndex()
    delivery = _delivery.lock_for([], index, PYTHON, [])
    assert delivery.lock.wheels == []
    assert delivery.wheels == ()


FILES, ENVIRONMENT = "0123456789ab", "ba9876543210"
CODE = _sources.Code(FILES, ())
WANTED = model.App(
    NAME,
    code=FILES,
    build=[model.BuildCommand("python x")],
    origin=model.Origin("", "same"),
)
BUILT = artifact_ids.code_artifact(WANTED, ENVIRONMENT)


@pytest.mark.parametrize(
    ("wanted", "there", "is_shipped"),
    [
        (WANTED, [], True),
        # What was laid down before anything was built is not it.
        (WANTED, [FILES], True),
        (WANTED, [BUILT], False),
        (replace(WANTED, build=[]), [FILES], False),
        (replace(WANTED, build=[]), [BUILT], True),
    ],
)
def test_code_is_shipped_where_it_is_not_there(
    wanted: model.App, there: list[str], is_shipped: bool
) -> None:
    found = _delivery.Found(
        interpreter=PYTHON,
        environment=ENVIRONMENT,
        environments=[ENVIRONMENT],
        codes=there,
        inputs="same",
        made_with=PYTHON,
    )
    app = _application.Application(wanted, [], _index.Index(None), CODE)

    delivery = _delivery.decide(app, found)

    assert delivery.lock.environment == ENVIRONMENT
    assert delivery.code == (CODE if is_shipped else None)


def test_a_host_without_a_release_has_no_python_of_one() -> None:
    answer = {
        "interpreter": json.loads(json.dumps(asdict(PYTHON))),
        "environment": None,
        "environments": [],
        "codes": [],
        "source": {},
        "made_with": None,
    }
    found = _delivery.Found.load(answer)
    assert found.interpreter == PYTHON
    assert (found.made_with, found.inputs) == (None, None)
    again = _delivery.Found.load({**answer, "made_with": asdict(PYTHON)})
    assert again.made_with == PYTHON
