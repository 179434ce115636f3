# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is installed that was not judged, and check mode plans alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    files,
    holder,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    install,
    sources,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    consult,
    read_back,
)
from ansible_collections.pyfleet.services.plugins.modules import (
    unit,
)

SERVICE = "[Service]\nExecStart=/bin/x\n"
# As fixture `call` runs it.
MODULE = unit
GIVEN: dict[str, Any] = {"name": "a.service"}
Call = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[install.UnitPlan]:
    """Stand in for the host; return the plans that were applied."""
    found: list[install.UnitPlan] = []

    def agree(
        _name: str,
        _text: object,
        _drop_ins: object,
        _target: object,
        findings: list[report.Finding],
    ) -> list[report.Finding]:
        return findings

    plan = install.UnitPlan("a.service", verbs=("start a.service",))
    target = targets.Target(257)
    monkeypatch.setattr(sources, "read_target", lambda *_unused: target)
    monkeypatch.setattr(consult, "consult", agree)
    monkeypatch.setattr(read_back, "read_back", lambda _unit: [])
    monkeypatch.setattr(install, "plan_install", lambda *_unused: plan)
    monkeypatch.setattr(install, "plan_removal", lambda _wish: plan)
    monkeypatch.setattr(install, "apply", found.append)
    monkeypatch.setattr(holder, "DIRECTORY", str(tmp_path))
    monkeypatch.setattr(ancestors, "check", lambda _path: None)
    monkeypatch.setattr(files, "ensure_directory", lambda *_, **__: False)
    return found


def test_a_unit_is_judged_and_installed(
    call: Call, applied: list[install.UnitPlan]
) -> None:
    result = call(content=SERVICE)
    assert result["changed"] is True
    assert result["actions"] == ["start a.service"]
    assert result["findings"] == []
    assert len(applied) == 1


def test_check_mode_tells_what_would_change(
    call: Call, applied: list[install.UnitPlan]
) -> None:
    result = call(content=SERVICE, _ansible_check_mode=True)
    assert result["changed"] is True
    assert applied == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"content": "[Service]\nExecStart=x y\nNice=99\n"}, "Nice=99"),
        ({"content": SERVICE, "exposure_max": 1.0}, "exposure"),
        ({"options": {"Service": {"UMask": 63}}}, "UMask"),
        ({"content": SERVICE, "options": {}}, "mutually exclusive"),
    ],
)
def test_what_is_refused_changes_nothing(
    call: Call,
    applied: list[install.UnitPlan],
    arguments: dict[str, Any],
    words: str,
) -> None:
    result = call(**arguments)
    assert result["failed"]
    assert words in result["msg"]
    assert applied == []


def test_warnings_are_refused_where_they_are_to_be(
    call: Call, applied: list[install.UnitPlan]
) -> None:
    content = f"{SERVICE}KillMode=none\n"
    assert "failed" not in call(content=content)
    assert call(content=content, strict=True)["failed"]
    assert len(applied) == 1


def test_a_removal_judges_nothing(
    call: Call, applied: list[install.UnitPlan]
) -> None:
    result = call(state="absent")
    assert result["changed"] is True
    assert "findings" not in result
    assert len(applied) == 1


def test_what_differs_once_it_is_loaded_is_a_finding(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = report.Finding("host-differs", "warning", "", "", "", 0, "odd")
    monkeypatch.setattr(read_back, "read_back", lambda _unit: [finding])
    result = call(content=SERVICE)
    assert [one["code"] for one in result["findings"]] == ["host-differs"]
    assert call(content=SERVICE, name="a@.service")["findings"] == []


@pytest.mark.parametrize(
    ("text", "is_refused"), [("export A=1\n", True), ("A=1\n", False)]
)
def test_the_environment_files_of_a_unit_are_judged(
    call: Call,
    applied: list[install.UnitPlan],
    tmp_path: Path,
    text: str,
    is_refused: bool,
) -> None:
    path = tmp_path / "a.env"
    path.write_text(text)
    result = call(content=f"{SERVICE}EnvironmentFile={path}\n")
    assert result.get("failed", False) is is_refused
    assert (f"{path}: line 1: " in result.get("msg", "")) is is_refused
    assert bool(applied) is not is_refused
