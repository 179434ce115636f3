# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All calls of a command that change something are counted as one."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from faultsweep import tracer

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or os.geteuid() != 0,
    reason="the tracer knows x86-64 alone and runs as root",
)
SHELL = shutil.which("sh") or "/bin/sh"


# In a process of its own, since the tracer waits for all children. The
# points of processes name the whole script, and do not count.
PROGRAM = """
import dataclasses, json, sys
from faultsweep import tracer
folder, argv, fault = json.loads(sys.argv[1])
def is_counted(label):
    return folder in label and not label.startswith(("start of", "end of"))
found = tracer.run(argv, tracer.Fault(**fault), is_counted)
print(json.dumps(dataclasses.asdict(found)))
"""


def trace(script: str, folder: Path, **fault: object) -> tracer.Outcome:
    """Run a shell's script, and count what it does in a folder."""
    argv = [SHELL, "-c", f"cd {folder}; {script}"]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            PROGRAM,
            json.dumps([str(folder), argv, fault]),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=60,
    )
    return tracer.Outcome(**json.loads(done.stdout))


def test_points_of_all_processes_are_numbered(tmp_path: Path) -> None:
    found = trace("mkdir a; rmdir a; echo done", tmp_path)
    assert found.points == [f"mkdir {tmp_path}/a", f"rmdir {tmp_path}/a"]
    assert found.hit is None
    assert found.output == "done\n"


def test_a_run_is_killed_at_a_point(tmp_path: Path) -> None:
    found = trace("mkdir a; mkdir b; echo done", tmp_path, at=2)
    assert found.hit == f"mkdir {tmp_path}/b"
    assert found.output == ""
    assert os.listdir(tmp_path) == ["a"]


def test_a_call_fails_with_an_error(tmp_path: Path) -> None:
    script = "mkdir a 2>/dev/null || echo failed; mkdir b"
    found = trace(script, tmp_path, at=1, error="ENOSPC")
    assert found.output == "failed\n"
    assert os.listdir(tmp_path) == ["b"]


def test_a_process_is_killed_alone(tmp_path: Path) -> None:
    found = trace("mkdir a; echo done", tmp_path, at=1, is_alone=True)
    assert found.output == "done\n"
    assert os.listdir(tmp_path) == []


def test_reading_is_no_point(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text")
    assert trace("cat a", tmp_path).points == []
