# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The current generation is brought up, and never rolled back."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    plans,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    failures,
    heal,
    proof,
    switch,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    verbs,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"
Maker = Callable[..., switch.Switch]


def test_healing_starts_a_unit_at_its_start_limit(
    layout: layouts.Layout, systemd: Any, make_way: Maker
) -> None:
    systemd.limited.add(UNIT)

    assert heal.heal(make_way(layout)) == [UNIT]


def test_the_limit_of_the_fake_holds(
    layout: layouts.Layout,
    systemd: Any,
    make_way: Maker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or the tests above would be void."""
    monkeypatch.setattr(verbs, "reset_failed", lambda _unused: None)
    systemd.limited.add(UNIT)

    with pytest.raises(errors.HostError, match="did not start"):
        heal.heal(make_way(layout))


@pytest.mark.parametrize(
    ("answers", "restarted"), [([], []), (["it is late"], [UNIT])]
)
def test_a_unit_in_doubt_is_watched_before_it_is_restarted(
    layout: layouts.Layout,
    systemd: Any,
    make_way: Maker,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[str],
    restarted: list[str],
) -> None:
    def prove(_layout: object, _generation: object, names: list[str]) -> None:
        if names and answers:
            raise errors.HostError(answers.pop())

    monkeypatch.setattr(proof, "prove", prove)
    way = replace(make_way(layout), plan=plans.Plan("heal", watch=(UNIT,)))

    assert heal.heal(way) == restarted


def test_a_unit_that_stays_ill_is_reported(
    layout: layouts.Layout, systemd: Any, make_way: Maker
) -> None:
    systemd.lives = -1

    with pytest.raises(failures.ActivationError, match="is current") as found:
        heal.heal(make_way(layout))

    assert found.value.is_settled
    assert not found.value.is_verdict
    assert os.readlink(layout.current) == "1"


def test_a_new_check_that_fails_restarts_nothing(
    layout: layouts.Layout,
    systemd: Any,
    make_way: Maker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(verbs, "restart")
    way = replace(make_way(layout), unproven=(UNIT,))

    with pytest.raises(failures.ActivationError, match="the old check stays"):
        heal.prove_checks(way)
