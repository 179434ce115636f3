# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that attacks whoever asks it, once it finds a file.

It answers on the Unix socket that its argument names. When
$HOME/attack exists, it stops all other processes of its user, root's
probes among them, and answers nobody.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time


def is_attack() -> bool:
    return os.path.exists(f"{os.environ['HOME']}/attack")


def stop_others() -> None:
    while True:
        if is_attack():
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGSTOP)
        time.sleep(0.002)


threading.Thread(target=stop_others, daemon=True).start()
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
kept = []
while True:
    connection = server.accept()[0]
    if is_attack():
        kept.append(connection)
        continue
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nwell")
    connection.close()
