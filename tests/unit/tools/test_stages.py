# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of the suite, and their summary."""

from __future__ import annotations

import pytest
import stages


def test_closing_lines_of_pytest() -> None:
    closing = stages.CLOSING_LINE
    assert closing.match("===== 3 passed in 0.05s =====")
    assert closing.match("== 1 failed, 3 passed in 65.05s (0:01:05) ==")
    assert not closing.match("===== test session starts =====")
    assert not closing.match("=== unit: ok in 3 s")


def test_summary_names_every_stage() -> None:
    text = stages.summary(
        [
            stages.Outcome("unit", "ok", 2.0, ("3 passed in 1s",)),
            stages.Outcome("fleet", "FAILED", 5.0),
            stages.Outcome("molecule", "not run"),
        ]
    )
    assert "unit           ok            2 s  3 passed in 1s" in text
    assert "fleet          FAILED        5 s" in text
    assert "molecule       not run       0 s" in text
    assert "total                        7 s" in text


def test_no_stage_runs_on_a_foundation_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran = []

    def run_stage(stage: stages.Stage) -> stages.Outcome:
        ran.append(stage.name)
        return stages.Outcome(stage.name, "FAILED")

    monkeypatch.setattr(stages, "run_stage", run_stage)
    outcomes = stages.run_all(list(stages.STAGES))
    assert ran == ["unit", "lint", "sanity", "sanity-oldest", "fleet"]
    verdicts = [outcome.verdict for outcome in outcomes]
    assert verdicts == ["FAILED"] * 5 + ["not run"] * 3
