# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of an artifact, compared with its manifest.

This module is apart from `sealing`, since `app_info` compares and never
seals, and Ansible ships to a host all that a module can import.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    paths,
)

_CHUNK = 1 << 20
# Bytes of a path. Real packages have far shorter paths; the kernel
# takes 4096 bytes.
_LONGEST_PATH = 3072

# An entry of the manifest is one of: "d", mode and owner; "l", target;
# "f", mode and owner, SHA-256.
Entry = list[str]


def compare(path: str) -> list[str]:
    """Return what `artifact.verify` returns."""
    header = artifact.read_header(path)
    if header is None:
        return [f"{path} has no manifest, so it is not complete"]
    with open(artifact.manifest_path(path), "rb") as stream:
        stream.readline()
        body = stream.read()
    if hashlib.sha256(body).hexdigest() != header[1]:
        return [f"{artifact.manifest_path(path)} was changed"]
    wanted: dict[str, Entry] = json.loads(body)["entries"]
    actual = dict(describe_entries(path))
    return [
        f"{path}/{name} {_in_words(wanted.get(name), actual.get(name))}"
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


def _in_words(wanted: Entry | None, actual: Entry | None) -> str:
    if wanted is None:
        return "does not belong here"
    return "is missing" if actual is None else "was changed"


def describe_entries(path: str) -> Iterator[tuple[str, Entry]]:
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
            yield name, [paths.kind_of(found)]


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
