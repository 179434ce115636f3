# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets and commands are used with the service user's rights."""

from __future__ import annotations

import os
import pwd
import socket
import sys
import threading
from collections.abc import Iterator
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


def command(*argv: str, account: str = ME) -> health.Result:
    probe = health.Probe("command", argv=argv, account=account, timeout=2)
    return health.check_once(probe)


def test_a_command_tells_by_its_status() -> None:
    assert command("/bin/true").ok
    result = command("/bin/sh", "-c", "echo broken >&2; exit 3")
    assert not result.ok
    assert "status 3: broken" in result.detail


def test_a_command_that_hangs_is_ended() -> None:
    result = command("/bin/sleep", "60")
    assert not result.ok
    assert "2 seconds" in result.detail


def test_a_missing_command_is_told() -> None:
    result = command("/no/such/program")
    assert not result.ok
    assert "/no/such/program" in result.detail


def test_it_runs_with_the_users_rights() -> None:
    uid = str(pwd.getpwnam(OTHER).pw_uid)
    script = f'test "$(id -u)" = {uid} && test "$(pwd)" = /'
    assert command("/bin/sh", "-c", script, account=OTHER).ok


def test_it_imports_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "probe_of_ours.py").write_text("", encoding="utf-8")
    script = (
        "import os, sys, probe_of_ours;"
        "found = (os.getcwd(), os.environ['PYTHONPATH']);"
        f"sys.exit(found != ({str(tmp_path)!r},) * 2)"
    )
    probe = health.Probe(
        "command",
        argv=(sys.executable, "-c", script),
        folder=str(tmp_path),
        account=ME,
        timeout=10,
    )
    assert health.check_once(probe).ok, health.check_once(probe).detail


def test_an_unknown_account_is_an_error() -> None:
    with pytest.raises(errors.HostError, match="no-such-user is missing"):
        command("/bin/true", account="no-such-user")


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
        children.as_user(ME, lambda: os._exit(3))
