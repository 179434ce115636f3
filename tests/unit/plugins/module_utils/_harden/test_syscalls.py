# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System-call groups stand for calls, in each version for its own."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    _syscalls,
    syscalls,
)


@pytest.mark.parametrize("version", [200, 247, 252, 257, 262, 300])
def test_every_version_has_groups(version: int) -> None:
    assert "exit" in syscalls.calls("@default", version)
    assert "read" in syscalls.calls("@basic-io", version)
    assert "@system-service" in syscalls.groups(version)


def test_a_group_in_a_group_is_expanded() -> None:
    found = syscalls.calls("@system-service", 257)
    assert syscalls.calls("@file-system", 257) <= found
    assert not {name for name in found if name.startswith("@")}


def test_between_two_versions_the_older_one_speaks() -> None:
    assert syscalls.groups(253) == syscalls.groups(252)


def test_before_the_first_version_the_first_one_speaks() -> None:
    first = _syscalls.VERSIONS[0]
    assert syscalls.groups(first - 1) == syscalls.groups(first)


def test_a_call_that_the_processor_lacks_is_none() -> None:
    lacking = syscalls.groups(257)["!"]
    assert lacking
    assert syscalls.calls(sorted(lacking)[0], 257) == frozenset()
    assert not syscalls.calls("@known", 257) & lacking


@pytest.mark.parametrize(
    ("spans", "versions"),
    [
        ("", [247, 252, 257]),
        ("252-", [252, 257]),
        ("-247", [247]),
        ("-247,257-", [247, 257]),
    ],
)
def test_spans_of_versions(spans: str, versions: list[int]) -> None:
    found = [v for v in (247, 252, 257) if syscalls._covers(spans, v)]
    assert found == versions
