# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and sources of credentials."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    credentials,
)

CASES: value_types.Cases = {
    "import-credential": (
        ("a", "a*", "*", "a:b", "x" * 254 + "*"),
        ("a*b", "a?", "a:b/c", r"a\:b", "x" * 255 + "*"),
    ),
    "load-credential": (
        ("a:/b", "a", "a:b", r"a\b:/c", "a:/b:c"),
        ("a/b", "a:../b", ":/a", r"a*\:/b", r"a\:b:/c", "a\\"),
    ),
    "refresh-on-reload": (
        ("yes", "extensions credentials", "~credentials"),
        ("x",),
    ),
    "set-credential": (
        (
            "a:b", r"a:\x41", r"a\\:b", r"a:\x00", r"a:\000", r"a:\u0000",
            r"a:\ud800", r"a:\\U0000d800", r"a:\\x00",
        ),
        (
            "a", "a:", "a/b:c", r"a:\q", r"a\:b", r"a\:b:c", r"a:\0",
            r"a:\U0000d800", r"a:\\\x0",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(credentials) == set(CASES)
