# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps tell that they last, and failures what to look at."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from testfleet import progress
from testfleet.errors import FleetError


def test_a_step_tells_its_start_and_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "HEARTBEAT", 0.05)
    with progress.step("build"):
        time.sleep(0.2)
    lines = capsys.readouterr().err.splitlines()
    said = [line.partition("] ")[2] for line in lines]
    assert said[0] == "build ..."
    assert "build: still at it" in said
    assert said[-1].startswith("build: done in 0.")


def test_a_step_that_fails_has_no_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(FleetError), progress.step("build"):
        raise FleetError("no")
    assert "done" not in capsys.readouterr().err


def test_a_command_returns_its_output() -> None:
    script = "import sys; print(sys.stdin.read().upper())"
    found = progress.run([sys.executable, "-c", script], stdin="text")
    assert found == "TEXT\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["false", "x"], "false x failed: no output"),
        (["sh", "-c", "echo first >&2; echo last >&2; exit 1"], ": last"),
        (["no-such-command"], "no-such-command is not installed"),
    ],
)
def test_a_command_that_fails(command: list[str], said: str) -> None:
    with pytest.raises(FleetError, match=said):
        progress.run(command)


def test_a_command_that_takes_too_long() -> None:
    with pytest.raises(FleetError, match="no answer within 0 s"):
        progress.run(["sleep", "60"], timeout=0.1)


def test_the_log_of_a_failure_is_named(tmp_path: Path) -> None:
    log = tmp_path / "new" / "apt.log"
    progress.run_logged(["echo", "well"], log)
    assert log.read_text() == "well\n"
    with pytest.raises(FleetError, match="sh -c failed: broken") as failure:
        progress.run_logged(["sh", "-c", "echo broken; exit 1"], log)
    assert f"(see {log})" in str(failure.value)
