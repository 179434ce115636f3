# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker as a process of its own, under a fake manager."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from service_manager import Manager, Start

WORKER = (sys.executable, "-m", "hello.worker")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_once_with_success(
    number: int, start: Start, manager: Manager
) -> None:
    worker = start(*WORKER, HELLO_INTERVAL="3600")
    manager.wait_for("STATUS=1 greetings")
    before = time.monotonic()

    worker.send_signal(number)
    _unused, log = worker.communicate(timeout=10)

    assert time.monotonic() - before < 5
    assert worker.returncode == 0
    assert log.splitlines() == ["<6>Hello, world count=1", "<6>Stopped"]
    seen = manager.drain()
    assert seen[:2] == ["READY=1", "STATUS=0 greetings so far"]
    assert seen[-2:] == ["STOPPING=1", "STATUS=Stopping"]


def wait_until_it_sleeps(pid: int) -> None:
    """Wait until a process makes no progress: it is held by the pipe."""
    status = Path(f"/proc/{pid}/status")
    seen: list[str] = []
    deadline = time.monotonic() + 10
    while len(seen) < 5 or len(set(seen[-5:])) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        # The counts of context switches stand still once it is held.
        seen.append(status.read_text(encoding="ascii"))


def test_finishes_the_item_at_hand(
    start: Start, manager: Manager, tmp_path: Path
) -> None:
    """A full pipe holds the worker in the middle of an item."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"\n" * 4096)
    os.set_blocking(writer, True)
    worker = start(*WORKER, stderr=writer, HELLO_INTERVAL="3600")
    os.close(writer)
    manager.wait_for("READY=1")
    wait_until_it_sleeps(worker.pid)

    worker.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(0.5)
    with open(reader) as pipe:
        log = pipe.read().split()

    assert worker.wait(10) == 0
    assert log == ["<6>Hello,", "world", "count=1", "<6>Stopped"]
    seen = manager.drain()
    assert seen.index("STATUS=1 greetings") < seen.index("STOPPING=1")


def test_counts_on_after_a_restart(start: Start, manager: Manager) -> None:
    for so_far in (0, 1):
        worker = start(*WORKER, HELLO_INTERVAL="3600")
        manager.wait_for(f"STATUS={so_far} greetings so far")
        manager.wait_for(f"STATUS={so_far + 1} greetings")
        worker.terminate()
        assert worker.wait(10) == 0


def test_works_at_the_interval(start: Start, manager: Manager) -> None:
    before = time.monotonic()
    start(*WORKER, HELLO_INTERVAL="0.5", HELLO_GREETING="Moin")

    manager.wait_for("STATUS=5 greetings")

    # The time of a start counts as well, and is far shorter.
    assert time.monotonic() - before > 4 * 0.45
    assert "WATCHDOG=1" not in manager.drain()


def test_pings_at_half_of_the_limit(start: Start, manager: Manager) -> None:
    start(*WORKER, HELLO_INTERVAL="3600", WATCHDOG_USEC="600000")
    manager.wait_for("STATUS=1 greetings")
    before = time.monotonic()

    manager.wait_for("WATCHDOG=1", times=5)

    # The first of the five comes at once, each other after 0.3 s. This
    # process may have been late for the status, and for the last.
    assert 4 * 0.2 < time.monotonic() - before < 4 * 2


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"HELLO_INTERVAL": "0"}, "HELLO_INTERVAL must be a number"),
        ({"STATE_DIRECTORY": ""}, "STATE_DIRECTORY is not set"),
    ],
)
def test_refuses_a_wrong_configuration(
    environment: dict[str, str],
    message: str,
    start: Start,
    manager: Manager,
) -> None:
    worker = start(*WORKER, **environment)
    _unused, log = worker.communicate(timeout=10)

    assert worker.returncode == os.EX_CONFIG
    assert log.startswith("<2>")
    assert message in log
    assert len(log.splitlines()) == 1
    assert manager.drain() == []


def test_a_broken_state_ends_it_with_a_traceback(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/greetings").write_text("many")

    worker = start(*WORKER)
    _unused, log = worker.communicate(timeout=10)

    assert worker.returncode == 1
    assert "ValueError" in log
