# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directories that are complete, unchanged and root's, or garbage.

An environment or a code directory is built at its final path. When
all of it is there, every entry is listed in a manifest, the file
system is synced, and a mark is renamed into place. Without the mark
it is garbage: removed and built anew, never resumed, since rerunning
an interrupted installer leaves files missing for ever.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
    files,
    lock,
)

MANIFEST = ".pyfleet-manifest.json"
MARK = ".pyfleet-complete"

_SCHEMA = 1
_COMPILE_SECONDS = 1800.0
_CHUNK = 1 << 20
# Files above which it pays to compile in several processes.
_MANY = 100
_DIRECTORY_MODE = 0o755
# An error of the host, such as a full disk, in what compileall says;
# a file in another Python's syntax is none: it is never imported.
_HOST_TROUBLE = re.compile(r"\[Errno \d+\]|MemoryError|BrokenProcessPool")

# An entry of the manifest: "d"; "l", target; "f", mode, SHA-256.
Entry = list[str]


def is_complete(path: str) -> bool:
    """Tell whether the mark was set, whatever happened since."""
    return _mark(path) is not None


def is_usable(environment: str) -> bool:
    """Tell whether a virtual environment is complete and can run.

    Its python is a link to the host's, which goes away when the
    host's Python is exchanged for another minor version.
    """
    python = os.path.join(environment, "bin", "python")
    return is_complete(environment) and os.access(python, os.X_OK)


def discard_incomplete(path: str) -> bool:
    """Remove what a killed run left at `path`.

    Returns:
        Whether there was anything.

    Raises:
        HostError: What is there is complete.
    """
    if is_complete(path):
        raise errors.HostError(
            f"{path} is complete: it is used or removed, not rebuilt in place"
        )
    return files.remove_tree(path)


def remove(path: str) -> bool:
    """Remove an artifact so that a killed removal leaves garbage.

    The mark goes first: what is half removed is never complete.

    Returns:
        Whether there was anything.
    """
    if os.path.isdir(path) and not os.path.islink(path):
        files.remove_file(os.path.join(path, MARK))
    return files.remove_tree(path)


def seal(
    path: str, *, python: str | None, compiled: Sequence[str] = ()
) -> None:
    """Finish an artifact: bytecode, modes, manifest, sync, mark.

    Bytecode is compiled beforehand and never checked against its
    source (PEP 552, unchecked-hash): nothing is written later, and no
    clock matters.

    Args:
        path: The artifact's directory, filled.
        python: The interpreter that compiles, None for no bytecode.
        compiled: The directories that hold modules.

    Raises:
        HostError: A file of a kind that does not belong here, or the
            host fails, as for want of space.
    """
    for directory in compiled:
        _remove_bytecode(directory)
        if python is not None:
            _compile(python, directory)
    _normalise(path)
    manifest = json.dumps(
        {"schema": _SCHEMA, "entries": dict(_entries(path))},
        separators=(",", ":"),
        sort_keys=True,
    ).encode()
    _write(path, MANIFEST, manifest)
    # All is on the disk before the mark can be.
    files.sync_filesystem(path)
    digest = hashlib.sha256(manifest).hexdigest()
    _write(path, MARK, f"{digest}\n".encode())
    files.fsync_directory(os.path.dirname(path))


def verify_quick(path: str) -> list[str]:
    """Compare the mark, the manifest's own digest and the owner.

    Cheap enough for every run: two files are read, whatever the
    artifact's size.

    Returns:
        What is wrong, one sentence each; empty if all is well.
    """
    digest = _mark(path)
    if digest is None:
        return [f"{path} has no mark of completeness"]
    found = os.lstat(path)
    traits = (stat.S_IMODE(found.st_mode), found.st_uid)
    if traits != (_DIRECTORY_MODE, os.geteuid()):
        return [
            f"{path} has mode {traits[0]:04o} and uid {traits[1]}, not "
            f"{_DIRECTORY_MODE:04o} and {os.geteuid()}"
        ]
    try:
        with open(os.path.join(path, MANIFEST), "rb") as stream:
            actual = hashlib.sha256(stream.read()).hexdigest()
    except OSError as error:
        return [f"{path}/{MANIFEST}: {error.strerror}"]
    return [] if actual == digest else [f"{path}/{MANIFEST} was changed"]


def verify(path: str) -> list[str]:
    """Compare every file with the manifest, by its whole content.

    Returns:
        What is wrong, one sentence each: changed, missing and extra
        entries; empty if all is well.
    """
    problems = verify_quick(path)
    if problems:
        return problems
    with open(os.path.join(path, MANIFEST), "rb") as stream:
        wanted: dict[str, Entry] = json.load(stream)["entries"]
    actual = dict(_entries(path))
    names = sorted(wanted.keys() | actual.keys())
    return [
        f"{path}/{name} {_difference(wanted.get(name), actual.get(name))}"
        for name in names
        if wanted.get(name) != actual.get(name)
    ]


def walk(path: str) -> Iterator[os.DirEntry[str]]:
    """Yield all entries below a directory, links not followed."""
    with os.scandir(path) as found:
        for entry in found:
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from walk(entry.path)


def _difference(wanted: Entry | None, actual: Entry | None) -> str:
    if wanted is None:
        return "does not belong here"
    return "is missing" if actual is None else "was changed"


def _mark(path: str) -> str | None:
    try:
        # Whoever builds in it can make a mark, but not give it to root.
        if os.lstat(path).st_uid != os.geteuid():
            return None
        with open(os.path.join(path, MARK), encoding="ascii") as stream:
            return stream.read(65).strip()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write(path: str, name: str, data: bytes) -> None:
    files.write_atomic(
        os.path.join(path, name),
        data,
        mode=0o644,
        uid=os.geteuid(),
        gid=os.getegid(),
    )


def _entries(path: str) -> Iterator[tuple[str, Entry]]:
    """Describe all entries but the manifest and the mark."""
    for entry in walk(path):
        name = os.path.relpath(entry.path, path)
        if name in (MANIFEST, MARK):
            continue
        found = entry.stat(follow_symlinks=False)
        mode = f"{stat.S_IMODE(found.st_mode):04o} {found.st_uid}"
        if stat.S_ISDIR(found.st_mode):
            yield name, ["d", mode]
        elif stat.S_ISLNK(found.st_mode):
            yield name, ["l", os.readlink(entry.path)]
        elif stat.S_ISREG(found.st_mode):
            yield name, ["f", mode, _sha256(entry.path)]
        else:
            yield name, [files.kind_of(found)]


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path, flags), "rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _remove_bytecode(path: str) -> None:
    """Remove caches: a wheel may bring ones that hide its sources."""
    caches = [
        entry.path
        for entry in walk(path)
        if entry.name == "__pycache__" and entry.is_dir(follow_symlinks=False)
    ]
    for cache in caches:
        files.remove_tree(cache)


def _compile(python: str, path: str) -> None:
    # Several processes need semaphores, which live in /dev/shm, and a
    # while to start.
    has_semaphores = os.access("/dev/shm", os.W_OK)  # noqa: S108
    entries = itertools.islice(walk(path), _MANY)
    is_big = sum(1 for _unused in entries) == _MANY
    jobs = "0" if is_big and has_semaphores else "1"
    argv = [python, "-I", "-m", "compileall", "-q", "-j", jobs]
    argv += ["--invalidation-mode", "unchecked-hash", "--", path]
    done = command.run(
        argv, timeout=_COMPILE_SECONDS, check=False, keep_open=lock.held
    )
    said = done.stdout + done.stderr
    is_usual = done.status in (0, 1) and not _HOST_TROUBLE.search(said)
    if not is_usual:
        raise errors.CommandError(argv, done.status, done.stdout, done.stderr)


def _normalise(path: str) -> None:
    """Give all to root, executable or not, writable by no one else."""
    os.chmod(path, _DIRECTORY_MODE)
    for entry in walk(path):
        found = entry.stat(follow_symlinks=False)
        if found.st_uid != os.geteuid() or found.st_gid != os.getegid():
            os.lchown(entry.path, os.geteuid(), os.getegid())
        if stat.S_ISLNK(found.st_mode):
            continue
        if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
            raise errors.HostError(
                f"{entry.path} is a {files.kind_of(found)}, which does "
                "not belong into an artifact"
            )
        is_open = stat.S_ISDIR(found.st_mode) or found.st_mode & 0o111
        mode = 0o755 if is_open else 0o644
        if stat.S_IMODE(found.st_mode) != mode:
            os.chmod(entry.path, mode)
