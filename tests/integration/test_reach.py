# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that listens for hosts which it may not hear is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab import PACKAGES, Lab

HOSTS = ["bookworm", "trixie"]
NAME = "it-reach"
OUTER, INNER = 8490, 8491
# A connection to the host's own address comes from that address, too.
_CONNECT = """
address=$(hostname -I | cut -d" " -f1)
python3 - "$address" "$1" <<'END'
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)
    print("answered")
except OSError as error:
    print("unheard")
END
"""


def test_listening_for_all_while_hearing_this_host_alone(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    (tmp_path / "index.html").write_text("hello", encoding="utf-8")

    def serve(address: str, port: int, need: str) -> dict[str, object]:
        command = ["python", "-m", "http.server", "--bind", address, str(port)]
        check = {"tcp": f"127.0.0.1:{port}", "settle": 0.5}
        return {"exec": command, "needs": [need], "health": check}

    def deploy(need: str) -> dict[str, list[str]]:
        app = {
            "name": NAME,
            "source": {"packages": PACKAGES, "files": str(tmp_path)},
            "services": {
                "outer": serve("0.0.0.0", OUTER, need),
                "inner": serve("127.0.0.1", INNER, "localhost"),
            },
        }
        run = lab.deploy(HOSTS, app)
        assert run.status == 0, run.output
        return {host: run.app(host, NAME)["notices"] for host in HOSTS}

    def outcome() -> set[str]:
        return {
            told.strip()
            for told in lab.shells(HOSTS, _CONNECT, str(OUTER)).values()
        }

    for told in deploy("localhost").values():
        (notice,) = told
        assert f"{NAME}-outer.service listens on 0.0.0.0 port" in notice
        assert "write network in place of localhost" in notice
    assert outcome() == {"unheard"}

    # The remedy cures.
    assert not any(deploy("network").values())
    assert outcome() == {"answered"}
