# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role pyapp_user alone."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import testinfra
import yaml
from testinfra.host import Host

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = ROOT / ".build/fleet/hosts.ini"
HOSTS = ("trixie",)
NAME = "accounttest"
ROLE = "pyfleet.services.pyapp_user"
PLAYBOOK = f"""
- hosts: trixie
  become: true
  gather_facts: false
  roles: [{ROLE}]
"""

Play = Callable[..., "Outcome"]


class Outcome:
    """What came of a play."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.text = done.stdout + done.stderr
        self.is_ok = done.returncode == 0
        self.changed = self._recap("changed")
        self.rescued = self._recap("rescued")

    def _recap(self, word: str) -> dict[str, int]:
        pattern = rf"^(\w+) +: .*{word}=(\d+)"
        found = re.findall(pattern, self.text, re.MULTILINE)
        return {name: int(number) for name, number in found}


@pytest.fixture
def play(tmp_path: Path) -> Play:
    playbook = tmp_path / "site.yml"
    playbook.write_text(PLAYBOOK)

    def run(*options: str, **variables: Any) -> Outcome:
        extra = {f"pyapp_user_{name}": v for name, v in variables.items()}
        return Outcome(
            subprocess.run(
                [
                    "ansible-playbook",
                    f"--inventory={INVENTORY}",
                    f"--extra-vars={json.dumps(extra)}",
                    *options,
                    str(playbook),
                ],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
        )

    return run


@pytest.fixture
def hosts() -> Iterator[list[Host]]:
    found = [
        testinfra.get_host(
            f"ansible://{name}", ansible_inventory=str(INVENTORY)
        )
        for name in HOSTS
    ]
    yield found
    for host in found:
        host.run("userdel %s; groupdel %s", NAME, NAME)


def test_account_is_made_once_and_removed(
    play: Play, hosts: list[Host]
) -> None:
    planned = play("--check", name=NAME)
    assert planned.changed == dict.fromkeys(HOSTS, 2), planned.text
    assert not any(host.user(NAME).exists for host in hosts)

    made = play(name=NAME)
    assert made.changed == dict.fromkeys(HOSTS, 2), made.text
    for host in hosts:
        user = host.user(NAME)
        assert 0 < user.uid < 1000
        assert user.groups == [NAME]
        assert user.home == f"/var/lib/{NAME}"
        assert user.shell == "/usr/sbin/nologin"
        assert not host.file(user.home).exists
        shadow = host.check_output("getent shadow %s", NAME)
        assert shadow.split(":")[1].startswith("!")

    for options in ((), ("--check",)):
        again = play(*options, name=NAME)
        assert again.is_ok
        assert again.changed == dict.fromkeys(HOSTS, 0), again.text

    assert play(name=NAME, state="absent").is_ok
    assert not any(host.user(NAME).exists for host in hosts)
    assert not any(host.group(NAME).exists for host in hosts)
    gone = play(name=NAME, state="absent")
    assert gone.changed == dict.fromkeys(HOSTS, 0), gone.text


def test_number_is_that_of_account_and_group(
    play: Play, hosts: list[Host]
) -> None:
    assert play(name=NAME, uid=789).is_ok

    assert [host.user(NAME).uid for host in hosts] == [789]
    assert [host.group(NAME).gid for host in hosts] == [789]
    assert play(name=NAME, uid=789).changed == dict.fromkeys(HOSTS, 0)
    moved = play(name=NAME, uid=790)
    assert "pyapp_user_uid: 790 cannot be the number" in moved.text
    assert [host.user(NAME).uid for host in hosts] == [789]


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": ""}, '"" is not a name'),
    ({"name": "a\n"}, r'"a\n" is not a name'),
    ({"name": "a" * 32}, "is not a name"),
    ({"name": "Hello"}, '"Hello" is not a name'),
    ({"name": "a;id"}, '"a;id" is not a name'),
    ({"name": "root", "adopt": True}, '"root" is not a name'),
    ({"name": "nobody", "adopt": True}, '"nobody" is not a name'),
    ({"name": 123}, "123 is not a name"),
    ({"name": NAME, "uid": 0}, "0 is not a number"),
    ({"name": NAME, "uid": -1}, "-1 is not a number"),
    ({"name": NAME, "uid": 61184}, "61184 is not a number"),
    ({"name": NAME, "uid": 65535}, "65535 is not a number"),
    ({"name": NAME, "uid": True}, "true is not a number"),
    ({"name": NAME, "uid": 1}, "1 belongs to ['daemon']"),
    # A login account, one of a package, and a group alone.
    ({"name": "sync"}, "sync exists and is not a service account"),
    ({"name": "sshd"}, "sshd exists and is not a service account"),
    ({"name": "sudo"}, "sudo exists and is not a service account"),
    ({"name": "sudo", "state": "absent"}, "sudo exists and is not"),
)


def attempt(variables: dict[str, Any], message: str) -> dict[str, Any]:
    """Return a task that fails unless the role refuses as it should."""
    include = {
        "ansible.builtin.include_role": {"name": ROLE},
        "vars": {f"pyapp_user_{k}": v for k, v in variables.items()},
    }
    accepted = {"ansible.builtin.fail": {"msg": f"{variables} is accepted"}}
    check = {
        "ansible.builtin.assert": {
            "that": "message in ansible_failed_result.msg",
            "fail_msg": "{{ ansible_failed_result.msg }}",
        },
        "vars": {"message": message},
    }
    return {"block": [include, accepted], "rescue": [check]}


def test_refused_before_any_change(play: Play, tmp_path: Path) -> None:
    """All in one play, since each takes Ansible a second to start."""
    (site,) = yaml.safe_load(PLAYBOOK)
    del site["roles"]
    site["tasks"] = [attempt(*case) for case in REFUSED]
    (tmp_path / "site.yml").write_text(yaml.safe_dump([site]))

    done = play()

    assert done.is_ok, done.text
    assert done.changed == dict.fromkeys(HOSTS, 0), done.text
    assert done.rescued == dict.fromkeys(HOSTS, len(REFUSED)), done.text


def test_login_account_is_adopted_knowingly(
    play: Play, hosts: list[Host]
) -> None:
    for host in hosts:
        host.check_output("useradd --shell /bin/bash %s", NAME)

    refused = play(name=NAME)
    adopted = play(name=NAME, adopt=True)

    assert not refused.is_ok
    assert adopted.is_ok, adopted.text
    assert [host.user(NAME).shell for host in hosts] == [
        "/usr/sbin/nologin"
    ] * len(HOSTS)
    assert play(name=NAME).changed == dict.fromkeys(HOSTS, 0)


def test_superuser_by_another_name_is_refused(
    play: Play, hosts: list[Host]
) -> None:
    for host in hosts:
        host.check_output("useradd --non-unique --uid 0 %s", NAME)

    refused = play(name=NAME, adopt=True)

    assert f"{NAME} exists and is not a service account" in refused.text
    assert refused.changed == dict.fromkeys(HOSTS, 0)
    # userdel takes uid 0 for logged in.
    for host in hosts:
        host.check_output("userdel --force %s", NAME)
