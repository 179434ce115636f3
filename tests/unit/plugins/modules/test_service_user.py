# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module tells what it did, and does nothing in check mode."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    command,
    holder,
    lock,
)
from ansible_collections.pyfleet.services.plugins.modules import (
    service_user,
)

OURS = accounts.Account(
    name="hello",
    uid=990,
    gid=990,
    group="hello",
    comment=accounts.MARK,
    home="/var/lib/hello",
    shell="/usr/sbin/nologin",
)


class Host:
    """A host where useradd and userdel do as they should."""

    def __init__(self) -> None:
        self.account: accounts.Account | None = None
        self.euid = 0
        self.ran: list[str] = []

    def run(self, argv: list[str], *, timeout: float) -> command.Completed:
        self.ran.append(argv[0])
        self.account = OURS if argv[0] == "useradd" else None
        return command.Completed(0, "", "")


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    there = Host()
    patch = monkeypatch.setattr
    patch(holder, "DIRECTORY", str(tmp_path))
    patch(holder, "SECONDS", 0)
    patch(accounts, "lookup", lambda _name: there.account)
    patch(accounts, "has_password", lambda _name: False)
    patch(accounts, "_group_exists", lambda _name: False)
    patch(command, "run", there.run)
    patch(os, "geteuid", lambda: there.euid)
    return there


def run(
    capsys: pytest.CaptureFixture[str], **arguments: object
) -> dict[str, Any]:
    with (
        patch_module_args({"name": "hello", **arguments}),
        pytest.raises(SystemExit),
    ):
        service_user.main()
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


@pytest.mark.parametrize("is_check", [True, False])
def test_present(
    is_check: bool, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run(capsys, _ansible_check_mode=is_check)
    assert said["changed"]
    assert said["actions"] == ["useradd"]
    assert said["account"]["uid"] == (None if is_check else 990)
    assert said["diff"]["before"] == ""
    number = "next free" if is_check else "990"
    assert f"uid: {number}\n" in said["diff"]["after"]
    assert host.ran == ([] if is_check else ["useradd"])


def test_nothing_changes_twice(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys)
    said = run(capsys)
    assert not said["changed"]
    assert said["diff"]["before"] == said["diff"]["after"] != ""
    assert host.ran == ["useradd"]


@pytest.mark.parametrize("is_check", [True, False])
def test_absent(
    is_check: bool, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.account = OURS
    said = run(capsys, state="absent", _ansible_check_mode=is_check)
    assert said["changed"]
    assert said["account"] == {}
    assert said["diff"]["after"] == ""
    assert host.ran == ([] if is_check else ["userdel"])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"name": "../../etc"}, "account '../../etc'"),
        ({"uid": 0}, "uid 0 is reserved"),
        ({"uid": True}, "uid True is a truth value"),
        ({"state": "gone"}, "state"),
    ],
)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_refused_before_any_change(
    state: str,
    arguments: dict[str, object],
    text: str,
    host: Host,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = run(capsys, **{"state": state, **arguments})
    assert said["failed"]
    assert text in said["msg"]
    assert host.ran == []
    # Not even a lock is taken.
    assert list(tmp_path.iterdir()) == []


def test_root_is_needed(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    host.euid = 1000
    said = run(capsys)
    assert said["failed"]
    assert "become: true" in said["msg"]
    assert host.ran == []


def test_it_waits_for_a_deploy_of_that_name(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    with lock.hold("hello", timeout=0, owner="the first"):
        said = run(capsys)
        planned = run(capsys, _ansible_check_mode=True)
    assert "the first" in said["msg"]
    assert planned["changed"]
    assert host.ran == []


def test_an_adopted_account_that_can_log_in_is_told(
    host: Host,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warned: list[str] = []
    # Ansible keeps warnings for the life of the process.
    monkeypatch.setattr(
        AnsibleModule,
        "warn",
        lambda _self, text: warned.append(text),
    )
    host.account = accounts.Account(
        "hello", 1001, 1001, "hello", "Ada", "/home/hello", "/bin/bash"
    )
    said = run(capsys, adopt=True)
    assert not said["changed"]
    assert "stays as it is" in warned[0]
    assert said["account"]["home"] == "/home/hello"
