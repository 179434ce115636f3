# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifacts that are not whole go, and whole ones stay."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    garbage,
    sealing,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
)

DIGEST = "0a1b2c3d" * 8


def seal(tree: Path, **options: Any) -> None:
    sealing.seal(str(tree), digest=DIGEST, **options)


def manifest(tree: Path) -> Path:
    return Path(artifact.manifest_path(str(tree)))


def garbled(path: Path) -> None:
    path.write_bytes(b"\xff" * 200)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "more").mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def foreign(path: Path) -> None:
    os.chown(path, 12345, 12345)


@pytest.mark.parametrize("spoil", [garbled, directory, pipe, link, foreign])
def test_what_cannot_be_read_is_incomplete_and_removed(
    sealed: Path, spoil: Callable[[Path], None]
) -> None:
    """It must not keep an application from being deployed or removed."""
    spoil(manifest(sealed))
    assert not artifact.is_complete(str(sealed))
    assert garbage.discard_incomplete(str(sealed), DIGEST)
    assert not sealed.exists()
    assert not os.path.lexists(manifest(sealed))


def test_another_tree_of_the_same_short_name_is_not_taken(
    sealed: Path,
) -> None:
    other = DIGEST[:12] + "f" * 52
    assert not artifact.is_complete(str(sealed), other)
    with pytest.raises(errors.HostError, match="same short name"):
        garbage.discard_incomplete(str(sealed), other)
    assert artifact.is_complete(str(sealed), DIGEST)


def test_garbage_is_discarded_and_the_complete_is_not(tree: Path) -> None:
    assert garbage.discard_incomplete(str(tree), DIGEST)
    assert not garbage.discard_incomplete(str(tree), DIGEST)
    tree.mkdir()
    seal(tree)
    with pytest.raises(errors.HostError, match="is complete"):
        garbage.discard_incomplete(str(tree), DIGEST)
    assert tree.exists()


def test_removal_takes_the_mark_first(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = directories.remove_tree

    def killed(path: str) -> bool:
        if path == str(sealed):
            raise KeyboardInterrupt
        return remove(path)

    with monkeypatch.context() as patch:
        patch.setattr(directories, "remove_tree", killed)
        with pytest.raises(KeyboardInterrupt):
            garbage.remove(str(sealed))
    assert not artifact.is_complete(str(sealed))
    assert garbage.remove(str(sealed))
    assert not garbage.remove(str(sealed))
    assert not sealed.exists()
