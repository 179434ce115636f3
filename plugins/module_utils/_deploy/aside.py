# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep what somebody wrote into our files before they are put back.

An administrator who edits a unit at night shall find the edit again.
"""

from __future__ import annotations

import os

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    edits,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
)


def keep(layout: layouts.Layout, path: str) -> str:
    """Keep a copy of a changed file, for root alone; return its path."""
    with open(path, "rb") as stream:
        content = stream.read()
    copy = edits.place(layout, path, content)
    files.ensure_directory(layout.aside, mode=0o700)
    files.write_atomic(copy, content, mode=0o600)
    return copy


def move(layout: layouts.Layout, path: str) -> str:
    """Move something else than a file out of the way; return its path."""
    name = f"{os.path.basename(path)}.{os.urandom(4).hex()}"
    files.ensure_directory(layout.aside, mode=0o700)
    target = f"{layout.aside}/{name}"
    try:
        os.rename(path, target)
    except OSError as error:
        raise errors.HostError(
            f"cannot move {path} to {target}: {error.strerror}"
        ) from error
    for folder in (layout.aside, os.path.dirname(path)):
        files.fsync_directory(folder)
    return target
