# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rollback that died is completed, and goes no further back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    generations,
    recovery,
    rollback,
    traces,
)


@pytest.mark.parametrize(
    ("trace", "current", "to"),
    [
        (None, 3, None),
        # It had made 3 the current one, from 4.
        (traces.Trace(3, False), 3, 3),
        # It died before that.
        (traces.Trace(2, False), 3, None),
        # A deploy that died after it had made 3 the current one.
        (traces.Trace(3, True), 3, None),
        (traces.Trace(), 3, None),
    ],
)
def test_where_a_rerun_goes(
    monkeypatch: pytest.MonkeyPatch,
    trace: traces.Trace | None,
    current: int,
    to: int | None,
) -> None:
    asked: list[object] = []
    ended: list[object] = []
    found = SimpleNamespace(sequence=current)
    monkeypatch.setattr(traces, "read", lambda _unused: trace)
    monkeypatch.setattr(recovery, "recover", lambda _unused: [])
    monkeypatch.setattr(traces, "end", ended.append)
    monkeypatch.setattr(generations, "current", lambda _unused: found)
    monkeypatch.setattr(
        rollback, "_way", lambda _layout, to, _dirty: asked.append(to)
    )

    assert not rollback.roll_back(layouts.Layout("hello"), None)["changed"]
    assert asked == [to]
    assert len(ended) == 1
