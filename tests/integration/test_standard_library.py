# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application of the standard library needs no package and no index."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, web_app

HOSTS = ["bullseye", "trixie"]
NAME = "it-bare"
PORT = 8210
# Nobody answers there.
NO_INDEX = {"url": "http://127.0.0.1:9/simple"}


@pytest.fixture
def app(claim: Callable[..., None], tmp_path: Path) -> dict[str, Any]:
    """Return an application whose directory its owner alone can read."""
    claim(HOSTS, NAME)
    app = web_app(NAME, PORT, tmp_path / "src")
    (tmp_path / "src" / "serve.py").chmod(0o600)
    (tmp_path / "none.txt").write_text("# The standard library does.\n")
    app["source"]["index"] = NO_INDEX
    return app


def test_packages_that_are_none(
    lab: Lab, app: dict[str, Any], tmp_path: Path
) -> None:
    app["source"]["packages"] = []

    first = lab.deploy(HOSTS, app)

    assert first.status == 0, first.output
    stat = f"stat -c '%U:%G %a' /opt/{NAME}/code/* /opt/{NAME}/code/*/serve.py"
    for host in HOSTS:
        modes = lab.shell(host, stat).splitlines()
        assert modes == [f"root:{NAME} 750", f"root:{NAME} 640"], host
        found = lab.shell(host, f"ls /opt/{NAME}/envs/*/lib/python*/*")
        assert found == "", host

    again = lab.deploy(HOSTS, app)
    assert again.changed() == dict.fromkeys(HOSTS, 0), again.output

    # A file of comments alone is the same question.
    other = copy.deepcopy(app)
    del other["source"]["packages"]
    other["source"]["requirements"] = str(tmp_path / "none.txt")
    third = lab.deploy(HOSTS, other)
    assert third.status == 0, third.output
    for host in HOSTS:
        assert third.app(host, NAME)["restarted"] == [], host
        envs = lab.shell(host, f"ls -d /opt/{NAME}/envs/*/")
        assert len(envs.split()) == 1, host
