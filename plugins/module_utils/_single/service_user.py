# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service account alone, by the same rules as an application's.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    errors,
)


@dataclass(frozen=True)
class AccountWish:
    """The account that is asked for.

    Attributes:
        name: Of the user and of its group.
        uid: Number of both; None for the next free one.
        adopt: Whether an account that we did not make may be used.
    """

    name: str
    uid: int | None = None
    adopt: bool = False

    @property
    def home(self) -> str:
        """Home directory, the same as an application's."""
        return f"/var/lib/{self.name}"


@dataclass(frozen=True)
class AccountPlan:
    """The difference between the account and the wish.

    Attributes:
        name: Of the user and of its group.
        commands: The commands that make the change.
        before: Fields of the account as it is; empty if there is none.
        after: The same once the commands have run.
        warnings: Messages about somebody else's account.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    before: dict[str, str | int | None]
    after: dict[str, str | int | None]
    warnings: tuple[str, ...] = ()


def check(wish: AccountWish) -> None:
    """Refuse an account that no host can have.

    Raises:
        HostError: The name or the number is not a service account's.
    """
    problem = accounts.name_problem(wish.name)
    if not problem and wish.name.startswith("_"):
        problem = (
            f"account {wish.name!r}: a name that begins with _ is kept for "
            "the build user of an application; begin with a letter"
        )
    if not problem and wish.uid is not None:
        problem = accounts.uid_problem(wish.uid)
    if problem:
        raise errors.HostError(problem)


def plan_present(wish: AccountWish) -> AccountPlan:
    """Plan to make the account, or to put it right.

    Raises:
        HostError: Somebody else has the name or the number.
    """
    account = accounts.lookup(wish.name)
    commands = accounts.plan_present(
        wish.name, home=wish.home, adopt=wish.adopt, uid=wish.uid
    )
    _check_number(wish, account)
    before = _fields(account)
    is_foreign = account is not None and not account.is_ours
    return AccountPlan(
        name=wish.name,
        commands=tuple(map(tuple, commands)),
        before=before,
        after=before if is_foreign else _wanted(wish, account),
        warnings=tuple(_login(account)) if account and is_foreign else (),
    )


def plan_absent(wish: AccountWish) -> AccountPlan:
    """Plan to remove the account; somebody else's is never removed.

    Raises:
        HostError: Somebody else has the name and `adopt` is not set,
            the account has another number, or it is an application's.
    """
    account = accounts.lookup(wish.name)
    before = _fields(account)
    if account is None:
        problem = accounts.group_problem(wish.name, adopt=wish.adopt)
    else:
        problem = accounts.account_problem(account, adopt=wish.adopt)
    if problem:
        raise errors.HostError(problem)
    _check_number(wish, account)
    if account is None:
        return AccountPlan(wish.name, (), before, before)
    _refuse_deployed(wish.name)
    if not account.is_ours:
        kept = (
            f"account {wish.name!r} was not made by this collection and is "
            f"not removed; remove it with `userdel {wish.name}`"
        )
        return AccountPlan(wish.name, (), before, before, (kept,))
    return AccountPlan(wish.name, (("userdel", wish.name),), before, {})


def apply(plan: AccountPlan) -> None:
    """Carry out a plan.

    Raises:
        CommandError: A command failed.
    """
    if plan.commands and not plan.after:
        accounts.remove_account(plan.name)
    else:
        accounts.carry_out(map(list, plan.commands))


def describe(name: str) -> dict[str, str | int | None]:
    """Return the fields of the account; empty if there is none."""
    return _fields(accounts.lookup(name))


def as_text(fields: dict[str, str | int | None]) -> str:
    """Return the fields as a difference shows them, one a line."""
    return "".join(
        f"{name}: {'next free' if value is None else value}\n"
        for name, value in fields.items()
    )


def _fields(account: accounts.Account | None) -> dict[str, str | int | None]:
    if account is None:
        return {}
    has_password = accounts.has_password(account.name)
    return {
        "name": account.name,
        "uid": account.uid,
        "gid": account.gid,
        "group": account.group,
        "comment": account.comment,
        "home": account.home,
        "shell": account.shell,
        "password": "usable" if has_password else "locked",
    }


def _wanted(
    wish: AccountWish, account: accounts.Account | None
) -> dict[str, str | int | None]:
    if account is None:
        return {
            "name": wish.name,
            "uid": wish.uid,
            "gid": wish.uid,
            "group": wish.name,
            "comment": accounts.MARK,
            "home": wish.home,
            "shell": accounts.nologin(),
            "password": "locked",
        }
    shell = accounts.nologin() if account.can_log_in else account.shell
    right = replace(account, home=wish.home, shell=shell)
    return {**_fields(right), "password": "locked"}


def _login(account: accounts.Account) -> Iterator[str]:
    if account.can_log_in or accounts.has_password(account.name):
        yield (
            f"account {account.name!r} was not made by this collection and "
            "stays as it is: it has a login shell or a password. Close it "
            f"with `usermod --lock --shell {accounts.nologin()} "
            f"{account.name}`"
        )


def _refuse_deployed(name: str) -> None:
    """Refuse to remove the account of an application.

    Raises:
        HostError: Role pyapp has deployed an application of that name.
            Its data belongs to the account, also once it is removed.
    """
    claim = layouts.Layout(name).claim
    if os.path.lexists(claim):
        raise errors.HostError(
            f"account {name!r} is that of the application {name}, whose data "
            f"belongs to it ({claim} says so). Remove the application first, "
            "with pyapp_state: absent and pyapp_remove_data: true, which "
            "removes the account too"
        )


def _check_number(wish: AccountWish, account: accounts.Account | None) -> None:
    """Refuse a number that is not that of the account, or not free.

    With another number, the files of the application would not belong
    to its account any more.

    Raises:
        HostError: The account or its group has another number, or the
            number belongs to another user or group.
    """
    if wish.uid is None:
        return
    numbers = {
        "account": None if account is None else account.uid,
        "group": _gid(wish.name) if account is None else account.gid,
    }
    holders = {
        "account": _user_name(wish.uid),
        "group": accounts.group_name(wish.uid),
    }
    for kind, number in numbers.items():
        if number not in (None, wish.uid):
            raise errors.HostError(
                f"uid: {wish.uid} cannot be the number of {kind} "
                f"{wish.name!r}, which has {number}: its files would belong "
                f"to nobody; leave uid out"
            )
        if number is None and holders[kind]:
            raise errors.HostError(
                f"uid: {wish.uid} cannot be the number of {kind} "
                f"{wish.name!r}: it belongs to {kind} {holders[kind]!r}; "
                "choose a free number, or leave uid out"
            )


def _gid(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""
