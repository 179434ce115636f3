# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files are old or new, never half, and links are not followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    paths,
)

UID, GID = os.geteuid(), os.getegid()


def put(path: Path, data: bytes = b"x\n", mode: int = 0o644) -> bool:
    return files.write_atomic(str(path), data, mode=mode, uid=UID, gid=GID)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


class TestWriteAtomic:
    def test_creates_then_leaves_alone(self, tmp_path: Path) -> None:
        target = tmp_path / "unit"
        assert put(target)
        inode = target.stat().st_ino
        assert not put(target)
        assert target.stat().st_ino == inode
        assert target.read_bytes() == b"x\n"

    @pytest.mark.parametrize(
        ("data", "mode"),
        [(b"y\n", 0o644), (b"x\n", 0o600), (b"longer\n", 0o644), (b"", 0o644)],
    )
    def test_changes_what_differs(
        self, tmp_path: Path, data: bytes, mode: int
    ) -> None:
        target = tmp_path / "unit"
        put(target)
        assert put(target, data, mode)
        assert (target.read_bytes(), mode_of(target)) == (data, mode)

    def test_owner_is_part_of_it(self, tmp_path: Path) -> None:
        target = tmp_path / "unit"
        put(target)
        os.chown(target, 12345, 54321)
        assert put(target)
        assert (target.stat().st_uid, target.stat().st_gid) == (UID, GID)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away")
    def test_given_away(self, tmp_path: Path) -> None:
        target = tmp_path / "config"
        files.write_atomic(str(target), b"", mode=0o640, uid=0, gid=54321)
        assert (target.stat().st_gid, mode_of(target)) == (54321, 0o640)

    def test_mode_does_not_depend_on_umask(self, tmp_path: Path) -> None:
        before = os.umask(0o077)
        try:
            put(tmp_path / "unit", mode=0o664)
        finally:
            os.umask(before)
        assert mode_of(tmp_path / "unit") == 0o664

    def test_another_name_of_the_file_is_cut_off(self, tmp_path: Path) -> None:
        target, other = tmp_path / "unit", tmp_path / "other"
        put(target)
        os.link(target, other)
        assert put(target)
        assert target.stat().st_ino != other.stat().st_ino

    @pytest.mark.parametrize("kind", ["link", "directory", "fifo"])
    def test_refuses_what_is_no_file(self, tmp_path: Path, kind: str) -> None:
        target, victim = tmp_path / "unit", tmp_path / "victim"
        victim.write_bytes(b"keep")
        makers: dict[str, Callable[[], None]] = {
            "link": lambda: target.symlink_to(victim),
            "directory": target.mkdir,
            "fifo": lambda: os.mkfifo(target),
        }
        makers[kind]()
        with pytest.raises(errors.HostError, match="not a regular file"):
            put(target)
        assert victim.read_bytes() == b"keep"

    def test_failure_leaves_the_old_file_and_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "unit"
        put(target)

        def refuse(*args: object, **kwargs: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "rename", refuse)
        with pytest.raises(errors.HostError, match="No space left"):
            put(target, b"new")
        assert [p.name for p in tmp_path.iterdir()] == ["unit"]
        assert target.read_bytes() == b"x\n"

    @pytest.mark.parametrize("path", ["unit", "", "/", "/tmp/", "/tmp/.."])
    def test_wants_an_absolute_path_of_a_file(self, path: str) -> None:
        with pytest.raises(errors.HostError, match="absolute path"):
            files.write_atomic(path, b"", mode=0o600)

    def test_missing_directory_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(errors.HostError, match="No such file"):
            put(tmp_path / "missing" / "unit")


class TestEnsureDirectory:
    @staticmethod
    def ensure(path: Path, mode: int = 0o755) -> bool:
        return files.ensure_directory(str(path), mode=mode, uid=UID, gid=GID)

    def test_creates_then_leaves_alone(self, tmp_path: Path) -> None:
        assert self.ensure(tmp_path / "new")
        assert not self.ensure(tmp_path / "new")
        assert mode_of(tmp_path / "new") == 0o755

    def test_repairs_mode_and_owner(self, tmp_path: Path) -> None:
        target = tmp_path / "new"
        target.mkdir(0o700)
        assert self.ensure(target)
        os.chown(target, 12345, 12345)
        assert self.ensure(target)
        assert (mode_of(target), target.stat().st_uid) == (0o755, UID)

    def test_does_not_follow_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "victim").mkdir(0o700)
        (tmp_path / "new").symlink_to(tmp_path / "victim")
        with pytest.raises(errors.HostError, match="symbolic link"):
            self.ensure(tmp_path / "new")
        assert mode_of(tmp_path / "victim") == 0o700

    def test_creates_no_parents(self, tmp_path: Path) -> None:
        with pytest.raises(errors.HostError, match="No such file"):
            self.ensure(tmp_path / "a" / "b")


class TestLinks:
    def test_replaced_in_one_step(self, tmp_path: Path) -> None:
        link = str(tmp_path / "current")
        assert paths.read_link(link) is None
        assert files.replace_link(link, "1")
        assert not files.replace_link(link, "1")
        assert files.replace_link(link, "2")
        assert paths.read_link(link) == "2"
        assert os.listdir(tmp_path) == ["current"]

    def test_in_the_place_of_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "unit"
        path.write_bytes(b"kept elsewhere")
        files.replace_file_by_link(str(path), "1")
        assert paths.read_link(str(path)) == "1"
        assert os.listdir(tmp_path) == ["unit"]
        folder = tmp_path / "folder"
        folder.mkdir()
        with pytest.raises(errors.HostError, match="cannot link"):
            files.replace_file_by_link(str(folder), "1")
        assert sorted(os.listdir(tmp_path)) == ["folder", "unit"]

    @pytest.mark.parametrize("kind", ["directory", "file"])
    def test_refuses_what_is_no_link(self, tmp_path: Path, kind: str) -> None:
        target = tmp_path / "current"
        if kind == "directory":
            target.mkdir()
        else:
            target.write_bytes(b"keep")
        for attempt in (
            lambda: files.replace_link(str(target), "1"),
            lambda: paths.read_link(str(target)),
            lambda: files.remove_link(str(target)),
        ):
            with pytest.raises(errors.HostError, match="symbolic link"):
                attempt()
        assert target.exists()

    def test_remove(self, tmp_path: Path) -> None:
        (tmp_path / "current").symlink_to("dangling")
        assert files.remove_link(str(tmp_path / "current"))
        assert not files.remove_link(str(tmp_path / "current"))
        assert os.listdir(tmp_path) == []


def test_removed_file(tmp_path: Path) -> None:
    put(tmp_path / "unit")
    assert files.remove_file(str(tmp_path / "unit"))
    assert not files.remove_file(str(tmp_path / "unit"))
    assert not files.remove_file(str(tmp_path / "missing" / "unit"))


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every system call that a power loss may undo, in order."""
    seen: list[str] = []

    def noted(name: str) -> None:
        real = getattr(os, name)

        def call(*args: object, **kwargs: object) -> object:
            what = name
            if name == "fsync":
                mode = os.fstat(int(str(args[0]))).st_mode
                what += " directory" if stat.S_ISDIR(mode) else " file"
            seen.append(what)
            return real(*args, **kwargs)

        monkeypatch.setattr(os, name, call)

    for name in ("fsync", "rename", "symlink", "mkdir", "unlink"):
        noted(name)
    return seen


class TestDurability:
    """The content is on the disk first, and the name afterwards.

    A test cannot take the power away, so it looks at the system calls:
    fsync(2), "Calling fsync() does not necessarily ensure
    that the entry in the directory has also reached disk".
    """

    def test_file(self, tmp_path: Path, steps: list[str]) -> None:
        put(tmp_path / "unit")
        assert steps == ["fsync file", "rename", "fsync directory"]

    def test_link(self, tmp_path: Path, steps: list[str]) -> None:
        files.replace_link(str(tmp_path / "current"), "1")
        assert steps == ["symlink", "rename", "fsync directory"]

    def test_directory(self, tmp_path: Path, steps: list[str]) -> None:
        TestEnsureDirectory.ensure(tmp_path / "new")
        assert steps == ["mkdir", "fsync directory"]

    @pytest.mark.parametrize("remove", [files.remove_link, files.remove_file])
    def test_removal(
        self,
        tmp_path: Path,
        steps: list[str],
        remove: Callable[[str], bool],
    ) -> None:
        (tmp_path / "current").symlink_to("1")
        steps.clear()
        remove(str(tmp_path / "current"))
        assert steps == ["unlink", "fsync directory"]

    def test_names_in_a_directory(
        self, tmp_path: Path, steps: list[str]
    ) -> None:
        files.fsync_directory(str(tmp_path))
        assert steps == ["fsync directory"]


def test_sync_of_a_missing_directory(tmp_path: Path) -> None:
    files.fsync_directory(str(tmp_path))
    with pytest.raises(errors.HostError, match="No such file"):
        files.fsync_directory(str(tmp_path / "missing"))
