# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host which does not enforce all of a sandbox.

Without CAP_SYS_ADMIN systemd starts services with their sandbox partly
void, and with exit status 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import DEPLOY, Lab, as_variables, web_app

HOST = ["confined"]
PORT = 8150
NAME = "it-confined"
UNIT = f"{NAME}.service"


@pytest.fixture(scope="module")
def confined(start_host: Callable[[str], Lab]) -> Lab:
    return start_host("confined")


@pytest.fixture
def variables(confined: Lab, tmp_path: Path) -> dict[str, Any]:
    confined.purge(HOST, NAME)
    app = web_app(NAME, PORT, tmp_path / "code")
    return as_variables(app)


def test_a_void_sandbox_is_refused(
    confined: Lab, variables: dict[str, Any]
) -> None:
    before = confined.snapshot(HOST, NAME)

    run = confined.play(DEPLOY, HOST, variables)

    (message,) = run.messages().values()
    assert "this host does not enforce all of the sandbox" in message
    assert "ProtectSystem= is left out" in message
    assert "pyapp_sandbox: degrade" in message
    assert confined.snapshot(HOST, NAME) == before


def test_degrade_goes_on_without_what_is_void(
    confined: Lab, variables: dict[str, Any]
) -> None:
    build = "import os; open('who', 'w').write(str(os.getuid()))"
    given = {
        **variables,
        "pyapp_sandbox": "degrade",
        "pyapp_exposure_max": 5.0,
        "pyapp_build": [["python", "-c", build]],
    }

    run = confined.play(DEPLOY, HOST, given)

    assert run.status == 0, run.output
    assert "build: ProtectSystem= is left out" in run.output
    look = f"cat /opt/{NAME}/code/*/who; echo; id -u _{NAME}"
    built, builder = confined.shell("confined", look).split()
    assert built == builder
    unit = confined.shell("confined", f"systemctl cat {UNIT}")
    assert "ProtectSystem=" not in unit
    # The rest of the sandbox is in force on the process.
    assert "SystemCallFilter=" in unit
    shown = confined.shell(
        "confined",
        f"pid=$(systemctl show -P MainPID {UNIT});"
        " grep -E '^(NoNewPrivs|Seccomp|CapBnd):' /proc/$pid/status;"
        " cat /proc/$pid/uid_map",
    )
    lines = [line.split() for line in shown.splitlines()]
    assert ["NoNewPrivs:", "1"] in lines
    assert ["Seccomp:", "2"] in lines
    assert ["CapBnd:", "0" * 16] in lines

    again = confined.play(DEPLOY, HOST, given)

    assert again.status == 0, again.output
    assert again.changed() == {"confined": 0}


def test_the_gate_counts_what_is_in_force(
    confined: Lab, variables: dict[str, Any]
) -> None:
    given = {**variables, "pyapp_sandbox": "degrade"}
    # Void as well, although the user asks for it.
    options = {"Service": {"PrivateTmp": "yes"}}
    given["pyapp_services"]["main"]["options"] = options

    run = confined.play(DEPLOY, HOST, given)

    (message,) = run.messages().values()
    assert "pyapp_exposure_max is 2.0" in message
    assert "PrivateDevices=: 0.18" in message
    assert "PrivateTmp=: 0.18" in message
