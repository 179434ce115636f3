# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service is watched until it was well for long enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    health,
    watch,
)


class Clock:
    """Time that passes by sleeping alone, and by slow answers."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, answers: str, cost: float = 0
    ) -> None:
        self.now, self.cost, self.asked = 1000.0, cost, 0
        self.answers = answers
        self.timeouts: list[float] = []
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.sleep)
        monkeypatch.setattr(health, "check_once", self.check)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def check(self, probe: health.Probe) -> health.Result:
        self.timeouts.append(probe.timeout)
        self.now += self.cost
        letter = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return health.Result(letter == "+", f"saw {letter}")


def wait(
    still_good: Callable[[], str | None] = lambda: None,
    *,
    settle: float = 0,
    consecutive: int = 1,
    timeout: float = 10,
) -> health.Result:
    return watch.wait_healthy(
        health.Probe(kind="tcp", port=1),
        timeout=timeout,
        interval=1,
        consecutive=consecutive,
        settle=settle,
        still_good=still_good,
    )


class TestWait:
    @pytest.mark.parametrize(
        ("answers", "consecutive", "settle", "ok", "asked"),
        [
            ("+", 1, 0, True, 1),
            ("--+", 1, 0, True, 3),
            ("+", 3, 0, True, 3),
            ("+-+", 3, 0, True, 5),
            ("+", 1, 4, True, 5),
            ("++-+", 1, 4, True, 8),
            ("-", 1, 0, False, 11),
            ("+-+-+-+-+-+-+-", 2, 0, False, 11),
            ("+++-+++-+++-", 1, 4, False, 11),
        ],
    )
    def test_streaks(
        self,
        monkeypatch: pytest.MonkeyPatch,
        answers: str,
        consecutive: int,
        settle: float,
        ok: bool,
        asked: int,
    ) -> None:
        clock = Clock(monkeypatch, answers)
        result = wait(settle=settle, consecutive=consecutive)
        assert (result.ok, clock.asked) == (ok, asked)

    def test_tells_what_it_saw_last(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Clock(monkeypatch, "-")
        assert wait().detail == "not healthy within 10 seconds: saw -"

    def test_slow_answers_do_not_outlast_the_whole(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = Clock(monkeypatch, "-", cost=3)
        assert not wait().ok
        assert clock.now <= 1000 + 10 + 3
        assert clock.timeouts == [5, 5, 2]

    def test_the_end_of_all_time_hides_no_answer(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Clock(monkeypatch, "abc", cost=3)
        assert wait().detail.endswith("saw b")
        Clock(monkeypatch, "a", cost=11)
        assert wait().detail.endswith("saw a")

    def test_gives_up_early(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock(monkeypatch, "-")
        result = wait(lambda: "it failed" if clock.asked == 2 else None)
        assert (result, clock.asked) == (health.Result(False, "it failed"), 2)

    def test_looks_once_more_at_the_end(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = Clock(monkeypatch, "+")
        result = wait(lambda: "it failed" if clock.asked else None)
        assert result == health.Result(False, "it failed")

    def test_without_a_probe(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock(monkeypatch, "-")
        result = watch.wait_healthy(
            None,
            timeout=10,
            interval=1,
            consecutive=1,
            settle=3,
            still_good=lambda: None,
        )
        assert (result.ok, clock.now) == (True, 1003)

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"timeout": 0}, "timeout 0"),
            ({"timeout": -1}, "timeout -1"),
            ({"timeout": float("inf")}, "timeout inf"),
            ({"timeout": float("nan")}, "timeout nan"),
            ({"settle": 10}, "settle 10 must be 0 or more and less"),
            ({"settle": -1}, "settle -1"),
            ({"consecutive": 0}, "consecutive 0"),
        ],
    )
    def test_odd_times(self, changes: dict[str, Any], said: str) -> None:
        with pytest.raises(errors.HostError, match=said):
            wait(**changes)
