# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of `systemd-analyze verify` are read as what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    command,
    directories,
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    analyze,
)

TARGET = targets.Target(257)
TEXT = "[Service]\nNice=99\n"


class Systemd:
    """A systemd-analyze that says what it is told to.

    Attributes:
        lines: What it says; /x is the private directory.
        calls: The options that it was called with.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.calls: list[list[str]] = []

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout: float,
        environment: Mapping[str, str],
        check: bool,
    ) -> command.Completed:
        assert timeout > 0
        assert environment == {"SYSTEMD_UNIT_PATH": ""}
        assert not check
        self.calls.append(list(argv[2:-1]))
        said = "\n".join(self.lines).replace("/x/", f"{self.folder}/")
        return command.Completed(1, "", said)


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    """Return a systemd-analyze with a private directory."""
    folder = tmp_path / "private"

    def make(_parent: str) -> str:
        folder.mkdir()
        return str(folder)

    found = Systemd(folder)
    monkeypatch.setattr(directories, "temporary_directory", make)
    monkeypatch.setattr(ancestors, "check", lambda _path: None)
    monkeypatch.setattr(command, "run", found.run)
    return found


def verify(
    text: str = TEXT,
    drop_ins: dict[str, str] | None = None,
    name: str = "a.service",
) -> analyze.Answer:
    return analyze.verify(name, text, drop_ins or {}, TARGET)


def test_a_message_with_its_line(systemd: Systemd) -> None:
    systemd.lines = ["\x1b[0;1;31m/x/a.service:2: out of range: 99\x1b[0m"]
    answer = verify()
    assert answer.messages == (analyze.Message("", 2, "out of range: 99"),)
    assert answer.read == frozenset()
    assert not systemd.folder.exists()


def test_a_file_is_read_where_its_last_line_is_reported(
    systemd: Systemd,
) -> None:
    systemd.lines = [
        "/x/a.service:6: Unknown key 'PyfleetReadUpToHere' in section [Unit]"
    ]
    answer = verify()
    assert answer.messages == ()
    assert answer.read == {""}


def test_a_drop_in_is_named_by_its_label(systemd: Systemd) -> None:
    systemd.lines = [
        "/x/a.service.d/000001.conf:2: bad",
        "/x/a.service.d/000000.conf:2: worse",
    ]
    answer = verify(drop_ins={"z/odd.conf": TEXT, "a.conf": TEXT})
    assert answer.messages == (
        analyze.Message("z/odd.conf", 2, "bad"),
        analyze.Message("a.conf", 2, "worse"),
    )
    assert set(answer.documents) == {"", "a.conf", "z/odd.conf"}


@pytest.mark.parametrize(
    ("line", "name", "is_told"),
    [
        ("a.service: Service has no ExecStart=", "a.service", True),
        ("a@i.service: Service has no ExecStart=", "a@.service", True),
        ("b.service: Service has no ExecStart=", "a.service", False),
        ("a.service: Command /x is not executable", "a.service", False),
        ("a.service: man page a(5) is missing", "a.service", False),
        ("ordinary chatter", "a.service", False),
    ],
)
def test_messages_about_the_unit(
    systemd: Systemd, line: str, name: str, is_told: bool
) -> None:
    systemd.lines = [line]
    assert bool(verify(name=name).messages) == is_told


def test_of_a_unit_without_its_file_nothing_is_known(
    systemd: Systemd,
) -> None:
    systemd.lines = ["a.service: Service has no ExecStart="]
    assert verify(text="", drop_ins={"a.conf": TEXT}).messages == ()


@pytest.mark.parametrize(("version", "modes"), [(247, 1), (250, 2), (257, 2)])
def test_both_modes_are_asked_where_there_are_two(
    systemd: Systemd, version: int, modes: int
) -> None:
    target = targets.Target(version)
    assert len(list(analyze.run_modes("/x/a.service", target))) == 2 * modes
    assert len(systemd.calls) == modes
    assert systemd.calls[0] == ["--man=no"]


def test_what_both_modes_say_is_told_once(systemd: Systemd) -> None:
    systemd.lines = ["/x/a.service:2: out of range: 99"]
    assert len(verify().messages) == 1
    assert len(systemd.calls) == 2


def test_without_root_the_way_out_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_parent: str) -> str:
        raise errors.HostError("cannot create /run/x")

    monkeypatch.setattr(directories, "temporary_directory", refuse)
    with pytest.raises(errors.HostError, match=r"become: true"):
        verify()
