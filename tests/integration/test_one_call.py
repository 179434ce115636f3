# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A converged host costs one remote module, and a small one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lab import ROLE_PLAYBOOK, Lab, as_variables, web_app

HOSTS = ["trixie", "unkind"]
PORT = 8110
# Every module tells syslog its name and arguments when it starts.
CURSOR = """
journalctl --quiet --sync || journalctl --quiet --flush || :
journalctl --quiet --lines=1 --output=json
"""
SINCE = """
journalctl --quiet --sync || :
journalctl --quiet --output=json --after-cursor="$1"
"""
# Explode unpacks the payload that Ansible made of a module.
PAYLOAD = """
cd /
payload=$(find /root/.ansible/tmp -name "AnsiballZ_$1.py" | head -n 1)
python3 "$payload" explode >/dev/null
cd "$(dirname "$payload")/debug_dir"
find . -type f
"""
FORGET = "rm -rf /root/.ansible/tmp"


class Journal:
    """The journal of a host from now on."""

    def __init__(self, lab: Lab, host: str) -> None:
        self._lab, self._host = lab, host
        last = json.loads(lab.shell(host, CURSOR))
        self._cursor = last["__CURSOR"]

    def modules(self) -> list[str]:
        """Return the modules that Ansible ran since, in order."""
        text = self._lab.shell(self._host, SINCE, self._cursor)
        entries = [json.loads(line) for line in text.splitlines()]
        names = [str(e.get("SYSLOG_IDENTIFIER", "")) for e in entries]
        return [
            name.removeprefix("ansible-")
            for name in names
            if name.startswith("ansible-")
        ]


@pytest.fixture(scope="module")
def deployed(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[str, object]]:
    """Return a playbook and the variables it was run with."""
    claim(HOSTS, "it-call")
    folder = tmp_path_factory.mktemp("call")
    playbook = folder / "site.yml"
    playbook.write_text(ROLE_PLAYBOOK, encoding="utf-8")
    app = web_app("it-call", PORT, folder / "src")
    variables = as_variables(app)
    journals = {host: Journal(lab, host) for host in HOSTS}

    run = lab.play(playbook, HOSTS, variables)

    assert run.status == 0, run.output
    for host, journal in journals.items():
        # The oracle sees what runs, or it could not see what does not.
        assert journal.modules()[-1] == "pyfleet.services.release", host
    return playbook, variables


def test_nothing_to_do_is_one_module(
    lab: Lab, deployed: tuple[Path, dict[str, object]]
) -> None:
    playbook, variables = deployed
    journals = {host: Journal(lab, host) for host in HOSTS}

    run = lab.play(playbook, HOSTS, variables)

    assert run.status == 0, run.output
    assert run.changed() == dict.fromkeys(HOSTS, 0)
    for host, journal in journals.items():
        assert journal.modules() == ["pyfleet.services.app_info"], host


def test_a_deploy_reads_the_host_once(
    lab: Lab, deployed: tuple[Path, dict[str, object]]
) -> None:
    """The role hands on what its first task has read."""
    playbook, variables = deployed
    journals = {host: Journal(lab, host) for host in HOSTS}
    changed = {**variables, "pyapp_environment": {"NEWS": "once"}}

    run = lab.play(playbook, HOSTS, changed, "--check")

    assert run.status == 0, run.output
    for host, journal in journals.items():
        assert journal.modules() == [
            "pyfleet.services.app_info",
            "pyfleet.services.release",
        ], host


def test_two_applications_are_one_module(
    lab: Lab,
    claim: Callable[..., None],
    deployed: tuple[Path, dict[str, object]],
    tmp_path: Path,
) -> None:
    playbook, _unused = deployed
    names = ["it-pair-a", "it-pair-b"]
    claim(["trixie"], *names)
    apps = {}
    for number, name in enumerate(names):
        app = web_app(name, PORT + 1 + number, tmp_path / name)
        apps[name] = {k: v for k, v in app.items() if k != "name"}

    first = lab.play(playbook, ["trixie"], {"pyapp_apps": apps})

    assert first.status == 0, first.output
    for number, name in enumerate(names):
        answer = lab.get("trixie", PORT + 1 + number)
        assert answer["environment"]["HOME"] == f"/var/lib/{name}"

    journal = Journal(lab, "trixie")
    again = lab.play(playbook, ["trixie"], {"pyapp_apps": apps})

    assert again.changed() == {"trixie": 0}, again.output
    assert journal.modules() == ["pyfleet.services.app_info"]


def test_payload_carries_no_directive_table(
    lab: Lab, deployed: tuple[Path, dict[str, object]]
) -> None:
    playbook, variables = deployed
    lab.shell("trixie", FORGET)
    changed = {**variables, "pyapp_environment": {"NEWS": "yes"}}

    run = lab.play(
        playbook,
        ["trixie"],
        changed,
        "--check",
        ANSIBLE_KEEP_REMOTE_FILES="1",
    )

    assert run.status == 0, run.output
    light = lab.shell("trixie", PAYLOAD, "app_info").splitlines()
    heavy = lab.shell("trixie", PAYLOAD, "release").splitlines()
    lab.shell("trixie", FORGET)
    assert any(path.endswith("/_unit/_table.py") for path in heavy)
    assert any(path.endswith("/_deploy/observe.py") for path in light)
    for room in ("_unit", "_values", "_harden", "_rules"):
        assert [path for path in light if f"/{room}/" in path] == []
    assert [path for path in light if "_table" in path] == []
