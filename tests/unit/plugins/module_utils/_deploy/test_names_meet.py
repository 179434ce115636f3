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
    observe,
)

UNIT = "aa-worker.service"


@pytest.mark.parametrize("owner", ["aa", "aa-worker"])
@pytest.mark.parametrize("app", ["aa", "aa-worker"])
@pytest.mark.parametrize("kind", ["permanent", "probation"])
def test_a_link_tells_the_owner(
    owner: str,
    app: str,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Application `aa` with service `worker`, and `aa-worker`."""
    monkeypatch.setattr(observe, "_UNIT_FOLDERS", (str(tmp_path / "etc"),))
    monkeypatch.setattr(layouts, "PROBATION_UNITS", str(tmp_path / "run"))
    (tmp_path / "etc").mkdir()
    (tmp_path / "run").mkdir()
    theirs = layouts.Layout(owner)
    if kind == "permanent":
        target = f"{theirs.current}/{UNIT}"
        (tmp_path / "etc" / UNIT).symlink_to(target)
    else:
        target = f"{theirs.generation(7)}/{UNIT}"
        (tmp_path / "run" / UNIT).symlink_to(target)
    expected = [UNIT] if owner == app else []
    assert observe.own(layouts.Layout(app), [UNIT]) == expected
