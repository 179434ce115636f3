# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock is exclusive, tells its holder and dies with it."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
    holder,
    lock,
)


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(holder, "DIRECTORY", str(tmp_path / "run"))
    return tmp_path / "run"


def take(app: str = "hello", timeout: float = 0) -> bool:
    with lock.hold(app, timeout=timeout, owner="second"):
        return True


def test_exclusive_and_names_the_holder() -> None:
    with (
        lock.hold("hello", timeout=0, owner="release of hello"),
        pytest.raises(errors.DeadlineError) as caught,
    ):
        take()
    text = str(caught.value)
    assert f"process {os.getpid()}, release of hello, since 20" in text
    assert "works on hello" in text


def test_free_again_afterwards(directory: Path) -> None:
    for _unused in range(2):
        assert take()
    assert (directory / "hello.lock").read_bytes() == b""


def test_free_again_after_a_failure() -> None:
    with (
        pytest.raises(ZeroDivisionError),
        lock.hold("hello", timeout=0, owner="first"),
    ):
        raise ZeroDivisionError
    assert take()


def test_other_applications_do_not_wait() -> None:
    with lock.hold("hello", timeout=0, owner="first"):
        assert take("other")


def test_waits_for_its_turn() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with lock.hold("hello", timeout=0, owner="child"):
            os.write(writer, b".")
            signal.sigtimedwait([signal.SIGUSR1], 0.3)
        os._exit(0)
    os.read(reader, 1)
    assert take(timeout=10)
    os.waitpid(child, 0)


def test_dies_with_its_holder() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with lock.hold("hello", timeout=0, owner="child"):
            os.write(writer, b".")
            signal.pause()
    os.read(reader, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert take()


def test_stays_with_what_builds_when_its_holder_dies() -> None:
    """Else the next run would build at the same place meanwhile."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with lock.hold("hello", timeout=0, owner="child"):
            builder = command._start(
                ["sleep", "60"], {"PATH": os.defpath}, "/", lock.held
            )
            os.write(writer, str(builder.pid).encode())
            os._exit(0)
    os.waitpid(child, 0)
    builder_pid = int(os.read(reader, 9))
    with pytest.raises(errors.DeadlineError):
        take()
    os.kill(builder_pid, signal.SIGKILL)
    assert take(timeout=10)


def test_for_root_alone(directory: Path) -> None:
    take()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    mode = (directory / "hello.lock").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("app", ["", "../x", "a/b", "Hello", "a\n", "-a"])
def test_odd_names_are_refused(app: str) -> None:
    with pytest.raises(
        errors.HostError, match="not the name of an application"
    ):
        take(app)


def test_planted_link_is_refused(directory: Path) -> None:
    directory.mkdir()
    (directory / "hello.lock").symlink_to("/etc/passwd")
    with pytest.raises(errors.HostError, match="cannot open the flock"):
        take()


def test_planted_pipe_is_refused(directory: Path) -> None:
    directory.mkdir()
    os.mkfifo(directory / "hello.lock")
    with pytest.raises(errors.HostError, match="not a regular file"):
        take()
