# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts are made as services need them, and nobody's is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    command,
    errors,
)

HOME = "/var/lib/hello"
NOLOGIN = "/usr/sbin/nologin"


def account(**changes: Any) -> accounts.Account:
    fields: dict[str, Any] = {
        "name": "hello",
        "uid": 990,
        "gid": 990,
        "group": "hello",
        "comment": accounts.MARK,
        "home": HOME,
        "shell": NOLOGIN,
    }
    return accounts.Account(**{**fields, **changes})


class Host:
    """A host's account database, and the commands that are run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.accounts: dict[str, accounts.Account] = {}
        self.groups: set[str] = set()
        self.commands: list[list[str]] = []
        self.passwords: set[str] = set()
        monkeypatch.setattr(accounts, "lookup", self.accounts.get)
        monkeypatch.setattr(
            accounts, "_group_exists", self.groups.__contains__
        )
        monkeypatch.setattr(
            accounts, "has_password", self.passwords.__contains__
        )
        monkeypatch.setattr(command, "run", self.run)

    def run(self, argv: list[str], *, timeout: float) -> command.Completed:
        self.commands.append(argv)
        return command.Completed(0, "", "")


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(monkeypatch)


@pytest.mark.parametrize("name", ["hello", "a", "my-app2", "a" * 31])
def test_names_accepted(name: str) -> None:
    assert accounts.name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "0day",
        "0",
        "-app",
        "a:b",
        "a b",
        "app\n",
        "App",
        "a" * 32,
        "аpp",  # noqa: RUF001
        "a/b",
        "root",
        "nobody",
    ],
)
def test_names_refused(name: str, host: Host) -> None:
    assert repr(name) in str(accounts.name_problem(name))
    with pytest.raises(errors.HostError):
        accounts.ensure_system_account(name, home=HOME)
    assert host.commands == []


@pytest.mark.parametrize("uid", [1, 100, 999, 1000, 60000, 60578, 65520])
def test_uids_accepted(uid: int) -> None:
    assert accounts.uid_problem(uid) is None


@pytest.mark.parametrize(
    "uid",
    [
        -1,
        0,
        True,
        60001,
        60577,
        61184,
        65519,
        65534,
        65535,
        524288,
        2147400000,
        2**32 - 1,
        2**32,
    ],
)
def test_uids_refused(uid: int) -> None:
    assert f"uid {uid} is" in str(accounts.uid_problem(uid))


def test_created_without_login_or_password(host: Host) -> None:
    assert accounts.ensure_system_account("hello", home=HOME)
    (argv,) = host.commands
    assert argv[0] == "useradd"
    assert argv[-2:] == ["--", "hello"]
    assert {"--system", "--user-group", "--no-create-home"} <= set(argv)
    assert argv[argv.index("--shell") + 1] in accounts._NOLOGIN
    assert argv[argv.index("--home-dir") + 1] == HOME
    assert not {"--password", "-p"} & set(argv)


def test_ours_is_left_alone(host: Host) -> None:
    host.accounts["hello"] = account()
    assert not accounts.ensure_system_account("hello", home=HOME)
    assert host.commands == []


@pytest.mark.parametrize(
    ("changes", "option"),
    [({"home": "/root"}, "--home"), ({"shell": "/bin/bash"}, "--shell")],
)
def test_ours_is_repaired(
    host: Host, changes: dict[str, str], option: str
) -> None:
    host.accounts["hello"] = account(**changes)
    assert accounts.ensure_system_account("hello", home=HOME)
    assert host.commands[0][:2] == ["usermod", option]


def test_password_of_ours_is_locked(host: Host) -> None:
    host.accounts["hello"] = account()
    host.passwords.add("hello")
    assert accounts.ensure_system_account("hello", home=HOME)
    assert host.commands == [["usermod", "--lock", "--", "hello"]]


def test_number_is_that_of_the_group_too(host: Host) -> None:
    (argv,) = accounts.plan_present("hello", home=HOME, uid=5000)
    assert argv[argv.index("--uid") + 1] == "5000"
    assert {"SYS_GID_MIN=5000", "SYS_GID_MAX=5000"} <= set(argv)
    assert host.commands == []


@pytest.mark.parametrize(
    ("entry", "is_usable"),
    [
        ("hello:!:1::::::", False),
        ("hello:!$6$salt$hash:1::::::", False),
        ("hello:*:1::::::", False),
        ("hello:$6$salt$hash:1::::::", True),
        ("hello::1::::::", True),
        ("hello2:$6$salt$hash:1::::::", False),
        ("hello", False),
        ("", False),
    ],
)
def test_passwords(
    entry: str,
    is_usable: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shadow = tmp_path / "shadow"
    monkeypatch.setattr(accounts, "_SHADOW", str(shadow))
    assert not accounts.has_password("hello")
    shadow.write_text(f"root:*:1::::::\n{entry}\n")
    assert accounts.has_password("hello") is is_usable


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"comment": "Ada Lovelace"}, "Ada Lovelace.*adopt"),
        ({"comment": ""}, "no comment.*adopt"),
        ({"uid": 0}, "uid 0 is reserved for root"),
        ({"uid": 61200}, "DynamicUser"),
        ({"group": "users"}, "its group is now users"),
    ],
)
def test_unfit_accounts_are_refused(
    host: Host, changes: dict[str, object], text: str
) -> None:
    host.accounts["hello"] = account(**changes)
    with pytest.raises(errors.HostError, match=text):
        accounts.ensure_system_account("hello", home=HOME)
    assert host.commands == []


def test_adopted_account_stays_as_it_is(host: Host) -> None:
    host.accounts["hello"] = account(comment="web", home="/srv", group="www")
    assert not accounts.ensure_system_account("hello", home=HOME, adopt=True)
    assert not accounts.remove_account("hello")
    assert host.commands == []


@pytest.mark.parametrize("uid", [0, 65534, 61184])
def test_reserved_numbers_are_not_adopted(host: Host, uid: int) -> None:
    host.accounts["hello"] = account(comment="web", uid=uid)
    with pytest.raises(errors.HostError, match="reserved"):
        accounts.ensure_system_account("hello", home=HOME, adopt=True)


def test_group_of_somebody_else(host: Host) -> None:
    host.groups.add("hello")
    with pytest.raises(errors.HostError, match="group 'hello' exists"):
        accounts.ensure_system_account("hello", home=HOME)
    assert accounts.ensure_system_account("hello", home=HOME, adopt=True)
    assert host.commands[0][3:5] == ["--gid", "hello"]


def test_removal(host: Host) -> None:
    assert not accounts.remove_account("hello")
    host.accounts["hello"] = account()
    assert accounts.remove_account("hello")
    host.groups.add("hello")
    assert accounts.remove_account("hello")
    assert host.commands == [
        ["userdel", "hello"],
        ["userdel", "hello"],
        ["groupdel", "hello"],
    ]


def test_lookup_of_real_accounts() -> None:
    root = accounts.lookup("root")
    assert root is not None
    assert (root.uid, root.group, root.is_ours) == (0, "root", False)
    assert root.can_log_in
    assert accounts.lookup("no-such-account") is None
