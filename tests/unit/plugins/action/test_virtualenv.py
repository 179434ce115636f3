# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin `virtualenv` refuses before it asks a host."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.action import (
    virtualenv,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
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
