# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The things that stand at paths: looked at, never changed.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)


def read(path: str) -> bytes | None:
    """Return the content of a file, or None if no file is there."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def read_link(path: str) -> str | None:
    """Tell where a symbolic link leads.

    Returns:
        The link's text, or None if nothing is there.

    Raises:
        HostError: Something else than a link is at `path`.
    """
    with explain_refusals("read link", path):
        found = lstat(path)
        if found is None:
            return None
        if not stat.S_ISLNK(found.st_mode):
            raise errors.HostError(
                f"{path} must be a symbolic link, but is a {kind_of(found)}; "
                "see what it holds and move it away"
            )
        return os.readlink(path)


def lstat(path: str, directory: int | None = None) -> os.stat_result | None:
    """Return the state of what is at a path, if anything is there.

    Args:
        path: The path; a link is not followed.
        directory: Descriptor of the directory that `path` begins in.
    """
    try:
        return os.lstat(path, dir_fd=directory)
    except FileNotFoundError:
        return None


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


@contextmanager
def explain_refusals(verb: str, path: str) -> Iterator[None]:
    """Turn a refusal of the kernel into a text for the user."""
    try:
        yield
    except OSError as error:
        raise errors.HostError(
            f"cannot {verb} {path}: {error.strerror or error}"
        ) from error
