# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seal of an artifact: bytecode, modes, and the manifest.

`artifact` tells what the manifest is for. Only a host that builds needs
this module.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    manifests,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    directories,
    errors,
    files,
    lock,
    paths,
)

_SCHEMA = 2
_COMPILE_SECONDS = 1800.0


class Modes(NamedTuple):
    """The access rights of an artifact.

    Attributes:
        directory: Mode of directories and programs.
        file: Mode of other files.
        gid: The group of all files and directories.
    """

    directory: int = 0o755
    file: int = 0o644
    gid: int = 0


def seal(
    path: str,
    *,
    digest: str,
    python: str | None = None,
    compiled: Sequence[str] = (),
    modes: Modes | None = None,
) -> None:
    """Finish an artifact: bytecode, modes, sync, manifest.

    Python never compares the bytecode with its source (PEP 552,
    unchecked-hash), so that it writes nothing later and no clock
    matters.

    Args:
        path: The artifact's directory with all its files.
        digest: The artifact's full id.
        python: The interpreter that compiles; None for no bytecode.
        compiled: The directories that hold modules.
        modes: The access rights; by default everybody may read.

    Raises:
        HostError: The directory holds a file that is neither regular
            nor a link, or the host fails, such as a full disk.
    """
    if python is not None:
        for directory in compiled:
            _remove_bytecode(directory)
            _compile(python, directory)
    _normalise(path, modes or Modes())
    _write_manifest(path, digest)


def _write_manifest(path: str, digest: str) -> None:
    body = json.dumps(
        {"schema": _SCHEMA, "entries": dict(manifests.describe_entries(path))},
        separators=(",", ":"),
        sort_keys=True,
    ).encode()
    # All files must be on the disk before the manifest is.
    directories.sync_filesystem(path)
    header = f"pyfleet 2 {digest} {hashlib.sha256(body).hexdigest()}\n"
    files.write_atomic(
        artifact.manifest_path(path),
        header.encode() + body,
        mode=0o600,
        uid=os.geteuid(),
        gid=os.getegid(),
    )


def _remove_bytecode(path: str) -> None:
    """Remove bytecode, since it may differ from its sources."""
    caches = [
        entry.path
        for entry in manifests.walk(path)
        if entry.name == "__pycache__" and entry.is_dir(follow_symlinks=False)
    ]
    for cache in caches:
        directories.remove_tree(cache)


def _compile(python: str, path: str) -> None:
    # A host that only looks at its artifacts compiles nothing, and this
    # module and its imports are large.
    from . import wheel_job  # noqa: PLC0415

    argv = wheel_job.compile_command(python, path)
    done = command.run(
        argv, timeout=_COMPILE_SECONDS, check=False, keep_open=lock.held
    )
    if not wheel_job.has_compiled(done.status, done.stdout + done.stderr):
        raise errors.CommandError(argv, done.status, done.stdout, done.stderr)


def _normalise(path: str, modes: Modes) -> None:
    """Give all files to root, each with one of the two modes."""
    owner = os.geteuid(), modes.gid
    for place in (path, *(entry.path for entry in manifests.walk(path))):
        found = os.lstat(place)
        if (found.st_uid, found.st_gid) != owner:
            os.lchown(place, *owner)
        if stat.S_ISLNK(found.st_mode):
            continue
        if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
            raise errors.HostError(
                f"{place} is a {paths.kind_of(found)}; only files, "
                "directories and links may be there: leave it out"
            )
        is_open = stat.S_ISDIR(found.st_mode) or found.st_mode & 0o111
        mode = modes.directory if is_open else modes.file
        # lchown() before may have cleared bits: chown(2).
        if stat.S_IMODE(os.lstat(place).st_mode) != mode:
            os.chmod(place, mode)
