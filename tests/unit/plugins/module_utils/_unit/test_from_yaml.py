# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options given as YAML become text, or are refused where YAML lies."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    from_yaml,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", ["x"]),
        ("", [""]),
        (True, ["yes"]),
        (False, ["no"]),
        (5, ["5"]),
        (["a", 1, False], ["a", "1", "no"]),
        ([], []),
    ],
)
def test_values(value: object, expected: list[str]) -> None:
    assert from_yaml.read_options({"Service": {"Any": value}}) == {
        "Service": {"Any": expected}
    }


@pytest.mark.parametrize(
    "value", [None, 1.5, datetime.date(2030, 1, 1), {"a": 1}, [None], b"x"]
)
def test_refused(value: object) -> None:
    with pytest.raises(from_yaml.OptionError, match="User"):
        from_yaml.read_options({"Service": {"User": value}})


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("Service", "UMask", 0o77),
        ("Service", "StateDirectoryMode", 420),
        ("Socket", "SocketMode", 432),
        ("Timer", "OnCalendar", 45045),
        ("Timer", "OnBootSec", 90),
        ("Service", "RestartSec", 5),
        ("Unit", "StartLimitIntervalSec", 0),
        ("Service", "TimerSlackNSec", 8),
        ("Slice", "ManagedOOMMemoryPressureDurationSec", 90),
    ],
)
def test_numbers_that_yaml_made(section: str, name: str, value: int) -> None:
    with pytest.raises(from_yaml.OptionError, match="in quotes"):
        from_yaml.read_options({section: {name: value}})


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("Service", "Nice", 5),
        ("Service", "StartLimitBurst", 5),
        ("Service", "LimitNOFILE", 4096),
        ("Service", "KillMode", 1),
        ("Service", "CPUWeight", 100),
    ],
)
def test_other_numbers_are_taken(section: str, name: str, value: int) -> None:
    assert from_yaml.read_options({section: {name: value}}) == {
        section: {name: [str(value)]}
    }


@pytest.mark.parametrize(
    "options", [None, [], "x", {"Service": "x"}, {"Service": {1: "x"}}]
)
def test_shapes(options: object) -> None:
    with pytest.raises(from_yaml.OptionError):
        from_yaml.read_options(options)
