# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data is removed by systemd, or by its owner, never by root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    data,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    errors,
    oneshot,
    systemctl,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"


class Cleaner:
    """A systemd that cleans by units that are listed, and by no others.

    Attributes:
        asked: The units that were cleaned, in order.
        works_for: How the names of units begin that it cleans by.
    """

    def __init__(self, layout: layouts.Layout) -> None:
        self._layout = layout
        self.asked: list[str] = []
        self.works_for = ""

    def run(self, args: list[str], *, timeout: float) -> None:
        assert args[0] == "clean"
        assert timeout > 60
        self.asked.append(args[-1])
        if not args[-1].startswith(self.works_for or "?"):
            raise errors.HostError("it is busy")
        for path in (self._layout.state, self._layout.cache):
            if os.path.isdir(path):
                os.rmdir(path)


@pytest.fixture
def cleaner(
    layout: layouts.Layout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Cleaner]:
    found = Cleaner(layout)
    monkeypatch.setattr(systemctl, "run", found.run)
    monkeypatch.setattr(oneshot, "FOLDER", str(tmp_path / "run" / "units"))
    monkeypatch.setattr(accounts, "lookup", lambda _unused: None)
    (tmp_path / "run").mkdir(exist_ok=True)
    Path(layout.state).mkdir(parents=True)
    Path(layout.cache).mkdir(parents=True)
    yield found
    folder = tmp_path / "run" / "units"
    assert not folder.exists() or os.listdir(folder) == []


def test_a_unit_cleans_its_own(
    layout: layouts.Layout, cleaner: Cleaner
) -> None:
    cleaner.works_for = "hello"
    data.remove(layout, [UNIT])
    assert cleaner.asked == [UNIT]


def test_a_unit_is_made_where_none_is_left(
    layout: layouts.Layout, cleaner: Cleaner
) -> None:
    cleaner.works_for = "pyfleet_hello_clean_"
    data.remove(layout, [])
    (name,) = cleaner.asked
    assert name.startswith("pyfleet_hello_clean_")


def test_the_owner_empties_what_systemd_cannot_remove(
    layout: layouts.Layout,
    cleaner: Cleaner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    emptied = []

    def empty(_layout: object, paths: list[str]) -> str:
        emptied.extend(paths)
        cleaner.works_for = "pyfleet_hello_clean_"
        return ""

    monkeypatch.setattr(accounts, "lookup", lambda _unused: SimpleNamespace())
    monkeypatch.setattr(data, "_empty", empty)

    data.remove(layout, [UNIT])

    assert emptied == [layout.state, layout.cache]
    assert len(cleaner.asked) == 3


def test_what_is_left_is_said(
    layout: layouts.Layout, cleaner: Cleaner
) -> None:
    with pytest.raises(errors.HostError, match="could not be removed") as said:
        data.remove(layout, [UNIT])
    assert layout.state in str(said.value)
    assert "it is busy" in str(said.value)
