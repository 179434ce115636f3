# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy does not cut off a job, or says that it did."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import HERE, PACKAGES, Lab, Run

HOSTS = ["bookworm", "trixie"]
NAME = "it-stop"
UNIT = f"{NAME}.service"
WAIT = f"""
until grep -q "began $1" /var/lib/{NAME}/jobs; do sleep 0.1; done
"""


class Worker:
    """A worker with a job that runs while it is deployed again."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self._folder = folder
        shutil.copy(HERE / "files" / "prefork.py", folder)

    def deploy(
        self,
        version: str,
        *arguments: str,
        job: str = "none",
        parent: str = "waits",
        **main: Any,
    ) -> Run:
        """Deploy a release with a job of its own, and let it begin."""
        environment = {"VERSION": version, "JOB": job, "MAIN": parent}
        main = {
            "exec": "python prefork.py",
            "environment": environment,
            "health": {"settle": 0.5},
            **main,
        }
        app = {
            "name": NAME,
            "source": {"packages": PACKAGES, "files": str(self._folder)},
            "services": {"main": main},
        }
        run = self.lab.deploy(HOSTS, app, *arguments)
        assert run.status == 0, run.output
        if not arguments:
            self.lab.shells(HOSTS, WAIT, version)
        return run

    def jobs(self) -> list[str]:
        """Return what is on record of the jobs, the same on all hosts."""
        found = self.lab.shells(HOSTS, f"cat /var/lib/{NAME}/jobs")
        assert len(set(found.values())) == 1, found
        return found[HOSTS[0]].splitlines()

    def warnings(self, run: Run) -> list[str]:
        """Return what a deploy warned of, the same on all hosts."""
        found = [run.app(host, NAME)["warnings"] for host in HOSTS]
        assert found.count(found[0]) == len(HOSTS)
        warnings: list[str] = found[0]
        return warnings


@pytest.fixture
def worker(lab: Lab, claim: Callable[..., None], tmp_path: Path) -> Worker:
    claim(HOSTS, NAME)
    return Worker(lab, tmp_path)


def test_a_running_job_ends_before_its_worker(worker: Worker) -> None:
    worker.deploy("a", job="running")
    plan = worker.deploy("b", "--check", "--diff", stop_timeout="3min")
    run = worker.deploy("b", stop_timeout="3min")

    assert worker.jobs()[:3] == ["began a", "done a", "began b"]
    for told in (plan, run):
        for host in HOSTS:
            assert told.app(host, NAME)["stops"] == {UNIT: "3min"}
    assert f"{UNIT} may take up to 3min to stop" in plan.output
    assert worker.warnings(run) == []


def test_with_systemds_default_the_job_is_lost(worker: Worker) -> None:
    """So the case before shows what it is meant to show."""
    every = {"Service": {"KillMode": "control-group"}}
    worker.deploy("a", job="running", options=every)
    worker.deploy("b", options=every)

    assert worker.jobs()[:2] == ["began a", "began b"]


def test_a_job_that_takes_too_long_is_told_as_lost(worker: Worker) -> None:
    worker.deploy("a", job="endless")
    run = worker.deploy("b", stop_timeout="2s")

    assert worker.jobs()[:2] == ["began a", "began b"]
    (warning,) = worker.warnings(run)
    assert "the old processes did not end within 2s" in warning
    assert "Set services.main.stop_timeout" in warning
    assert "[WARNING]" in run.output


def test_children_that_are_left_behind_are_told(worker: Worker) -> None:
    worker.deploy("a", job="endless", parent="leaves")
    run = worker.deploy("b")

    (warning,) = worker.warnings(run)
    assert "the old main process ended before its child" in warning
    assert "(python" in warning
    assert "KillMode to 'control-group'" in warning


def test_a_shell_is_told_from_the_program_that_it_starts(
    worker: Worker,
) -> None:
    line = "python prefork.py; true"
    shell = worker.deploy("a", exec=["/bin/sh", "-c", line])
    replaced = worker.deploy("b", exec=["/bin/sh", "-c", f"exec {line[:17]}"])

    for host in HOSTS:
        (notice,) = shell.app(host, NAME)["notices"]
        assert "sh starts the program as a child process" in notice
        assert replaced.app(host, NAME)["notices"] == []
        assert worker.lab.show(host, UNIT, "KillMode") == "mixed"
