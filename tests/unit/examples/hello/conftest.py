# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for systemd, and the services run as real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from service_manager import Manager, Start

EXAMPLE = Path(__file__).resolve().parents[4] / "examples/hello"
SOURCE = EXAMPLE / "src"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path / "notify")
    yield manager
    manager.close()


@pytest.fixture
def start(tmp_path: Path, manager: Manager) -> Iterator[Start]:
    """Start a command as systemd would: with a bare environment."""
    started: list[subprocess.Popen[str]] = []

    def start_one(
        *command: str, stderr: int = subprocess.PIPE, **environment: str
    ) -> subprocess.Popen[str]:
        state = tmp_path / "state"
        state.mkdir(exist_ok=True)
        bare = {
            "PATH": os.defpath,
            "PYTHONPATH": str(SOURCE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NOTIFY_SOCKET": str(manager.path),
            "STATE_DIRECTORY": str(state),
        }
        process = subprocess.Popen(
            command,
            cwd=SOURCE,
            env={**bare, **environment},
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        # With its children, which would keep the pipe open.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(scope="session")
def virtualenv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install what requirements.txt pins, by hash and as wheels."""
    path = tmp_path_factory.mktemp("virtualenv")
    subprocess.run([sys.executable, "-m", "venv", path], check=True)
    subprocess.run(
        [
            path / "bin/pip", "install", "--quiet", "--require-hashes",
            "--only-binary=:all:", "-r", EXAMPLE / "requirements.txt",
        ],
        check=True,
    )  # fmt: skip
    return path
