# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts behind the Makefile: sanity's surroundings, the stages."""

from __future__ import annotations

import pytest
import sanity
import stages


def test_pip_version_is_read_from_ansible_test() -> None:
    source = "default = dict(\n    pip='25.2',\n)\nold = dict(pip='21.3.1')"
    assert sanity.pip_versions(source) == ["25.2", "21.3.1"]


def test_pip_settings_keep_the_users_own() -> None:
    own = "[global]\ncert = /own.pem\ntimeout = 9\n"
    text = sanity.pip_settings(own, {}, "/machine.pem")
    assert "cert = /own.pem" in text
    assert "timeout = 9" in text


def test_pip_settings_take_the_environment_and_the_machine() -> None:
    environ = {"PIP_INDEX_URL": "file:///index"}
    text = sanity.pip_settings("", environ, "/machine.pem")
    assert "cert = /machine.pem" in text
    assert "index-url = file:///index" in text
    environ = {"PIP_CERT": "/env.pem"}
    text = sanity.pip_settings("", environ, "/machine.pem")
    assert "cert = /env.pem" in text


def test_search_path_has_no_shims() -> None:
    path = ("/usr/bin", "/home/x/.pyenv/shims", "/bin")
    found = sanity.search_path(path, ["/py/3.13/bin"])
    assert found == "/usr/bin:/bin:/py/3.13/bin"


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
