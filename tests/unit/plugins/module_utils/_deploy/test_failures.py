# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that failed is known by its digest and its inputs."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    failures,
    generations,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

Maker = Callable[..., records.Generation]


def test_the_same_release_with_other_inputs_has_not_failed(
    layout: layouts.Layout, generation_of: Maker
) -> None:
    """Its digest covers neither health checks nor credentials."""
    Path(layout.etc).mkdir(parents=True)
    release = generation_of()

    failures.remember(layout, release, "a\nb\nit was late")

    found = failures.of(layout, release)
    assert found and found["reason"] == "it was late"
    assert failures.of(layout, replace(release, wanted="another")) is None
    assert failures.of(layout, replace(release, digest="another")) is None


def test_the_oldest_are_forgotten(
    layout: layouts.Layout, generation_of: Maker
) -> None:
    Path(layout.etc).mkdir(parents=True)
    for number in range(25):
        failures.remember(layout, generation_of(digest=str(number)), "x")
    failures.remember(layout, generation_of(digest="7"), "again")

    kept = [str(number) for number in range(5, 25) if number != 7]
    assert list(generations.failed(layout)) == [*kept, "7"]
