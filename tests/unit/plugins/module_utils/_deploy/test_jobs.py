# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands before the switch leave nothing behind, however they end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    jobs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    journal,
    oneshot,
    systemctl,
    verbs,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

NAMES = [f"pyfleet_hello_before_1_1_{number}.service" for number in (1, 2)]


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for a systemd where the second job fails."""
    asked: list[str] = []

    def start(units: Sequence[str], **_options: object) -> None:
        assert (tmp_path / units[0]).exists()
        asked.append(f"start {units[0]}")
        if units[0] == NAMES[1]:
            raise errors.CommandError(["systemctl"], 1, "", "")

    def note(verb: str) -> None:
        def called(units: list[str], **_unused: object) -> None:
            if units:
                asked.append(f"{verb} {' '.join(units)}")

        monkeypatch.setattr(verbs, verb, called)

    monkeypatch.setattr(oneshot, "FOLDER", str(tmp_path))
    monkeypatch.setattr(verbs, "start", start)
    monkeypatch.setattr(
        systemctl, "show", lambda units, _: {unit: {} for unit in units}
    )
    monkeypatch.setattr(journal, "last_lines", lambda *_: ["no such table"])
    note("reset_failed")
    note("wait_jobs")
    note("stop")
    return asked


def test_a_job_that_failed_is_forgotten(
    tmp_path: Path, systemd: list[str]
) -> None:
    with pytest.raises(errors.HostError, match="no such table"):
        jobs.run(
            jobs.stem("hello", "before", 1, 1),
            ["[Service]\n"] * 3,
            ["a", "b", "c"],
        )

    assert systemd == [
        f"{verb} {name}"
        for name in NAMES
        for verb in ("start", "reset_failed")
    ]
    assert os.listdir(tmp_path) == []


def test_those_of_a_dead_run_end_and_are_forgotten(
    tmp_path: Path, systemd: list[str]
) -> None:
    others = [
        "hello-before-1-1-1.service",
        "pyfleet_hello-before_build_1_1.service",
        "pyfleet_hello_other_1_1_1.service",
        "pyfleet_other_before_1_1_1.service",
    ]
    for name in (NAMES[0], *others):
        (tmp_path / name).touch()

    jobs.remove_dead("hello")

    assert systemd == [f"wait_jobs {NAMES[0]}", f"reset_failed {NAMES[0]}"]
    assert sorted(os.listdir(tmp_path)) == others
