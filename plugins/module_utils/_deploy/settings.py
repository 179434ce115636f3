# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration and environment files that somebody changed by hand.

Their names hold the sealed id of their content, so that the host's key
alone tells whether they are as we wrote them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    observe,
)


def changed(observed: observe.Observed) -> list[str]:
    """Return the changed files of the current generation.

    Returns:
        Paths of environment files, and the directory of the
        configuration if any file in it differs.
    """
    generation, key = observed.generation, observed.key
    if generation is None or key is None:
        return []
    return [
        path
        for path, digest in _places(observed.layout, generation)
        if os.path.lexists(path) and _digest(key, path) != digest
    ]


def users(observed: observe.Observed) -> list[str]:
    """Return the units that read a changed file, or have read it."""
    paths = changed(observed)
    generation = observed.generation
    if generation is None or not paths:
        return []
    layout = observed.layout
    config = layout.config(generation.config or "")
    found = []
    for name, unit in generation.units.items():
        digests = generation.environment_files.get(unit.key, ())
        read = {config, *map(layout.environment_file, digests)}
        if not read.isdisjoint(paths):
            found.append(name)
    return found


def in_words(observed: observe.Observed) -> list[str]:
    """Return a text for each changed file; none shows its content."""
    return [
        f"{path} was changed by hand. It is put back as it was written, and "
        f"the changed file is kept in {observed.layout.aside}"
        for path in changed(observed)
    ]


def _places(
    layout: layouts.Layout, generation: records.Generation
) -> Iterator[tuple[str, str]]:
    """Yield each path with the id of its content."""
    for digests in generation.environment_files.values():
        for digest in digests:
            yield layout.environment_file(digest), digest
    if generation.config:
        yield layout.config(generation.config), generation.config


def _digest(key: bytes, path: str) -> str:
    """Return the id of a file's text, or of a directory's files.

    Something else than a file or directory has none.
    """
    if os.path.islink(path):
        return ""
    if os.path.isfile(path):
        return ids.sealed(key, _read(path))
    if not os.path.isdir(path):
        return ""
    texts = {}
    for name in os.listdir(path):
        file = f"{path}/{name}"
        if os.path.islink(file) or not os.path.isfile(file):
            return ""
        texts[name] = _read(file)
    return ids.sealed(key, texts)


def _read(path: str) -> str:
    with open(path, "rb") as stream:
        return stream.read().decode("utf-8", "surrogateescape")
