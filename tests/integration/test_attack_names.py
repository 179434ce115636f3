# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that meet belong to one application each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lab import Lab, web_app

HOSTS = ["bookworm", "trixie"]
ONE, OTHER = "it-aa", "it-aa-worker"
UNIT = f"{OTHER}.service"


def test_the_trace_of_one_application_touches_no_other(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    """A run was killed that would have added service `worker`."""
    claim(HOSTS, ONE, OTHER)
    one = web_app(ONE, 8641, tmp_path / "code")
    other = web_app(OTHER, 8642, tmp_path / "code")
    assert lab.deploy(HOSTS, one).status == 0
    trace = {"sequence": 2, "is_new": True, "units": [UNIT]}
    lab.shells(
        HOSTS,
        f"mkdir /etc/pyfleet/{ONE}/2; "
        f"echo '{json.dumps(trace)}' >/etc/pyfleet/{ONE}/transaction.json",
    )
    assert lab.deploy(HOSTS, other).status == 0
    before = {host: lab.show(host, UNIT, "InvocationID") for host in HOSTS}
    run = lab.deploy(HOSTS, one)
    assert run.status == 0, run.output
    for host in HOSTS:
        assert lab.show(host, UNIT, "InvocationID") == before[host]
        assert lab.show(host, UNIT, "ActiveState") == "active"
    traces = lab.shells(HOSTS, f"ls /etc/pyfleet/{ONE}")
    assert all("transaction" not in listed for listed in traces.values())


def test_a_unit_of_another_is_not_taken(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, ONE, OTHER)
    other = web_app(OTHER, 8642, tmp_path / "code")
    one = web_app(ONE, 8641, tmp_path / "code")
    one["services"]["worker"] = {"exec": "python -m time"}
    assert lab.deploy(HOSTS, other).status == 0
    run = lab.deploy(HOSTS, one)
    assert set(run.messages()) == set(HOSTS), run.output
    assert all(UNIT in message for message in run.messages().values())
