# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the artifacts of an application that a host has complete.

Artifacts are the virtualenv and the code directory. This module also
looks for configuration and environment files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)


def complete(folder: str) -> list[str]:
    """Return the full ids of the complete artifacts in a directory."""
    found = (
        artifact.digest_of(f"{folder}/{name}")
        for name in artifact.names(folder)
    )
    return [digest for digest in found if digest]


def usable(layout: layouts.Layout) -> list[str]:
    """Return the ids of the virtualenvs that are complete and can run."""
    return [
        digest
        for digest in complete(f"{layout.opt}/envs")
        if artifact.is_usable(layout.environment(digest), digest)
    ]


def missing(
    layout: layouts.Layout, generation: records.Generation
) -> Iterator[str]:
    """Yield a text for each part of a generation that the host lacks."""
    environment = layout.environment(generation.environment)
    if not artifact.is_usable(environment, generation.environment):
        yield (
            f"virtualenv {environment} is not complete, or its Python is gone"
        )
    code = layout.code(generation.code or "")
    if generation.code and not artifact.is_complete(code, generation.code):
        yield f"code {code} is not complete"
    if generation.config and not os.path.isdir(
        layout.config(generation.config)
    ):
        yield f"configuration {layout.config(generation.config)} is missing"
    for digests in generation.environment_files.values():
        for digest in digests:
            path = layout.environment_file(digest)
            if not os.path.exists(path):
                yield f"environment file {path} is missing"
