# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A trace says which units a run is about to touch."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    plans,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    traces,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"sequence": 1}', '{"sequence": null}']
)
def test_a_trace_that_says_nothing(
    layout: layouts.Layout, content: str
) -> None:
    """The run died before it noted anything."""
    traces.begin(layout)
    Path(layout.transaction).write_text(content)
    assert traces.read(layout) == traces.Trace()


def test_a_trace_of_before_stays_when_another_run_begins(
    layout: layouts.Layout,
) -> None:
    trace = traces.Trace(3, True, ("a.service",))
    traces.begin(layout)
    traces.note(layout, trace)

    traces.begin(layout)

    assert traces.read(layout) == trace
    traces.end(layout)
    assert traces.read(layout) is None


def test_a_trace_is_for_root(layout: layouts.Layout) -> None:
    traces.begin(layout)
    assert os.stat(layout.transaction).st_mode & 0o777 == 0o600


def test_a_link_in_its_place_is_not_followed(
    layout: layouts.Layout, tmp_path: Path
) -> None:
    os.makedirs(layout.etc)
    os.symlink(tmp_path / "theirs", layout.transaction)
    with pytest.raises(errors.HostError, match="nothing was changed"):
        traces.begin(layout)
    assert not (tmp_path / "theirs").exists()


def test_which_units_are_touched() -> None:
    plan = plans.Plan(
        plans.ACTIVATE,
        restart=("b", "a"),
        watch=("w",),
        stop=("c",),
        add=("a",),
        remove=("c",),
    )
    assert traces.touched(plan, ["d", "a"]) == ["a", "c", "b", "d"]
