# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Detached work outlives its caller and reports how it ended."""

from __future__ import annotations

import os
import resource
import signal
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    detached,
    errors,
)

Work = Callable[[], Mapping[str, object]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "result.json"


def run(function: Work, path: Path, timeout: float = 10) -> dict[str, object]:
    return detached.run(function, result_path=str(path), timeout=timeout)


def no_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_result(path: Path) -> None:
    assert run(lambda: {"a": [1, None]}, path) == {"a": [1, None]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert no_children()


def test_session_of_its_own_without_a_terminal(path: Path) -> None:
    def work() -> Mapping[str, object]:
        return {
            "session": os.getsid(0) == os.getpid(),
            "ignored": signal.getsignal(signal.SIGHUP) == signal.SIG_IGN,
            "files": [os.readlink(f"/proc/self/fd/{n}") for n in range(3)],
        }

    assert run(work, path) == {
        "session": True,
        "ignored": True,
        "files": ["/dev/null"] * 3,
    }


def fail() -> Mapping[str, object]:
    raise errors.HostError("the disk is full; make room")


def defect() -> Mapping[str, object]:
    names: dict[str, object] = {}
    return {"a": names["missing"]}


def leave() -> Mapping[str, object]:
    raise SystemExit(0)


def die() -> Mapping[str, object]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def unprintable() -> Mapping[str, object]:
    return {"a": object()}


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (fail, r"^the disk is full; make room$"),
        (defect, "please report it(.|\n)*KeyError: 'missing'"),
        (leave, "please report it(.|\n)*SystemExit"),
        (die, "killed by signal 9"),
        (unprintable, "please report it(.|\n)*not JSON serializable"),
    ],
)
def test_failures(function: Work, said: str, path: Path) -> None:
    with pytest.raises(errors.HostError, match=said):
        run(function, path)
    assert no_children()


def test_result_that_cannot_be_written(path: Path) -> None:
    path.mkdir()

    with pytest.raises(errors.HostError, match="nothing was changed"):
        run(dict, path)


def test_result_without_room(path: Path) -> None:
    def work() -> Mapping[str, object]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        return {}

    with pytest.raises(errors.HostError, match="could not write its result"):
        run(work, path)


def test_host_fails(path: Path) -> None:
    def work() -> Mapping[str, object]:
        return {"names": os.listdir("/nowhere")}

    with pytest.raises(errors.HostError, match="/nowhere: No such file"):
        run(work, path)


def test_old_result_is_not_taken_for_the_new(path: Path) -> None:
    run(lambda: {"old": True}, path)
    with pytest.raises(errors.HostError, match="killed by signal 9"):
        run(die, path)


def test_buffers_are_not_written_twice(path: Path, tmp_path: Path) -> None:
    with open(tmp_path / "log", "w") as log:
        log.write("once\n")
        run(dict, path)
    assert (tmp_path / "log").read_text() == "once\n"


def work_until(gate: Path) -> Mapping[str, object]:
    """Work until the test lets it end."""
    deadline = time.monotonic() + 20
    while not gate.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return {"done": True}


def test_time_is_up_and_it_goes_on(path: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"

    def work() -> Mapping[str, object]:
        return work_until(gate)

    with pytest.raises(errors.DeadlineError, match="still works") as caught:
        run(work, path, timeout=0.1)
    assert str(path) in str(caught.value)
    assert detached.read_result(str(path)) is None
    gate.touch()
    os.wait()
    assert detached.read_result(str(path)) == {"value": {"done": True}}


def test_outlives_a_killed_session(path: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    caller = os.fork()
    if caller == 0:
        os.setsid()

        def work() -> Mapping[str, object]:
            os.write(writer, b".")
            return work_until(gate)

        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            run(work, path)
        os.read(reader, 1)
        # sshd sends SIGHUP when the connection is lost; SIGKILL is worse.
        os.killpg(0, signal.SIGHUP)
        os.killpg(0, signal.SIGKILL)
    os.waitpid(caller, 0)
    assert detached.read_result(str(path)) is None
    gate.touch()
    deadline = time.monotonic() + 5
    while detached.read_result(str(path)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert detached.read_result(str(path)) == {"value": {"done": True}}


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_damaged_result(path: Path, text: str) -> None:
    path.write_text(text)
    assert detached.read_result(str(path)) is None
