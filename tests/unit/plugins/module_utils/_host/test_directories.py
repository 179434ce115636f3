# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directories go with all that is in them, and nothing else goes."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
    files,
)


def test_tree_without_following_links(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").write_bytes(b"keep")
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub" / "link").symlink_to(victim)
    (tree / "sub" / "file").write_bytes(b"x")
    assert directories.remove_tree(str(tree))
    assert not directories.remove_tree(str(tree))
    assert (victim / "file").read_bytes() == b"keep"


def test_link_to_a_tree_loses_the_link_alone(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (tmp_path / "link").symlink_to(victim)
    assert directories.remove_tree(str(tmp_path / "link"))
    assert os.listdir(tmp_path) == ["victim"]


def test_refuses_mount_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert directories._find_mount_below("/proc") is not None
    assert directories._find_mount_below(str(tmp_path)) is None
    monkeypatch.setattr(directories, "_find_mount_below", lambda path: "/mnt")
    (tmp_path / "tree").mkdir()
    with pytest.raises(errors.HostError, match="mounted on /mnt"):
        directories.remove_tree(str(tmp_path / "tree"))


def test_leftovers_of_killed_runs_alone(tmp_path: Path) -> None:
    made = directories.temporary_directory(str(tmp_path))
    assert stat.S_IMODE(Path(made).stat().st_mode) == 0o700
    (Path(made) / "file").write_bytes(b"")
    (tmp_path / f"{files.TEMPORARY_PREFIX}0").write_bytes(b"")
    (tmp_path / "unit").write_bytes(b"")
    assert directories.remove_temporaries(str(tmp_path)) == 2
    assert os.listdir(tmp_path) == ["unit"]
    assert directories.remove_temporaries(str(tmp_path / "missing")) == 0


def test_whole_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[int, int]] = []

    class Library:
        @staticmethod
        def syncfs(descriptor: int) -> int:
            found = os.fstat(descriptor)
            synced.append((found.st_dev, found.st_ino))
            ctypes.set_errno(errno.EIO)
            return -len(synced) + 1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Library)
    directories.sync_filesystem(str(tmp_path))
    with pytest.raises(errors.HostError, match="Input/output error"):
        directories.sync_filesystem(str(tmp_path))
    assert synced == [(tmp_path.stat().st_dev, tmp_path.stat().st_ino)] * 2


def test_sync(tmp_path: Path) -> None:
    directories.sync_filesystem(str(tmp_path))
    with pytest.raises(errors.HostError, match="No such file"):
        directories.sync_filesystem(str(tmp_path / "missing"))
