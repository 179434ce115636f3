# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit of a unit file is named, kept, and taken back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    edits,
    folders,
    links,
    restore,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"
TEXT = "[Service]\nExecStart=/opt/hello/envs/0/bin/a\nRestart=no\n"


@pytest.fixture
def generation(
    layout: layouts.Layout, generation_of: Callable[..., records.Generation]
) -> records.Generation:
    """Return a generation that is current, and on the disk."""
    sha256 = hashlib.sha256(TEXT.encode()).hexdigest()
    unit = records.UnitRecord(
        model.ServiceKey("main"), sha256, "started", True, model.Health(),
        text=TEXT,
    )  # fmt: skip
    made = generation_of(units={UNIT: unit})
    Path(layout.etc).mkdir(parents=True)
    folders.write(layout, made, {UNIT: TEXT}, {})
    os.symlink("1", layout.current)
    links.commit(layout, made)
    return made


def without_text(generation: records.Generation) -> records.Generation:
    """Return a generation as earlier versions recorded it."""
    unit = replace(generation.units[UNIT], text="")
    return replace(generation, units={UNIT: unit})


def own_file(layout: layouts.Layout) -> Path:
    return Path(layout.generation(1), UNIT)


def found(
    layout: layouts.Layout, generation: records.Generation
) -> list[edits.Edit]:
    return list(edits.find(layout, generation, UNIT))


def test_nothing_is_changed(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    assert found(layout, generation) == []
    restore.put_back(layout, generation)
    restore.keep_all(layout, generation)
    assert not os.path.exists(layout.aside)


@pytest.mark.parametrize(
    ("text", "is_material"),
    [
        (TEXT.replace("no", "always"), True),
        (f"# a comment\n{TEXT}\n; another\n", False),
        (TEXT.replace("\nRestart", "\n  Restart"), False),
        (TEXT.replace("[Service]\n", ""), True),
    ],
)
def test_a_change_of_more_than_comments_is_material(
    layout: layouts.Layout,
    generation: records.Generation,
    text: str,
    *,
    is_material: bool,
) -> None:
    own_file(layout).write_text(text)
    (edit,) = found(layout, generation)
    assert edit.is_material is is_material
    assert edit.path == str(own_file(layout))
    assert edit.lines


def test_both_files_may_be_changed(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    own_file(layout).write_text(f"{TEXT}Nice=1\n")
    link = Path(layout.unit_link(UNIT))
    link.unlink()
    link.write_text(f"{TEXT}Nice=2\n")
    paths = [edit.path for edit in found(layout, generation)]
    assert paths == [str(own_file(layout)), str(link)]


def test_a_file_that_never_was_ours_is_not_an_edit(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    link = Path(layout.unit_link(UNIT))
    link.unlink()
    link.write_text("[Service]\nExecStart=/bin/true\n")
    assert found(layout, generation) == []


def test_a_link_is_compared_with_the_file_of_an_earlier_version(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    link = Path(layout.unit_link(UNIT))
    link.unlink()
    link.write_text(f"{TEXT}Nice=2\n")
    (edit,) = found(layout, without_text(generation))
    assert edit.lines == "line 4, Nice=, was added"


@pytest.mark.parametrize("text", ["mine", ""])
def test_it_is_put_back_and_kept(
    layout: layouts.Layout, generation: records.Generation, text: str
) -> None:
    own_file(layout).write_text(text)
    (edit,) = found(layout, generation)
    restore.put_back(layout, generation)
    assert own_file(layout).read_text() == TEXT
    assert Path(edit.copy).read_text() == text
    assert edit.copy in edit.ending
    assert found(layout, generation) == []


@pytest.mark.parametrize("damage", ["gone", "directory", "link"])
def test_a_file_that_is_not_there_is_written(
    layout: layouts.Layout, generation: records.Generation, damage: str
) -> None:
    own_file(layout).unlink()
    if damage == "directory":
        own_file(layout).mkdir()
    elif damage == "link":
        own_file(layout).symlink_to("/etc/passwd")
    assert found(layout, generation) == []
    restore.put_back(layout, generation)
    assert own_file(layout).read_text() == TEXT
    assert not own_file(layout).is_symlink()
    assert os.path.exists(layout.aside) is (damage != "gone")


def test_a_record_of_an_earlier_version_cannot_put_it_back(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    old = without_text(generation)
    assert list(edits.unknown(layout, old)) == []
    own_file(layout).write_text("mine")
    assert list(edits.unknown(layout, generation)) == []
    assert list(edits.unknown(layout, old)) == [
        f"{own_file(layout)} was changed by hand"
    ]
    restore.put_back(layout, old)
    assert own_file(layout).read_text() == "mine"


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a\n", "a\n", ""),
        ("Nice=1\n", "Nice=2\n",
         "line 1, Nice=, was removed; line 1, Nice=, was added"),
        ("", "[Unit]\n", "line 1, [Unit], was added"),
        ("", "# Password=1\n", "line 1, was added"),
        ("", "Environment=A=secret\n", "line 1, Environment=, was added"),
        ("", "secret\n", "line 1, was added"),
        ("Environment=\\\n", "Environment=\\\nSecret=1\n",
         "line 2, was added"),
        ("", "A=1\nB=1\nC=1\nD=1\nE=1\n",
         "line 1, A=, was added; line 2, B=, was added; "
         "line 3, C=, was added; and 2 more"),
    ],
)  # fmt: skip
def test_lines_are_named_without_their_values(
    before: str, after: str, lines: str
) -> None:
    assert edits.in_words(before.encode(), after.encode()) == lines
