# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of systemctl that change units, and their deadlines.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    systemctl,
)

# A reload runs every generator and reads every unit; a stop waits for
# TimeoutStopSec=, by default 90 s (systemd-system.conf(5)).
RELOAD_SECONDS = 45.0
JOB_SECONDS = 120.0
# The limit for units without a deadline of their own.
_LONGEST_SECONDS = 86_400.0
# The units that FORMAT_TIMESPAN() of systemd writes.
_UNITS = {
    "y": 31_557_600.0,
    "month": 2_629_800.0,
    "w": 604_800.0,
    "d": 86_400.0,
    "h": 3_600.0,
    "min": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
}
_SPAN = re.compile(r"([0-9.]+)(y|month|w|d|h|min|s|ms|us)(?![a-z])")
_POLL_SECONDS = (0.05, 0.5)


def daemon_reload(*, timeout: float = RELOAD_SECONDS) -> None:
    """Make systemd read its unit files again.

    Raises:
        DeadlineError: PID 1 hangs.
    """
    systemctl.run(["daemon-reload"], timeout=timeout)


def patience(units: Sequence[str]) -> float:
    """Return the seconds that a stop and a start of units may take.

    The units' TimeoutStartSec= and TimeoutStopSec= end both earlier.
    systemd waits TimeoutStopSec= twice: after SIGTERM and after
    SIGKILL.
    """
    names = ["TimeoutStartUSec", "TimeoutStopUSec"]
    longest = JOB_SECONDS
    for properties in systemctl.show(units, names).values():
        begin, end = (_parse_span(properties.get(name, "")) for name in names)
        longest = max(longest, begin + 2 * end + JOB_SECONDS)
    return min(longest, _LONGEST_SECONDS)


def _parse_span(text: str) -> float:
    """Read a time span as systemctl shows it, such as `1min 30s`."""
    if text == "infinity":
        return _LONGEST_SECONDS
    found = _SPAN.findall(text)
    return sum(float(number) * _UNITS[unit] for number, unit in found)


def start(
    units: Sequence[str],
    *,
    no_block: bool = False,
    timeout: float = JOB_SECONDS,
) -> None:
    """Start units; with `no_block`, only queue their jobs."""
    _run_job("start", units, no_block, timeout)


def restart(
    units: Sequence[str],
    *,
    no_block: bool = False,
    timeout: float = JOB_SECONDS,
) -> None:
    """Restart units, or start those that do not run."""
    _run_job("restart", units, no_block, timeout)


def stop(
    units: Sequence[str],
    *,
    no_block: bool = False,
    timeout: float | None = None,
) -> None:
    """Stop units; a unit that is not loaded is stopped already.

    Args:
        units: Names of units.
        no_block: Whether to queue the jobs without waiting for them.
        timeout: Seconds to wait; by default those of `patience`.
    """
    with _ignore_not_loaded():
        _run_job("stop", units, no_block, timeout or patience(units))


def reset_failed(units: Sequence[str]) -> None:
    """Forget failures and start limits of units.

    Until then systemd refuses to start a unit that hit its start limit,
    even after a repair. A unit that is not loaded has no failures.
    """
    with _ignore_not_loaded():
        _run_job("reset-failed", units, False, systemctl.SHOW_SECONDS)


def wait_jobs(units: Sequence[str], *, timeout: float) -> None:
    """Wait until no job of these units is queued or running.

    Args:
        units: Names of units.
        timeout: Seconds to wait.

    Raises:
        DeadlineError: A job is still there; the text names its unit.
    """
    deadline = time.monotonic() + timeout
    pause, longest = _POLL_SECONDS
    while True:
        shown = systemctl.show(units, ["Job"])
        busy = [
            unit
            for unit, properties in shown.items()
            if properties.get("Job", "") not in ("", "0")
        ]
        if not busy:
            return
        if time.monotonic() + pause > deadline:
            raise errors.DeadlineError(
                f"the job of {', '.join(busy)} did not end within "
                f"{timeout:g} seconds; see `systemctl list-jobs` and the "
                "unit's TimeoutStartSec= and TimeoutStopSec="
            )
        time.sleep(pause)
        pause = min(pause * 2, longest)


def _run_job(
    verb: str, units: Sequence[str], no_block: bool, timeout: float
) -> None:
    names = systemctl.check_names(units)
    if names:
        options = ["--no-block"] if no_block else []
        systemctl.run([verb, *options, "--", *names], timeout=timeout)


@contextmanager
def _ignore_not_loaded() -> Iterator[None]:
    try:
        yield
    except errors.CommandError as error:
        lines = error.stderr.strip().splitlines()
        if not lines or not all("not loaded" in line for line in lines):
            raise
