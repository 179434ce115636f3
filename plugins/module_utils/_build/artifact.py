# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Artifacts: directories that are complete, unchanged and root's.

A virtualenv or a code directory is built at its final path. When the
directory is complete, the file system is synced, and a manifest of
every entry is renamed into place beside the directory:
`.<name>.manifest`. The mark is outside, since others fill the
directory. A directory without its manifest is garbage: it is removed
and built anew, never resumed, since an installer that continues
interrupted work may leave files missing for ever.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
import re
import stat

SUFFIX = ".manifest"

# The first line of a manifest has the artifact's id and the digest of
# the other lines.
_HEADER = re.compile(r"pyfleet 2 ([0-9a-f]{64}) ([0-9a-f]{64})\n")
_HEADER_SIZE = 140


def manifest_path(path: str) -> str:
    """Return the path of an artifact's manifest."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}{SUFFIX}")


def is_complete(path: str, digest: str = "") -> bool:
    """Tell whether an artifact was finished, and not what it holds now.

    Args:
        path: The artifact's directory.
        digest: The full id that it must have; empty for any id.
    """
    found = digest_of(path)
    return found is not None and digest in ("", found)


def is_usable(virtualenv: str, digest: str = "") -> bool:
    """Tell whether a virtualenv is complete and can run.

    The virtualenv's python is a link to the host's interpreter, which
    goes away when the host gets another minor version of Python.
    """
    python = os.path.join(virtualenv, "bin", "python")
    is_whole = is_complete(virtualenv, digest)
    return is_whole and os.access(python, os.X_OK)


def digest_of(path: str) -> str | None:
    """Return the full id of a complete artifact, or None."""
    header = read_header(path)
    return header[0] if header else None


def names(folder: str) -> list[str]:
    """Return the names of all artifacts in a directory.

    A manifest without its directory counts as an artifact, so that
    callers remove it.
    """
    try:
        found = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(
        {
            name[1:].removesuffix(SUFFIX) if name.endswith(SUFFIX) else name
            for name in found
        }
    )


def verify(path: str) -> list[str]:
    """Compare every file with the manifest, by its whole content.

    Returns:
        A sentence for each changed, missing or extra entry; empty if
        all is well.
    """
    # Few runs compare, and a host compiles what it imports on each
    # call.
    from . import manifests  # noqa: PLC0415

    return manifests.compare(path)


def read_header(path: str) -> tuple[str, str] | None:
    """Return the two digests of `_HEADER` from an artifact's manifest.

    A manifest counts only if root owns it and the directory beside it.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        tree = os.lstat(path)
        descriptor = os.open(manifest_path(path), flags)
        with open(descriptor, "rb") as stream:
            found = os.fstat(descriptor)
            line = stream.readline(_HEADER_SIZE)
    except OSError:
        return None
    is_ours = tree.st_uid == found.st_uid == os.geteuid()
    is_regular = stat.S_ISREG(found.st_mode) and stat.S_ISDIR(tree.st_mode)
    match = _HEADER.fullmatch(line.decode("ascii", "replace"))
    if match is None or not (is_ours and is_regular):
        return None
    return match[1], match[2]
