# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An artifact counts only as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
)

ENVIRONMENT = "0123" * 16
OTHER = "4567" * 16


def seal(path: str, digest: str, python: str = "/proc/self/exe") -> None:
    """Make an artifact complete."""
    Path(path, "bin").mkdir(parents=True)
    Path(path, "bin", "python").symlink_to(python)
    header = f"pyfleet 2 {digest} {'0' * 64}\n"
    Path(artifact.manifest_path(path)).write_text(header)


def test_what_is_complete_and_what_can_run(layout: layouts.Layout) -> None:
    seal(layout.environment(ENVIRONMENT), ENVIRONMENT)
    seal(layout.environment(OTHER), OTHER, "/no/such/python")
    Path(layout.environment("89ab" * 16)).mkdir()

    folder = f"{layout.opt}/envs"
    assert sorted(artifacts.complete(folder)) == [ENVIRONMENT, OTHER]
    assert artifacts.usable(layout) == [ENVIRONMENT]
    assert artifacts.complete(f"{layout.opt}/code") == []


def test_what_a_generation_misses(
    layout: layouts.Layout, generation_of: Callable[..., records.Generation]
) -> None:
    generation = generation_of(
        environment=ENVIRONMENT,
        code=OTHER,
        config="c0" * 32,
        environment_files={"main": ["ef" * 32]},
    )
    places = {
        "virtualenv": layout.environment(ENVIRONMENT),
        "code": layout.code(OTHER),
        "configuration": layout.config("c0" * 32),
        "environment file": layout.environment_file("ef" * 32),
    }

    found = list(artifacts.missing(layout, generation))

    assert len(found) == len(places)
    for text, (kind, path) in zip(found, places.items()):
        assert text.startswith(f"{kind} {path} is ")
    seal(places["virtualenv"], ENVIRONMENT)
    seal(places["code"], OTHER)
    Path(places["configuration"]).mkdir(parents=True)
    file = Path(places["environment file"])
    file.parent.mkdir()
    file.touch()
    assert list(artifacts.missing(layout, generation)) == []
