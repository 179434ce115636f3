# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of an artifact cannot wedge, forge or widen it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import index
import pytest
from lab import Lab, as_variables, web_app

HOSTS = ["bookworm", "trixie"]
NAME = "it-evil-tree"
PORT = 8631
UNIT = f"{NAME}.service"
PASSWORD = "open-sesame"
OURS = (".pyfleet-complete/x", ".pyfleet-manifest.json/x", "x.manifest/x")


@pytest.fixture(scope="module")
def app(
    lab: Lab, claim: Callable[..., None], tmp_path_factory: Any
) -> Iterator[dict[str, Any]]:
    claim(HOSTS, NAME)
    folder = tmp_path_factory.mktemp("wheels")
    index.fetch_pip(folder)
    members = dict.fromkeys(OURS, "planted")
    index.make_wheel(folder, "attackmark", "1.0", members)
    code = tmp_path_factory.mktemp("code")
    with index.serve(folder, PASSWORD) as port:
        url = f"http://{index.USER}:{PASSWORD}@127.0.0.1:{port}/simple/"
        found = web_app(NAME, PORT, code, credentials={"a": "1", "b": "2"})
        found["keep_releases"] = 1
        found["source"] |= {
            "packages": ["attackmark==1.0"],
            "index": {"url": url},
        }
        for name in OURS:
            place = code / name
            place.parent.mkdir()
            place.write_text("planted")
        yield found


def converged(lab: Lab, app: dict[str, Any]) -> bool:
    return set(lab.deploy(HOSTS, app).changed().values()) == {0}


def test_no_name_in_a_tree_means_anything(
    lab: Lab, app: dict[str, Any]
) -> None:
    run = lab.deploy(HOSTS, app)
    assert run.status == 0, run.output
    assert converged(lab, app)


@pytest.mark.usefixtures("app")
def test_others_do_not_read_the_code(lab: Lab) -> None:
    script = f"""
    set -- $(ls -d /opt/{NAME}/code/*)
    setpriv --reuid=65534 --regid=65534 --clear-groups cat $1/serve.py 2>&1
    stat -c '%U:%G %a' $1 $1/serve.py
    """
    for said in lab.shells(HOSTS, script).values():
        assert "Permission denied" in said
        assert said.splitlines()[1:] == [
            f"root:{NAME} 750",
            f"root:{NAME} 640",
        ]


SPOIL = [
    pytest.param("rm $1; mkdir -p $1/x", id="directory"),
    pytest.param("printf '\\377' >$1", id="garbled"),
    pytest.param("rm $1; mkfifo $1", id="pipe"),
]


@pytest.mark.parametrize("spoil", SPOIL)
def test_what_cannot_be_read_is_built_anew(
    lab: Lab, app: dict[str, Any], spoil: str
) -> None:
    script = f"set -- $(ls -d /opt/{NAME}/code/.*.manifest); {spoil}"
    lab.shells(HOSTS, script)
    run = lab.deploy(HOSTS, app)
    assert run.status == 0, run.output
    assert converged(lab, app)


def test_a_damaged_file_is_named_and_mended(
    lab: Lab, app: dict[str, Any]
) -> None:
    lab.shells(
        HOSTS,
        f"rm /opt/{NAME}/code/*/serve.py; systemctl kill -s KILL {UNIT}; "
        f"sleep 1; systemctl stop {UNIT}",
    )
    run = lab.deploy(HOSTS, app)
    assert run.status == 0, run.output
    assert "serve.py is missing" in run.output
    states = {lab.show(host, UNIT, "ActiveState") for host in HOSTS}
    assert states == {"active"}


def test_a_full_comparison_finds_what_still_works(
    lab: Lab, app: dict[str, Any], tmp_path: Path
) -> None:
    lab.shells(
        HOSTS,
        f"for f in /opt/{NAME}/envs/*/lib/*/*/attackmark.py; "
        "do echo evil >$f; done",
    )
    assert converged(lab, app)
    play = tmp_path / "verify.yml"
    play.write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - pyfleet.services.release: {verify: full}\n"
    )
    variables = as_variables(app)
    run = lab.play(play, HOSTS, variables)
    assert run.status == 0, run.output
    assert "attackmark.py was changed" in run.output
    again = lab.play(play, HOSTS, variables)
    assert set(again.changed().values()) == {0}


def test_a_credential_that_is_no_longer_named_is_removed(
    lab: Lab, app: dict[str, Any]
) -> None:
    folder = f"/etc/pyfleet/{NAME}/credentials/main"
    assert set(lab.shells(HOSTS, f"ls {folder}").values()) == {"a\nb\n"}
    main = {**app["services"]["main"], "credentials": {"a": "1"}}
    run = lab.deploy(HOSTS, {**app, "services": {"main": main}})
    assert run.status == 0, run.output
    assert set(lab.shells(HOSTS, f"ls {folder}").values()) == {"a\n"}
