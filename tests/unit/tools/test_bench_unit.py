# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench imports our code as a host does, and times it."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import bench_unit
import pytest


def test_the_archive_has_the_rooms_that_are_measured(tmp_path: Path) -> None:
    bench_unit.make_folder(tmp_path)
    with zipfile.ZipFile(tmp_path / "modules.zip") as archive:
        names = archive.namelist()
    for room in bench_unit.ROOMS:
        assert f"{bench_unit.PACKAGE}/{room}/__init__.py" in names
    assert f"{bench_unit.PACKAGE}/_rules/validator.py" in names
    assert f"{bench_unit.PACKAGE}/_deploy/drift.py" in names
    assert not [n for n in names if "/_verify/" in n or "/_single/" in n]


def test_a_unit_is_measured(tmp_path: Path) -> None:
    bench_unit.make_folder(tmp_path)
    version, medians = bench_unit.measure([sys.executable], str(tmp_path), 1)
    assert version.startswith("3.")
    assert len(medians) == len(bench_unit.COLUMNS)
    assert all(value > 0 for value in medians[:4])


def test_a_line_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    bench_unit.show("sid", "3.13.1", [0.0123, 0.5, 0.001, 0.0])
    assert capsys.readouterr().out.split() == [
        "sid",
        "3.13.1",
        "12.30",
        "500.00",
        "1.00",
        "-",
    ]
