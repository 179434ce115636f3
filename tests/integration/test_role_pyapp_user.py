# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Role pyapp_user alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab import PACKAGES, Lab, Run

HOST = "trixie"
NAME = "accounttest"
ROLE = "pyfleet.services.pyapp_user"
SITE: dict[str, Any] = {"hosts": "all", "become": True, "gather_facts": False}
# Forced, since userdel takes number 0 for logged in.
_GONE = 'userdel --force "$1"; groupdel "$1"; true'
# Comment, home and shell; password; groups.
_LINES = """
getent passwd "$1" | cut -d: -f5-
getent shadow "$1" | cut -d: -f2 | cut -c1
id --groups --name "$1"
test ! -e "/var/lib/$1"
"""

Play = Callable[..., Run]

MARK = "Service account made by pyfleet.services"
FOREIGN = "exists and was not made by this collection"
NO_NAME = ": a name is made of a-z"

REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": ""}, f"account ''{NO_NAME}"),
    ({"name": "a\n"}, rf"account 'a\n'{NO_NAME}"),
    ({"name": "a" * 32}, NO_NAME),
    ({"name": "Hello"}, f"account 'Hello'{NO_NAME}"),
    ({"name": "a;id"}, f"account 'a;id'{NO_NAME}"),
    ({"name": "_hello"}, "a name that begins with _ is kept"),
    ({"name": "root", "adopt": True}, "account 'root' belongs to the"),
    ({"name": "nobody", "adopt": True}, "account 'nobody' belongs to the"),
    ({"name": 123}, f"account '123'{NO_NAME}"),
    ({"name": NAME, "uid": 0}, "uid 0 is reserved"),
    ({"name": NAME, "uid": -1}, "uid -1 is negative"),
    ({"name": NAME, "uid": 60001}, "uid 60001 is reserved"),
    ({"name": NAME, "uid": 61184}, "uid 61184 is reserved"),
    ({"name": NAME, "uid": 65535}, "uid 65535 is reserved"),
    ({"name": NAME, "uid": True}, "uid True is a truth value"),
    ({"name": NAME, "uid": 1}, "it belongs to account 'daemon'"),
    # The number of a group alone: sudo's.
    ({"name": NAME, "uid": 27}, "it belongs to group 'sudo'"),
    # A login account, one of a package, and a group alone.
    ({"name": "sync"}, FOREIGN),
    ({"name": "sshd"}, FOREIGN),
    ({"name": "sshd", "state": "absent"}, FOREIGN),
    ({"name": "sudo"}, "group 'sudo' exists without a user"),
    ({"name": "sudo", "state": "absent"}, "group 'sudo' exists without"),
)


@pytest.fixture
def play(lab: Lab, tmp_path: Path) -> Iterator[Play]:
    """Run the role, and leave no account behind."""
    playbook = tmp_path / "site.yml"
    playbook.write_text(yaml.safe_dump([{**SITE, "roles": [ROLE]}]))
    lab.shell(HOST, _GONE, NAME)

    def run(*arguments: str, **variables: Any) -> Run:
        given = {f"pyapp_user_{name}": v for name, v in variables.items()}
        return lab.play(playbook, [HOST], given, *arguments)

    yield run
    lab.shell(HOST, _GONE, NAME)


def known(lab: Lab, database: str) -> bool:
    script = 'getent "$1" "$2" >/dev/null && echo yes || echo no'
    return lab.shell(HOST, script, database, NAME) == "yes\n"


def test_account_is_made_once_and_removed(lab: Lab, play: Play) -> None:
    planned = play("--check", name=NAME)
    assert planned.changed() == {HOST: 1}, planned.output
    assert not known(lab, "passwd")

    made = play(name=NAME)
    assert made.changed() == {HOST: 1}, made.output
    assert lab.shell(HOST, _LINES, NAME).splitlines() == [
        f"{MARK}:/var/lib/{NAME}:/usr/sbin/nologin",
        "!",
        NAME,
    ]
    assert 0 < int(lab.shell(HOST, 'id --user "$1"', NAME)) < 1000

    for arguments in ((), ("--check",)):
        again = play(*arguments, name=NAME)
        assert again.status == 0, again.output
        assert again.changed() == {HOST: 0}, again.output

    assert play(name=NAME, state="absent").changed() == {HOST: 1}
    assert not known(lab, "passwd")
    assert not known(lab, "group")
    gone = play(name=NAME, state="absent")
    assert gone.status == 0, gone.output
    assert gone.changed() == {HOST: 0}


def test_number_is_that_of_account_and_group(lab: Lab, play: Play) -> None:
    assert play(name=NAME, uid=789).status == 0

    numbers = 'id --user "$1"; id --group "$1"'
    assert lab.shell(HOST, numbers, NAME) == "789\n789\n"
    assert play(name=NAME, uid=789).changed() == {HOST: 0}
    moved = play(name=NAME, uid=790)
    assert "uid: 790 cannot be" in moved.messages()[HOST]
    assert lab.shell(HOST, numbers, NAME) == "789\n789\n"


def test_number_above_those_of_the_system(lab: Lab, play: Play) -> None:
    """The group has the number, too, where useradd would not give it."""
    assert play(name=NAME, uid=5789).status == 0

    numbers = 'id --user "$1"; id --group "$1"'
    assert lab.shell(HOST, numbers, NAME) == "5789\n5789\n"


def test_account_of_ours_is_put_right(lab: Lab, play: Play) -> None:
    assert play(name=NAME).status == 0
    lab.shell(
        HOST,
        'usermod --shell /bin/bash --home /srv --password x "$1"',
        NAME,
    )

    planned = play("--check", name=NAME)
    mended = play(name=NAME)

    assert planned.changed() == {HOST: 1}, planned.output
    assert mended.changed() == {HOST: 1}, mended.output
    assert lab.shell(HOST, _LINES, NAME).startswith(
        f"{MARK}:/var/lib/{NAME}:/usr/sbin/nologin\n!\n"
    )
    assert play(name=NAME).changed() == {HOST: 0}


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


def test_refused_before_any_change(lab: Lab, tmp_path: Path) -> None:
    """All in one play, since each takes Ansible a second to start."""
    playbook = tmp_path / "site.yml"
    tasks = [attempt(*case) for case in REFUSED]
    playbook.write_text(yaml.safe_dump([{**SITE, "tasks": tasks}]))

    run = lab.play(playbook, [HOST])

    assert run.status == 0, run.output
    assert run.changed() == {HOST: 0}, run.output
    assert run.output.count(" is accepted") == 0
    assert run.recap[HOST]["rescued"] == len(REFUSED), run.output


def test_login_account_is_adopted_as_it_is(lab: Lab, play: Play) -> None:
    lab.shell(HOST, 'useradd --home /srv --shell /bin/bash "$1"', NAME)
    entry = 'getent passwd "$1"'
    before = lab.shell(HOST, entry, NAME)

    refused = play(name=NAME)
    adopted = play(name=NAME, adopt=True)
    kept = play(name=NAME, adopt=True, state="absent")

    assert FOREIGN in refused.messages()[HOST]
    assert refused.changed() == {HOST: 0}
    assert adopted.status == 0, adopted.output
    assert adopted.changed() == {HOST: 0}
    assert "stays as it is: it has a login shell" in " ".join(
        adopted.output.split()
    )
    assert kept.status == 0, kept.output
    assert kept.changed() == {HOST: 0}
    assert lab.shell(HOST, entry, NAME) == before


def test_superuser_by_another_name_is_refused(lab: Lab, play: Play) -> None:
    lab.shell(HOST, 'useradd --non-unique --uid 0 "$1"', NAME)

    refused = play(name=NAME, adopt=True)

    assert "uid 0 is reserved" in refused.messages()[HOST]
    assert refused.changed() == {HOST: 0}


MEDIA = f"/srv/{NAME}-media"
# Writes a file at its start, and fails where it may not.
WRITER = """
import pathlib, sys, time
pathlib.Path(sys.argv[1], "upload").write_text("mine")
time.sleep(1_000_000)
"""


def as_first_deploy(code: Path) -> list[dict[str, Any]]:
    """Return the tasks that the README of the role shows."""
    needs = {"write": [MEDIA]}
    app = {
        "pyapp_name": NAME,
        "pyapp_source": {"packages": PACKAGES, "files": str(code)},
        "pyapp_services": {
            "main": {
                "exec": f"python writer.py {MEDIA}",
                "needs": [needs],
                "health": {"settle": 0.5},
            }
        },
    }
    return [
        {
            "ansible.builtin.include_role": {"name": ROLE},
            "vars": {"pyapp_user_name": NAME},
        },
        {
            "ansible.builtin.file": {
                "path": MEDIA,
                "state": "directory",
                "owner": NAME,
                "group": NAME,
                "mode": "0750",
            }
        },
        {
            "ansible.builtin.include_role": {"name": "pyfleet.services.pyapp"},
            "vars": app,
        },
    ]


def test_a_directory_that_is_the_applications_before_its_first_deploy(
    lab: Lab, play: Play, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim([HOST], NAME)
    lab.shell(HOST, f"rm -rf {MEDIA}")
    code = tmp_path / "code"
    code.mkdir()
    (code / "writer.py").write_text(WRITER)
    playbook = tmp_path / "first.yml"
    tasks = as_first_deploy(code)
    playbook.write_text(yaml.safe_dump([{**SITE, "tasks": tasks}]))

    # By hand, the account is refused: the tasks after it alone.
    lab.shell(HOST, 'useradd --system --home "/var/lib/$1" "$1"', NAME)
    alone = tmp_path / "alone.yml"
    alone.write_text(yaml.safe_dump([{**SITE, "tasks": tasks[2:]}]))
    by_hand = lab.play(alone, [HOST])
    lab.shell(HOST, 'userdel "$1"', NAME)
    first = lab.play(playbook, [HOST])
    again = lab.play(playbook, [HOST])
    kept = play(name=NAME, state="absent")
    user = play(name=NAME)

    message = by_hand.messages()[HOST]
    assert "is one that role pyapp_user makes" in message, message
    assert first.status == 0, first.output
    written = f"stat -c %U {MEDIA} && cat {MEDIA}/upload"
    assert lab.shell(HOST, written) == f"{NAME}\nmine"
    assert again.status == 0, again.output
    assert again.changed() == {HOST: 0}, again.output
    assert "pyapp_remove_data: true" in kept.messages()[HOST]
    # The other order: the application was there before.
    assert user.status == 0, user.output
    assert user.changed() == {HOST: 0}
    gone = {"name": NAME, "state": "absent", "remove_data": True}
    removed = lab.deploy([HOST], gone)
    assert removed.status == 0, removed.output
    assert not known(lab, "passwd")
    assert lab.shell(HOST, f"cat {MEDIA}/upload") == "mine"
    lab.shell(HOST, f"rm -r {MEDIA}")
