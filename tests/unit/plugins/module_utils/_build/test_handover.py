# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Root takes over what a build left, and nothing that it could not."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    limits,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    code_tree,
    handover,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
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
    handover.take_back(str(tree), limits.CODE)

    owners = {path.lstat().st_uid for path in (tree, *tree.rglob("*"))}
    assert owners == {0}


@pytest.mark.parametrize("target", ["/etc/shadow", "../beside"])
def test_links_stay_inside(tree: Path, target: str) -> None:
    (tree / "new").symlink_to(target)
    with pytest.raises(errors.HostError, match="out of the directory"):
        code_tree.check_links(str(tree))


def test_a_link_that_dangles_inside_may_stay(tree: Path) -> None:
    (tree / "static" / "new").symlink_to("static/gone")
    code_tree.check_links(str(tree))


def test_a_hard_link_is_not_taken_over(tree: Path) -> None:
    beside = tree.parent / "beside"
    owner = beside.stat().st_uid
    os.link(beside, tree / "static" / "beside")
    if os.geteuid() == 0:
        os.chown(beside, BUILDER, BUILDER)
        owner = BUILDER

    with pytest.raises(errors.HostError, match=r"beside, .* hard link"):
        handover.take_back(str(tree), limits.CODE)

    assert beside.stat().st_uid == owner


def test_a_pipe_is_refused(tree: Path) -> None:
    os.mkfifo(tree / "static" / "pipe")
    with pytest.raises(errors.HostError, match="is a named pipe"):
        handover.take_back(str(tree), limits.CODE)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (limits.Limits(entries=3, size=1 << 20), "more than 3 files"),
        (limits.Limits(entries=99, size=0, depth=9), "larger than 0 GiB"),
        (limits.Limits(entries=99, size=1 << 30, depth=0), "deep"),
    ],
)
def test_too_much_is_refused(
    tree: Path, bounds: limits.Limits, said: str
) -> None:
    (tree / "static" / "more").write_text("x" * 10)
    with pytest.raises(errors.HostError, match=said):
        handover.take_back(str(tree), bounds)


@NEEDS_ROOT
def test_access_lists_do_not_survive(tree: Path) -> None:
    """acl(5): user 4243 may write, whatever owner and mode say."""
    entries = [(1, 6, 0), (2, 6, 4243), (4, 4, 0), (16, 6, 0), (32, 4, 0)]
    undefined = 0xFFFFFFFF
    packed = [
        struct.pack("<HHI", tag, mode, who or undefined)
        for tag, mode, who in entries
    ]
    file = tree / "static" / "site.css"
    os.setxattr(
        file,
        "system.posix_acl_access",
        struct.pack("<I", 2) + b"".join(packed),
    )
    assert "system.posix_acl_access" in os.listxattr(file)

    handover.take_back(str(tree), limits.CODE)

    assert os.listxattr(file) == []
