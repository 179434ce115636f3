# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files, directories and links that are either old or new, never half.

A file is written beside its target, synced and renamed over the target;
then the directory is synced. So neither a killed process nor a power
loss leaves an empty or partial file: rename(2), fsync(2). All work uses
descriptors of the parent directory, so that nobody can exchange it
meanwhile.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    paths,
)

# The prefix of all files that a killed process may leave behind, so
# that the next run finds them. The files are hidden, since systemd
# skips hidden files in unit directories.
TEMPORARY_PREFIX = ".pyfleet-tmp-"

DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def write_atomic(
    path: str, data: bytes, *, mode: int, uid: int = 0, gid: int = 0
) -> bool:
    """Make a file have this content, owner and mode.

    Args:
        path: Absolute path; its directory must exist.
        data: The whole content.
        mode: Permission bits, such as `0o644`.
        uid: Owner.
        gid: Group.

    Returns:
        Whether anything had to be changed.

    Raises:
        HostError: Something else than a regular file is there, or the
            file system refuses the change.
    """
    with (
        paths.explain_refusals("write", path),
        _open_parent(path) as (directory, name),
    ):
        found = paths.lstat(name, directory)
        if found is not None and not stat.S_ISREG(found.st_mode):
            raise errors.HostError(
                f"{path} is a {paths.kind_of(found)}, not a regular file; "
                "move it away"
            )
        wanted = (mode, uid, gid, len(data))
        is_alike = found is not None and _describe_traits(found) == wanted
        if is_alike and _read(name, directory) == data:
            return False
        _replace_file(directory, name, data, (mode, uid, gid))
        return True


def ensure_directory(
    path: str, *, mode: int, uid: int = 0, gid: int = 0
) -> bool:
    """Make a directory exist with this owner and mode.

    The parent must exist: a misspelt path shall not create a tree.

    Returns:
        Whether anything had to be changed.

    Raises:
        HostError: A link or anything else is there, or the parent is
            missing.
    """
    with (
        paths.explain_refusals("create directory", path),
        _open_parent(path) as (
            directory,
            name,
        ),
    ):
        created = _make_directory(directory, name)
        descriptor = _open_directory(path, directory, name)
        try:
            found = os.fstat(descriptor)
            owner_differs = (found.st_uid, found.st_gid) != (uid, gid)
            if owner_differs:
                os.fchown(descriptor, uid, gid)
            mode_differs = stat.S_IMODE(found.st_mode) != mode
            if mode_differs or owner_differs:
                # fchown() before may have cleared bits: chown(2).
                os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
        if created:
            os.fsync(directory)
        return created or owner_differs or mode_differs


def replace_link(path: str, target: str) -> bool:
    """Make a symbolic link lead to `target`, in one step.

    A process that opens `path` gets the old or the new target.

    Returns:
        Whether anything had to be changed.

    Raises:
        HostError: Something else than a link is at `path`.
    """
    if paths.read_link(path) == target:
        return False
    _rename_link(path, target)
    return True


def replace_file_by_link(path: str, target: str) -> None:
    """Put a symbolic link in the place of a file, in one step.

    The caller has kept the file's content.

    Raises:
        HostError: A directory is at `path`.
    """
    _rename_link(path, target)


def _rename_link(path: str, target: str) -> None:
    with (
        paths.explain_refusals("link", path),
        _open_parent(path) as (directory, name),
    ):
        temporary = temporary_name()
        os.symlink(target, temporary, dir_fd=directory)
        try:
            os.rename(
                temporary, name, src_dir_fd=directory, dst_dir_fd=directory
            )
        except BaseException:
            _unlink_quietly(temporary, directory)
            raise
        os.fsync(directory)


def remove_link(path: str) -> bool:
    """Remove a symbolic link, and nothing else.

    Returns:
        Whether the link was there.

    Raises:
        HostError: Something else than a link is at `path`.
    """
    if paths.read_link(path) is None:
        return False
    with (
        paths.explain_refusals("remove", path),
        _open_parent(path) as (directory, name),
    ):
        os.unlink(name, dir_fd=directory)
        os.fsync(directory)
    return True


def remove_file(path: str) -> bool:
    """Remove a file or link, and sync the removal.

    Returns:
        Whether it was there.
    """
    with paths.explain_refusals("remove", path):
        if paths.lstat(path) is None:
            return False
        with _open_parent(path) as (directory, name):
            os.unlink(name, dir_fd=directory)
            os.fsync(directory)
        return True


def fsync_directory(path: str) -> None:
    """Make the names in a directory survive a power loss: fsync(2)."""
    with paths.explain_refusals("sync", path):
        descriptor = os.open(path, DIRECTORY_FLAGS)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _describe_traits(
    found: os.stat_result,
) -> tuple[int, int, int, int] | None:
    """Return mode, owner and size; None for a file with two names."""
    if found.st_nlink != 1:
        # A process that has the other name open could change the file.
        return None
    return (
        stat.S_IMODE(found.st_mode),
        found.st_uid,
        found.st_gid,
        found.st_size,
    )


def _read(name: str, directory: int) -> bytes:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(name, flags, dir_fd=directory), "rb") as stream:
        return stream.read()


def _replace_file(
    directory: int, name: str, data: bytes, traits: tuple[int, int, int]
) -> None:
    mode, uid, gid = traits
    temporary = temporary_name()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(
        temporary, flags | os.O_CLOEXEC, 0o600, dir_fd=directory
    )
    try:
        with open(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            # The owner is first: chown(2) may clear bits of the mode.
            os.fchown(descriptor, uid, gid)
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        _unlink_quietly(temporary, directory)
        raise
    os.fsync(directory)


def _make_directory(directory: int, name: str) -> bool:
    try:
        # The directory is for root alone until it has its owner.
        os.mkdir(name, 0o700, dir_fd=directory)
    except FileExistsError:
        return False
    return True


def _open_directory(path: str, directory: int, name: str) -> int:
    found = os.lstat(name, dir_fd=directory)
    if not stat.S_ISDIR(found.st_mode):
        raise errors.HostError(
            f"{path} must be a directory, but is a {paths.kind_of(found)}; "
            "move it away"
        )
    return os.open(name, DIRECTORY_FLAGS, dir_fd=directory)


def _unlink_quietly(name: str, directory: int) -> None:
    # The caller reports the first error, not that of the clean-up.
    with suppress(OSError):
        os.unlink(name, dir_fd=directory)


def temporary_name() -> str:
    """Return a new name of a file that the next run removes."""
    return TEMPORARY_PREFIX + os.urandom(8).hex()


@contextmanager
def _open_parent(path: str) -> Iterator[tuple[int, str]]:
    """Open the directory of `path`, so that it cannot be exchanged.

    A link to the directory is followed, since /opt is a link on some
    hosts. `check_ancestors` tells whether root may trust the link.
    """
    parent, name = os.path.split(path)
    if not path.startswith("/") or name in ("", ".", ".."):
        raise errors.HostError(
            f"{path!r} is not the absolute path of a file; write one"
        )
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    descriptor = os.open(parent, flags)
    try:
        yield descriptor, name
    finally:
        os.close(descriptor)
