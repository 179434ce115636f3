# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's faults are not the release's, and foreign text stays text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import HERE, Lab, web_app

HOSTS = ["bookworm", "trixie"]
NAME = "it-evil-words"
PORT = 8651
UNIT = f"{NAME}.service"
HOLDER = "it-evil-holder"
HOLD = f"""
systemd-run --quiet --unit={HOLDER} python3 -c '
import socket, time
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", {PORT + 1}))
server.listen()
time.sleep(600)'
sleep 1
"""


@pytest.fixture(scope="module")
def folder(
    lab: Lab, claim: Callable[..., None], tmp_path_factory: Any
) -> Path:
    claim(HOSTS, NAME)
    path: Path = tmp_path_factory.mktemp("code")
    (path / "liar.py").write_text((HERE / "files" / "liar.py").read_text())
    run = lab.deploy(HOSTS, web_app(NAME, PORT, path))
    assert run.status == 0, run.output
    return path


def test_a_port_that_somebody_holds_is_no_verdict(
    lab: Lab, folder: Path
) -> None:
    lab.shells(HOSTS, HOLD)
    app = web_app(NAME, PORT + 1, folder)
    run = lab.deploy(HOSTS, app)
    lab.shells(HOSTS, f"systemctl stop {HOLDER}")
    assert set(run.messages()) == set(HOSTS), run.output
    for message in run.messages().values():
        assert "The next deploy tries this release again" in message
    run = lab.deploy(HOSTS, app)
    assert run.status == 0, run.output


def test_foreign_text_reaches_nobodys_screen(lab: Lab, folder: Path) -> None:
    run = lab.deploy(
        HOSTS, web_app(NAME, PORT + 1, folder, exec="python liar.py")
    )
    assert set(run.messages()) == set(HOSTS), run.output
    for message in run.messages().values():
        assert "exited with status 3" in message
        assert "\\x1b[2J" in message
        assert "the first" in message
        assert "the second" in message
        assert not set(message) & set("\x1b\r\u202e\x07")
    assert "\x1b[2J" not in run.output
    assert "\u202e" not in run.output


# systemd reads no unit while less than 16 MiB of /run are left.
FILL = """
used=$(df --output=used --block-size=1M /run | tail -n 1)
mount -o remount,size=$((used + 8))M /run
"""
EMPTY = "mount -o remount,size=50% /run"


def test_what_serves_is_not_called_down(lab: Lab, folder: Path) -> None:
    """Nothing can be reloaded, neither forward nor back."""
    lab.shells(HOSTS, FILL)
    app = web_app(NAME, PORT + 1, folder, environment={"GREETING": "new"})
    try:
        before = {host: lab.show(host, UNIT, "MainPID") for host in HOSTS}
        run = lab.deploy(HOSTS, app)
    finally:
        lab.shells(HOSTS, EMPTY)
    assert set(run.messages()) == set(HOSTS), run.output
    for host, message in run.messages().items():
        assert "DOWN" not in message
        assert "serves on" in message or "serves again" in message
        assert lab.show(host, UNIT, "MainPID") == before[host]
    run = lab.deploy(HOSTS, app)
    assert run.status == 0, run.output
