# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artifacts that are not complete, or not wanted: removed.

`artifact` tells what makes an artifact complete. Only a host that
builds or removes needs this module.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
    files,
)


@contextlib.contextmanager
def discarded_if_refused(path: str) -> Iterator[None]:
    """Remove the artifact at `path` if a HostError refuses it.

    An unusable artifact is of no use, and may fill the disk.
    """
    try:
        yield
    except errors.HostError:
        with contextlib.suppress(errors.HostError, OSError):
            remove(path)
        raise


def discard_incomplete(path: str, digest: str) -> bool:
    """Remove the incomplete artifact that a killed run left at `path`.

    Returns:
        Whether anything was there.

    Raises:
        HostError: The artifact at `path` is complete.
    """
    found = artifact.digest_of(path)
    if found == digest:
        raise errors.HostError(
            f"{path} is complete and must not be rebuilt in place; remove "
            "it, then run again"
        )
    if found is not None:
        raise errors.HostError(
            f"{path} holds another artifact with the same short name: its "
            f"id is {found}, and {digest} is wanted. Nothing was changed. "
            "Change a byte of the source, so that it gets another name"
        )
    return remove(path)


def remove(path: str) -> bool:
    """Remove an artifact, its manifest first.

    A killed removal thus leaves garbage, and never half an artifact
    that counts as complete.

    Returns:
        Whether anything was there.
    """
    had_manifest = directories.remove_tree(artifact.manifest_path(path))
    if had_manifest:
        files.fsync_directory(os.path.dirname(path))
    return directories.remove_tree(path) or had_manifest


def invalidate(paths: Iterable[str]) -> None:
    """Remove the manifests of artifacts, so that they are rebuilt."""
    for path in paths:
        files.remove_file(artifact.manifest_path(path))
