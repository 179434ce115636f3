# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of which a directive takes one."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
)

CASES: value_types.Cases = {
    "enum:bind-ipv6-only": (("both", "yes", "no", "default"), ("ipv6",)),
    "enum:emergency-action": (
        ("none", "soft-reboot", "halt"),
        ("stop", "yes"),
    ),
    "enum:log-facility": (
        ("daemon", "local7", "3", "0x10", "-0", "+3"),
        ("local8", "128", "-1", "-1", "200"),
    ),
    "enum:private-tmp": (
        ("yes", "no", "connected", "disconnected"),
        ("shared",),
    ),
    "enum:propagation": (("shared", "slave", "private"), ("rshared", "yes")),
    "enum:protect-system": (
        ("yes", "no", "full", "strict", "TRUE"),
        ("strct", "2", "full "),
    ),
    "enum:service-type": (
        ("simple", "notify-reload", "exec"),
        ("simpl", "Simple", "yes"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("0x" + "f" * 16, 2**64 - 1, id="64 bits"),
        pytest.param("0b" + "1" * 64, 2**64 - 1, id="64 binary digits"),
        pytest.param("0" * 5000 + "17", 15, id="an octal with zeros"),
        pytest.param("0x" + "0" * 5000 + "17", 23, id="zeros behind 0x"),
        pytest.param("0x" + "f" * 5000, None, id="many digits"),
        pytest.param("1" * 5000, None, id="many decimal digits"),
    ],
)
def test_an_integer_of_many_digits(value: str, expected: int | None) -> None:
    assert enums.parse_integer(value) == expected
