# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command runs as a unit of its own, and leaves none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    journal,
    oneshot,
    systemctl,
    verbs,
)

NAME = "pyfleet_hello_1.service"
TEXT = "[Service]\nType=oneshot\n"
FAILED = {"Result": "exit-code", "ExecMainStatus": "3", "InvocationID": "7"}
Start = Callable[[], None]


class Host:
    """A systemd that starts a unit as it is told to.

    Attributes:
        calls: What it was asked to do.
        found: What it shows of the unit.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, folder: Path, start: Start
    ) -> None:
        self.calls: list[str] = []
        self.found = dict(FAILED)
        self._folder = folder
        self._start = start
        monkeypatch.setattr(oneshot, "FOLDER", str(folder))
        for name in ("show", "run"):
            monkeypatch.setattr(systemctl, name, getattr(self, name))
        for name in ("start", "stop", "reset_failed"):
            monkeypatch.setattr(verbs, name, getattr(self, name))
        monkeypatch.setattr(journal, "last_lines", self.last_lines)
        monkeypatch.setattr(journal, "exit_in_words", lambda _found: "failed")

    def start(self, units: Sequence[str], *, timeout: float) -> None:
        text = (self._folder / units[0]).read_text()
        self.calls.append(f"start {text!r} {timeout:g}")
        self._start()

    def show(
        self, units: Sequence[str], _wanted: Iterable[str]
    ) -> dict[str, dict[str, str]]:
        return {units[0]: self.found}

    def run(self, argv: Sequence[str], *, timeout: float, check: bool) -> None:
        self.calls.append(f"{' '.join(argv)} {check}")

    def stop(self, units: Sequence[str], *, timeout: float) -> None:
        self.calls.append(f"stop {units[0]}")
        raise errors.DeadlineError("it hangs in the kernel")

    def reset_failed(self, units: Sequence[str]) -> None:
        self.calls.append(f"reset {units[0]}")

    def last_lines(self, name: str, invocation: str) -> list[str]:
        return [f"{name} {invocation}"]


def fail() -> None:
    raise errors.CommandError(["systemctl"], 1, "", "")


def hang() -> None:
    raise errors.DeadlineError("it takes long")


def test_a_command_that_succeeds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = Host(monkeypatch, tmp_path, lambda: None)
    assert oneshot.run(NAME, TEXT, timeout=5) == oneshot.Ending(True)
    assert host.calls == [f"start {TEXT!r} 5", f"reset {NAME}"]
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = Host(monkeypatch, tmp_path, fail)
    ending = oneshot.run(NAME, TEXT, timeout=5)
    assert ending == oneshot.Ending(
        False, "failed", (f"{NAME} 7",), host.found
    )
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_takes_too_long_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = Host(monkeypatch, tmp_path, hang)
    ending = oneshot.run(NAME, TEXT, timeout=0.5)
    assert not ending.is_ok
    assert ending.words == "did not end within 0.5 seconds"
    assert host.calls[1:] == [
        f"kill --signal=KILL -- {NAME} False",
        f"stop {NAME}",
        f"reset {NAME}",
    ]


def test_the_file_is_removed_whatever_happens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse() -> None:
        raise errors.HostError("systemd does not answer")

    Host(monkeypatch, tmp_path, refuse)
    with pytest.raises(errors.HostError, match="does not answer"):
        oneshot.run(NAME, TEXT, timeout=5)
    assert list(tmp_path.iterdir()) == []
