# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package index does not get to run code as root on hosts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import index
import pytest
from lab import Lab, Run, web_app

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    installer,
)

HOSTS = ["bookworm", "trixie"]
NAME = "it-evil-index"
PORT = 8601
PASSWORD = "open-sesame"
PWNED = "/root/it-evil-index"
# All that is imported of a pip: root would run it.
EVIL = f"open({PWNED!r}, 'w').write('pwned')\nraise SystemExit(1)\n"
Deploy = Callable[..., Run]


@pytest.fixture(scope="module")
def attacked(
    lab: Lab, claim: Callable[..., None], tmp_path_factory: Any
) -> Iterator[tuple[Path, Deploy]]:
    """Serve an index of the attacker's, and deploy from it."""
    claim(HOSTS, NAME)
    lab.shells(HOSTS, f"rm -f {PWNED}")
    folder = tmp_path_factory.mktemp("wheels")
    code = tmp_path_factory.mktemp("code")
    with index.serve(folder, PASSWORD) as port:
        url = f"http://{index.USER}:{PASSWORD}@127.0.0.1:{port}/simple/"

        def deploy(*packages: str) -> Run:
            app = web_app(NAME, PORT, code)
            app["source"] |= {
                "packages": list(packages),
                "index": {"url": url},
            }
            return lab.deploy(HOSTS, app)

        yield folder, deploy
    lab.shells(HOSTS, f"rm -f {PWNED}")


def evil_pip(folder: Path, version: str) -> None:
    names = ("__init__", "_internal/__init__", "_internal/cli/__init__")
    members = {f"pip/{name}.py": EVIL for name in names}
    members["pip/_internal/cli/main.py"] = EVIL
    index.make_wheel(folder, "pip", version, members)


def test_a_pip_of_its_own_is_not_run(
    lab: Lab, attacked: tuple[Path, Deploy]
) -> None:
    folder, deploy = attacked
    index.make_wheel(folder, "attackone", "1.0")
    for version in ("99.9", installer.VERSION):
        evil_pip(folder, version)
        run = deploy("attackone==1.0")
        assert set(run.messages()) == set(HOSTS), run.output
        for message in run.messages().values():
            assert "the installer" in message
            assert installer.SHA256 in message
            assert PASSWORD not in message
    for path in folder.glob("pip-*.whl"):
        path.unlink()
    index.fetch_pip(folder)
    evil_pip(folder, "99.9")
    run = deploy("attackone==1.0")
    assert run.status == 0, run.output
    found = lab.shells(HOSTS, f"ls {PWNED} 2>/dev/null || :")
    assert set(found.values()) == {""}


WHO = """
journalctl --sync
journalctl --quiet --output=json --boot --lines=200 \\
    --output-fields=_UID,_SYSTEMD_UNIT,MESSAGE
"""


def test_wheels_are_read_by_a_user_without_rights(
    lab: Lab, attacked: tuple[Path, Deploy]
) -> None:
    folder, deploy = attacked
    index.make_wheel(folder, "attacklie", "1.0", lies=True)
    run = deploy("attacklie==1.0")
    assert set(run.messages()) == set(HOSTS), run.output
    for host, message in run.messages().items():
        assert "does not have its hash" in message
        said = map(json.loads, lab.shell(host, WHO).splitlines())
        units = {
            (one["_SYSTEMD_UNIT"].rpartition("_")[0], one["_UID"])
            for one in said
            if "does not have its hash" in str(one["MESSAGE"])
            and f"pyfleet_{NAME}_install" in one.get("_SYSTEMD_UNIT", "")
        }
        uid = lab.shell(host, f"id -u _{NAME}").strip()
        assert {found for _unit, found in units} == {uid}


@pytest.mark.parametrize("script", ["python", "python3", "activate"])
def test_a_wheel_does_not_replace_the_interpreter(
    attacked: tuple[Path, Deploy], script: str
) -> None:
    folder, deploy = attacked
    name = f"attack{script}"
    member = f"{name}-1.0.data/scripts/{script}"
    index.make_wheel(folder, name, "1.0", {member: "#!python\nevil"})
    run = deploy(f"{name}==1.0")
    assert set(run.messages()) == set(HOSTS), run.output
    assert all("own file" in said for said in run.messages().values())


def test_what_serves_is_as_it_was(lab: Lab) -> None:
    """After all of it, and nothing of the attempts is left."""
    states = {lab.show(host, NAME, "ActiveState") for host in HOSTS}
    assert states == {"active"}
    kept = lab.shells(HOSTS, f"ls /opt/{NAME}/envs | wc -l")
    assert set(kept.values()) == {"1\n"}
    listed = lab.shells(
        HOSTS, f"ls -A /opt/{NAME}/envs /run/systemd/system | grep -c tmp || :"
    )
    assert set(listed.values()) == {"0\n"}
