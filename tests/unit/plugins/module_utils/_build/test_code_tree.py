# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Code directories hold what was sent, and nothing reaches out."""

from __future__ import annotations

import io
import os
import stat
import sys
import tarfile
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    code_tree,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    errors,
)

DIGEST = "0a1b2c3d" * 8


@pytest.fixture(autouse=True)
def _anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests' directory be below /tmp."""
    monkeypatch.setattr(ancestors, "check", lambda path: None)


def member(
    name: str, kind: bytes = tarfile.REGTYPE, target: str = ""
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, 0o640
    info.uid = info.gid = 12345
    return info


def pack(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> str:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return str(path)


def test_laid_down_as_sent(tmp_path: Path) -> None:
    script = member("./bin/run")
    script.mode = 0o4710
    module = member("app/main.py")
    module.mode = 0o677
    archive = pack(
        tmp_path / "code.tar.gz",
        (member("app", tarfile.DIRTYPE), b""),
        (module, b"import sys\n"),
        (script, b"#!/bin/sh\n"),
        (member("latest", tarfile.SYMTYPE, "app/../app/main.py"), b""),
    )
    code = tmp_path / "code"
    before = os.umask(0o077)
    try:
        assert code_tree.lay_down(
            str(code), archive, digest=DIGEST, python=sys.executable
        )
    finally:
        os.umask(before)
    assert not code_tree.lay_down(
        str(code), archive, digest=DIGEST, python=None
    )
    assert artifact.verify(str(code)) == []
    assert (code / "latest").read_bytes() == b"import sys\n"
    assert len(os.listdir(code / "app" / "__pycache__")) == 1
    modes = {
        name: stat.S_IMODE((code / name).stat().st_mode)
        for name in ("app", "app/main.py", "bin/run")
    }
    assert modes == {"app": 0o755, "app/main.py": 0o644, "bin/run": 0o755}
    assert (code / "bin/run").stat().st_uid == os.geteuid()


def test_half_laid_down_is_done_anew(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "stale.py").write_text("")
    archive = pack(tmp_path / "code.tar", (member("new.py"), b""))
    assert code_tree.lay_down(str(code), archive, digest=DIGEST, python=None)
    assert os.listdir(code) == ["new.py"]


LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (member("/etc/passwd"), "leads out"),
        (member("a/../../b"), "leads out"),
        (member(".."), "leads out"),
        (member("a", LINK, "/etc/passwd"), "out of the directory"),
        (member("a", LINK, "../b"), "out of the directory"),
        (member("a/b", LINK, "../../b"), "out of the directory"),
        (member("a", HARD, "b"), "neither a file"),
        (member("a", tarfile.FIFOTYPE), "neither a file"),
        (member("a", tarfile.CHRTYPE), "neither a file"),
        (member("a/__pycache__/b.pyc"), "bytecode"),
        (member("d/" * 70 + "x"), "directories deep"),
    ],
)
def test_refused_members(
    tmp_path: Path, info: tarfile.TarInfo, said: str
) -> None:
    archive = pack(tmp_path / "code.tar", (info, b""))
    with pytest.raises(errors.HostError, match=said):
        code_tree.lay_down(
            str(tmp_path / "code"), archive, digest=DIGEST, python=None
        )
    assert not artifact.is_complete(str(tmp_path / "code"))


@pytest.mark.parametrize(
    "info",
    [
        member("a"),
        member("a/b c"),
        member("a..b/...c"),
        member("./a", tarfile.DIRTYPE),
        member(".", tarfile.DIRTYPE),
        member("a/b", LINK, "../c"),
        member("a", LINK, "."),
        member(".pyfleet-complete"),
    ],
)
def test_accepted_members(info: tarfile.TarInfo) -> None:
    assert code_tree.member_problem(info) is None


def test_links_that_lead_out_together(tmp_path: Path) -> None:
    archive = pack(
        tmp_path / "code.tar",
        (member("d/up", LINK, ".."), b""),
        (member("d/out", LINK, "up/../secret"), b""),
    )
    with pytest.raises(errors.HostError, match="d/out leads to"):
        code_tree.lay_down(
            str(tmp_path / "code"), archive, digest=DIGEST, python=None
        )


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_members_below_a_link(tmp_path: Path, kind: bytes) -> None:
    archive = pack(
        tmp_path / "code.tar",
        (member("real", tarfile.DIRTYPE), b""),
        (member("link", LINK, "real"), b""),
        (member("link/file", kind), b""),
    )
    with pytest.raises(errors.HostError, match="link is a link"):
        code_tree.lay_down(
            str(tmp_path / "code"), archive, digest=DIGEST, python=None
        )


def test_file_over_a_link(tmp_path: Path) -> None:
    archive = pack(
        tmp_path / "code.tar",
        (member("link", LINK, "file"), b""),
        (member("link"), b"x"),
    )
    with pytest.raises(errors.HostError, match="File exists"):
        code_tree.lay_down(
            str(tmp_path / "code"), archive, digest=DIGEST, python=None
        )


@pytest.mark.parametrize("length", [0, 5, 1000])
def test_damaged_archive(tmp_path: Path, length: int) -> None:
    archive = tmp_path / "code.tar.gz"
    pack(archive, (member("a"), os.urandom(2000)))
    archive.write_bytes(archive.read_bytes()[:length])
    with pytest.raises(errors.HostError, match="cannot unpack"):
        code_tree.lay_down(
            str(tmp_path / "c"), str(archive), digest=DIGEST, python=None
        )
    assert not artifact.is_complete(str(tmp_path / "c"))
