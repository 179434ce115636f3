# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands get a clean environment and an end."""

from __future__ import annotations

import os
import time

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
)


def test_output_and_status() -> None:
    done = command.run(
        ["sh", "-c", "echo out; echo err >&2; exit 3"], timeout=10, check=False
    )
    assert (done.status, done.stdout, done.stderr) == (3, "out\n", "err\n")


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("echo why >&2; exit 3", "status 3: why"),
        ("echo why; exit 3", "status 3: why"),
        ("exit 3", "status 3: it said nothing"),
        ("kill -9 $$", "killed by signal 9"),
    ],
)
def test_failure_tells_why(script: str, text: str) -> None:
    with pytest.raises(errors.CommandError, match=text):
        command.run(["sh", "-c", script], timeout=10)


def test_environment_of_the_caller_is_not_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/evil")
    monkeypatch.setenv("PIP_INDEX_URL", "https://evil/")
    said = command.run(["env"], timeout=10, environment={"A": "b"}).stdout
    names = {line.partition("=")[0] for line in said.splitlines()}
    assert names - {"PWD", "SHLVL", "_"} == {
        "PATH",
        "LC_ALL",
        "LANGUAGE",
        "A",
    }


def test_output_that_is_no_utf8() -> None:
    done = command.run(["printf", r"a\377"], timeout=10)
    assert done.stdout == "a\N{REPLACEMENT CHARACTER}"


def test_missing_command() -> None:
    with pytest.raises(errors.HostError, match="no-such-command cannot be"):
        command.run(["no-such-command"], timeout=10)


def test_deadline_ends_children_too() -> None:
    began = time.monotonic()
    script = "sleep 60 & echo $!; wait"
    with pytest.raises(errors.DeadlineError, match=r"within 0\.3 seconds"):
        command.run(["sh", "-c", script], timeout=0.3)
    assert time.monotonic() - began < 4


def test_works_where_the_caller_stood_nowhere(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    before = os.getcwd()
    gone = tmp_path_factory.mktemp("gone")
    os.chdir(gone)
    gone.rmdir()
    try:
        assert command.run(["pwd"], timeout=10).stdout == "/\n"
    finally:
        os.chdir(before)


def test_umask_of_the_caller_is_not_passed_on() -> None:
    before = os.umask(0o077)
    try:
        done = command.run(["sh", "-c", "umask"], timeout=10)
    finally:
        os.umask(before)
    assert done.stdout == "0022\n"
