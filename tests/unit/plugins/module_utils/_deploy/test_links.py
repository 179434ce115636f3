# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links are ours by their target, and by nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    links,
    observe,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

ON, OFF = "on.service", "off.service"
OURS_TEXT = "[Service]\nExecStart=/opt/hello/envs/0/bin/a\n"


@pytest.fixture
def generation(
    generation_of: Callable[..., records.Generation],
) -> records.Generation:
    """Return a generation with one unit that is enabled, and one not."""
    return generation_of(
        sequence=4,
        units={
            name: records.UnitRecord(
                model.ServiceKey("main"),
                "",
                "started",
                name == ON,
                model.Health(),
            )
            for name in (ON, OFF)
        },
    )


def test_committed_links(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    stale = layout.wants_link(OFF)
    os.symlink("x", stale)

    assert links.commit(layout, generation)
    assert not links.commit(layout, generation)

    for name in (ON, OFF):
        target = os.readlink(layout.unit_link(name))
        assert target == f"{layout.current}/{name}"
        assert observe.is_linked(layout, name, is_enabled=name == ON)
        assert not observe.is_linked(layout, name, is_enabled=name != ON)
    assert os.readlink(layout.wants_link(ON)) == layout.unit_link(ON)
    assert not os.path.lexists(stale)


def test_a_file_made_from_ours_gives_way_to_the_link(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    Path(layout.etc).mkdir(parents=True)
    Path(layout.unit_link(ON)).write_text(OURS_TEXT)
    Path(layout.wants_link(ON)).write_text("anything")

    assert links.add(layout, generation)

    assert observe.is_linked(layout, ON, is_enabled=True)
    kept = {p.read_text() for p in Path(layout.aside).iterdir()}
    assert kept == {OURS_TEXT, "anything"}
    assert not links.add(layout, generation)


def test_a_file_made_from_ours_is_kept_and_removed(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    Path(layout.etc).mkdir(parents=True)
    Path(layout.unit_link(ON)).write_text(OURS_TEXT)
    links.remove(layout, [ON])
    assert not os.path.lexists(layout.unit_link(ON))
    (kept,) = Path(layout.aside).iterdir()
    assert kept.read_text() == OURS_TEXT


def test_a_file_of_somebody_else_is_not_replaced(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    Path(layout.unit_link(ON)).write_text("[Service]\n")
    with pytest.raises(errors.HostError, match="is not ours, and stands"):
        links.add(layout, generation)
    assert Path(layout.unit_link(ON)).read_text() == "[Service]\n"
    os.remove(layout.unit_link(ON))
    os.symlink("/root/mine.service", layout.unit_link(ON))
    with pytest.raises(errors.HostError, match="is not ours, and stands"):
        links.add(layout, generation)
    assert os.readlink(layout.unit_link(ON)) == "/root/mine.service"


def test_a_mask_stays(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    os.symlink(os.devnull, layout.unit_link(ON))
    links.commit(layout, generation)
    assert os.readlink(layout.unit_link(ON)) == os.devnull
    assert observe.is_linked(layout, OFF, is_enabled=False)


def test_links_of_others_are_not_removed(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    links.commit(layout, generation)
    os.remove(layout.unit_link(OFF))
    Path(layout.unit_link(OFF)).write_text("[Service]\n")

    links.remove(layout, [ON, OFF])

    assert os.listdir(layout.wants) == []
    assert os.path.exists(layout.unit_link(OFF))
    assert not os.path.lexists(layout.unit_link(ON))


def test_probation_begins_and_ends(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    os.symlink("/etc/pyfleet/other/1/b.service", layout.probation_link("b"))

    links.add_probation(layout, generation)

    target = os.readlink(layout.probation_link(ON))
    assert target == f"{layout.generation(4)}/{ON}"
    assert links.remove_probation(layout) == [OFF, ON]
    assert os.listdir(layout.probation_units) == ["b"]


def test_no_probation_on_a_host_without_the_directory(
    layout: layouts.Layout,
) -> None:
    os.rmdir(layout.probation_units)
    assert links.remove_probation(layout) == []


@pytest.mark.parametrize("place", ["system_units", "wants", "probation_units"])
def test_strays(layout: layouts.Layout, place: str) -> None:
    folder = getattr(layout, place)
    prefix = f"{folder}/{files.TEMPORARY_PREFIX}"
    os.symlink(f"{layout.etc}/4/{ON}", f"{prefix}1")
    os.symlink(layout.unit_link(ON), f"{prefix}2")
    os.symlink(layout.unit_link("other.service"), f"{prefix}3")
    Path(f"{prefix}4").touch()

    links.remove_strays(layout, [ON])

    left = [n for n in os.listdir(folder) if n.startswith(".")]
    assert sorted(left) == [f"{files.TEMPORARY_PREFIX}{n}" for n in (3, 4)]
