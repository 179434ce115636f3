# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/applications.md is about examples/applications."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "examples" / "applications"
PAGE = ROOT / "docs" / "applications.md"
NAMES = sorted(path.name for path in FOLDER.iterdir())
ROW = re.compile(
    r"^\| \[(?P<name>[a-z-]+)\]\(\S+\) \| (?P<what>[^|]+) "
    r"\| (?P<needs>[^|]+) \| (?P<exposure>[0-9.]+) \|",
    re.MULTILINE,
)


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer(PAGE.read_text(encoding="utf-8")))


def load(name: str) -> dict[str, Any]:
    text = (FOLDER / name / "app.yml").read_text(encoding="utf-8")
    app: dict[str, Any] = yaml.safe_load(text)
    return app


def test_the_page_lists_exactly_the_applications() -> None:
    assert len(NAMES) == 10
    assert [row["name"] for row in rows()] == NAMES


def test_the_page_tells_the_needs_of_each() -> None:
    for row in rows():
        needs = load(row["name"])["pyapp_services"]["main"]["needs"]
        told = ", ".join(f"`{need}`" for need in needs) or "none"
        assert row["needs"] == told, row["name"]


def test_every_score_passes_the_default_gate() -> None:
    scores = {row["name"]: float(row["exposure"]) for row in rows()}
    assert scores
    assert max(scores.values()) <= 2.0, scores


@pytest.mark.parametrize("name", NAMES)
def test_an_application_is_exemplary(name: str) -> None:
    app = load(name)
    assert app["pyapp_name"] == name
    packages = app["pyapp_source"]["packages"]
    assert all("==" in package for package in packages)
    main = app["pyapp_services"]["main"]
    assert main["description"]
    assert main["health"]
