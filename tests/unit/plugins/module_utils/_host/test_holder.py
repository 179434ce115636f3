# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The holder of a flock is shown, and is not waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    holder,
    lock,
)


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(holder, "DIRECTORY", str(tmp_path / "run"))
    return tmp_path / "run"


def test_the_holder_is_shown_to_others_without_waiting() -> None:
    assert holder.find("hello") == ""
    with lock.hold("hello", timeout=0, owner="release of hello"):
        assert "release of hello, since 20" in holder.find("hello")
    assert holder.find("hello") == ""


def test_who_was_killed_is_no_holder(directory: Path) -> None:
    with lock.hold("hello", timeout=0, owner="first"):
        pass
    (directory / "hello.lock").write_text("process 1, killed")

    assert holder.find("hello") == ""
