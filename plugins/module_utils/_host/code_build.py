# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that build in a code directory before it is frozen.

They run as a user who owns that directory alone, and only for as long
as they run. systemd ends every process of theirs before root touches
anything there again, so that nobody can exchange a file meanwhile.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    artifact,
    code_tree,
    errors,
    files,
    jobs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._release import (  # noqa: E501
    layout as layouts,
)

_OWN_NAMES = (artifact.MANIFEST, artifact.MARK)


def run(
    path: str, *, layout: layouts.Layout, builds: Sequence[tuple[str, str]]
) -> None:
    """Run the commands of a build, then take the directory back.

    Args:
        path: The code directory, filled and not sealed.
        layout: Paths of the application.
        builds: Commands, each with its unit file.

    Raises:
        HostError: A command failed, or left what does not belong into
            a code directory.
    """
    accounts.ensure_system_account(layout.builder, home="/nonexistent")
    account = accounts.lookup(layout.builder)
    if account is None:
        raise errors.HostError(
            f"the account {layout.builder} is gone again; see what removes "
            "accounts on this host, then run again"
        )
    _give(path, account.uid, account.gid)
    commands, texts = zip(*builds)
    stem = f"{layout.app}-build-{os.getpid()}"
    try:
        jobs.run(stem, texts, commands, has_needs=False)
        take_back(path)
    except errors.HostError as error:
        raise errors.HostError(
            f"the code of {layout.app} was not built.\n"
            f"Step: run the commands of pyapp_build as {layout.builder}.\n"
            f"{error}\nNo unit was changed: what served before serves on."
        ) from error


def take_back(path: str) -> None:
    """Make root the owner of what a build left, or refuse it.

    To be called when no process of the build is left.

    Raises:
        HostError: Something does not belong into a code directory.
    """
    for name in _OWN_NAMES:
        if os.path.lexists(os.path.join(path, name)):
            raise errors.HostError(
                f"the build made {name}, a name that the collection keeps "
                "for itself; let it use another one"
            )
    for place in (path, *(entry.path for entry in artifact.walk(path))):
        found = os.lstat(place)
        problem = _problem(found)
        if problem:
            raise errors.HostError(f"the build made {place}, which {problem}")
        os.lchown(place, os.geteuid(), os.getegid())
    code_tree.check_links(path)


def _give(path: str, uid: int, gid: int) -> None:
    """Give a directory to the build; itself last, so that it is shut.

    By its owner it is told from one that is complete.
    """
    os.chmod(path, 0o700)
    for entry in artifact.walk(path):
        os.lchown(entry.path, uid, gid)
    os.lchown(path, uid, gid)


def _problem(found: os.stat_result) -> str | None:
    """Tell why root must not take a file over."""
    if stat.S_ISREG(found.st_mode) and found.st_nlink != 1:
        # The other name may be that of somebody else's file.
        return "has a second name (a hard link); copy the file instead"
    kinds = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    if not any(is_kind(found.st_mode) for is_kind in kinds):
        return f"is a {files.kind_of(found)}; leave it out of the code"
    return None
