# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A service account alone follows the rules of an application's."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    command,
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    service_user,
)

NAME = "hello"
LOGIN = {"shell": "/bin/bash"}
FOREIGN = {"comment": "Ada"}
# A real user and group with the same number and another name, and a
# number that no real user or group has.
TAKEN = 1
FREE = 54321


def account(**changes: Any) -> accounts.Account:
    fields: dict[str, Any] = {
        "name": NAME,
        "uid": 990,
        "gid": 990,
        "group": NAME,
        "comment": accounts.MARK,
        "home": f"/var/lib/{NAME}",
        "shell": "/usr/sbin/nologin",
    }
    return accounts.Account(**{**fields, **changes})


class Host:
    """The one account of a host, and the commands that are run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.account: accounts.Account | None = None
        self.has_password = False
        self.has_group = False
        self.commands: list[list[str]] = []
        patch = monkeypatch.setattr
        patch(accounts, "lookup", lambda _name: self.account)
        patch(accounts, "has_password", lambda _name: self.has_password)
        patch(accounts, "_group_exists", lambda _name: self.has_group)
        patch(command, "run", self.run)

    def run(self, argv: list[str], *, timeout: float) -> command.Completed:
        self.commands.append(argv)
        return command.Completed(0, "", "")


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(monkeypatch)


def programs(plan: service_user.AccountPlan) -> list[str]:
    return [argv[0] for argv in plan.commands]


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (service_user.AccountWish(""), "account ''"),
        (service_user.AccountWish("Hello"), "account 'Hello'"),
        (service_user.AccountWish("hello\n"), r"account 'hello\\n'"),
        (
            service_user.AccountWish("root", adopt=True),
            "belongs to the system",
        ),
        (service_user.AccountWish("_hello"), "begins with _ is kept"),
        (service_user.AccountWish(NAME, uid=0), "uid 0 is reserved"),
        (
            service_user.AccountWish(NAME, uid=60001, adopt=True),
            "systemd-homed",
        ),
        (
            service_user.AccountWish(NAME, uid=True),
            "uid True is a truth value",
        ),
        (service_user.AccountWish(NAME, uid=2**32), "is too large"),
    ],
)
def test_wishes_refused(wish: service_user.AccountWish, text: str) -> None:
    with pytest.raises(errors.HostError, match=text):
        service_user.check(wish)


@pytest.mark.parametrize("uid", [None, 1, 789, 60000])
def test_wishes_accepted(uid: int | None) -> None:
    service_user.check(service_user.AccountWish(NAME, uid=uid))


def test_a_new_account_is_planned_and_made(host: Host) -> None:
    plan = service_user.plan_present(service_user.AccountWish(NAME, uid=FREE))
    assert host.commands == []
    assert programs(plan) == ["useradd"]
    assert plan.before == {}
    assert (plan.after["uid"], plan.after["gid"]) == (FREE, FREE)
    assert plan.after["comment"] == accounts.MARK
    service_user.apply(plan)
    assert [argv[0] for argv in host.commands] == ["useradd"]


@pytest.mark.parametrize(
    ("changes", "has_password"),
    [(LOGIN, False), ({"home": "/srv"}, False), ({}, True)],
)
def test_ours_is_put_right(
    changes: dict[str, object], has_password: bool, host: Host
) -> None:
    host.account = account(**changes)
    host.has_password = has_password
    plan = service_user.plan_present(service_user.AccountWish(NAME))
    assert programs(plan) == ["usermod"]
    host.account, host.has_password = account(), False
    # What is planned is what the account is when it is right.
    assert plan.after == service_user.describe(NAME)
    assert plan.before != plan.after
    assert (
        programs(service_user.plan_present(service_user.AccountWish(NAME)))
        == []
    )


def test_the_account_of_an_application_is_not_removed(
    host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nor is it while the application's data is still there."""
    real = layouts.Layout
    monkeypatch.setattr(
        layouts, "Layout", lambda name: real(name, str(tmp_path))
    )
    host.account = account()
    wish = service_user.AccountWish(NAME)
    assert programs(service_user.plan_absent(wish)) == ["userdel"]
    claim = Path(real(NAME, str(tmp_path)).claim)
    claim.parent.mkdir(parents=True)
    claim.touch()
    with pytest.raises(errors.HostError, match="pyapp_remove_data: true"):
        service_user.plan_absent(wish)
    assert service_user.plan_present(wish).commands == ()
    host.account = None
    assert service_user.plan_absent(wish).commands == ()


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("changes", "wish", "text"),
    [
        (FOREIGN, {}, "was not made by this collection"),
        ({**FOREIGN, "uid": 0}, {"adopt": True}, "uid 0 is reserved"),
        ({"group": "users"}, {}, "its group is now users"),
        ({}, {"uid": 991}, "account 'hello', which has 990"),
        ({"gid": 991}, {"uid": 990}, "group 'hello', which has 991"),
        (FOREIGN, {"uid": 991, "adopt": True}, "which has 990"),
        (None, {}, "group 'hello' exists without a user"),
    ],
)
def test_unfit_accounts_are_refused(
    state: str,
    changes: dict[str, object] | None,
    wish: dict[str, Any],
    text: str,
    host: Host,
) -> None:
    host.account = None if changes is None else account(**changes)
    host.has_group = changes is None
    plan = getattr(service_user, f"plan_{state}")
    with pytest.raises(errors.HostError, match=text):
        plan(service_user.AccountWish(NAME, **wish))


@pytest.mark.parametrize("kind", ["account", "group"])
def test_numbers_of_others_are_refused(
    kind: str, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "group":
        monkeypatch.setattr(service_user, "_user_name", lambda _uid: "")
    owner = {
        "account": pwd.getpwuid(TAKEN).pw_name,
        "group": grp.getgrgid(TAKEN).gr_name,
    }
    text = f"it belongs to {kind} '{owner[kind]}'"
    with pytest.raises(errors.HostError, match=text):
        service_user.plan_present(service_user.AccountWish(NAME, uid=TAKEN))


@pytest.mark.parametrize(
    ("changes", "has_password", "warns"),
    [
        ({"shell": "/bin/bash"}, False, True),
        ({}, True, True),
        ({"home": "/srv", "group": "www"}, False, False),
    ],
)
def test_adopted_account_stays_as_it_is(
    changes: dict[str, object], has_password: bool, warns: bool, host: Host
) -> None:
    host.account = account(**FOREIGN, **changes)
    host.has_password = has_password
    wish = service_user.AccountWish(NAME, adopt=True)
    plan = service_user.plan_present(wish)
    assert (plan.commands, plan.after) == ((), plan.before)
    assert bool(plan.warnings) is warns
    kept = service_user.plan_absent(wish)
    assert (kept.commands, kept.after) == ((), kept.before)
    assert "is not removed" in kept.warnings[0]


def test_ours_is_removed(host: Host) -> None:
    host.account = account(**LOGIN)
    plan = service_user.plan_absent(service_user.AccountWish(NAME))
    assert host.commands == []
    assert programs(plan) == ["userdel"]
    assert plan.after == {}
    service_user.apply(plan)
    assert host.commands == [["userdel", NAME]]


def test_nothing_is_there_to_remove(host: Host) -> None:
    plan = service_user.plan_absent(service_user.AccountWish(NAME))
    assert (plan.commands, plan.before, plan.after) == ((), {}, {})
    service_user.apply(plan)
    assert host.commands == []


def test_fields_as_text() -> None:
    fields: dict[str, str | int | None] = {"name": NAME, "uid": None}
    assert service_user.as_text(fields) == "name: hello\nuid: next free\n"
    assert service_user.as_text({}) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="reads /etc/shadow")
def test_a_real_account_is_somebody_elses() -> None:
    name = pwd.getpwuid(TAKEN).pw_name
    wish = service_user.AccountWish(name)
    with pytest.raises(errors.HostError, match="was not made by"):
        service_user.plan_present(wish)
    plan = service_user.plan_present(
        service_user.AccountWish(name, adopt=True)
    )
    assert (plan.commands, plan.before["uid"]) == ((), TAKEN)
