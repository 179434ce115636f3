# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web service whose environment decides how it behaves.

PORT: where it listens on loopback. MODE: `serve`; `exit`, to fail at
start; `late`, to fail after SECONDS; `mute`, to live without listening;
`deadlock`, to say that it is ready and answer nobody; `flap`, to be well
every other time; `stubborn`, to ignore SIGTERM. STATUS: what /health
answers.
"""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import sys
import threading
import time

SETTINGS = os.environ
FLAPS: list[int] = []


class Handler(http.server.BaseHTTPRequestHandler):
    # Sent at once: a probe that has read the status may be gone before
    # the body, whose traceback would fill the journal.
    wbufsize = -1

    def do_GET(self) -> None:
        is_health = self.path == "/health"
        status = int(SETTINGS.get("STATUS", "200")) if is_health else 200
        if is_health and SETTINGS.get("MODE") == "flap":
            FLAPS.append(status)
            status = 503 if len(FLAPS) % 2 else 200
        body = json.dumps(describe()).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_args: object) -> None:
        """Stay silent: probes would fill the journal."""


def describe() -> dict[str, object]:
    """Return what the service sees of its surroundings."""
    here = os.path.dirname(os.path.abspath(__file__))
    folder = SETTINGS.get("CONFIG", "")
    config = {}
    if os.path.isdir(folder):
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                config[name] = file.read()
    return {
        "config": config,
        "environment": dict(SETTINGS),
        "files": sorted(os.listdir(here)),
        "pid": os.getpid(),
    }


def say(text: str) -> None:
    """Write a line to the journal."""
    sys.stderr.write(f"{text}\n")


def deadlock(address: tuple[str, int]) -> None:
    """Listen, say READY=1 (sd_notify(3)), and accept no connection."""
    with socket.create_server(address):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(b"READY=1", SETTINGS["NOTIFY_SOCKET"])
        time.sleep(3600)


def main() -> None:
    mode = SETTINGS.get("MODE", "serve")
    if mode == "exit":
        say("there is no such table")
        sys.exit(3)
    if mode == "mute":
        time.sleep(3600)
    if mode == "late":
        delay = float(SETTINGS["SECONDS"])
        threading.Timer(delay, os._exit, [4]).start()
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    address = ("127.0.0.1", int(SETTINGS["PORT"]))
    if mode == "deadlock":
        deadlock(address)
    say(f"serving with {SETTINGS.get('GREETING', 'no greeting')}")
    try:
        server = http.server.ThreadingHTTPServer(address, Handler)
    except OSError as error:
        sys.exit(f"cannot listen: {error.strerror}")
    server.serve_forever()


if __name__ == "__main__":
    main()
