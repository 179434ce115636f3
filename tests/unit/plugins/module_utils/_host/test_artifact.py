# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An artifact is complete and unchanged, or it is told what is wrong."""

from __future__ import annotations

import importlib.util
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    artifact,
    errors,
    files,
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "artifact"
    (root / "lib" / "__pycache__").mkdir(parents=True)
    (root / "lib" / "module.py").write_text("VALUE = 1\n")
    (root / "lib" / "old.py").write_text("print 'Python 2'\n")
    (root / "lib" / "__pycache__" / "evil.pyc").write_bytes(b"")
    (root / "run").write_text("#!/bin/sh\n")
    (root / "run").chmod(0o4777)
    (root / "lib" / "module.py").chmod(0o600)
    (root / "link").symlink_to("lib/module.py")
    return root


@pytest.fixture
def sealed(tree: Path) -> Path:
    artifact.seal(
        str(tree), python=sys.executable, compiled=[str(tree / "lib")]
    )
    return tree


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_sealed_is_complete_and_as_listed(sealed: Path) -> None:
    assert artifact.is_complete(str(sealed))
    assert artifact.verify(str(sealed)) == []
    assert artifact.verify_quick(str(sealed)) == []


def test_modes_are_normal(sealed: Path) -> None:
    assert mode_of(sealed) == 0o755
    assert mode_of(sealed / "run") == 0o755
    assert mode_of(sealed / "lib") == 0o755
    assert mode_of(sealed / "lib" / "module.py") == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away")
def test_owner_is_root(tree: Path) -> None:
    for name in ("run", "link", "lib"):
        os.lchown(tree / name, 12345, 12345)
    artifact.seal(str(tree), python=None)
    for name in ("run", "link", "lib"):
        found = (tree / name).lstat()
        assert (found.st_uid, found.st_gid) == (0, 0)


def test_bytecode_is_never_checked_against_sources(sealed: Path) -> None:
    cache = importlib.util.cache_from_source(str(sealed / "lib/module.py"))
    # Bits 0 and 1: a hash instead of a time, and not to be checked.
    assert Path(cache).read_bytes()[4:8] == b"\x01\0\0\0"
    # The file in another Python's syntax has none, and harms nothing.
    assert os.listdir(sealed / "lib" / "__pycache__") == [
        os.path.basename(cache)
    ]


def change_content(root: Path) -> None:
    (root / "lib" / "module.py").write_text("VALUE = 2\n")


def change_mode(root: Path) -> None:
    (root / "run").chmod(0o775)


def change_link(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("/etc/shadow")


def change_type(root: Path) -> None:
    (root / "run").unlink()
    os.mkfifo(root / "run")


def add_file(root: Path) -> None:
    (root / "lib" / "extra.py").write_text("")


def remove_file(root: Path) -> None:
    (root / "run").unlink()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (change_content, "lib/module.py was changed"),
        (change_mode, "run was changed"),
        (change_link, "link was changed"),
        (change_type, "run was changed"),
        (add_file, "lib/extra.py does not belong here"),
        (remove_file, "run is missing"),
    ],
)
def test_full_check_sees_every_change(
    sealed: Path, change: Callable[[Path], None], said: str
) -> None:
    change(sealed)
    assert artifact.verify(str(sealed)) == [f"{sealed}/{said}"]


def drop_mark(root: Path) -> None:
    (root / artifact.MARK).unlink()


def change_manifest(root: Path) -> None:
    path = root / artifact.MANIFEST
    wanted = json.loads(path.read_text())
    del wanted["entries"]["run"]
    path.write_text(json.dumps(wanted))


def drop_manifest(root: Path) -> None:
    (root / artifact.MANIFEST).unlink()


def open_to_others(root: Path) -> None:
    root.chmod(0o777)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_mark, "no mark of completeness"),
        (change_manifest, "was changed"),
        (drop_manifest, "No such file"),
        (open_to_others, "has mode 0777"),
    ],
)
def test_quick_check(
    sealed: Path, change: Callable[[Path], None], said: str
) -> None:
    change(sealed)
    (problem,) = artifact.verify_quick(str(sealed))
    assert said in problem
    assert artifact.verify(str(sealed)) == [problem]


def test_synced_before_the_mark_and_its_name_after(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str, bool]] = []
    for name in ("sync_filesystem", "fsync_directory"):
        monkeypatch.setattr(
            files,
            name,
            lambda path, name=name: seen.append(
                (name, path, artifact.is_complete(str(tree)))
            ),
        )
    artifact.seal(str(tree), python=None)
    assert seen == [
        ("sync_filesystem", str(tree), False),
        ("fsync_directory", str(tree.parent), True),
    ]


def test_pipe_does_not_belong_into_it(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    with pytest.raises(errors.HostError, match="pipe is a named pipe"):
        artifact.seal(str(tree), python=None)
    assert not artifact.is_complete(str(tree))


@pytest.mark.parametrize(
    "said",
    ["OSError: [Errno 28] No space left on device", "MemoryError: "],
)
def test_trouble_of_the_host_is_no_odd_syntax(
    tree: Path, tmp_path: Path, said: str
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho '{said}'\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(errors.CommandError, match=said[:9]):
        artifact.seal(str(tree), python=str(python), compiled=[str(tree)])
    assert not artifact.is_complete(str(tree))


def test_killed_compiler_is_noticed(tree: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -9 $$\n")
    python.chmod(0o755)
    with pytest.raises(errors.CommandError, match="signal 9"):
        artifact.seal(str(tree), python=str(python), compiled=[str(tree)])


def test_garbage_is_discarded_and_the_complete_is_not(tree: Path) -> None:
    assert artifact.discard_incomplete(str(tree))
    assert not artifact.discard_incomplete(str(tree))
    tree.mkdir()
    artifact.seal(str(tree), python=None)
    with pytest.raises(errors.HostError, match="is complete"):
        artifact.discard_incomplete(str(tree))
    assert tree.exists()


def test_removal_takes_the_mark_first(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: str) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files, "remove_tree", killed)
        with pytest.raises(KeyboardInterrupt):
            artifact.remove(str(sealed))
    assert not artifact.is_complete(str(sealed))
    assert artifact.remove(str(sealed))
    assert not artifact.remove(str(sealed))
    assert not sealed.exists()
