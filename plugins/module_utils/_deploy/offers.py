# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host offers to a deploy: its Python, and what it has whole."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import asdict
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
    observe,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    interpreter,
    systemctl,
)


def find(
    app: model.App,
    observed: observe.Observed,
    damaged: Container[str],
    manager: systemctl.Manager,
) -> dict[str, Any]:
    """Return what `observe.for_deploy` returns."""
    generation, layout = observed.generation, observed.layout
    return {
        "systemd": manager.version,
        "interpreter": asdict(interpreter.find(app.python)),
        "environment": generation.environment if generation else None,
        "environments": [
            digest
            for digest in artifacts.usable(layout)
            if layout.environment(digest) not in damaged
        ],
        "codes": [
            digest
            for digest in artifacts.complete(f"{layout.opt}/code")
            if layout.code(digest) not in damaged
        ],
        "source": asdict(generation.source) if generation else {},
        "made_with": asdict(generation.interpreter) if generation else None,
    }
