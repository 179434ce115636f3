# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Units are started and stopped, and no call waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
    systemctl,
    verbs,
)

Fake = Callable[..., list[list[str]]]


class TestJobs:
    def test_arguments(self, fake: Fake) -> None:
        calls = fake(*[(0, "", "")] * 4)
        verbs.start(["--now"], no_block=True)
        verbs.restart(["a.service"])
        verbs.stop([])
        verbs.daemon_reload()
        verbs.reset_failed(["a.service"])
        assert calls == [
            ["start", "--no-block", "--", "--now"],
            ["restart", "--", "a.service"],
            ["daemon-reload"],
            ["reset-failed", "--", "a.service"],
        ]

    @pytest.mark.parametrize(
        ("stderr", "is_fine"),
        [
            ("Failed to stop a.service: Unit a.service not loaded.\n", True),
            ("Unit a not loaded.\nUnit b is masked.\n", False),
            ("", False),
        ],
    )
    def test_stopping_what_is_not_loaded(
        self, fake: Fake, stderr: str, is_fine: bool
    ) -> None:
        fake((5, "", stderr), (5, "", stderr))
        for function in (verbs.stop, verbs.reset_failed):
            if is_fine:
                function(["a.service"])
            else:
                with pytest.raises(errors.CommandError):
                    function(["a.service"])

    def test_starting_what_is_not_loaded_fails(self, fake: Fake) -> None:
        fake((5, "", "Unit a.service not loaded.\n"))
        with pytest.raises(errors.CommandError, match="not loaded"):
            verbs.start(["a.service"])

    def test_waits_for_the_end(self, fake: Fake) -> None:
        done, busy = "Names=a.service\nJob=\n", "Names=a.service\nJob=9\n"
        calls = fake((0, busy, ""), (0, busy, ""), (0, done, ""))
        verbs.wait_jobs(["a.service"], timeout=5)
        assert len(calls) == 3

    def test_does_not_wait_for_ever(self, fake: Fake) -> None:
        fake((0, "Names=a.service\nJob=9\n", ""))
        with pytest.raises(errors.DeadlineError, match=r"job of a\.service"):
            verbs.wait_jobs(["a.service"], timeout=0.01)


def test_hanging_manager_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "systemctl"
    hanging.write_text("#!/bin/sh\nsleep 60 & wait\n")
    hanging.chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    monkeypatch.setattr(command, "ENVIRONMENT", path)
    with pytest.raises(errors.DeadlineError, match="PID 1"):
        verbs.daemon_reload(timeout=0.3)


@pytest.mark.parametrize(
    ("begin", "end", "seconds"),
    [
        ("1min 30s", "1min 30s", 390),
        ("20min", "3min", 1680),
        ("1h 2min 3s", "250ms", 3843.5),
        ("infinity", "1min 30s", 86_400),
        ("1month 2d", "1s", 86_400),
        ("", "", 120),
    ],
)
def test_units_are_given_the_time_that_they_may_take(
    monkeypatch: pytest.MonkeyPatch, begin: str, end: str, seconds: float
) -> None:
    """A start of 20 minutes is not cut off after ten."""
    shown = {"TimeoutStartUSec": begin, "TimeoutStopUSec": end}
    monkeypatch.setattr(systemctl, "show", lambda *_args: {"a": shown})
    assert verbs.patience(["a"]) == seconds
