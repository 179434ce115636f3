# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application with one service, and its units, for unit tests."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    model,
    services,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

ENV = "/opt/hello/envs/0123456789ab"
CODE = "/opt/hello/code/ba9876543210"
CONTEXT = units.Facts(
    collection="1.2.3",
    target=targets.Target(257),
    environment="0123456789ab",
    code="ba9876543210",
    config=None,
    environment_files={},
)
APP: dict[str, Any] = {
    "name": "hello",
    "source": {"packages": ["a==1"]},
    "services": {"main": {"exec": "gunicorn --bind x hello:app"}},
}


def app(**main: Any) -> model.App:
    """Return the application, with some options of its service."""
    wanted = copy.deepcopy(APP)
    wanted["services"]["main"].update(main)
    assert contract.check_app(wanted, "pyapp_") == []
    return contract.normalise_app(wanted)


def unit(context: units.Facts = CONTEXT, **main: Any) -> units.Unit:
    """Return the unit of its service, with some options."""
    (rendered,) = services.render(app(**main), context)
    return rendered


def values(rendered: units.Unit, name: str) -> list[str]:
    """Return what a unit assigns to a directive, in order."""
    return [v for _section, n, v in rendered.assignments if n == name]
