# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a host see what is not complete."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from pathlib import Path

import pytest
from faultsweep import invariant

UNIT = "[Service]\n"


def make_generation(folder: Path, text: str = UNIT) -> None:
    """Write a generation with one unit."""
    folder.mkdir(parents=True)
    digest = hashlib.sha256(UNIT.encode()).hexdigest()
    record = {"units": {"hello.service": {"sha256": digest}}}
    (folder / "generation.json").write_text(json.dumps(record))
    (folder / "hello.service").write_text(text)


def test_a_complete_generation(tmp_path: Path) -> None:
    make_generation(tmp_path / "1")
    (tmp_path / "claim.json").write_text("{}")
    assert list(invariant._generations_faults(str(tmp_path), 1)) == []


def test_a_generation_that_differs_from_its_record(tmp_path: Path) -> None:
    make_generation(tmp_path / "1", "[Service]\nUser=root\n")
    (fault,) = invariant._generations_faults(str(tmp_path), None)
    assert "hello.service is not what its record says" in fault


def test_a_generation_without_a_record(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (fault,) = invariant._generations_faults(str(tmp_path), None)
    assert fault == f"{tmp_path}/1 has no record"


def test_too_many_generations(tmp_path: Path) -> None:
    for number in ("1", "2"):
        make_generation(tmp_path / number)
    (fault,) = invariant._generations_faults(str(tmp_path), 1)
    assert fault == "2 generations are left, not 1"


def test_links_of_an_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invariant, "SYSTEM", str(tmp_path))
    monkeypatch.setattr(invariant, "PROBATION", str(tmp_path / "none"))
    for name in ("hello.service", "hello-a.service", "hellox.service"):
        (tmp_path / name).write_text("")
    assert invariant._links("hello") == [
        f"{tmp_path}/hello-a.service",
        f"{tmp_path}/hello.service",
    ]


def test_a_lock_that_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hello.lock"
    monkeypatch.setattr(os.path, "exists", lambda _path: True)
    monkeypatch.setattr(
        invariant,
        "open",
        lambda _path, mode: path.open(mode),
        raising=False,
    )
    path.write_text("")
    assert invariant._is_lock_free("hello")
    with path.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert not invariant._is_lock_free("hello")


def test_no_lock_was_ever_made() -> None:
    assert invariant._is_lock_free("no-such-application")


def test_what_is_missing_is_empty(tmp_path: Path) -> None:
    assert invariant._names(str(tmp_path / "none")) == []
    assert invariant._read(str(tmp_path / "none")) == ""
    assert invariant._sha256(str(tmp_path / "none")) == ""
