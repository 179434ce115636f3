# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other hosts go on only when the first is known to have gone ahead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _fleet,
)

CONVERGED = {"apps": {"shop": {"converged": True}}}
NOT_YET = {"apps": {"shop": {"converged": False}}}
UNREACHABLE = {"unreachable": True}


def fleet(
    host: str = "two", alive: str = "one two", **first: Any
) -> _fleet.Fleet:
    return _fleet.Fleet(
        {
            "inventory_hostname": host,
            "ansible_play_hosts_all": ["one", "two"],
            "ansible_play_hosts": alive.split(),
            "hostvars": {"one": first, "two": {}},
        }
    )


def test_the_first_of_the_play_is_first() -> None:
    assert fleet("one").is_first
    assert not fleet("two").is_first
    assert _fleet.Fleet({"inventory_hostname": "adhoc"}).is_first


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ({"__pyapp_ahead": {"ahead": ["shop"]}}, None),
        ({"__pyapp_ahead": {"ahead": ["shop"], "failed": True}}, "failed"),
        # Of another application in the same play.
        ({"__pyapp_ahead": {"ahead": ["blog"]}}, "has not run"),
        ({"__pyapp_ahead": {"ahead": ["blog"], "failed": True}}, "has not"),
        ({"__pyapp_ahead": {"skipped": True}}, "has not run"),
        ({"__pyapp_ahead": UNREACHABLE}, "was not reached"),
        ({"__pyapp_info": CONVERGED}, None),
        ({"__pyapp_info": NOT_YET}, "has not run"),
        ({"__pyapp_info": {"apps": {}}}, "has not run"),
        ({"__pyapp_info": {"failed": True}}, "has not run"),
        (
            {
                "__pyapp_info": NOT_YET,
                "__pyapp_ahead": {"ahead": ["shop"]},
            },
            None,
        ),
        ({}, "has not run"),
    ],
)
def test_what_is_known_of_the_first_host(
    first: dict[str, Any], said: str | None
) -> None:
    problem = fleet(**first).problem("shop")
    assert (problem is None) == (said is None)
    assert said is None or said in str(problem)


def test_a_first_host_that_dropped_out_is_told() -> None:
    problem = fleet(alive="two", __pyapp_info=NOT_YET).problem("shop")
    assert "failed or is unreachable" in str(problem)


def test_only_commands_marked_so_run_once() -> None:
    main = model.ServiceKey("main")
    commands = [
        model.SwitchCommand("check", main),
        model.SwitchCommand("migrate", main, once=True),
    ]
    shop = model.App(model.AppName("shop"), before_switch=commands)
    assert _fleet.once(shop) == ["migrate"]
    assert _fleet.once(replace(shop, before_switch=[])) == []
