# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wanted state as it travels to the host.

It travels as one base64 argument which the modules mark ``no_log``,
because ``no_log`` cannot reach the free-form keys of a dict.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    model,
)


@dataclass(frozen=True)
class Wanted:
    """The subject of one call of a module.

    Attributes:
        collection: Version of the collection on the controller.
        apps: The applications by name.
        locks: The lock of each application, if it is known.
        is_first: Whether the host is the first of the fleet.
    """

    collection: str
    apps: Mapping[str, model.App]
    locks: Mapping[str, model.Lock] = field(default_factory=dict)
    is_first: bool = True


def encode(wanted: Wanted) -> str:
    """Pack the wanted state into one printable argument.

    The source stays behind: its index may hold a password.
    """
    data = asdict(wanted)
    for app in data["apps"].values():
        del app["source"]
    return base64.b64encode(ids.canonical(data)).decode("ascii")


def decode(argument: str) -> Wanted:
    """Unpack the argument that `encode` made.

    Raises:
        ValueError: The argument was not made by `encode`.
    """
    data = json.loads(base64.b64decode(argument, validate=True))
    if not isinstance(data, dict):
        raise ValueError("the wanted state is not a mapping")
    return Wanted(
        collection=data["collection"],
        apps={k: model.load_app(app) for k, app in data["apps"].items()},
        locks={k: model.load_lock(v) for k, v in data["locks"].items()},
        is_first=data["is_first"],
    )
