# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System accounts for services: made, recognised and removed.

An account that the collection made has `MARK` in its comment field. An
account without the mark belongs to somebody else: the collection does
not change or remove it, and uses it only if the user asks for that.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
)

MARK = "Service account made by pyfleet.services"

# useradd(8) rebuilds caches of the name services (nscd, sssd), which
# takes seconds on some hosts.
_SECONDS = 60.0
# At most 32 characters: useradd(8), CAVEATS.
_NAME = re.compile(r"_?[a-z][a-z0-9-]{0,30}")
_NOLOGIN = ("/usr/sbin/nologin", "/sbin/nologin", "/bin/false")
_SHELLS_WITHOUT_LOGIN = frozenset((*_NOLOGIN, "/usr/bin/false"))
_TAKEN_NAMES = frozenset({"root", "nobody", "nogroup", "systemd-network"})

# Numbers that do not stand for a local account. Source: systemd's
# document "Users, Groups, UIDs and GIDs" (UIDS-GIDS.md).
_RESERVED = (
    (0, 0, "root: a service needs an account of its own"),
    (60001, 60577, "systemd-homed and systemd-nspawn"),
    (61184, 65519, "services with DynamicUser=yes"),
    (65534, 65534, "nobody, the owner of files without an owner"),
    (65535, 65535, "the 16-bit value for no user"),
    (524288, 1879048191, "users inside containers"),
    (2147352576, 2147418111, "foreign users of images"),
    (4294967295, 4294967295, "the 32-bit value for no user"),
)


@dataclass(frozen=True)
class Account:
    """A user as the name service knows it: passwd(5)."""

    name: str
    uid: int
    gid: int
    group: str
    comment: str
    home: str
    shell: str

    @property
    def is_ours(self) -> bool:
        """Whether the collection made the account."""
        return self.comment == MARK

    @property
    def can_log_in(self) -> bool:
        """Whether the account's shell lets a person in."""
        return self.shell not in _SHELLS_WITHOUT_LOGIN


def lookup(name: str) -> Account | None:
    """Find a user by name.

    Returns:
        The account, or None if it does not exist.
    """
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(
        name=entry.pw_name,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        group=_find_group_name(entry.pw_gid),
        comment=entry.pw_gecos,
        home=entry.pw_dir,
        shell=entry.pw_shell,
    )


def name_problem(name: str) -> str | None:
    """Tell why a service account cannot have a name.

    Some programs read names that begin with a digit as numbers, and
    systemd refuses such names: systemd.exec(5), User=.
    """
    if not _NAME.fullmatch(name):
        return (
            f"account {name!r}: write a name of at most 31 characters of "
            "a-z, 0-9 and - that begins with a letter; one _ may stand "
            "before the letter"
        )
    if name in _TAKEN_NAMES:
        return (
            f"account {name!r} belongs to the system; name an account that "
            "is for this service alone"
        )
    return None


def uid_problem(uid: int) -> str | None:
    """Tell why a service account cannot have a number.

    Source: systemd's document "Users, Groups, UIDs and GIDs".
    """
    if uid < 0:
        return f"uid {uid} is negative; choose a uid from 1 to 60000"
    for first, last, meaning in _RESERVED:
        if first <= uid <= last:
            return (
                f"uid {uid} is reserved for {meaning}; choose an account "
                "with a uid from 1 to 60000"
            )
    return None


def account_problem(account: Account, *, adopt: bool) -> str | None:
    """Tell why a service cannot use an account that exists.

    Args:
        account: The account, from `lookup`.
        adopt: Whether the account may be somebody else's.
    """
    problem = name_problem(account.name) or uid_problem(account.uid)
    if problem:
        return problem
    if not account.is_ours and not adopt:
        return (
            f"account {account.name!r} (uid {account.uid}, "
            f"{account.comment or 'no comment'}) exists and was not made "
            "by this collection; choose another name, or adopt it"
        )
    if account.is_ours and account.group != account.name:
        return (
            f"account {account.name!r} was made with a group of its own, "
            f"but its group is now {account.group or account.gid}; put "
            f"it back with `usermod --gid {account.name} {account.name}`"
        )
    return None


def ensure_system_account(
    name: str, *, home: str, adopt: bool = False
) -> bool:
    """Make a system account exist: no login, no password, own group.

    The home directory is not created: systemd makes the directories
    that the unit names in StateDirectory=. An adopted account stays as
    it is.

    Args:
        name: The name of the user and of its group.
        home: The home directory for the entry in passwd(5).
        adopt: Whether the account may be somebody else's.

    Returns:
        Whether anything had to be changed.

    Raises:
        HostError: The name or number is reserved, somebody else's
            account or group has the name, or useradd(8) failed.
    """
    account = lookup(name)
    if account is None:
        problem = name_problem(name) or _find_group_problem(name, adopt=adopt)
        if problem:
            raise errors.HostError(problem)
        _add(name, home)
        return True
    problem = account_problem(account, adopt=adopt)
    if problem:
        raise errors.HostError(problem)
    if not account.is_ours:
        return False
    return _repair(account, home)


def remove_account(name: str) -> bool:
    """Remove an account of the collection and its group, not its files.

    Returns:
        Whether the account was there; somebody else's account stays.

    Raises:
        CommandError: userdel(8) refuses, as it does while a process of
            the user runs.
    """
    account = lookup(name)
    if account is None or not account.is_ours:
        return False
    command.run(["userdel", name], timeout=_SECONDS)
    # userdel keeps the group if USERGROUPS_ENAB is off: login.defs(5).
    if account.group == name and _has_group(name):
        command.run(["groupdel", name], timeout=_SECONDS)
    return True


def _add(name: str, home: str) -> None:
    group = (
        ["--no-user-group", "--gid", name]
        if _has_group(name)
        else ["--user-group"]
    )
    command.run(
        [
            "useradd",
            "--system",
            *group,
            "--no-create-home",
            "--home-dir",
            home,
            "--shell",
            _find_nologin(),
            "--comment",
            MARK,
            "--",
            name,
        ],
        timeout=_SECONDS,
    )


def _repair(account: Account, home: str) -> bool:
    changes = []
    if account.home != home:
        changes += ["--home", home]
    if account.can_log_in:
        changes += ["--shell", _find_nologin()]
    if changes:
        command.run(
            ["usermod", *changes, "--", account.name], timeout=_SECONDS
        )
    return bool(changes)


def _find_group_problem(name: str, *, adopt: bool) -> str | None:
    if adopt or not _has_group(name):
        return None
    return (
        f"group {name!r} exists without a user of that name and was not "
        "made by this collection; choose another name, or adopt it"
    )


def _has_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def _find_group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""


def _find_nologin() -> str:
    return next(
        shell
        for shell in _NOLOGIN
        if os.path.exists(shell) or shell == _NOLOGIN[-1]
    )
