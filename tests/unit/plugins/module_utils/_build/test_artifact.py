# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An artifact is complete and unchanged, or it is told what is wrong."""

from __future__ import annotations

import importlib.util
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    garbage,
    manifests,
    sealing,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
    files,
)

DIGEST = "0a1b2c3d" * 8


def seal(tree: Path, **options: Any) -> None:
    sealing.seal(str(tree), digest=DIGEST, **options)


def manifest(tree: Path) -> Path:
    return Path(artifact.manifest_path(str(tree)))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_sealed_is_complete_and_as_listed(sealed: Path) -> None:
    assert artifact.is_complete(str(sealed))
    assert artifact.verify(str(sealed)) == []


def test_modes_are_normal(sealed: Path) -> None:
    assert mode_of(sealed) == 0o755
    assert mode_of(sealed / "run") == 0o755
    assert mode_of(sealed / "lib") == 0o755
    assert mode_of(sealed / "lib" / "module.py") == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away")
def test_owner_is_root(tree: Path) -> None:
    for name in ("run", "link", "lib"):
        os.lchown(tree / name, 12345, 12345)
    seal(tree)
    for name in ("run", "link", "lib"):
        found = (tree / name).lstat()
        assert (found.st_uid, found.st_gid) == (0, 0)


def test_bytecode_is_never_checked_against_sources(sealed: Path) -> None:
    cache = importlib.util.cache_from_source(str(sealed / "lib/module.py"))
    # Bit 0 stands for a hash instead of a time; bit 1, which would ask
    # for a check, is not set (PEP 552).
    assert Path(cache).read_bytes()[4:8] == b"\x01\0\0\0"
    # The module in another Python's syntax has no bytecode.
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


def change_manifest(root: Path) -> None:
    path = manifest(root)
    path.write_text(path.read_text().replace('"run":', '"ran":'))


def drop_manifest(root: Path) -> None:
    manifest(root).unlink()


def open_to_others(root: Path) -> None:
    root.chmod(0o777)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_manifest, "has no manifest"),
        (change_manifest, "was changed"),
        (open_to_others, "/. was changed"),
    ],
)
def test_the_manifest_and_the_directory_are_compared_too(
    sealed: Path, change: Callable[[Path], None], said: str
) -> None:
    change(sealed)
    (problem,) = artifact.verify(str(sealed))
    assert said in problem


@pytest.mark.parametrize("name", [".pyfleet-complete", "x.manifest"])
def test_no_name_inside_means_anything(tree: Path, name: str) -> None:
    (tree / name).mkdir()
    (tree / name / ".pyfleet-complete").write_text("0" * 64)
    assert not artifact.is_complete(str(tree))
    seal(tree)
    assert artifact.verify(str(tree)) == []


@pytest.mark.parametrize("levels", [1_100, 20_000])
def test_depth_matters_to_neither_walk_nor_removal(
    tree: Path, levels: int
) -> None:
    home = os.getcwd()
    os.chdir(tree)
    try:
        for _level in range(levels):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(home)
    if levels > 2_000:
        with pytest.raises(errors.HostError, match="directories so deep"):
            list(manifests.walk(str(tree)))
    else:
        assert sum(1 for _entry in manifests.walk(str(tree))) > levels
    assert garbage.discard_incomplete(str(tree), DIGEST)
    assert not tree.exists()


def test_modes_are_those_that_were_asked_for(tree: Path) -> None:
    seal(tree, modes=sealing.Modes(0o750, 0o640, 4242))
    found = {
        (mode_of(path), path.lstat().st_gid)
        for path in (tree, *tree.rglob("*"))
        if not path.is_symlink()
    }
    assert found == {(0o750, 4242), (0o640, 4242)}


def test_synced_before_the_manifest(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    write = files.write_atomic

    def note(path: str, *arguments: Any, **options: Any) -> bool:
        seen.append(f"write {path}")
        return write(path, *arguments, **options)

    monkeypatch.setattr(
        directories,
        "sync_filesystem",
        lambda path: seen.append(f"sync {path}"),
    )
    monkeypatch.setattr(files, "write_atomic", note)
    seal(tree)
    assert seen == [f"sync {tree}", f"write {manifest(tree)}"]


def test_pipe_does_not_belong_into_it(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    with pytest.raises(errors.HostError, match="pipe is a named pipe"):
        seal(tree)
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
        seal(tree, python=str(python), compiled=[str(tree)])
    assert not artifact.is_complete(str(tree))


def test_killed_compiler_is_noticed(tree: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -9 $$\n")
    python.chmod(0o755)
    with pytest.raises(errors.CommandError, match="signal 9"):
        seal(tree, python=str(python), compiled=[str(tree)])
