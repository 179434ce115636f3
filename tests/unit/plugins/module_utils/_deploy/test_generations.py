# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generations are ordered by number, and whole only with a record."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from generation_files import write

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
    folders,
    generations,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    systemctl,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"
Maker = Callable[..., records.Generation]


def test_nothing_is_there_at_first(layout: layouts.Layout) -> None:
    assert generations.sequences(layout) == []
    assert folders.newest(layout) == 0
    assert generations.current(layout) is None
    assert generations.read_current(layout) is None


def test_numbers_are_ordered_as_numbers(layout: layouts.Layout) -> None:
    for name in ("10", "9", "config", "current"):
        Path(layout.etc, name).mkdir(parents=True)
    assert generations.sequences(layout) == [9, 10]
    assert folders.newest(layout) == 10


def test_what_is_written_is_read(
    layout: layouts.Layout, generation_of: Maker
) -> None:
    unit = records.UnitRecord(
        model.ServiceKey("main"), "", "started", True, model.Health()
    )
    written = write(layout, generation_of(sequence=3, units={UNIT: unit}))
    os.symlink("3", layout.current)

    assert list(generations.complete(layout)) == [written]
    assert generations.current(layout) == written
    assert generations.read_current(layout) == written
    assert folders.read_unit(layout, written, UNIT) == b"[Unit]\n"
    assert Path(layout.probe(3, UNIT)).read_text() == "x"


@pytest.mark.parametrize(
    ("link", "record", "words"),
    [
        ("../x", None, "not to a generation"),
        ("7", None, "has no generation.json"),
        ("7", "{", "the record is damaged"),
        ("7", '{"schema": 99}', "another version"),
    ],
)
def test_a_current_generation_that_is_not_ours(
    layout: layouts.Layout, link: str, record: str | None, words: str
) -> None:
    """It is refused, not taken for a host without a release."""
    folder = Path(layout.generation(7))
    folder.mkdir(parents=True)
    if record is not None:
        (folder / "generation.json").write_text(record)
    os.symlink(link, layout.current)

    with pytest.raises(errors.HostError, match=words):
        generations.read_current(layout)

    assert generations.current(layout) is None


def test_the_listing(
    layout: layouts.Layout,
    generation_of: Maker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_layout: object, generation: records.Generation) -> list[str]:
        return ["code is gone"] if generation.sequence == 1 else []

    monkeypatch.setattr(artifacts, "missing", missing)
    write(layout, generation_of(sequence=1, irreversible="migrate"))
    newer = write(layout, generation_of(sequence=2))

    first, second = generations.listing(layout, newer)

    assert first["problems"] == ["code is gone"]
    assert first["irreversible"] == "migrate"
    assert not first["is_usable"] and not first["is_current"]
    assert second["is_usable"] and second["is_current"]
    assert second["source"] == "packages: a"


def test_what_is_remembered_of_systemd() -> None:
    manager = systemctl.Manager(252, "252.39", frozenset({"+B", "-A"}))
    assert generations.systemd_facts(manager) == {
        "version": 252,
        "variant": manager.variant,
        "features": ["+B", "-A"],
    }


@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_record_of_failures_that_is_none(
    layout: layouts.Layout, content: str | None
) -> None:
    if content is not None:
        Path(layout.etc).mkdir(parents=True)
        Path(layout.failures).write_text(content)
    assert generations.failed(layout) == {}
