# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A generation is written with its record last, and removed first."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from generation_files import write

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    folders,
    generations,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
    files,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")


UNIT = "hello.service"


Maker = Callable[..., records.Generation]


def test_the_record_is_written_last(
    layout: layouts.Layout,
    generation_of: Maker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    real = files.write_atomic

    def note(path: str, content: bytes, *, mode: int) -> bool:
        seen.append(os.path.basename(path))
        return real(path, content, mode=mode)

    monkeypatch.setattr(files, "write_atomic", note)
    write(layout, generation_of())

    assert seen == [UNIT, f"{UNIT}.probe", "generation.json"]


def test_a_record_is_removed_first(
    layout: layouts.Layout,
    generation_of: Maker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A removal that is killed must not leave what looks whole."""
    write(layout, generation_of())
    monkeypatch.setattr(directories, "remove_tree", lambda _unused: False)

    folders.remove(layout, 1)

    assert list(generations.complete(layout)) == []
    assert generations.sequences(layout) == [1]


def test_a_unit_that_cannot_be_read(
    layout: layouts.Layout, generation_of: Maker
) -> None:
    with pytest.raises(errors.HostError, match="choose another release"):
        folders.read_unit(layout, generation_of(), UNIT)
