# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of units, users and variables."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    unit_names,
)

CASES: value_types.Cases = {
    "bus-name": (
        ("org.example.App", "a-b.c_d", ":1.5"),
        ("org", "org..a", "1org.a", "org.1a", "::1", ":1"),
    ),
    "documentation": (
        ("man:a(5)", "https://a.b file:/x", "info:a"),
        ("foo", "http:/a", "ftp://a"),
    ),
    "environment": (
        (
            "A=b", "A=b C=d", '"A=b c"', "A=", "A==", "_A1=%H", "A=50%%",
            r"A=\x41", r"A=\x41", r"A=\xc3\xa4",
        ),
        (
            "A", "1A=b", "A-B=c", "A=b c", '"A=b', "A=%5", r"A=\q", r"A=\xff",
            r"A=\ud800", r"A=\U0010ffff", r"A=\U0000fdd0", r"A=\uffff",
        ),
    ),
    "environment-names": (("A B", "_x"), ("A=b", "1A")),
    "environment-unset": (
        ("A", "A=b", '"A=b c"', r"A=\xc3\xa4"),
        ("1A", "A-B", r"A=\xff"),
    ),
    "label": (("a", "-a", "unconfined"), ("%5",)),
    "service-unit": (
        ("a.service", "a@b.service"),
        ("a.socket", "a", "a@.service"),
    ),
    "slice-unit": (
        ("a.slice", "user-1.slice"),
        ("a.service", "a", "a@.slice", "a@b.slice"),
    ),
    "socket-units": (("a.socket b.socket",), ("a.service", "a")),
    "unit-name": (
        ("a.service", "a@b.timer", "%p.target", "a@b.timer"),
        ("a", "a.servic", "hello.service", "a@b.slice"),
    ),
    "unit-names": (
        (
            "a.service b.target", "foo@%i.service", "a@.service",
            "dev-sda1.device", "a@b.service", "a--b.slice",
        ),
        (
            "a", "a.service, b.service", "a.servic", "a b.service",
            "a@b.slice", "a@b.mount", "a@b.scope", "a@b.swap", "a@b.device",
        ),
    ),
    "user": (
        ("a", "root", "1000", "a.b", "user-1", "\u0661"),
        ("a:b", "-1", "4294967295", "65535", "a/b", "007", "01"),
    ),
    "users": (("a b", "100"), ("a:b", "a 4294967295", "a -")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(unit_names) == set(CASES)
