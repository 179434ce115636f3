# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors say what failed, and foreign text in them cannot pass for ours."""

from __future__ import annotations

import errno

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)


def test_the_kernels_refusal_is_put_into_words() -> None:
    error = OSError(errno.EROFS, "Read-only file system", "/etc/hello")
    text = errors.message(error)
    assert text.startswith(
        "the host failed: /etc/hello: Read-only file system; "
    )
    assert "run again" in text


def test_a_refusal_without_a_file() -> None:
    assert errors.in_words(OSError("odd")).startswith("the host failed: odd;")


def test_the_application_is_named_where_there_are_several() -> None:
    error = errors.HostError("no space")
    assert errors.message(error) == "no space"
    assert errors.message(error, "hello") == "hello: no space"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (3, "ls /x exited with status 3: "),
        (-15, "ls /x was killed by signal 15: "),
        (-9, "killed by signal 9 (as the kernel does where memory runs out)"),
    ],
)
def test_how_a_command_ended(status: int, words: str) -> None:
    error = errors.CommandError(["ls", "/x"], status, "", "no")
    assert words in str(error)
    assert error.status == status


@pytest.mark.parametrize(
    ("stdout", "stderr", "said"),
    [
        ("out", "err", "err"),
        ("out", " ", "out"),
        ("", "", "it said nothing"),
    ],
)
def test_what_a_command_said(stdout: str, stderr: str, said: str) -> None:
    error = errors.CommandError(["ls"], 1, stdout, stderr)
    assert str(error) == f"ls exited with status 1: {said}"


def test_a_title_stands_for_arguments_that_nobody_shall_see() -> None:
    error = errors.CommandError(["ls", "secret"], 1, "", "", "a command")
    assert str(error).startswith("a command exited")
    assert "secret" not in str(error)


def test_lines_of_a_command_are_indented() -> None:
    error = errors.CommandError(["ls"], 1, "", "first\nhello: deployed")
    assert "\n    hello: deployed" in str(error)


def test_of_long_output_the_end_is_told() -> None:
    error = errors.CommandError(["ls"], 1, "", "x" * 5000 + " the end")
    assert str(error).endswith(" the end")
    assert len(str(error)) < 4100


def test_what_a_command_said_controls_no_terminal() -> None:
    error = errors.CommandError(["ls"], 1, "", "a\x1b[31mb")
    assert "\x1b" not in str(error)
