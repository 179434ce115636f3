# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host gets the wanted state as the controller has it."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, replace
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    ids,
    model,
    wire,
)

APP = contract.normalise_app(
    {
        "name": "hello",
        "source": {
            "packages": ["a==1"],
            "index": {"url": "https://me:secret@example.org/simple"},
        },
        "services": {
            "main": {
                "exec": ["python", "-c", "a\u2028b \u00e9"],
                "needs": ["network", {"write": ["/srv"]}],
                "health": {"http": "http://127.0.0.1:1/", "timeout": 60.5},
                "options": {"Service": {"LimitCORE": 0, "Nice": ["1"]}},
            }
        },
        "build": ["make"],
        "before_switch": [{"exec": "migrate", "once": True}],
    },
    "pyapp_apps.hello.",
)
LOCK = model.Lock(
    model.VirtualenvId("0" * 64),
    pythons.PYTHON,
    [model.Wheel("a", "1", "1" * 64, "a-1-py3-none-any.whl")],
)


def plain(app: model.App) -> Any:
    """Return an application as JSON has it, without tuples."""
    return json.loads(json.dumps(asdict(app)))


def test_all_but_the_source_comes_back() -> None:
    sent = wire.Wanted("1.2.3", {"hello": APP}, {"hello": LOCK}, False)
    came = wire.decode(wire.encode(sent))
    assert plain(came.apps["hello"]) == plain(replace(APP, source=None))
    assert replace(came, apps={}) == replace(sent, apps={})
    main = came.apps["hello"].services[model.ServiceKey("main")]
    assert main.exec == ["python", "-c", "a\u2028b \u00e9"]
    assert main.health.timeout == 60.5


def test_the_password_of_an_index_stays_on_the_controller() -> None:
    sent = wire.encode(wire.Wanted("1.2.3", {"hello": APP}))
    assert b"secret" not in base64.b64decode(sent)


def test_both_sides_name_the_wanted_state_alike() -> None:
    came = wire.decode(wire.encode(wire.Wanted("1", {"hello": APP})))
    assert ids.wanted_id(b"k", came.apps["hello"]) == ids.wanted_id(b"k", APP)


@pytest.mark.parametrize("argument", ["W10=", "not base64", "e30K="])
def test_other_arguments_are_refused(argument: str) -> None:
    with pytest.raises(ValueError, match=r"mapping|base64|padding|data"):
        wire.decode(argument)
