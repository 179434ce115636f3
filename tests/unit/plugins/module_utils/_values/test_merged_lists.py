# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists add up, and a tilde takes names away."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged_lists,
)

TARGET = targets.Target(257)


@pytest.mark.parametrize(
    ("is_allow", "is_inverted", "expected"),
    [
        (True, False, {"a", "b"}),
        (True, True, {"a"}),
        (False, True, {"a", "b"}),
        (False, False, {"a"}),
    ],
)
def test_a_line_is_added_or_taken_away(
    is_allow: bool, is_inverted: bool, expected: set[str]
) -> None:
    before = merged_lists.Filter(frozenset({"a"}), is_allow)
    given = frozenset({"b"})
    found = before.with_line(given, is_inverted=is_inverted)
    assert (set(found.names), found.is_allow) == (expected, is_allow)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a b", ["a", "b"]), ("'a b' c", ["a b", "c"]), ("a 'b", ["a"])],
)
def test_words_end_at_a_quote_that_is_not_closed(
    value: str, expected: list[str]
) -> None:
    assert list(merged_lists.words(value)) == expected


def test_a_tilde_inverts() -> None:
    assert merged_lists.inverted("~a b") == (True, "a b")
    assert merged_lists.inverted("a ~b") == (False, "a ~b")


def test_capabilities_are_bits() -> None:
    bits = merged_lists.capability_bits(["CAP_CHOWN", "cap_kill", "CAP_NOPE"])
    assert bits == 1 << 0 | 1 << 5
    assert merged_lists.capability_bits(["5"]) == 1 << 5
    assert set(merged_lists.capability_names(bits)) == {
        "CAP_CHOWN",
        "CAP_KILL",
    }


@pytest.mark.parametrize(
    ("values", "names", "is_allow"),
    [
        (["AF_UNIX"], {"AF_UNIX"}, True),
        (["AF_UNIX", "AF_INET"], {"AF_UNIX", "AF_INET"}, True),
        (["~AF_UNIX"], {"AF_UNIX"}, False),
        (["AF_UNIX", ""], set(), False),
        ([], set(), False),
    ],
)
def test_families(values: list[str], names: set[str], is_allow: bool) -> None:
    found = merged_lists.families(values, TARGET)
    assert (set(found.names), found.is_allow) == (names, is_allow)
