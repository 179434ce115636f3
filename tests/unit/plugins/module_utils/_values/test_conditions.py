# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions and assertions of [Unit]."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    registry,
)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("ConditionFirstBoot", "yes", "maybe"),
        ("AssertACPower", "!no", "x"),
        ("ConditionCapability", "CAP_KILL", "KILL"),
        ("ConditionCPUs", ">= 2", "many"),
        ("ConditionMemory", "|>=512M", "x"),
        ("ConditionMemoryPressure", "10%/1min", "x"),
        ("ConditionHost", "anything", "%5"),
    ],
)
def test_conditions(name: str, good: str, bad: str) -> None:
    context = contexts.Context(targets.Target(257), "a.service", "Unit", name)
    registry.check_value("condition", good, context)
    with pytest.raises(contexts.BadValueError):
        registry.check_value("condition", bad, context)


@pytest.mark.parametrize("value", ["/a", "|/a", "!/a", "|!/a"])
def test_condition_path(value: str) -> None:
    assert value_types.is_accepted("condition-path", value)
    assert not value_types.is_accepted(
        "condition-path", value.replace("/", "")
    )
