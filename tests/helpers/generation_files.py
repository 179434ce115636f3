# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generations on the disk, for tests of what happens to them."""

from __future__ import annotations

from pathlib import Path

import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    folders,
)


def write_generation(layout: layouts.Layout, number: int, *units: str) -> None:
    """Write a complete generation."""
    folder = Path(layout.generation(number))
    folder.mkdir(parents=True)
    content = records.Generation(
        app="hello",
        sequence=number,
        created="",
        collection="",
        wanted="",
        digest="",
        source=model.Origin("", ""),
        environment="0",
        code=None,
        config=None,
        environment_files={},
        interpreter=pythons.PYTHON,
        systemd={},
        units={
            unit: records.UnitRecord(
                model.ServiceKey("main"), "", "started", True, model.Health()
            )
            for unit in units
        },
    )
    (folder / "generation.json").write_bytes(records.dump(content))


def write(
    layout: layouts.Layout, generation: records.Generation
) -> records.Generation:
    """Write a generation of one unit as a deploy does; return it."""
    unit = "hello.service"
    Path(layout.etc).mkdir(parents=True, exist_ok=True)
    folders.write(layout, generation, {unit: "[Unit]\n"}, {unit: "x"})
    return generation
