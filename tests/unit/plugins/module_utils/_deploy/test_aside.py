# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A changed file is kept, once, and for root alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    aside,
    edits,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")


@pytest.fixture
def changed(layout: layouts.Layout) -> Path:
    path = Path(layout.generation(1), "hello.service")
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    return path


def test_a_copy_is_kept_once(layout: layouts.Layout, changed: Path) -> None:
    copy = aside.keep(layout, str(changed))
    assert copy == edits.place(layout, str(changed), b"mine")
    assert aside.keep(layout, str(changed)) == copy
    assert [p.name for p in Path(layout.aside).iterdir()] == [
        os.path.basename(copy)
    ]
    assert Path(copy).read_text() == changed.read_text() == "mine"
    assert Path(copy).stat().st_mode & 0o777 == 0o600
    assert Path(layout.aside).stat().st_mode & 0o777 == 0o700
    changed.write_text("mine too")
    assert aside.keep(layout, str(changed)) != copy


def test_what_is_not_a_file_is_moved(
    layout: layouts.Layout, changed: Path
) -> None:
    changed.unlink()
    changed.mkdir()
    (changed / "x").touch()
    target = aside.move(layout, str(changed))
    assert os.listdir(target) == ["x"]
    assert not changed.exists()
    with pytest.raises(errors.HostError, match="cannot move"):
        aside.move(layout, str(changed))
