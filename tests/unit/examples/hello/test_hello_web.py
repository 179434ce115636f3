# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web service as it is deployed: under the pinned gunicorn."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest
from service_manager import Manager, Start

# The worker that answered a request is the only one. A worker that has
# just been forked has no handlers of its own yet and loses a SIGTERM: the
# end would take graceful_timeout.
ONE_WORKER = ("--workers", "1")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


@pytest.fixture
def command(virtualenv: Path, port: int) -> tuple[str, ...]:
    return (
        str(virtualenv / "bin/gunicorn"),
        "--bind",
        f"127.0.0.1:{port}",
        "hello.app:app",
    )


def test_serves_and_logs(
    command: tuple[str, ...], port: int, start: Start, manager: Manager
) -> None:
    web = start(*command, *ONE_WORKER, HELLO_GREETING="Moin")
    manager.wait_for("READY=1")
    url = f"http://127.0.0.1:{port}/"

    with urllib.request.urlopen(f"{url}health", timeout=10) as answer:
        assert json.load(answer)["greeting_configured"] is True
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read() == b"Moin\n"

    web.terminate()
    _unused, log = web.communicate(timeout=10)
    assert web.returncode == 0
    assert re.search(
        r'^<6>Answered request="GET / HTTP/1.1" status=200 seconds=[\d.]+$',
        log,
        re.MULTILINE,
    )
    assert all(line.startswith("<6>") for line in log.splitlines())
    assert "WATCHDOG=1" not in manager.drain()


@pytest.mark.parametrize("is_whole_group", [False, True])
def test_request_in_flight_is_answered(
    is_whole_group: bool,
    command: tuple[str, ...],
    port: int,
    start: Start,
    manager: Manager,
) -> None:
    """Also as systemd does by default: SIGTERM for every process."""
    web = start(*command, *ONE_WORKER, HELLO_DELAY="2", HELLO_GREETING="Moin")
    manager.wait_for("READY=1")
    urllib.request.urlopen(
        f"http://127.0.0.1:{port}/health", timeout=10
    ).close()
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(1)
        children = Path(f"/proc/{web.pid}/task/{web.pid}/children")
        workers = map(int, children.read_text().split())

        for pid in (*(workers if is_whole_group else ()), web.pid):
            os.kill(pid, signal.SIGTERM)

        with client.makefile("rb") as stream:
            answer = stream.read()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nMoin\n")
    assert web.wait(10) == 0


def test_watchdog_follows_the_main_loop(
    command: tuple[str, ...], start: Start, manager: Manager
) -> None:
    start(*command, WATCHDOG_USEC="4000000")

    manager.wait_for("READY=1")
    manager.wait_for("WATCHDOG=1", times=4)


def test_refuses_a_wrong_configuration_before_it_is_ready(
    command: tuple[str, ...], start: Start, manager: Manager
) -> None:
    web = start(*command, HELLO_DELAY="long")
    _unused, log = web.communicate(timeout=10)

    assert web.returncode == os.EX_CONFIG
    assert log == (
        "<2>The configuration is refused: "
        "HELLO_DELAY must be a number of seconds from 0 to 10\n"
    )
    assert manager.drain() == []
