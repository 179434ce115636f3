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

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

# The prefix of all files that a killed process may leave behind, so
# that the next run finds them. The files are hidden, since systemd
# skips hidden files in unit directories.
TEMPORARY_PREFIX = ".pyfleet-tmp-"

_DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# The kernel has the same limit on links in a path: path_resolution(7).
_MAX_LINKS = 40


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
        _explain_refusals("write", path),
        _open_parent(path) as (directory, name),
    ):
        found = _lstat(name, directory)
        if found is not None and not stat.S_ISREG(found.st_mode):
            raise errors.HostError(
                f"{path} is a {kind_of(found)}, not a regular file; "
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
        _explain_refusals("create directory", path),
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
    if read_link(path) == target:
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
        _explain_refusals("link", path),
        _open_parent(path) as (directory, name),
    ):
        temporary = _make_temporary_name()
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
    if read_link(path) is None:
        return False
    with (
        _explain_refusals("remove", path),
        _open_parent(path) as (directory, name),
    ):
        os.unlink(name, dir_fd=directory)
        os.fsync(directory)
    return True


def read_link(path: str) -> str | None:
    """Tell where a symbolic link leads.

    Returns:
        The link's text, or None if nothing is there.

    Raises:
        HostError: Something else than a link is at `path`.
    """
    with _explain_refusals("read link", path):
        found = _lstat(path)
        if found is None:
            return None
        if not stat.S_ISLNK(found.st_mode):
            raise errors.HostError(
                f"{path} must be a symbolic link, but is a {kind_of(found)}; "
                "see what it holds and move it away"
            )
        return os.readlink(path)


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
    with _explain_refusals("remove", path):
        found = _lstat(path)
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
        top = os.open(path, _DIRECTORY_FLAGS)
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
    found = _lstat(name, top)
    if found is None:
        return
    if not stat.S_ISDIR(found.st_mode):
        os.unlink(name, dir_fd=top)
        return
    folder = os.open(name, _DIRECTORY_FLAGS, dir_fd=top)
    try:
        for inner in os.listdir(folder):
            is_directory = stat.S_ISDIR(os.lstat(inner, dir_fd=folder).st_mode)
            if is_directory:
                os.rename(
                    inner,
                    _make_temporary_name(),
                    src_dir_fd=folder,
                    dst_dir_fd=top,
                )
            else:
                os.unlink(inner, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)


def remove_file(path: str) -> bool:
    """Remove a file or link, and sync the removal.

    Returns:
        Whether it was there.
    """
    with _explain_refusals("remove", path):
        if _lstat(path) is None:
            return False
        with _open_parent(path) as (directory, name):
            os.unlink(name, dir_fd=directory)
            os.fsync(directory)
        return True


def remove_empty(path: str) -> bool:
    """Remove a directory if it is empty.

    Returns:
        Whether it was removed.
    """
    with _explain_refusals("remove", path):
        try:
            os.rmdir(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                return False
            raise
        fsync_directory(os.path.dirname(path))
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
    stale = [name for name in names if name.startswith(TEMPORARY_PREFIX)]
    for name in stale:
        remove_tree(os.path.join(directory, name))
    return len(stale)


def temporary_directory(parent: str) -> str:
    """Create a directory for root alone, with a temporary name.

    Returns:
        The path. The caller removes it with `remove_tree`; if the
        caller is killed, `remove_temporaries` does.
    """
    path = os.path.join(parent, _make_temporary_name())
    with _explain_refusals("create directory", path):
        os.mkdir(path, 0o700)
    return path


def fsync_directory(path: str) -> None:
    """Make the names in a directory survive a power loss: fsync(2)."""
    with _explain_refusals("sync", path):
        descriptor = os.open(path, _DIRECTORY_FLAGS)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_filesystem(path: str) -> None:
    """Write the file system of `path` to its disk: syncfs(2).

    An fsync(2) of each file takes minutes for a tree of thousands of
    files. If the C library has no syncfs, all file systems are synced.
    """
    # ctypes takes longer to load than this module; few runs need it.
    import ctypes  # noqa: PLC0415

    with _explain_refusals("sync", path):
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


def check_ancestors(path: str) -> None:
    """Check that nobody but root can exchange a part of `path`.

    Every directory above `path` must belong to root, and only root may
    write to it. Links on the way must belong to root, and are followed.
    Directories that do not exist yet are root's to create.

    Raises:
        HostError: The first directory or link that breaks the rule.
    """
    pending = _split_into_stack(os.path.dirname(os.path.normpath(path)))
    current = "/"
    links = 0
    _check_component(current, os.lstat(current))
    while pending:
        candidate = os.path.join(current, pending.pop())
        found = _lstat(candidate)
        if found is None:
            return
        _check_component(candidate, found)
        if not stat.S_ISLNK(found.st_mode):
            current = os.path.normpath(candidate)
            continue
        links += 1
        if links > _MAX_LINKS:
            raise errors.HostError(
                f"{path} leads through a loop of links; repair the links"
            )
        target = os.readlink(candidate)
        current = "/" if target.startswith("/") else current
        pending.extend(_split_into_stack(target))


def kind_of(found: os.stat_result) -> str:
    """Name the type of a file in words."""
    kinds = {
        stat.S_IFREG: "regular file",
        stat.S_IFDIR: "directory",
        stat.S_IFLNK: "symbolic link",
        stat.S_IFIFO: "named pipe",
        stat.S_IFSOCK: "socket",
        stat.S_IFBLK: "block device",
        stat.S_IFCHR: "character device",
    }
    return kinds.get(stat.S_IFMT(found.st_mode), "special file")


def ancestor_problem(path: str, found: os.stat_result) -> str | None:
    """Tell why others than root could exchange the files below `path`.

    A sticky directory such as /tmp is refused as well: others can
    create a name there before root does.

    Returns:
        The rule and the remedy, or None if only root can.
    """
    if found.st_uid != 0:
        return (
            f"{path} belongs to uid {found.st_uid}, who could exchange "
            "the files that root writes below it; chown it to root"
        )
    if stat.S_ISLNK(found.st_mode):
        return None
    if not stat.S_ISDIR(found.st_mode):
        return f"{path} is a {kind_of(found)}, not a directory"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return (
            f"{path} can be written by others than root (mode "
            f"{stat.S_IMODE(found.st_mode):04o}); chmod it to go-w, or "
            "choose another place"
        )
    return None


def _check_component(path: str, found: os.stat_result) -> None:
    problem = ancestor_problem(path, found)
    if problem:
        raise errors.HostError(problem)


def _split_into_stack(path: str) -> list[str]:
    """Split a path into a stack, whose top is the first component."""
    return [
        part for part in reversed(path.split("/")) if part not in ("", ".")
    ]


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
    temporary = _make_temporary_name()
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
            f"{path} must be a directory, but is a {kind_of(found)}; "
            "move it away"
        )
    return os.open(name, _DIRECTORY_FLAGS, dir_fd=directory)


def _lstat(path: str, directory: int | None = None) -> os.stat_result | None:
    try:
        return os.lstat(path, dir_fd=directory)
    except FileNotFoundError:
        return None


def _unlink_quietly(name: str, directory: int) -> None:
    # The caller reports the first error, not that of the clean-up.
    with suppress(OSError):
        os.unlink(name, dir_fd=directory)


def _make_temporary_name() -> str:
    return TEMPORARY_PREFIX + os.urandom(8).hex()


def _find_mount_below(path: str) -> str | None:
    """Find a mount point at or below a path: proc(5), mountinfo."""
    real = os.path.realpath(path)
    with open("/proc/self/mountinfo", encoding="utf-8") as stream:
        for line in stream:
            point = line.split()[4].replace("\\040", " ")
            if point == real or point.startswith(real + "/"):
                return point
    return None


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


@contextmanager
def _explain_refusals(verb: str, path: str) -> Iterator[None]:
    """Turn a refusal of the kernel into a text for the user."""
    try:
        yield
    except OSError as error:
        raise errors.HostError(
            f"cannot {verb} {path}: {error.strerror or error}"
        ) from error
