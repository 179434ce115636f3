# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the service manager that a service notifies."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

# Starts a command with a bare environment, and ends it after the test.
Start = Callable[..., subprocess.Popen[str]]


class Manager:
    """The notification socket of a service manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def close(self) -> None:
        self._socket.close()

    def wait_for(self, assignment: str, *, times: int = 1) -> None:
        """Collect notifications until ``assignment`` came so often."""
        deadline = time.monotonic() + 10
        wanted = self.seen.count(assignment) + times
        while self.seen.count(assignment) < wanted:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                self.seen += self._socket.recv(4096).decode().split("\n")
            except TimeoutError:
                pytest.fail(f"no {assignment} in {self.seen}")

    def drain(self) -> list[str]:
        """Return all that was ever sent, without waiting for more."""
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.seen += self._socket.recv(4096).decode().split("\n")
        return self.seen
