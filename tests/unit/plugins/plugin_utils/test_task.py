# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is resolved anew, and what stays as this host has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _task,
    _wheels,
)

PYTHON = {
    "path": "/usr/bin/python3",
    "real_path": "/usr/bin/python3.11",
    "implementation": "cpython",
    "version": "3.11",
    "patch": "3.11.2",
    "soabi": "cpython-311-x86_64-linux-gnu",
    "platform_tag": "linux_x86_64",
    "libc": ["glibc", "2.36"],
    "machine": "x86_64",
}
NEXT = {
    **PYTHON,
    "real_path": "/usr/bin/python3.12",
    "version": "3.12",
    "patch": "3.12.1",
    "soabi": "cpython-312-x86_64-linux-gnu",
}


class FakeIndex:
    """An index that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def lock(
        self, _requirements: Sequence[str], _interpreter: Mapping[str, Any]
    ) -> list[_wheels.Wheel]:
        self.asked += 1
        return [_wheels.Wheel("a", "2", "a-2-py3-none-any.whl", "0" * 64, "")]

    def installer(self, _interpreter: Mapping[str, Any]) -> _wheels.Wheel:
        return _wheels.Wheel(
            "pip", "25", "pip-25-py3-none-any.whl", "1" * 64, ""
        )


def decide(
    python: Mapping[str, Any],
    *,
    inputs: str = "same",
    environments: Sequence[str] = ("0123",),
) -> tuple[_task.Lock, FakeIndex]:
    """Decide about an application that runs with `PYTHON` in 0123."""
    index: Any = FakeIndex()
    wanted = {"source": {"inputs": "same"}}
    info = {
        "deploy": {
            "environment": "0123",
            "interpreter": python,
            "environments": environments,
            "codes": [],
            "source": {"inputs": inputs},
            "made_with": PYTHON,
        },
    }
    app = _task.Application(wanted, ["a"], index, None)
    return _task.decide(app, info), index


@pytest.mark.parametrize("patch", ["3.11.2", "3.11.9"])
def test_a_patch_upgrade_of_python_resolves_and_ships_nothing(
    patch: str,
) -> None:
    """What was resolved on this host stays; another run may know newer."""
    lock, index = decide({**PYTHON, "patch": patch})
    assert (lock.facts["environment"], lock.wheels) == ("0123", ())
    assert index.asked == 0
    # It is what the record says from now on.
    assert lock.facts["interpreter"]["patch"] == patch


@pytest.mark.parametrize(
    "change",
    [
        {"python": NEXT},
        {"python": {**PYTHON, "libc": ["glibc", "2.41"]}},
        {"python": PYTHON, "inputs": "other"},
        {"python": PYTHON, "environments": ["4567"]},
    ],
    ids=["minor upgrade", "C library", "requirements", "environment gone"],
)
def test_what_else_changes_is_resolved_and_shipped(
    change: dict[str, Any],
) -> None:
    lock, index = decide(**change)
    assert index.asked == 1
    assert lock.facts["environment"] != "0123"
    assert [wheel.name for wheel in lock.wheels] == ["a", "pip"]
