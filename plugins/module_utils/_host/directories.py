# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole directories: removed, made for a while, written to the disk.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    paths,
)


def remove_tree(path: str) -> bool:
    """Remove a directory with its entries, or another file at `path`.

    Links are removed, never followed. The entries of a directory inside
    move up to `path` before the directory is removed, so that neither
    the depth of the tree nor the length of its paths matters.

    Returns:
        Whether anything was there.

    Raises:
        HostError: A foreign file system is mounted at or below `path`.
    """
    with paths.explain_refusals("remove", path):
        found = paths.lstat(path)
        if found is None:
            return False
        if not stat.S_ISDIR(found.st_mode):
            os.unlink(path)
            return True
        mounted = _find_mount_below(path)
        if mounted:
            raise errors.HostError(
                f"{path} is not removed: a file system is mounted on "
                f"{mounted}; unmount it first"
            )
        top = os.open(path, files.DIRECTORY_FLAGS)
        try:
            while names := os.listdir(top):
                for name in names:
                    _remove_entry(name, top)
        finally:
            os.close(top)
        with suppress(FileNotFoundError):
            os.rmdir(path)
        return True


def _remove_entry(name: str, top: int) -> None:
    """Remove an entry; move the directories in it up to `top`."""
    found = paths.lstat(name, top)
    if found is None:
        return
    if not stat.S_ISDIR(found.st_mode):
        os.unlink(name, dir_fd=top)
        return
    folder = os.open(name, files.DIRECTORY_FLAGS, dir_fd=top)
    try:
        for inner in os.listdir(folder):
            is_directory = stat.S_ISDIR(os.lstat(inner, dir_fd=folder).st_mode)
            if is_directory:
                os.rename(
                    inner,
                    files.temporary_name(),
                    src_dir_fd=folder,
                    dst_dir_fd=top,
                )
            else:
                os.unlink(inner, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)


def remove_empty(path: str) -> bool:
    """Remove a directory if it is empty.

    Returns:
        Whether it was removed.
    """
    with paths.explain_refusals("remove", path):
        try:
            os.rmdir(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                return False
            raise
        files.fsync_directory(os.path.dirname(path))
    return True


def remove_temporaries(directory: str) -> int:
    """Remove the files that killed runs left in a directory.

    The caller must hold the application's flock, or the files of a
    living run would be removed as well.

    Returns:
        The number of removed entries.
    """
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return 0
    stale = [name for name in names if name.startswith(files.TEMPORARY_PREFIX)]
    for name in stale:
        remove_tree(os.path.join(directory, name))
    return len(stale)


def temporary_directory(parent: str) -> str:
    """Create a directory for root alone, with a temporary name.

    Returns:
        The path. The caller removes it with `remove_tree`; if the
        caller is killed, `remove_temporaries` does.
    """
    path = os.path.join(parent, files.temporary_name())
    with paths.explain_refusals("create directory", path):
        os.mkdir(path, 0o700)
    return path


def sync_filesystem(path: str) -> None:
    """Write the file system of `path` to its disk: syncfs(2).

    An fsync(2) of each file takes minutes for a tree of thousands of
    files. If the C library has no syncfs, all file systems are synced.
    """
    # ctypes takes longer to load than this module; few runs need it.
    import ctypes  # noqa: PLC0415

    with paths.explain_refusals("sync", path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
            if syncfs is None:
                os.sync()
            elif syncfs(descriptor) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(descriptor)


def _find_mount_below(path: str) -> str | None:
    """Find a mount point at or below a path: proc(5), mountinfo."""
    real = os.path.realpath(path)
    with open("/proc/self/mountinfo", encoding="utf-8") as stream:
        for line in stream:
            point = line.split()[4].replace("\\040", " ")
            if point == real or point.startswith(real + "/"):
                return point
    return None
