# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that the artifacts of a generation are as they were built.

A comparison of every file takes seconds. A deploy compares only if a
service does not work or if the user asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    observe,
)

# The greatest number of files that a message names.
_NAMED = 5

Damage = Mapping[str, "list[str]"]


def damage(observed: observe.Observed, *, is_full: bool) -> Damage:
    """Compare the artifacts of the current generation with manifests.

    Args:
        observed: The state of the host.
        is_full: Whether to compare although all services are well.

    Returns:
        {path of a damaged artifact: its differences}.
    """
    if observed.generation is None:
        return {}
    if not is_full and all(unit.is_well for unit in observed.units.values()):
        return {}
    return damage_of(observed.layout, observed.generation)


def damage_of(
    layout: layouts.Layout, generation: records.Generation
) -> Damage:
    """Compare the artifacts of a generation with their manifests."""
    paths = [layout.environment(generation.environment)]
    if generation.code:
        paths.append(layout.code(generation.code))
    return {
        path: problems
        for path in paths
        if artifact.is_complete(path) and (problems := artifact.verify(path))
    }


def in_words(found: Damage) -> list[str]:
    """Return a text about each damaged artifact."""
    texts = []
    for path, problems in found.items():
        named = "; ".join(problems[:_NAMED])
        more = len(problems) - _NAMED
        rest = f"; and {more} more" if more > 0 else ""
        texts.append(f"{path} is not as it was built: {named}{rest}")
    return texts
