# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin `virtualenv` refuses before it asks a host."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.pyfleet.services.plugins.action import (
    virtualenv,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _sources,
)


@pytest.mark.parametrize("path", ["/opt/x", "/opt/with space/ü%n", "/opt/x/"])
def test_a_path_is_taken(path: str) -> None:
    virtualenv._check_path(path)


@pytest.mark.parametrize(
    "path",
    ["", "venv", "../x", "/opt/../etc", "/opt/x\n", "/a\0b", "/a\rb", "~/x"],
)
def test_a_path_that_is_none_or_leads_elsewhere(path: str) -> None:
    with pytest.raises(_errors.RefusedError, match="path: "):
        virtualenv._check_path(path)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({}, "exactly one of packages, requirements"),
        ({"packages": []}, "packages: is empty"),
        ({"packages": ["a==1", None]}, "packages[1]: is empty (null)"),
        ({"packages": ["-r x"]}, "packages[0]: '-r x' is not a pinned"),
        ({"requirements": "a\nb"}, "requirements: "),
        (
            {"packages": ["a==1"], "index_url": "http://u:p@h/"},
            "index_url: the",
        ),
    ],
)
def test_a_source_that_is_none(args: dict[str, object], words: str) -> None:
    with pytest.raises(_errors.RefusedError) as refusal:
        virtualenv._source(args)
    assert words in str(refusal.value)
    assert "u:p" not in str(refusal.value)


@pytest.mark.parametrize(("text", "count"), [("a==1\n", 1), ("# no\n", 0)])
def test_a_file_must_hold_a_requirement(
    text: str, count: int, tmp_path: Path
) -> None:
    path = tmp_path / "r.txt"
    path.write_text(text)
    loader = SimpleNamespace(
        get_basedir=lambda: str(tmp_path),
        get_real_file=lambda path, decrypt: path,
    )
    finder = _sources.Finder(SimpleNamespace(get_search_path=list), loader)
    source = virtualenv._source({"requirements": str(path)})
    if count:
        assert virtualenv._read(source, finder) == ["a==1"]
        return
    with pytest.raises(_errors.RefusedError, match="not hold a requirement"):
        virtualenv._read(source, finder)
