# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment files that a unit names are read where they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    environment_files,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

TARGET = targets.Target(257)
BAD = "export A=hunter2\n"


def unit(
    *values: str, name: str = "web.service", file: str = ""
) -> merged.MergedUnit:
    found = merged.MergedUnit(name, TARGET)
    for value in values:
        found.add(
            syntax.Assignment(
                found.section, "EnvironmentFile", value, 1, 1, file
            )
        )
    return found


def looked_at(found: merged.MergedUnit, *asked: str) -> list[str]:
    """Return the names of the files with a finding."""
    findings = environment_files.look(found, asked)
    assert "hunter2" not in str(findings)
    return [os.path.basename(finding.file or "") for finding in findings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.env", "b.env", "web", "50%.env", ".c.env"):
        (tmp_path / name).write_text(BAD)
    (tmp_path / "good").write_text("A=1\n")
    (tmp_path / "dir.env").mkdir()
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.mark.parametrize(
    ("values", "names"),
    [
        pytest.param(["{}/a.env"], ["a.env"], id="path"),
        pytest.param(["-{}/a.env"], ["a.env"], id="may be missing"),
        pytest.param(["{}/nothing"], [], id="missing"),
        pytest.param(["{}/good"], [], id="without a mistake"),
        pytest.param(
            ["{}/*.env"], ["50%.env", "a.env", "b.env"], id="pattern"
        ),
        pytest.param(["{}/[ab].env"], ["a.env", "b.env"], id="brackets"),
        pytest.param(["{}/a.env", "{}/?.env"], ["a.env", "b.env"], id="once"),
        pytest.param(["{}/a.env", "", "{}/b.env"], ["b.env"], id="reset"),
        pytest.param(["{}/%p"], ["web"], id="name of the unit"),
        pytest.param(["{}/50%%.env"], ["50%.env"], id="percent sign"),
        pytest.param(["{}/%H"], [], id="decided by the host"),
        pytest.param(["{}/%!", "{}/%Z"], [], id="not a specifier"),
        pytest.param(["a.env"], [], id="relative"),
        pytest.param(["{}/pipe", "{}"], [], id="not a file"),
    ],
)
def test_the_files_of_a_unit(
    values: list[str], names: list[str], folder: Path
) -> None:
    found = unit(*(value.replace("{}", str(folder)) for value in values))
    assert looked_at(found) == names


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("web.socket", ["web"]),
        ("web@1.service", ["web"]),
        ("web@.service", []),
        ("web.timer", []),
    ],
)
def test_other_units(name: str, names: list[str], folder: Path) -> None:
    assert looked_at(unit(f"{folder}/%p", name=name)) == names


def test_a_drop_in_is_asked_about_alone(folder: Path) -> None:
    found = unit(f"{folder}/a.env")
    found.add(
        syntax.Assignment(
            "Service", "EnvironmentFile", f"{folder}/b.env", 1, 1, "b.conf"
        )
    )
    assert looked_at(found, "b.conf") == ["b.env"]


def test_a_file_that_may_not_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_unused: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    assert looked_at(unit(f"{folder}/a.env")) == []


def test_a_file_that_is_too_long_for_systemd(folder: Path) -> None:
    with open(folder / "a.env", "a") as stream:
        stream.truncate((4 << 20) + 1)
    assert looked_at(unit(f"{folder}/a.env")) == []


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"content": BAD}, ["content"]),
        ({"content": BAD, "name": "a.env"}, ["a.env"]),
        ({"content": ""}, ["content"]),
        ({"path": "{}/a.env"}, ["{}/a.env"]),
        ({"files": {"a": BAD, "b": BAD}}, ["a", "b"]),
    ],
)
def test_files_that_are_given(
    given: dict[str, Any], names: list[str], folder: Path
) -> None:
    if "path" in given:
        given = {"path": given["path"].format(folder)}
    judged = environment_files.judge(given, TARGET, verdict.Policy())
    assert [one.name for one in judged] == [
        name.format(folder) for name in names
    ]
    for one in judged:
        is_bad = given.get("content") != ""
        assert one.is_valid is not is_bad
        assert len(one.as_dict()["findings"]) == is_bad
        assert all(one.name in text for text in one.problems)


@pytest.mark.parametrize("is_strict", [False, True])
def test_warnings_fail_if_that_is_wanted(is_strict: bool) -> None:
    policy = verdict.Policy(is_strict=is_strict)
    (judged,) = environment_files.judge(
        {"content": "A=1 # b\n"}, TARGET, policy
    )
    assert judged.is_valid is not is_strict


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"path": "{}/nothing"}, "cannot read"),
        ({"path": "{}"}, "is not a regular file of at most"),
        ({"path": "{}/pipe"}, "is not a regular file"),
        ({"files": {"a": 1}}, "a must be the text of a file, not a int"),
        ({"options": {"Unit": {}}}, "options is about a unit"),
        ({"content": "", "drop_ins": {"a": ""}}, "drop_ins is about a unit"),
        ({"content": "", "exposure_max": 1.0}, "exposure_max is about"),
    ],
)
def test_what_is_refused(
    given: dict[str, Any], words: str, folder: Path
) -> None:
    if "path" in given:
        given = {"path": given["path"].format(folder)}
    with pytest.raises(errors.HostError, match=words):
        environment_files.judge(given, TARGET, verdict.Policy())
