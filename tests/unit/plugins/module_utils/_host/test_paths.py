# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host is looked at, and no link is followed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    paths,
)


def test_read(tmp_path: Path) -> None:
    file = tmp_path / "unit"
    assert paths.read(str(file)) is None
    file.write_bytes(b"\xff\n")
    assert paths.read(str(file)) == b"\xff\n"
    assert paths.read(str(file / "below")) is None
    # Somebody may have put a directory in the place of the file.
    assert paths.read(str(tmp_path)) is None


def test_read_link(tmp_path: Path) -> None:
    link = tmp_path / "current"
    assert paths.read_link(str(link)) is None
    link.symlink_to("dangling")
    assert paths.read_link(str(link)) == "dangling"
    with pytest.raises(errors.HostError, match="but is a directory"):
        paths.read_link(str(tmp_path))


def test_lstat(tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to("dangling")
    assert paths.lstat(str(tmp_path / "missing")) is None
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        found = paths.lstat("current", descriptor)
    finally:
        os.close(descriptor)
    assert found is not None
    assert stat.S_ISLNK(found.st_mode)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (stat.S_IFREG, "regular file"),
        (stat.S_IFDIR, "directory"),
        (stat.S_IFLNK, "symbolic link"),
        (stat.S_IFIFO, "named pipe"),
        (stat.S_IFSOCK, "socket"),
        (stat.S_IFBLK, "block device"),
        (stat.S_IFCHR, "character device"),
        (0, "special file"),
    ],
)
def test_kind_in_words(kind: int, words: str) -> None:
    found = os.stat_result((kind | 0o644, 1, 1, 1, 0, 0, 0, 0, 0, 0))
    assert paths.kind_of(found) == words


def test_a_refusal_of_the_kernel_in_words() -> None:
    with (
        pytest.raises(errors.HostError, match=r"^cannot write /x: full$"),
        paths.explain_refusals("write", "/x"),
    ):
        raise OSError(28, "full")
