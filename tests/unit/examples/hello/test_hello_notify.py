# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services tell their manager how they are."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hello.notify import READY, notify, status, watchdog_period


@pytest.mark.parametrize("is_abstract", [False, True])
def test_one_datagram_holds_all(
    is_abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("\0" + path if is_abstract else path)
        channel.settimeout(5)
        monkeypatch.setenv(
            "NOTIFY_SOCKET", "@" + path if is_abstract else path
        )

        notify(READY, status("Up"))

        assert channel.recv(99) == b"READY=1\nSTATUS=Up"


def test_without_a_manager_nothing_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    notify(READY)


@pytest.mark.parametrize(
    ("limit", "pid", "period"),
    [
        (None, None, None),
        ("", None, None),
        ("4000000", None, 2.0),
        ("4000000", "own", 2.0),
        ("4000000", "1", None),
        (None, "own", None),
    ],
)
def test_watchdog_period(
    limit: str | None,
    pid: str | None,
    period: float | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if pid == "own":
        pid = str(os.getpid())
    for name, value in (("WATCHDOG_USEC", limit), ("WATCHDOG_PID", pid)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)

    assert watchdog_period() == period
