# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The needs name what systemd and the kernel have."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    needs,
    syscalls,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    lists,
)

NEWEST = targets.Target(262)


@pytest.mark.parametrize("need", needs.NEEDS.values(), ids=lambda n: n.word)
def test_a_need_names_what_there_is(need: needs.Need) -> None:
    names = [*need.lifts, *(name for name, _value in need.sets)]
    assert [n for n in names if table.find("Service", n) is None] == []
    known = set(lists.capabilities())
    assert {*need.capabilities, *need.bounding} <= known
    assert set(need.families) <= set(lists.families(NEWEST))
    for word in (*need.calls, *need.permits):
        assert syscalls.calls(word, NEWEST.version), word
    assert set(need.beside) <= set(needs.NEEDS)


@pytest.mark.parametrize("need", needs.NEEDS.values(), ids=lambda n: n.word)
def test_a_need_takes_what_is_known(need: needs.Need) -> None:
    assert need.takes in ("", "access", "paths", "devices", "groups")


def test_a_need_is_found_by_its_word() -> None:
    assert all(word == need.word for word, need in needs.NEEDS.items())


@pytest.mark.parametrize("profile", needs.PROFILES)
def test_a_profile_is_made_of_needs(profile: str) -> None:
    assert set(needs.PROFILES[profile]) <= set(needs.NEEDS)
