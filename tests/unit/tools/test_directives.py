# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of directives is what the data and the overrides say."""

from __future__ import annotations

import ast
import json

import directives
import pytest

ROOM = directives.ROOT / "plugins" / "module_utils" / "_unit"


def test_the_module_is_up_to_date() -> None:
    data = json.loads(directives.SOURCE.read_text(encoding="utf-8"))
    made = directives.make_module(directives.make_rows(data))
    assert made == (ROOM / "_table.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("mark", [",", ";", "|", " "])
@pytest.mark.parametrize("width", [1, 7, 40, 78, 79, 90])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 9])
def test_a_folded_line_is_read_as_one(
    mark: str, width: int, count: int
) -> None:
    line = mark.join(["a" * width] * count)
    folded = directives.fold(line)
    assert all(len(part) <= 79 for part in folded.split("\n"))
    assert ast.literal_eval(f'"""{folded}"""') == line


def test_every_override_is_of_a_directive() -> None:
    data = json.loads(directives.SOURCE.read_text(encoding="utf-8"))
    known = {key.partition(".")[2] for key in data} | set(data)
    assert {name for name in directives.SINCE if name not in known} == set()
    assert {n for n in directives.FEATURES if n not in known} == set()


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (directives.NEWEST, 0),
        (directives.LAST_TABLE, 0),
        (directives.LAST_TABLE - 1, directives.LAST_TABLE),
    ],
)
def test_a_directive_is_gone_after_its_last_version(
    last: int, expected: int
) -> None:
    entry = {"since": 240, "last": last, "parser": "bool"}
    assert directives.removed_in(entry) == expected


@pytest.mark.parametrize(("since", "expected"), [(200, 239), (250, 250)])
def test_no_version_is_older_than_the_oldest(
    since: int, expected: int
) -> None:
    entry = {"since": str(since)}
    assert directives.since("Service", "NoSuchName", entry) == expected
