# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put files of ours back as they were written, and keep each edit."""

from __future__ import annotations

import hashlib
import os

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    aside,
    edits,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    files,
)


def put_back(layout: layouts.Layout, generation: records.Generation) -> None:
    """Write the unit files of a generation as its record has them.

    A file that somebody changed is kept first. Records of earlier
    versions lack the texts; `unknown` names their files.
    """
    folder = layout.generation(generation.sequence)
    for unit, record in generation.units.items():
        if record.text:
            path = f"{folder}/{unit}"
            _keep(layout, path, record.sha256)
            files.write_atomic(path, record.text.encode(), mode=0o644)


def keep_all(layout: layouts.Layout, generation: records.Generation) -> None:
    """Keep the unit files of a generation that somebody changed."""
    folder = layout.generation(generation.sequence)
    for unit, record in generation.units.items():
        _keep(layout, f"{folder}/{unit}", record.sha256)


def _keep(layout: layouts.Layout, path: str, sha256: str) -> None:
    """Keep a unit file of a generation if somebody changed it.

    Something else than a regular file is moved out of the way: nobody
    can write in its place.

    Args:
        layout: Paths of the application.
        path: The file.
        sha256: Hash of the file as we wrote it.
    """
    content = edits.read(path)
    if content is None and os.path.lexists(path):
        aside.move(layout, path)
        return
    if content is None:
        return
    if hashlib.sha256(content).hexdigest() != sha256:
        aside.keep(layout, path)


def take_away(layout: layouts.Layout, path: str) -> None:
    """Keep what somebody wrote, and take away what we did not make.

    Args:
        layout: Paths of the application.
        path: As `changed` returns it.
    """
    if not os.path.isdir(path) or os.path.islink(path):
        _take(layout, path)
        return
    for name in sorted(os.listdir(path)):
        _take(layout, f"{path}/{name}")


def _take(layout: layouts.Layout, path: str) -> None:
    if os.path.isfile(path) and not os.path.islink(path):
        aside.keep(layout, path)
        files.remove_file(path)
    else:
        aside.move(layout, path)
