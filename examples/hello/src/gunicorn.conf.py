# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How gunicorn runs the web service; read from the working directory.

Gunicorn itself sends READY=1. It does so before its workers have loaded
anything, hence ``preload_app``: the application is then loaded first,
and a configuration that it refuses ends the service with its own exit
status instead of a loop of dying workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hello.journal import LOGGING
from hello.notify import WATCHDOG, notify, watchdog_period

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter

workers = 2
preload_app = True
# Nobody operates this service but systemd.
control_socket_disable = True
# Requests in flight have this long to end after SIGTERM.
graceful_timeout = 20

logconfig_dict = {
    **LOGGING,
    "loggers": {
        # By default these have handlers of their own instead.
        name: {"propagate": True}
        for name in ("gunicorn.error", "gunicorn.access")
    },
}
# The request line as it came: the path alone is decoded, and may hold a
# newline.
access_log_format = 'Answered request="%(r)s" status=%(s)s seconds=%(L)s'


def when_ready(server: Arbiter) -> None:
    """Tie the watchdog to the main loop, which watches the workers.

    Gunicorn sends no WATCHDOG=1. A thread or a timer would send it even
    when the loop is stuck; ``manage_workers`` is what the loop calls
    every second, and at the latest after each signal.
    """
    if watchdog_period() is None:
        return
    manage_workers = server.manage_workers

    def manage_workers_and_ping() -> None:
        manage_workers()
        notify(WATCHDOG)

    server.manage_workers = manage_workers_and_ping
