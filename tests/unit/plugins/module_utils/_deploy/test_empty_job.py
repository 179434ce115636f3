# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tree that a service made is emptied, however it resists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    empty_job,
)


def empty(top: Path) -> list[str]:
    """Empty a directory by its path."""
    folder = os.open(top, os.O_RDONLY)
    try:
        return empty_job.empty(folder)
    finally:
        os.close(folder)


def test_depth_does_not_matter(tmp_path: Path) -> None:
    """No path of it is short enough for the kernel."""
    before = os.open(".", os.O_RDONLY)
    os.chdir(tmp_path)
    try:
        for _unused in range(5000):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.fchdir(before)
        os.close(before)
    assert empty(tmp_path) == []
    assert os.listdir(tmp_path) == []


def test_what_stays_keeps_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Directories of somebody else lie between those that can go."""
    for parent in ("a", "b", "c"):
        for inner in ("1", "2", "foreign", "3", "4"):
            (tmp_path / parent / inner / "deep").mkdir(parents=True)
    chmod = os.chmod

    def refuse(path: str, mode: int, *, dir_fd: int) -> None:
        if path == "foreign":
            raise PermissionError(1, "Operation not permitted")
        chmod(path, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "chmod", refuse)
    assert sorted(empty(tmp_path)) == [
        f"{parent!r}: Operation not permitted" for parent in ("a", "b", "c")
    ]
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "c"]
    for parent in ("a", "b", "c"):
        assert os.listdir(tmp_path / parent) == ["foreign"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """What a link leads to is not the service's."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (tmp_path / "top" / "in").mkdir(parents=True)
    (tmp_path / "top" / "in" / "link").symlink_to(outside)
    assert empty(tmp_path / "top") == []
    assert (outside / "kept").exists()
