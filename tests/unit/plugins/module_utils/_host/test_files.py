# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files are old or new, never half, and links are not followed."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
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
        assert files.read_link(link) is None
        assert files.replace_link(link, "1")
        assert not files.replace_link(link, "1")
        assert files.replace_link(link, "2")
        assert files.read_link(link) == "2"
        assert os.listdir(tmp_path) == ["current"]

    def test_in_the_place_of_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "unit"
        path.write_bytes(b"kept elsewhere")
        files.replace_file_by_link(str(path), "1")
        assert files.read_link(str(path)) == "1"
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
            lambda: files.read_link(str(target)),
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


class TestRemove:
    def test_tree_without_following_links(self, tmp_path: Path) -> None:
        victim = tmp_path / "victim"
        victim.mkdir()
        (victim / "file").write_bytes(b"keep")
        tree = tmp_path / "tree"
        (tree / "sub").mkdir(parents=True)
        (tree / "sub" / "link").symlink_to(victim)
        (tree / "sub" / "file").write_bytes(b"x")
        assert files.remove_tree(str(tree))
        assert not files.remove_tree(str(tree))
        assert (victim / "file").read_bytes() == b"keep"

    def test_link_to_a_tree_loses_the_link_alone(self, tmp_path: Path) -> None:
        victim = tmp_path / "victim"
        victim.mkdir()
        (tmp_path / "link").symlink_to(victim)
        assert files.remove_tree(str(tmp_path / "link"))
        assert os.listdir(tmp_path) == ["victim"]

    def test_refuses_mount_points(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert files._find_mount_below("/proc") is not None
        assert files._find_mount_below(str(tmp_path)) is None
        monkeypatch.setattr(files, "_find_mount_below", lambda path: "/mnt")
        (tmp_path / "tree").mkdir()
        with pytest.raises(errors.HostError, match="mounted on /mnt"):
            files.remove_tree(str(tmp_path / "tree"))

    def test_file(self, tmp_path: Path) -> None:
        put(tmp_path / "unit")
        assert files.remove_file(str(tmp_path / "unit"))
        assert not files.remove_file(str(tmp_path / "unit"))
        assert not files.remove_file(str(tmp_path / "missing" / "unit"))

    def test_leftovers_of_killed_runs_alone(self, tmp_path: Path) -> None:
        made = files.temporary_directory(str(tmp_path))
        assert mode_of(Path(made)) == 0o700
        (Path(made) / "file").write_bytes(b"")
        put(tmp_path / f"{files.TEMPORARY_PREFIX}0")
        put(tmp_path / "unit")
        assert files.remove_temporaries(str(tmp_path)) == 2
        assert os.listdir(tmp_path) == ["unit"]
        assert files.remove_temporaries(str(tmp_path / "missing")) == 0


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

    def test_whole_file_system(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
        files.sync_filesystem(str(tmp_path))
        with pytest.raises(errors.HostError, match="Input/output error"):
            files.sync_filesystem(str(tmp_path))
        assert synced == [(tmp_path.stat().st_dev, tmp_path.stat().st_ino)] * 2


def test_sync(tmp_path: Path) -> None:
    files.sync_filesystem(str(tmp_path))
    files.fsync_directory(str(tmp_path))
    for function in (files.sync_filesystem, files.fsync_directory):
        with pytest.raises(errors.HostError, match="No such file"):
            function(str(tmp_path / "missing"))


def result(mode: int, uid: int = 0) -> os.stat_result:
    return os.stat_result((mode, 1, 1, 1, uid, 0, 0, 0, 0, 0))


class TestAncestors:
    @pytest.mark.parametrize(
        ("mode", "uid", "problem"),
        [
            (stat.S_IFDIR | 0o755, 0, None),
            (stat.S_IFDIR | 0o700, 0, None),
            (stat.S_IFLNK | 0o777, 0, None),
            (stat.S_IFDIR | 0o755, 1000, "belongs to uid 1000"),
            (stat.S_IFLNK | 0o777, 1000, "belongs to uid 1000"),
            (stat.S_IFDIR | 0o775, 0, "mode 0775"),
            (stat.S_IFDIR | 0o757, 0, "mode 0757"),
            (stat.S_IFDIR | 0o1777, 0, "mode 1777"),
            (stat.S_IFREG | 0o644, 0, "regular file, not a directory"),
        ],
    )
    def test_rule(self, mode: int, uid: int, problem: str | None) -> None:
        said = files.ancestor_problem("/opt", result(mode, uid))
        assert (said is None) if problem is None else (problem in str(said))

    def test_real_paths(self, tmp_path: Path) -> None:
        files.check_ancestors("/usr/bin/python3")
        files.check_ancestors("/usr/not/there/yet")
        with pytest.raises(errors.HostError, match=r"^/tmp can be"):
            files.check_ancestors("/tmp/x/y")

    def test_links_are_followed_to_the_end(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[str] = []
        monkeypatch.setattr(
            files, "_check_component", lambda path, _unused: seen.append(path)
        )
        (tmp_path / "real" / "opt").mkdir(parents=True)
        (tmp_path / "one").symlink_to("real/../two")
        (tmp_path / "two").symlink_to(tmp_path / "real")
        files.check_ancestors(str(tmp_path / "one" / "opt" / "app"))
        base = str(tmp_path)
        assert seen[-1] == f"{base}/real/opt"
        for name in ("one", "real", "real/..", "two"):
            assert f"{base}/{name}" in seen

    def test_loop_of_links(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "_check_component", lambda *_unused: None)
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(errors.HostError, match="loop of links"):
            files.check_ancestors(str(tmp_path / "a" / "x"))
