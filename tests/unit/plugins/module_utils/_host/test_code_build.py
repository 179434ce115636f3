# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root takes over what a build left, and nothing that it could not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    artifact,
    code_build,
    errors,
)

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give")
BUILDER = 4242


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return what a build left, with a file beside it."""
    (tmp_path / "beside").write_text("")
    root = tmp_path / "code"
    (root / "static").mkdir(parents=True)
    (root / "static" / "site.css").write_text("")
    (root / "link").symlink_to("static/site.css")
    if os.geteuid() == 0:
        for place in (root, *root.rglob("*")):
            os.lchown(place, BUILDER, BUILDER)
    return root


@NEEDS_ROOT
def test_all_is_roots_again(tree: Path) -> None:
    code_build.take_back(str(tree))

    owners = {path.lstat().st_uid for path in (tree, *tree.rglob("*"))}
    assert owners == {0}


@pytest.mark.parametrize("name", [artifact.MARK, artifact.MANIFEST])
def test_a_mark_made_by_the_build_is_refused(tree: Path, name: str) -> None:
    (tree / name).write_text("0" * 64)

    with pytest.raises(errors.HostError, match="keeps for itself"):
        code_build.take_back(str(tree))

    if os.geteuid() == 0:
        assert tree.stat().st_uid == BUILDER


@NEEDS_ROOT
def test_the_builds_own_mark_completes_nothing(tree: Path) -> None:
    (tree / artifact.MARK).write_text("0" * 64)
    assert not artifact.is_complete(str(tree))
    os.chown(tree, 0, 0)
    assert artifact.is_complete(str(tree))


@pytest.mark.parametrize("target", ["/etc/shadow", "../beside", "static/gone"])
def test_links_stay_inside(tree: Path, target: str) -> None:
    (tree / "static" / "new").symlink_to(target)
    if target == "static/gone":
        code_build.take_back(str(tree))
        return
    (tree / "static" / "new").unlink()
    (tree / "new").symlink_to(target)
    with pytest.raises(errors.HostError, match="out of the directory"):
        code_build.take_back(str(tree))


def test_a_hard_link_is_not_taken_over(tree: Path) -> None:
    beside = tree.parent / "beside"
    owner = beside.stat().st_uid
    os.link(beside, tree / "static" / "beside")
    if os.geteuid() == 0:
        os.chown(beside, BUILDER, BUILDER)
        owner = BUILDER

    with pytest.raises(errors.HostError, match=r"beside, .* hard link"):
        code_build.take_back(str(tree))

    assert beside.stat().st_uid == owner


def test_a_pipe_is_refused(tree: Path) -> None:
    os.mkfifo(tree / "static" / "pipe")
    with pytest.raises(errors.HostError, match="is a named pipe"):
        code_build.take_back(str(tree))
