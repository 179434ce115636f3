# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove old generations, and artifacts that nothing uses any more."""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Collection, Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    garbage,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    folders,
    generations,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    files,
    paths,
)


def prune(layout: layouts.Layout, keep: int) -> list[str]:
    """Remove generations and artifacts that are neither kept nor used.

    Args:
        layout: Paths of the application.
        keep: How many generations stay, the current one included.

    Returns:
        The paths that were removed.
    """
    active = int(paths.read_link(layout.current) or 0)
    kept = _kept(layout, active, keep)
    # The current generation stays even if its record is damaged.
    numbers = {active, *(generation.sequence for generation in kept)}
    old = [n for n in generations.sequences(layout) if n not in numbers]
    unused = _unused(layout, kept)
    for sequence in old:
        folders.remove(layout, sequence)
    for path in unused:
        garbage.remove(path)
    forgotten = _forgotten_credentials(layout, numbers)
    for path in forgotten:
        files.remove_file(path)
    return [*map(layout.generation, old), *unused, *forgotten]


def _kept(
    layout: layouts.Layout, active: int, keep: int
) -> list[records.Generation]:
    """Return the current generation and the newest of the others."""
    complete = list(generations.complete(layout))
    others = [g for g in complete if g.sequence != active]
    kept = [g for g in complete if g.sequence == active]
    return kept + others[max(len(others) - (keep - 1), 0) :]


def _unused(
    layout: layouts.Layout, kept: list[records.Generation]
) -> list[str]:
    """Return the artifacts that no kept generation or process uses."""
    used = _used(layout, kept)
    owners = _owners(layout)
    return [
        path
        for path in _artifacts(layout)
        if path not in used and not _is_in_use(path, owners)
    ]


def _artifacts(layout: layouts.Layout) -> Iterator[str]:
    for folder in (
        f"{layout.opt}/envs",
        f"{layout.opt}/code",
        f"{layout.etc}/config",
        f"{layout.etc}/environment",
    ):
        for name in artifact.names(folder):
            yield f"{folder}/{name}"


def _used(layout: layouts.Layout, kept: list[records.Generation]) -> set[str]:
    paths: set[str] = set()
    for generation in kept:
        paths.add(layout.environment(generation.environment))
        if generation.code:
            paths.add(layout.code(generation.code))
        if generation.config:
            paths.add(layout.config(generation.config))
        for digests in generation.environment_files.values():
            paths |= {layout.environment_file(digest) for digest in digests}
    return paths


def _forgotten_credentials(
    layout: layouts.Layout, kept: Collection[int]
) -> list[str]:
    """Return the credentials that no unit of a kept generation loads."""
    loaded = set()
    for sequence in kept:
        folder = layout.generation(sequence)
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(folder):
                for line in _read(f"{folder}/{name}").splitlines():
                    if line.startswith(b"LoadCredential="):
                        loaded.add(os.fsdecode(line.rpartition(b":")[2]))
    return [
        entry.path
        for folder in _entries(layout.credentials)
        for entry in _entries(folder.path)
        if entry.path not in loaded
    ]


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _owners(layout: layouts.Layout) -> set[int]:
    """Return the users whose processes may run from an artifact."""
    owners = {0}
    with contextlib.suppress(KeyError):
        owners.add(pwd.getpwnam(layout.app).pw_uid)
    return owners


def _is_in_use(path: str, owners: Collection[int]) -> bool:
    """Tell whether a process still runs from a path.

    A virtualenv's interpreter is a link to the system's, so that only
    arguments and environment tell which one a process uses. Processes
    of other users do not count: anybody can write a command line.
    """
    needle = os.fsencode(path)
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        is_asked = _real_user(pid) in owners
        names = ("cmdline", "environ") if is_asked else ()
        if any(needle in _read(f"/proc/{pid}/{name}") for name in names):
            return True
    return False


def _real_user(pid: str) -> int | None:
    """Return the user who started a process: proc(5), `Uid:` of status.

    The effective user does not tell this user: anybody can run su(1)
    with any command line, and its effective user is root.
    """
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith(b"Uid:"):
            return int(line.split()[1])
    return None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        # The process has ended meanwhile.
        return b""
