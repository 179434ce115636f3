# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give a directory to an unprivileged builder, and take it back.

Root does not touch the directory while the builder has it. When root
takes it back, no process of the builder is left, so that nobody can
exchange a file meanwhile.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import errno
import os
import stat

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    limits,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    manifests,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    errors,
    paths,
)


def builder(name: str) -> accounts.Account:
    """Make the account of a builder exist.

    Raises:
        HostError: The account cannot be made, or belongs to somebody
            else.
    """
    accounts.ensure_system_account(name, home="/nonexistent")
    account = accounts.lookup(name)
    if account is None:
        raise errors.HostError(
            f"the account {name} was made, and is gone again; find the "
            "program that removes accounts on this host, then run again"
        )
    return account


def give(path: str, account: accounts.Account) -> None:
    """Give a directory to a builder.

    The directory itself is the last, so that the builder cannot enter
    it before. Its owner shows that it is not complete: `artifact`.
    """
    os.chmod(path, 0o700)
    for entry in manifests.walk(path):
        os.lchown(entry.path, account.uid, account.gid)
    os.lchown(path, account.uid, account.gid)


def take_back(path: str, bounds: limits.Limits) -> None:
    """Make root the owner of the files that a builder made.

    The caller has ended all processes of the builder.

    Raises:
        HostError: A file is neither regular nor a link, or the
            directory has too many or too large files.
    """
    size = 0
    base = path.rstrip("/").count("/")
    places = (path, *(entry.path for entry in manifests.walk(path)))
    for entries, place in enumerate(places):
        found = os.lstat(place)
        size += found.st_size
        problem = _find_problem(found) or bounds.problem(
            entries=entries, size=size, depth=place.count("/") - base - 1
        )
        if problem:
            raise errors.HostError(f"the build made {place}, which {problem}")
        _drop_attributes(place)
        os.lchown(place, os.geteuid(), os.getegid())


def _drop_attributes(path: str) -> None:
    """Remove access lists and other attributes that a builder set.

    An access list could let another user write to a file that is root's
    by owner and mode. SELinux labels stay, since the system sets them.
    """
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return
        raise
    for name in names:
        if not name.startswith("security."):
            os.removexattr(path, name, follow_symlinks=False)


def _find_problem(found: os.stat_result) -> str | None:
    """Tell why root must not take a file over."""
    if stat.S_ISREG(found.st_mode) and found.st_nlink != 1:
        # The file may be somebody else's, under its other name.
        return "has a second name (a hard link); copy the file instead"
    kinds = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    if not any(is_kind(found.st_mode) for is_kind in kinds):
        return f"is a {paths.kind_of(found)}; leave it out"
    return None
