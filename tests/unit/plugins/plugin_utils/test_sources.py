# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the controller are found and digested as users expect."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    limits,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    code_tree,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _bundle,
    _errors,
    _sources,
)


class Loader:
    """Stands for Ansible's loader, without a vault."""

    def __init__(self, basedir: Path) -> None:
        self._basedir = basedir

    def get_basedir(self) -> str:
        return str(self._basedir)

    def get_real_file(self, path: str, decrypt: bool = True) -> str:
        return path


class Task:
    """Stands for a task that runs in these roles and plays."""

    def __init__(self, *stack: str) -> None:
        self._stack = stack

    def get_search_path(self) -> list[str]:
        return list(self._stack)


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory tree with a role, a play and a working directory."""
    for folder in ("role/files", "play/files", "work"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def finder(play: Path) -> _sources.Finder:
    ours = os.path.join(_sources.COLLECTION, "roles", "pyapp")
    return _sources.Finder(
        Task(str(play / "role"), ours), Loader(play / "play")
    )


@pytest.mark.parametrize(
    "place", ["role/files", "role", "play/files", "play", "work"]
)
def test_a_relative_path_is_searched_like_ansibles(
    play: Path, place: str
) -> None:
    (play / place / "x.txt").write_text("here")
    assert finder(play).read_text("x.txt", "v") == "here"


def test_the_including_role_comes_first(play: Path) -> None:
    for place in ("work", "play/files", "role/files"):
        (play / place / "x.txt").write_text(place)
    assert finder(play).read_text("x.txt", "v") == "role/files"


def test_nothing_is_found_in_our_own_roles(play: Path) -> None:
    with pytest.raises(_errors.ControllerError) as error:
        finder(play).find("README.md", "pyapp_source.files")
    text = str(error.value)
    assert text.startswith("pyapp_source.files: 'README.md' was not found")
    assert str(play / "role/files/README.md") in text
    assert str(play / "work/README.md") in text
    assert _sources.COLLECTION not in text


def test_text_must_be_utf_8(play: Path) -> None:
    (play / "work/x.env").write_bytes(b"A=\xff\n")
    with pytest.raises(
        _errors.ControllerError, match=r"not UTF-8 text \(byte 2\)"
    ):
        finder(play).read_text("x.env", "v")


def tree(play: Path) -> Path:
    root = play / "work/src"
    (root / "pkg/__pycache__").mkdir(parents=True)
    (root / "pkg/a.py").write_text("a")
    (root / "pkg/__pycache__/a.pyc").write_bytes(b"x")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("pkg")
    return root


def digest(play: Path, *excludes: str) -> Any:
    return finder(play).digest_tree("src", excludes, "v")


def test_members_are_files_programs_and_links(play: Path) -> None:
    tree(play)
    members = digest(play).members
    assert [(m.path, m.kind) for m in members] == [
        ("link", "link"),
        ("run.sh", "exec"),
        ("pkg/a.py", "file"),
    ]


def test_the_id_is_of_content_and_not_of_times(play: Path) -> None:
    root = tree(play)
    before = digest(play).id
    os.utime(root / "run.sh", (1, 1))
    (root / "pkg/__pycache__/b.pyc").write_bytes(b"y")
    assert digest(play).id == before
    (root / "pkg/a.py").write_text("b")
    changed = digest(play).id
    assert changed != before
    (root / "run.sh").chmod(0o644)
    assert digest(play).id not in (before, changed)


@pytest.mark.parametrize("pattern", ["run.sh", "*.sh", "/run.sh"])
def test_patterns_leave_out(play: Path, pattern: str) -> None:
    tree(play)
    members = digest(play, pattern).members
    assert "run.sh" not in [member.path for member in members]


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", ".."])
def test_links_out_of_the_tree_are_refused(play: Path, target: str) -> None:
    (tree(play) / "bad").symlink_to(target)
    with pytest.raises(_errors.ControllerError, match="link bad points to"):
        digest(play)


def test_links_that_lead_out_together_are_refused(play: Path) -> None:
    root = tree(play)
    (root / "a").mkdir()
    (root / "a" / "up").symlink_to("..")
    assert digest(play)
    (root / "b").symlink_to("a/up/..")
    with pytest.raises(_errors.ControllerError, match="link b points to"):
        digest(play)


def socket_file(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        # sun_path is short: unix(7).
        here = os.getcwd()
        os.chdir(path.parent)
        listener.bind(path.name)
        os.chdir(here)


def device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("devices are root's to make")


@pytest.mark.parametrize("make", [os.mkfifo, socket_file, device])
def test_what_is_no_file_is_refused(
    play: Path, make: Callable[[Path], None]
) -> None:
    make(tree(play) / "odd")
    with pytest.raises(_errors.ControllerError, match="neither a file"):
        digest(play)
    assert "odd" not in [m.path for m in digest(play, "odd").members]


def test_a_tree_that_is_too_deep_is_refused(play: Path) -> None:
    place = tree(play)
    for _level in range(limits.CODE.depth + 1):
        place /= "d"
        place.mkdir()
    (place / "file").write_text("")
    with pytest.raises(_errors.ControllerError, match="directories deep"):
        digest(play)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (limits.Limits(entries=1, size=1 << 30), "more than 1 files"),
        (limits.Limits(entries=99, size=-1), "larger than"),
    ],
)
def test_a_tree_that_is_too_large_is_refused(
    play: Path,
    monkeypatch: pytest.MonkeyPatch,
    bounds: limits.Limits,
    said: str,
) -> None:
    (tree(play) / "another").write_text("x")
    monkeypatch.setattr(limits, "CODE", bounds)
    with pytest.raises(_errors.ControllerError, match=said):
        digest(play)


def test_what_cannot_be_read_is_told(play: Path) -> None:
    with pytest.raises(
        _errors.ControllerError, match=r"^v: .*mem cannot be read"
    ):
        finder(play).read_text("/proc/self/mem", "v")


def test_odd_names_and_modes_arrive_as_they_are(
    play: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(play)
    odd = [b"new\nline", b"\xff\xfe", b"-rf", b"a'b\"c", b"%s$(id)", b" "]
    odd += ["\u00e9\u2028".encode(), b"x" * 255]
    for name in odd:
        (root / os.fsdecode(name)).write_bytes(name)
    (root / "run.sh").chmod(0o6777)
    code = digest(play)
    kinds = {member.path: member.kind for member in code.members}
    assert kinds["run.sh"] == "exec"
    packed = str(play / "code.tar")
    _bundle._pack(code, packed)
    monkeypatch.setattr(ancestors, "check", lambda _unused: None)
    laid = play / "laid"

    assert code_tree.lay_down(str(laid), packed, digest=code.id, python=None)

    assert artifact.verify(str(laid)) == []
    for name in odd:
        assert (laid / os.fsdecode(name)).read_bytes() == name
    assert stat.S_IMODE((laid / "run.sh").stat().st_mode) == 0o755


def test_an_empty_tree_is_refused(play: Path) -> None:
    (play / "work/src").mkdir()
    with pytest.raises(_errors.ControllerError, match="has no file in it"):
        digest(play)


def test_a_directory_that_cannot_be_read_is_not_left_out() -> None:
    with pytest.raises(
        _errors.ControllerError, match="exclude it, or let the user"
    ):
        list(_sources._walk("/nonexistent", ()))


def test_secrets_are_refused_by_name_unless_they_are_meant(
    play: Path,
) -> None:
    root = play / "play" / "files" / "src"
    root.mkdir()
    for name in ("a.py", ".env", "id_rsa"):
        (root / name).write_text("hunter2")

    def digest(*excludes: str, allow: tuple[str, ...] = ()) -> list[str]:
        found = finder(play).digest_tree(
            "src", excludes, "pyapp_source.files", allow
        )
        return [member.path for member in found.members]

    with pytest.raises(_errors.RefusedError) as error:
        digest()
    first, second = error.value.messages
    assert first.startswith("pyapp_source.files: .env is a file for secret")
    assert second.startswith("pyapp_source.files: id_rsa is a file")
    assert "exclude it (pyapp_source.exclude: ['.env'])" in first
    assert "add pyapp_source.allow: ['.env']" in first
    assert "hunter2" not in str(error.value)
    with pytest.raises(_errors.RefusedError, match="1 problem"):
        digest(allow=(".env",))
    assert digest(allow=(".env", "id_*")) == [".env", "a.py", "id_rsa"]
    assert digest(".env", "id_rsa") == ["a.py"]


def test_many_secrets_are_counted(play: Path) -> None:
    root = play / "play" / "files" / "src"
    root.mkdir()
    for number in range(30):
        (root / f".env.{number}").write_text("")
    with pytest.raises(_errors.RefusedError) as error:
        finder(play).digest_tree("src", (), "pyapp_source.files")
    assert len(error.value.messages) == 21
    assert error.value.messages[-1].endswith("10 more files like these")


def test_a_link_to_a_secret_is_judged_by_its_target(play: Path) -> None:
    root = play / "play" / "files" / "src"
    root.mkdir()
    (root / "settings").write_text("DEBUG=1")
    (root / ".env").symlink_to("settings")
    found = finder(play).digest_tree("src", (), "v.files")
    assert [member.kind for member in found.members] == ["link", "file"]
