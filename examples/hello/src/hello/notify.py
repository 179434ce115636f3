# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service tells its manager: the protocol of sd_notify(3)."""

from __future__ import annotations

import os
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"
WATCHDOG = "WATCHDOG=1"


def status(text: str) -> str:
    """Return the assignment that ``systemctl status`` shows."""
    return f"STATUS={text}"


def notify(*assignments: str) -> None:
    """Send assignments to the manager, in one datagram.

    Does nothing where no manager listens, as when run by hand.

    Raises:
        OSError: the manager named a socket that does not take it.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        # The abstract namespace, unix(7).
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect(address)
        channel.sendall("\n".join(assignments).encode())


def watchdog_period() -> float | None:
    """Return how often to send WATCHDOG, in seconds, if it is awaited.

    Half of the limit, as sd_watchdog_enabled(3) recommends. A child
    inherits the variables, so WATCHDOG_PID= tells who is meant.
    """
    limit = os.environ.get("WATCHDOG_USEC")
    if not limit or os.environ.get("WATCHDOG_PID") not in (
        None,
        str(os.getpid()),
    ):
        return None
    return int(limit) / 1_000_000 / 2
