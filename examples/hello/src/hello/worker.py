# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The background worker: greets at an interval and counts."""

from __future__ import annotations

import logging
import logging.config
import os
import signal
import time
from pathlib import Path

from hello import settings
from hello.journal import LOGGING
from hello.notify import (
    READY,
    STOPPING,
    WATCHDOG,
    notify,
    status,
    watchdog_period,
)

_LOG = logging.getLogger(__name__)
_STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


class Counter:
    """A number of greetings that outlives the process."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "greetings"

    def read(self) -> int:
        """Return the number stored, or 0 before the first greeting.

        Raises:
            ValueError: the file holds something else.
        """
        try:
            return int(self._path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0

    def increase(self) -> int:
        """Store the number after this one, and return it."""
        count = self.read() + 1
        fresh = self._path.with_suffix(".new")
        # Renamed when complete: a crash leaves the old number, not half
        # of the new one.
        with fresh.open("w", encoding="ascii") as stream:
            stream.write(f"{count}\n")
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._path)
        return count


def run(chosen: settings.Settings, counter: Counter) -> None:
    """Greet until a stop signal arrives, each greeting whole.

    The stop signals must be blocked: they are taken between greetings
    alone, and end the wait for the next one at once.
    """
    notify(READY, status(f"{counter.read()} greetings so far"))
    next_greeting = time.monotonic()
    while not _is_stopped_before(next_greeting):
        count = counter.increase()
        _LOG.info(chosen.greeting, extra={"fields": {"count": count}})
        notify(status(f"{count} greetings"))
        next_greeting = time.monotonic() + chosen.interval
    notify(STOPPING, status("Stopping"))


def _is_stopped_before(deadline: float) -> bool:
    """Wait for a stop signal until the deadline, pinging meanwhile."""
    period = watchdog_period()
    while True:
        if period is not None:
            notify(WATCHDOG)
        left = max(deadline - time.monotonic(), 0)
        wait = left if period is None else min(left, period)
        if signal.sigtimedwait(_STOP_SIGNALS, wait) is not None:
            return True
        if time.monotonic() >= deadline:
            return False


def main() -> None:
    """Run the worker in the directory that systemd made for it."""
    # First of all, so that a stop during the start is not a crash.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    logging.config.dictConfig(LOGGING)
    chosen = settings.from_environment()
    # More than one directory would be separated by colons.
    state = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if not state:
        _LOG.critical("STATE_DIRECTORY is not set: where to count?")
        raise SystemExit(os.EX_CONFIG)
    run(chosen, Counter(Path(state)))
    _LOG.info("Stopped")


if __name__ == "__main__":
    main()
