# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System accounts for services: made, recognised and removed.

An account that we made carries our mark in its comment field. One
without it is somebody else's: it is neither changed nor removed, and
used only where that is asked for.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
)

MARK = "Service account made by pyfleet.services"

# useradd(8) rebuilds caches of the name services (nscd, sssd), which
# takes seconds on some hosts.
_SECONDS = 60.0
# 32 characters at most: useradd(8), CAVEATS.
_NAME = re.compile(r"_?[a-z][a-z0-9-]{0,30}")
_NOLOGIN = ("/usr/sbin/nologin", "/sbin/nologin", "/bin/false")
_SHELLS_WITHOUT_LOGIN = frozenset((*_NOLOGIN, "/usr/bin/false"))
_SHADOW = "/etc/shadow"
_LAST_UID = 2**32 - 1
_TAKEN_NAMES = frozenset({"root", "nobody", "nogroup", "systemd-network"})

# Identifiers that mean something else than "a local account", from
# systemd's UIDS-GIDS.md.
_RESERVED = (
    (0, 0, "root: a service needs an account of its own"),
    (60001, 60577, "systemd-homed and systemd-nspawn"),
    (61184, 65519, "services with DynamicUser=yes"),
    (65534, 65534, "nobody, which owns what nobody may own"),
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
        """Whether we made it."""
        return self.comment == MARK

    @property
    def can_log_in(self) -> bool:
        """Whether its shell lets a human in."""
        return self.shell not in _SHELLS_WITHOUT_LOGIN


def lookup(name: str) -> Account | None:
    """Find a user by name.

    Returns:
        The account, or None if there is none.
    """
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(
        name=entry.pw_name,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        group=group_name(entry.pw_gid),
        comment=entry.pw_gecos,
        home=entry.pw_dir,
        shell=entry.pw_shell,
    )


def name_problem(name: str) -> str | None:
    """Tell why a name cannot be a service account's.

    Names that begin with a digit are read as numbers by some
    programs, and systemd refuses them: systemd.exec(5), User=.
    """
    if not _NAME.fullmatch(name):
        return (
            f"account {name!r}: a name is made of a-z, 0-9 and -, begins "
            "with a letter (before which one _ may stand) and has 31 "
            "characters at most"
        )
    if name in _TAKEN_NAMES:
        return (
            f"account {name!r} belongs to the system; name one that is "
            "for this service alone"
        )
    return None


def uid_problem(uid: int) -> str | None:
    """Tell why a number cannot be a service account's.

    Source: systemd's document "Users, Groups, UIDs and GIDs".
    """
    if isinstance(uid, bool):
        return f"uid {uid} is a truth value; choose one from 1 to 60000"
    if uid < 0:
        return f"uid {uid} is negative; choose one from 1 to 60000"
    if uid > _LAST_UID:
        return f"uid {uid} is too large; choose one from 1 to 60000"
    for first, last, meaning in _RESERVED:
        if first <= uid <= last:
            return (
                f"uid {uid} is reserved for {meaning}; choose an account "
                "with one from 1 to 60000"
            )
    return None


def account_problem(account: Account, *, adopt: bool) -> str | None:
    """Tell why an account that exists is not used for a service.

    Args:
        account: As `lookup` found it.
        adopt: Whether one that we did not make may be used.
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
    """Make a system account exist, as `plan_present` describes it.

    Returns:
        Whether anything had to be changed.

    Raises:
        HostError: As `plan_present`, or a command failed.
    """
    commands = plan_present(name, home=home, adopt=adopt)
    carry_out(commands)
    return bool(commands)


def plan_present(
    name: str, *, home: str, adopt: bool = False, uid: int | None = None
) -> list[list[str]]:
    """Plan a system account: no login, no password, own group.

    Its home directory is not created: systemd makes what the unit
    names in StateDirectory=. An adopted account stays as it is.

    Args:
        name: Of the user and of its group.
        home: Home directory, as an entry of the database only.
        adopt: Whether an account that we did not make may be used.
        uid: Number of a new account and its group; by default the next
            free one.

    Returns:
        The commands that are needed; none if the account is right.

    Raises:
        HostError: The name or number is reserved, or somebody else's
            account or group has the name.
    """
    account = lookup(name)
    if account is None:
        problem = name_problem(name) or group_problem(name, adopt=adopt)
        if problem:
            raise errors.HostError(problem)
        return [_add(name, home, uid)]
    problem = account_problem(account, adopt=adopt)
    if problem:
        raise errors.HostError(problem)
    return _repair(account, home) if account.is_ours else []


def carry_out(commands: Iterable[list[str]]) -> None:
    """Run the commands of a plan.

    Raises:
        CommandError: One of them failed.
    """
    for argv in commands:
        command.run(argv, timeout=_SECONDS)


def remove_account(name: str) -> bool:
    """Remove an account that we made, with its group, not its files.

    Returns:
        Whether there was one. Somebody else's is left alone.

    Raises:
        CommandError: userdel(8) refuses, as when a process runs.
    """
    account = lookup(name)
    if account is None or not account.is_ours:
        return False
    command.run(["userdel", name], timeout=_SECONDS)
    # userdel keeps the group where USERGROUPS_ENAB is off.
    if account.group == name and _group_exists(name):
        command.run(["groupdel", name], timeout=_SECONDS)
    return True


def _add(name: str, home: str, uid: int | None) -> list[str]:
    group = (
        ["--no-user-group", "--gid", name]
        if _group_exists(name)
        else ["--user-group"]
    )
    return [
        "useradd",
        "--system",
        *group,
        *_number(uid),
        "--no-create-home",
        "--home-dir",
        home,
        "--shell",
        nologin(),
        "--comment",
        MARK,
        "--",
        name,
    ]


def _number(uid: int | None) -> list[str]:
    if uid is None:
        return []
    # useradd(8) has no option for the number of the group it makes. The
    # bounds of that number leave it no choice.
    bounds = [f"SYS_GID_MIN={uid}", f"SYS_GID_MAX={uid}"]
    return ["--uid", str(uid), *(w for b in bounds for w in ("--key", b))]


def _repair(account: Account, home: str) -> list[list[str]]:
    changes = []
    if account.home != home:
        changes += ["--home", home]
    if account.can_log_in:
        changes += ["--shell", nologin()]
    if has_password(account.name):
        changes += ["--lock"]
    return [["usermod", *changes, "--", account.name]] if changes else []


def has_password(name: str) -> bool:
    """Tell whether a password lets somebody in: shadow(5).

    An empty field counts, as it lets everybody in.
    """
    # The module spwd is not part of Python 3.13.
    try:
        with open(_SHADOW, encoding="utf-8", errors="replace") as shadow:
            for line in shadow:
                fields = line.split(":")
                if fields[0] == name and len(fields) > 1:
                    return not fields[1].startswith(("!", "*"))
    except FileNotFoundError:
        pass
    return False


def group_problem(name: str, *, adopt: bool) -> str | None:
    """Tell why a group that has no user of its name is not used."""
    if adopt or not _group_exists(name):
        return None
    return (
        f"group {name!r} exists without a user of that name and was not "
        "made by this collection; choose another name, or adopt it"
    )


def _group_exists(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def group_name(gid: int) -> str:
    """Return the group that has a number; empty if there is none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""


def nologin() -> str:
    """Return the shell of an account that nobody may log in to."""
    return next(
        shell
        for shell in _NOLOGIN
        if os.path.exists(shell) or shell == _NOLOGIN[-1]
    )
