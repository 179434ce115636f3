# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of which a directive takes one."""

from __future__ import annotations

import pytest
import value_types

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
