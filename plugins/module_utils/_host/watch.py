# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watch over a service, until it was well for long enough.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    health,
)


def wait_healthy(
    probe: health.Probe | None,
    *,
    timeout: float,
    interval: float,
    consecutive: int,
    settle: float,
    still_good: Callable[[], str | None],
) -> health.Result:
    """Ask until a service was well for long enough, or time is up.

    Args:
        probe: The probe; without one, `still_good` alone decides.
        timeout: Seconds for all attempts.
        interval: Seconds between two attempts.
        consecutive: The number of good answers in a row.
        settle: Seconds that the service stays well.
        still_good: Returns the reason to give up at once, or None.

    Returns:
        The verdict, with the last observation.
    """
    _check_times(timeout, interval, consecutive, settle)
    began = time.monotonic()
    streak, last = _Streak(began), ""
    while True:
        if reason := still_good():
            return health.Result(False, reason)
        asked = time.monotonic()
        result = _attempt(probe, timeout - (asked - began))
        now = time.monotonic()
        # An attempt that the deadline cut short says nothing.
        if not last or now - began < timeout:
            last = result.detail
        streak.add(result, asked)
        if streak.count >= consecutive and now - streak.since >= settle:
            return _confirm(still_good, last)
        if now + interval - began > timeout:
            return _too_late(timeout, streak.count, last)
        time.sleep(interval)


def _confirm(
    still_good: Callable[[], str | None], detail: str
) -> health.Result:
    """Look once more: the service may have died after its answer."""
    reason = still_good()
    return health.Result(not reason, reason or detail)


class _Streak:
    """The good answers in a row.

    Attributes:
        since: When the first of them was asked for.
        count: How many they are.
    """

    def __init__(self, since: float) -> None:
        self.since = since
        self.count = 0

    def add(self, result: health.Result, asked: float) -> None:
        """Count an answer; a bad one starts the count anew."""
        if not result.ok:
            self.count = 0
            return
        if self.count == 0:
            self.since = asked
        self.count += 1


def _attempt(probe: health.Probe | None, left: float) -> health.Result:
    if probe is None:
        return health.Result(True, "it runs")
    # The last attempt ends with the time for all attempts.
    return health.check_once(probe._replace(timeout=min(probe.timeout, left)))


def _too_late(timeout: float, streak: int, last: str) -> health.Result:
    well = f"; well {streak} times in a row at the end" if streak else ""
    return health.Result(
        False, f"not healthy within {timeout:g} seconds: {last}{well}"
    )


def _check_times(
    timeout: float, interval: float, consecutive: int, settle: float
) -> None:
    rules = {
        f"timeout {timeout:g} must be more than 0 and finite": (
            0 < timeout < float("inf")
        ),
        f"interval {interval:g} must be more than 0 and finite": (
            0 < interval < float("inf")
        ),
        f"consecutive {consecutive} must be 1 or more": consecutive >= 1,
        f"settle {settle:g} must be 0 or more and less than timeout "
        f"{timeout:g}": 0 <= settle < timeout,
    }
    for rule, holds in rules.items():
        if not holds:
            raise errors.HostError(f"health check: {rule}")
