# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the section [Install]."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    install_section,
)

CASES: value_types.Cases = {
    "alias-names": (
        ("a.service", "a.service b.service"),
        ("a", "a.socket", "a.servic"),
    ),
    "instance": (("a", "a-b"), ("a b", "a/b")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(install_section) == set(CASES)


@pytest.mark.parametrize(
    ("unit", "value", "accepted"),
    [
        ("a.service", "b.target.wants/a.service", True),
        ("a.service", "b.target.requires/a.service", True),
        ("a.service", "b.target.upholds/a.service", False),
        ("a.service", "b.target.wants/c.service", False),
        ("a.service", "b.wants/a.service", False),
        ("a@.service", "b.target.wants/a@%i.service", True),
    ],
)
def test_alias_below_wants(unit: str, value: str, accepted: bool) -> None:
    context = contexts.Context(targets.Target(257), unit, "Install", "Alias")
    assert (
        value_types.is_accepted_in(value, "alias-names", context) == accepted
    )
