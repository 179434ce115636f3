# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that failed is judged by what can be known of it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    garbage,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    apply,
    failures,
    generations,
    integrity,
    switch,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

Maker = Callable[..., switch.Switch]


def failure(*, is_verdict: bool) -> failures.ActivationError:
    return failures.ActivationError(
        "a\nb\nit was late", is_verdict=is_verdict, is_settled=True
    )


@pytest.mark.parametrize("is_verdict", [True, False])
def test_only_a_verdict_is_remembered(
    layout: layouts.Layout, make_way: Maker, is_verdict: bool
) -> None:
    way = make_way(layout)
    apply._judge(way, failure(is_verdict=is_verdict))
    assert bool(failures.of(layout, way.new)) is is_verdict


def test_a_damaged_release_is_not_to_blame(
    layout: layouts.Layout, make_way: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = make_way(layout)
    path = layout.environment("0123" * 16)
    invalidated: list[str] = []
    monkeypatch.setattr(
        integrity, "damage_of", lambda *_unused: {path: ["x was changed"]}
    )
    monkeypatch.setattr(garbage, "invalidate", invalidated.extend)

    with pytest.raises(
        failures.ActivationError, match="builds it anew"
    ) as found:
        apply._judge(way, failure(is_verdict=True))

    assert not found.value.is_verdict
    assert found.value.is_settled
    assert invalidated == [path]
    assert generations.failed(layout) == {}


def test_a_record_that_cannot_be_written_hides_no_error(
    layout: layouts.Layout, make_way: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller reports why the release failed."""

    def fail(*_unused: object) -> None:
        raise errors.HostError("the disk is full")

    monkeypatch.setattr(failures, "remember", fail)
    apply._judge(make_way(layout), failure(is_verdict=True))
