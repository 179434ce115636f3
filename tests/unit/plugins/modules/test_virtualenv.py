# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module describes the host, or plans the virtualenv of a lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    errors,
    interpreter,
)
from ansible_collections.pyfleet.services.plugins.modules import (
    virtualenv,
)

DIGEST = "0123456789abcdef" * 4
LOCK = {"environment": DIGEST, "interpreter": asdict(pythons.PYTHON)}
# As fixture `call` runs it.
MODULE = virtualenv
GIVEN: dict[str, Any] = {}
Call = Callable[..., dict[str, Any]]


def test_without_a_lock_the_host_is_described(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "_HIDDEN", ())
    monkeypatch.setattr(ancestors, "check", lambda _path: None)
    result = call(path=str(tmp_path / "venv"))
    assert result["changed"] is False
    assert result["environment"] is None
    assert result["interpreter"]["path"].startswith("/")


def test_check_mode_changes_nothing(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "venv"
    result = call(path=str(path), lock=LOCK, _ansible_check_mode=True)
    assert result["changed"] is True
    assert result["diff"]["after"] == "envs/0123456789ab\n"
    assert list(tmp_path.iterdir()) == []


def test_a_virtualenv_of_the_same_lock_is_left_alone(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "venv"
    path.symlink_to("envs/0123456789ab")
    monkeypatch.setattr(artifact, "is_complete", lambda _path, _digest: True)
    assert call(path=str(path), lock=LOCK)["changed"] is False
    monkeypatch.setattr(artifact, "is_complete", lambda _path, _digest: False)
    result = call(path=str(path), lock=LOCK, _ansible_check_mode=True)
    assert result["changed"] is True


def test_a_directory_that_is_missing_is_named(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ancestors, "check", lambda _path: None)
    path = tmp_path / "none" / "venv"
    result = call(path=str(path), lock=LOCK)
    assert result["failed"]
    assert f"{tmp_path}/none" in result["msg"]


def test_a_path_that_others_own_is_refused(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise errors.HostError(f"{path} is not root's")

    monkeypatch.setattr(ancestors, "check", refuse)
    result = call(path=str(tmp_path / "venv"), lock=LOCK)
    assert result["msg"].endswith("is not root's")
    assert list(tmp_path.iterdir()) == []
