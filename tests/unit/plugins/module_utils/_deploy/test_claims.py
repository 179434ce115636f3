# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A unit whose name two applications may make is its owner's alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
)

UNIT = "aa-worker.service"


@pytest.mark.parametrize("owner", ["aa", "aa-worker"])
@pytest.mark.parametrize("app", ["aa", "aa-worker"])
@pytest.mark.parametrize("kind", ["permanent", "probation"])
def test_a_link_tells_the_owner(
    owner: str, app: str, kind: str, tmp_path: Path
) -> None:
    """Application `aa` with service `worker`, and `aa-worker`."""
    theirs = layouts.Layout(owner, str(tmp_path))
    if kind == "permanent":
        link = Path(theirs.unit_link(UNIT))
        target = f"{theirs.current}/{UNIT}"
    else:
        link = Path(theirs.probation_link(UNIT))
        target = f"{theirs.generation(7)}/{UNIT}"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    expected = [UNIT] if owner == app else []
    assert claims.own(layouts.Layout(app, str(tmp_path)), [UNIT]) == expected
