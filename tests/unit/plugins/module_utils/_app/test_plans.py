# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that brings a host to the wanted state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    plans,
)

NORMAL = (("Service", "Type", "exec"),)
WISH = plans.Wish(NORMAL, "aa", is_started=True, is_enabled=True)
THERE = plans.Present(
    NORMAL,
    "aa",
    is_running=True,
    is_linked=True,
    is_healthy=True,
    is_up=True,
)
OTHER = (("Service", "Type", "notify"),)


def plan(
    wishes: dict[str, plans.Wish],
    present: dict[str, plans.Present],
    same: bool = True,
    outdated: tuple[str, ...] = (),
) -> plans.Plan:
    return plans.plan(wishes, present, is_same_release=same, outdated=outdated)


def test_a_host_that_is_as_wanted_is_left_alone() -> None:
    assert plan({"a": WISH}, {"a": THERE}) == plans.Plan(plans.NOTHING)


def test_the_first_deploy_starts_everything() -> None:
    found = plan({"a": WISH, "b": WISH}, {}, same=False)
    assert found.action == plans.ACTIVATE
    assert found.restart == found.add == ("a", "b")


def test_only_what_changed_restarts() -> None:
    changed = replace(WISH, normal=OTHER, sha256="bb")
    found = plan(
        {"a": changed, "b": WISH}, {"a": THERE, "b": THERE}, same=False
    )
    assert found.restart == ("a",)
    assert found.stop == ()


def test_a_comment_restarts_nothing() -> None:
    commented = replace(WISH, sha256="bb")
    found = plan({"a": commented}, {"a": THERE})
    assert found.action == plans.REFRESH
    assert found.restart == ()


def test_a_missing_link_is_put_back_without_a_restart() -> None:
    found = plan({"a": WISH}, {"a": replace(THERE, is_linked=False)})
    assert found.action == plans.REFRESH


def test_a_service_no_longer_named_is_stopped_and_removed() -> None:
    found = plan({"a": WISH}, {"a": THERE, "b": THERE}, same=False)
    assert found.stop == found.remove == ("b",)
    assert found.restart == ()


def test_a_service_wanted_stopped_is_stopped() -> None:
    stopped = replace(WISH, is_started=False)
    found = plan({"a": stopped}, {"a": THERE}, same=False)
    assert found.stop == ("a",)
    assert found.restart == found.remove == ()


def test_a_stopped_service_of_this_release_is_healed() -> None:
    found = plan({"a": WISH}, {"a": replace(THERE, is_running=False)})
    assert found.action == plans.HEAL
    assert found.restart == ("a",)


def test_an_unhealthy_service_is_watched_before_a_restart() -> None:
    found = plan({"a": WISH}, {"a": replace(THERE, is_healthy=False)})
    assert found.action == plans.HEAL
    assert found.watch == ("a",)
    assert found.restart == ()


def test_what_a_dead_run_started_restarts() -> None:
    found = plan({"a": WISH, "b": WISH}, {"a": THERE, "b": THERE},
                 outdated=("b",))  # fmt: skip
    assert found.action == plans.HEAL
    assert found.restart == ("b",)


@pytest.mark.parametrize(("is_up", "stop"), [(True, ("a",)), (False, ())])
def test_what_fails_again_and_again_is_stopped(
    is_up: bool, stop: tuple[str, ...]
) -> None:
    """Between two of its starts it is not active, and does not end."""
    there = replace(THERE, is_running=False, is_up=is_up)
    found = plan({"a": replace(WISH, is_started=False)}, {"a": there})
    assert found.stop == stop
