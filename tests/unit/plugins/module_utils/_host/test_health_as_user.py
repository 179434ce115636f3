# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets and commands are used with the service user's rights."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    children,
    errors,
    health,
)

ME = pwd.getpwuid(os.geteuid()).pw_name
is_root = os.geteuid() == 0
OTHER = "nobody" if is_root else ME


@contextmanager
def listening(path: Path, answer: bytes = b"") -> Iterator[None]:
    """Accept connections on a Unix socket, and answer each."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        thread = threading.Thread(target=serve, args=(server, answer))
        thread.start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def serve(server: socket.socket, answer: bytes) -> None:
    while True:
        try:
            connection = server.accept()[0]
        except OSError:
            return
        with connection:
            if answer:
                connection.recv(4096)
                connection.sendall(answer)


def test_an_unknown_account_is_an_error() -> None:
    probe = health.Probe("unix", path="/none", account="no-such-user")
    with pytest.raises(errors.HostError, match="no-such-user is missing"):
        health.check_once(probe)


def test_it_runs_with_the_users_rights() -> None:
    uid = pwd.getpwnam(OTHER).pw_uid
    found = children.as_user(
        OTHER, lambda: (True, f"{os.geteuid()} {os.getcwd()}"), 5.0
    )
    assert found == (True, f"{uid} /")


def stop() -> tuple[bool, str]:
    """Do what a service may do to every process of its user."""
    os.kill(os.getpid(), signal.SIGSTOP)
    return True, "it went on"


def spin() -> tuple[bool, str]:
    while True:
        pass


def flood() -> tuple[bool, str]:
    return True, "x" * (1 << 24)


@pytest.mark.parametrize("hostile", [stop, spin])
def test_a_child_that_does_not_answer_is_killed(
    hostile: Callable[[], tuple[bool, str]],
) -> None:
    began = time.monotonic()
    is_ok, said = children.as_user(OTHER, hostile, 0.2)
    assert not is_ok
    assert "no answer in time" in said
    assert time.monotonic() - began < 10
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_an_answer_is_bounded() -> None:
    assert len(children.as_user(OTHER, flood, 5.0)[1]) <= 16_000


def test_a_pattern_that_never_ends_is_bounded(tmp_path: Path) -> None:
    """An answer can be made to fit a pattern's worst case."""
    path = tmp_path / "s"
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 60_000 + b"!"
    probe = health.Probe(
        "http",
        url="http://localhost/",
        path=str(path),
        match="(a+)+$",
        account=ME,
        timeout=0.5,
    )
    began = time.monotonic()
    with listening(path, answer):
        assert not health.check_once(probe).ok
    assert time.monotonic() - began < 10


def test_a_check_without_its_job_is_not_run() -> None:
    """A generation of an older version has none, and no sandbox."""
    probe = health.Probe("command", command="true", account=ME)
    with pytest.raises(errors.HostError, match="deploy again"):
        health.check_once(probe)


def test_a_socket_that_listens_is_well(tmp_path: Path) -> None:
    path = tmp_path / "s"
    probe = health.Probe("unix", path=str(path), account=ME)
    assert not health.check_once(probe).ok
    with listening(path):
        assert health.check_once(probe).ok


def test_root_does_not_open_what_the_user_cannot(tmp_path: Path) -> None:
    if not is_root:
        pytest.skip("only root has rights to give up")
    path = tmp_path / "s"
    with listening(path):
        path.chmod(0o700)
        probe = health.Probe("unix", path=str(path), account="nobody")
        result = health.check_once(probe)
    assert not result.ok
    assert "ermission" in result.detail


@pytest.mark.parametrize(
    ("match", "status", "is_ok"),
    [
        ("", (200, 299), True),
        ('"status": "ok"', (200, 299), True),
        ('"status": "bad"', (200, 299), False),
        ("", (204, 204), False),
    ],
)
def test_http_over_a_socket(
    tmp_path: Path, match: str, status: tuple[int, int], is_ok: bool
) -> None:
    path = tmp_path / "s"
    answer = b'HTTP/1.1 200 OK\r\nA: b\r\n\r\n{"status": "ok"}'
    probe = health.Probe(
        "http",
        url="http://localhost/health",
        path=str(path),
        match=match,
        status=status,
        account=ME,
    )
    with listening(path, answer):
        assert health.check_once(probe).ok is is_ok


def test_a_death_without_an_answer_is_an_error() -> None:
    with pytest.raises(errors.HostError, match="died"):
        children.gather([lambda: os._exit(3)])


def test_a_probe_that_the_service_kills_is_not_well() -> None:
    found = children.as_user(ME, lambda: os._exit(3), 5.0)
    assert not found[0]
    assert "before it answered" in found[1]
