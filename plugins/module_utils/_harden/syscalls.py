# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System calls and their groups, as a version of systemd knows them.

The groups are those of src/shared/seccomp-util.c, which
`systemd-analyze syscall-filter` prints. The table was read from some
versions: a version between two of them gets the groups of the older
one, and a version before the first gets those of the first.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    _syscalls,
)


@cache
def groups(version: int) -> dict[str, frozenset[str]]:
    """Return the members of every group; a member may be a group."""
    index = bisect_right(_syscalls.VERSIONS, version) - 1
    measured = _syscalls.VERSIONS[max(index, 0)]
    found = {}
    for line in _syscalls.GROUPS.replace("\n ", " ").splitlines():
        name, *words = line.split()
        found[name] = frozenset(
            word.partition(":")[0]
            for word in words
            if _covers(word.partition(":")[2], measured)
        )
    return {name: members for name, members in found.items() if members}


def _covers(spans: str, version: int) -> bool:
    """Tell whether spans such as -252,257- or nothing have a version."""
    for span in spans.split(","):
        first, _unused, last = span.partition("-")
        if int(first or version) <= version <= int(last or version):
            return True
    return False


@cache
def calls(word: str, version: int) -> frozenset[str]:
    """Return the system calls a word of SystemCallFilter= stands for.

    Args:
        word: A system call, or a group such as `@file-system`.
        version: The target's systemd version.

    Returns:
        The names which exist on x86-64; none for an unknown group.
    """
    known = groups(version)
    if not word.startswith("@"):
        return frozenset({word} - known["!"])
    members = known.get(word, frozenset())
    return frozenset().union(*(calls(name, version) for name in members))
