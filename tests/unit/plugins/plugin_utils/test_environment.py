# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment files are judged by the host's systemd, before a deploy."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _environment,
    _errors,
)

PLACE = "pyapp_services.main.environment_files"


def file(text: str, number: int = 0) -> _environment.EnvironmentFile:
    return _environment.EnvironmentFile(
        f"{PLACE}[{number}]", f"files/{number}.env", text
    )


def test_every_dropped_line_is_named_without_its_value() -> None:
    files = [file("A=1\nexport B=hunter2\n"), file("hunter2\n", 1)]
    with pytest.raises(_errors.RefusedError) as error:
        _environment.judge(files, 257)
    first, second = error.value.messages
    assert first.startswith(f"{PLACE}[0]: files/0.env, line 2: 'export B'")
    assert second.startswith(f"{PLACE}[1]: files/1.env, line 1: the line")
    assert "hunter2" not in str(error.value)


def test_a_warning_is_returned() -> None:
    (said,) = _environment.judge([file("A=30 # hunter2\n")], 257)
    assert said.startswith(f"{PLACE}[0]: files/0.env, line 1: the value of A")
    assert said.endswith("[trailing-comment]")
    assert "hunter2" not in said


@pytest.mark.parametrize(("version", "count"), [(253, 0), (254, 1)])
def test_the_version_of_the_host_decides(version: int, count: int) -> None:
    # Systemd 253 takes the second line for a part of the comment.
    files = [file("# C:\\\nA=1 # why\n")]
    assert len(_environment.judge(files, version)) == count


def test_a_text_is_in_no_representation() -> None:
    assert "hunter2" not in repr(file("A=hunter2\n"))
