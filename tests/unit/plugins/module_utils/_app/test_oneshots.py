# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of a deploy run as jobs in a sandbox of their own."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import rendering

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    model,
    oneshots,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
    targets,
)


def test_a_job_has_the_sandbox_of_its_service_and_one_command() -> None:
    life = {"KillSignal": "SIGINT", "FinalKillSignal": "SIGQUIT"}
    service = rendering.unit(
        type="notify",
        watchdog_sec="5s",
        environment={"A": "b"},
        options={"Service": {**life, "SyslogIdentifier": "x"}},
    )
    command = model.SwitchCommand(
        "python -m x", model.ServiceKey("main"), "1min"
    )
    wanted = replace(rendering.app(), before_switch=[command])
    (job,) = oneshots.render_before([service], wanted, rendering.CONTEXT)
    text = job.text
    pairs = [
        (a.name, a.value)
        for a in syntax.parse(text).assignments()
        if a.section == "Service"
    ]
    assert ("Type", "oneshot") in pairs
    assert [v for n, v in pairs if n == "ExecStart"] == [
        f"{rendering.ENV}/bin/python -m x"
    ]
    assert [v for n, v in pairs if n == "RuntimeDirectory"] == [
        "hello/before-switch"
    ]
    names = {name for name, _value in pairs}
    assert not {"Restart", "WatchdogSec", "KillMode", *life} & names
    assert "SyslogIdentifier" in names
    sandbox = [
        (n, v)
        for _section, n, v in service.assignments
        if n.startswith(("Protect", "Private", "System", "Env", "User"))
    ]
    assert [pair for pair in pairs if pair in sandbox] == sandbox
    assert validator.check(text, "x.service", targets.Target(257)) == []


def builds(
    *commands: object, context: units.Facts = rendering.CONTEXT
) -> list[units.Job]:
    wanted = {**copy.deepcopy(rendering.APP), "build": list(commands)}
    wanted["source"]["files"] = "src"
    wanted["environment"] = {"A": "100%"}
    assert contract.check_app(wanted, "pyapp_") == []
    return oneshots.render_build(contract.normalise_app(wanted), context)


@pytest.mark.parametrize("version", [247, 252, 257, 262])
def test_a_build_runs_shut_in_as_an_account_of_its_own(version: int) -> None:
    target = targets.Target(version)
    (built,) = builds(
        {"exec": ["python", "a b"], "timeout": "2min"},
        context=replace(rendering.CONTEXT, target=target),
    )
    expected = {
        "ExecStart": f'{rendering.ENV}/bin/python "a b"',
        "User": "_hello",
        "Group": "_hello",
        "WorkingDirectory": rendering.CODE,
        "ReadWritePaths": rendering.CODE,
        "ProtectSystem": "strict",
        "PrivateNetwork": "yes",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "TimeoutStartSec": "2min",
        "Type": "oneshot",
    }
    for name, value in expected.items():
        assert rendering.values(built, name) == [value], name
    variables = rendering.values(built, "Environment")
    assert f'"PYTHONPATH={rendering.CODE}"' in variables
    assert '"A=100%%"' in variables
    assert not any("/var/lib/hello" in value for value in variables)
    assert rendering.values(built, "StateDirectory") == []
    assert built.command == "python 'a b'"
    assert validator.check(built.text, built.name, target) == []


def test_each_command_of_a_build_has_a_unit() -> None:
    first, second = builds("python x", "/usr/bin/env A=b python y")
    assert rendering.values(first, "ExecStart") == [
        f"{rendering.ENV}/bin/python x"
    ]
    assert rendering.values(second, "ExecStart") == [
        "/usr/bin/env A=b python y"
    ]
    assert first.name != second.name


@pytest.mark.parametrize(
    "command",
    [
        "+/bin/sh -c id",
        "!/bin/sh",
        "/bin/true ; +/bin/sh -c id",
        ["+/bin/sh"],
        "bin/x",
        "/bin/sh -c 'x",
    ],
)
def test_no_command_of_a_build_gets_privileges(command: object) -> None:
    with pytest.raises(units.RenderError) as error:
        builds("python x", command)
    assert str(error.value).startswith("build[1]: ")


def test_a_semicolon_may_be_an_argument() -> None:
    (built,) = builds(r"find . \; -name x")
    assert rendering.values(built, "ExecStart") == [
        rf"{rendering.ENV}/bin/find . \; -name x"
    ]


def test_what_a_build_is_not_kept_from_is_told() -> None:
    void = frozenset({"mount", "network"})
    weak = replace(rendering.CONTEXT, weakness=sandbox.Weakness(void, void))
    (built,) = builds("python x", context=weak)
    assert rendering.values(built, "ReadWritePaths") == []
    assert any("PrivateNetwork=" in text for text in built.unenforced)
    assert any(text.startswith("build: ") for text in built.notices)


def test_a_build_without_network_needs_no_filter_of_addresses() -> None:
    address, both = frozenset({"address"}), frozenset({"address", "network"})
    alone = replace(
        rendering.CONTEXT, weakness=sandbox.Weakness(address, address)
    )
    open_to_all = replace(
        rendering.CONTEXT, weakness=sandbox.Weakness(both, both)
    )
    (built,) = builds("python x", context=alone)
    assert built.unenforced == built.notices == ()
    (built,) = builds("python x", context=open_to_all)
    assert any("IPAddressDeny=" in text for text in built.unenforced)
