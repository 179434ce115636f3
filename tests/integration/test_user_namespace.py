# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose root is an ordinary user outside, as in most containers.

systemd makes namespaces there, but loads no program that filters
addresses, and starts services with exit status 0 all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import DEPLOY, Lab, as_variables, web_app

HOST = ["mapped"]
PORT = 8151
NAME = "it-mapped"
UNIT = f"{NAME}.service"
# Of the process itself, not what systemd says of it.
IN_FORCE = f"""
pid=$(systemctl show -P MainPID {UNIT})
grep -E '^(NoNewPrivs|Seccomp|CapBnd):' /proc/$pid/status
awk '$5 == "/" {{ print "root", $6 }}' /proc/$pid/mountinfo
"""


@pytest.fixture(scope="module")
def mapped(start_host: Callable[[str], Lab]) -> Lab:
    return start_host("mapped")


@pytest.fixture
def variables(mapped: Lab, tmp_path: Path) -> dict[str, Any]:
    mapped.purge(HOST, NAME)
    app = web_app(NAME, PORT, tmp_path / "code")
    return as_variables(app)


def test_it_is_a_user_namespace(mapped: Lab) -> None:
    inside, outside, _count = mapped.shell(
        "mapped", "cat /proc/1/uid_map"
    ).split()
    assert (inside, outside != "0") == ("0", True)


def test_an_open_network_is_refused(
    mapped: Lab, variables: dict[str, Any]
) -> None:
    before = mapped.snapshot(HOST, NAME)

    run = mapped.play(DEPLOY, HOST, variables)

    (message,) = run.messages().values()
    assert "this host does not enforce all of the sandbox" in message
    assert "IPAddressDeny= is left out" in message
    assert "pyapp_sandbox: degrade" in message
    assert mapped.snapshot(HOST, NAME) == before


def test_a_build_without_network_needs_no_filter(
    mapped: Lab, variables: dict[str, Any]
) -> None:
    # Of the strict sandbox, the service asks for nothing that is void.
    variables["pyapp_services"]["main"]["needs"] = ["network"]
    command = "import os; open('who', 'w').write(str(os.getuid()))"
    variables["pyapp_build"] = [["python", "-c", command]]

    run = mapped.play(DEPLOY, HOST, variables)

    assert run.status == 0, run.output
    look = f"cat /opt/{NAME}/code/*/who; echo; id -u _{NAME}"
    built, builder = mapped.shell("mapped", look).split()
    assert built == builder
    assert "who" in mapped.get("mapped", PORT)["files"]


def test_degrade_keeps_what_is_in_force(
    mapped: Lab, variables: dict[str, Any]
) -> None:
    given = {**variables, "pyapp_sandbox": "degrade"}
    # Without the filter of addresses the score is higher.
    given["pyapp_exposure_max"] = 5.0

    run = mapped.play(DEPLOY, HOST, given)

    assert run.status == 0, run.output
    unit = mapped.shell("mapped", f"systemctl cat {UNIT}")
    assert "IPAddressDeny=" not in unit
    assert "ProtectSystem=strict" in unit
    lines = [x.split() for x in mapped.shell("mapped", IN_FORCE).splitlines()]
    assert ["NoNewPrivs:", "1"] in lines
    assert ["Seccomp:", "2"] in lines
    assert ["CapBnd:", "0" * 16] in lines
    assert ["root", "ro,nosuid,relatime"] in lines
