# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees beyond a limit are refused, and the limit is named."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    limits,
)

SMALL = limits.Limits(entries=3, size=2 << 30, depth=4)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"entries": 3, "size": 2 << 30, "depth": 4}, None),
        ({"entries": 4, "size": 0, "depth": 0}, "more than 3 files"),
        ({"entries": 0, "size": (2 << 30) + 1, "depth": 0}, "than 2 GiB"),
        ({"entries": 0, "size": 0, "depth": 5}, "than 4 directories"),
    ],
)
def test_limits(found: dict[str, int], said: str | None) -> None:
    problem = SMALL.problem(**found)
    assert said in problem if said and problem else problem == said


@pytest.mark.parametrize("limit", [limits.CODE, limits.WHEELS])
def test_a_path_at_the_limit_is_one_of_the_kernels(
    limit: limits.Limits,
) -> None:
    # Its names may be as long as those of packages are.
    assert limit.depth * 60 < 4096
