# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A generation is started afresh, watched, and current once proven."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    failures,
    proof,
    switch,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"
SETTLE = 1.0
Maker = Callable[..., switch.Switch]


@pytest.mark.usefixtures("layout")
class TestActivate:
    def test_a_unit_at_its_start_limit_is_started(
        self, layout: layouts.Layout, systemd: Any, make_way: Maker
    ) -> None:
        systemd.limited.add(UNIT)

        switch.activate(make_way(layout))

        assert os.readlink(layout.current) == "2"

    def test_it_must_live_as_long_as_it_is_watched(
        self, layout: layouts.Layout, systemd: Any, make_way: Maker
    ) -> None:
        systemd.lives = SETTLE / 2

        with pytest.raises(
            failures.ActivationError, match="ended while it was watched"
        ):
            switch.activate(make_way(layout, SETTLE))

        assert os.readlink(layout.current) == "1"

    def test_nothing_is_current_before_its_settling_time(
        self, layout: layouts.Layout, systemd: Any, make_way: Maker
    ) -> None:
        began = time.monotonic()

        switch.activate(make_way(layout, SETTLE))

        assert time.monotonic() - began >= SETTLE

    def test_nothing_is_current_before_its_proof(
        self,
        layout: layouts.Layout,
        systemd: Any,
        make_way: Maker,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        seen = []
        prove = proof.prove

        def watched(
            layout: layouts.Layout,
            new: records.Generation,
            units: list[str],
        ) -> None:
            prove(layout, new, units)
            seen.append(os.readlink(layout.current))

        monkeypatch.setattr(proof, "prove", watched)

        switch.activate(make_way(layout))

        assert seen == ["1"]
        assert os.readlink(layout.current) == "2"

    def test_a_first_release_that_fails_is_forgotten(
        self, layout: layouts.Layout, systemd: Any, make_way: Maker
    ) -> None:
        there = make_way(layout)
        os.unlink(layout.current)
        systemd.lives = -1

        with pytest.raises(failures.ActivationError, match="no release"):
            switch.activate(
                replace(there, old=None, plan=replace(there.plan, add=(UNIT,)))
            )

        assert systemd.failed == set()
        assert not os.path.lexists(layout.current)
