# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directories above a path, and who can exchange a part of it.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
import stat

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    paths,
)

# The kernel has the same limit on links in a path: path_resolution(7).
_MAX_LINKS = 40


def check(path: str) -> None:
    """Check that nobody but root can exchange a part of `path`.

    Every directory above `path` must belong to root, and only root may
    write to it. Links on the way must belong to root, and are followed.
    Directories that do not exist yet are root's to create.

    Raises:
        HostError: The first directory or link that breaks the rule.
    """
    pending = _split_into_stack(os.path.dirname(os.path.normpath(path)))
    current = "/"
    links = 0
    _check_component(current, os.lstat(current))
    while pending:
        candidate = os.path.join(current, pending.pop())
        found = paths.lstat(candidate)
        if found is None:
            return
        _check_component(candidate, found)
        if not stat.S_ISLNK(found.st_mode):
            current = os.path.normpath(candidate)
            continue
        links += 1
        if links > _MAX_LINKS:
            raise errors.HostError(
                f"{path} leads through a loop of links; repair the links"
            )
        target = os.readlink(candidate)
        current = "/" if target.startswith("/") else current
        pending.extend(_split_into_stack(target))


def problem_of(path: str, found: os.stat_result) -> str | None:
    """Tell why others than root could exchange the files below `path`.

    A sticky directory such as /tmp is refused as well: others can
    create a name there before root does.

    Returns:
        The rule and the remedy, or None if only root can.
    """
    if found.st_uid != 0:
        return (
            f"{path} belongs to uid {found.st_uid}, who could exchange "
            "the files that root writes below it; chown it to root"
        )
    if stat.S_ISLNK(found.st_mode):
        return None
    if not stat.S_ISDIR(found.st_mode):
        return f"{path} is a {paths.kind_of(found)}, not a directory"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return (
            f"{path} can be written by others than root (mode "
            f"{stat.S_IMODE(found.st_mode):04o}); chmod it to go-w, or "
            "choose another place"
        )
    return None


def _check_component(path: str, found: os.stat_result) -> None:
    problem = problem_of(path, found)
    if problem:
        raise errors.HostError(problem)


def _split_into_stack(path: str) -> list[str]:
    """Split a path into a stack, whose top is the first component."""
    return [
        part for part in reversed(path.split("/")) if part not in ("", ".")
    ]
