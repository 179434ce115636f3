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

import contextlib
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
    files,
    lock,
)

SUFFIX = ".manifest"

_SCHEMA = 2
_COMPILE_SECONDS = 1800.0
_CHUNK = 1 << 20
# Bytes of a path. Real packages have far shorter paths; the kernel
# takes 4096 bytes.
_LONGEST_PATH = 3072
# The first line of a manifest has the artifact's id and the digest of
# the other lines.
_HEADER = re.compile(r"pyfleet 2 ([0-9a-f]{64}) ([0-9a-f]{64})\n")
_HEADER_SIZE = 140

# An entry of the manifest is one of: "d", mode and owner; "l", target;
# "f", mode and owner, SHA-256.
Entry = list[str]


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
    header = _read_header(path)
    return header[0] if header else None


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
    found = digest_of(path)
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
    had_manifest = files.remove_tree(manifest_path(path))
    if had_manifest:
        files.fsync_directory(os.path.dirname(path))
    return files.remove_tree(path) or had_manifest


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
        {"schema": _SCHEMA, "entries": dict(_describe_entries(path))},
        separators=(",", ":"),
        sort_keys=True,
    ).encode()
    # All files must be on the disk before the manifest is.
    files.sync_filesystem(path)
    header = f"pyfleet 2 {digest} {hashlib.sha256(body).hexdigest()}\n"
    files.write_atomic(
        manifest_path(path),
        header.encode() + body,
        mode=0o600,
        uid=os.geteuid(),
        gid=os.getegid(),
    )


def verify(path: str) -> list[str]:
    """Compare every file with the manifest, by its whole content.

    Returns:
        A sentence for each changed, missing or extra entry; empty if
        all is well.
    """
    header = _read_header(path)
    if header is None:
        return [f"{path} has no manifest, so it is not complete"]
    with open(manifest_path(path), "rb") as stream:
        stream.readline()
        body = stream.read()
    if hashlib.sha256(body).hexdigest() != header[1]:
        return [f"{manifest_path(path)} was changed"]
    wanted: dict[str, Entry] = json.loads(body)["entries"]
    actual = dict(_describe_entries(path))
    return [
        f"{path}/{name} {_compare(wanted.get(name), actual.get(name))}"
        for name in sorted(wanted.keys() | actual.keys())
        if wanted.get(name) != actual.get(name)
    ]


def walk(path: str) -> Iterator[os.DirEntry[str]]:
    """Yield all entries below a directory; follow no links.

    Raises:
        HostError: A path has more than `_LONGEST_PATH` bytes.
    """
    pending = [path]
    while pending:
        place = pending.pop()
        if len(os.fsencode(place)) > _LONGEST_PATH:
            raise errors.HostError(
                f"{path} holds directories so deep that a path has more "
                f"than {_LONGEST_PATH} bytes; leave these directories out"
            )
        with os.scandir(place) as found:
            for entry in found:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


def _compare(wanted: Entry | None, actual: Entry | None) -> str:
    if wanted is None:
        return "does not belong here"
    return "is missing" if actual is None else "was changed"


def _read_header(path: str) -> tuple[str, str] | None:
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


def _describe_entries(path: str) -> Iterator[tuple[str, Entry]]:
    """Describe the directory itself, as ".", and all its entries."""
    yield ".", ["d", _describe_traits(os.lstat(path))]
    for entry in walk(path):
        name = os.path.relpath(entry.path, path)
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            yield name, ["d", _describe_traits(found)]
        elif stat.S_ISLNK(found.st_mode):
            yield name, ["l", os.readlink(entry.path)]
        elif stat.S_ISREG(found.st_mode):
            yield name, ["f", _describe_traits(found), _hash_file(entry.path)]
        else:
            yield name, [files.kind_of(found)]


def _describe_traits(found: os.stat_result) -> str:
    mode = stat.S_IMODE(found.st_mode)
    return f"{mode:04o} {found.st_uid} {found.st_gid}"


def _hash_file(path: str) -> str:
    digest = hashlib.sha256()
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags), "rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _remove_bytecode(path: str) -> None:
    """Remove bytecode, since it may differ from its sources."""
    caches = [
        entry.path
        for entry in walk(path)
        if entry.name == "__pycache__" and entry.is_dir(follow_symlinks=False)
    ]
    for cache in caches:
        files.remove_tree(cache)


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
    for place in (path, *(entry.path for entry in walk(path))):
        found = os.lstat(place)
        if (found.st_uid, found.st_gid) != owner:
            os.lchown(place, *owner)
        if stat.S_ISLNK(found.st_mode):
            continue
        if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
            raise errors.HostError(
                f"{place} is a {files.kind_of(found)}; only files, "
                "directories and links may be there: leave it out"
            )
        is_open = stat.S_ISDIR(found.st_mode) or found.st_mode & 0o111
        mode = modes.directory if is_open else modes.file
        # lchown() before may have cleared bits: chown(2).
        if stat.S_IMODE(os.lstat(place).st_mode) != mode:
            os.chmod(place, mode)
