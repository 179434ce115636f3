# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units say exactly what was asked for, and nothing slips in."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    model,
    oneshots,
    services,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    refusals,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    sources,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    targets,
)

ENV = "/opt/hello/envs/0123456789ab"
CODE = "/opt/hello/code/ba9876543210"
CONTEXT = units.Facts(
    collection="1.2.3",
    target=targets.Target(257),
    environment="0123456789ab",
    code="ba9876543210",
    config=None,
    environment_files={},
)
APP: dict[str, Any] = {
    "name": "hello",
    "source": {"packages": ["a==1"]},
    "services": {"main": {"exec": "gunicorn --bind x hello:app"}},
}


def app(**main: Any) -> model.App:
    wanted = copy.deepcopy(APP)
    wanted["services"]["main"].update(main)
    assert contract.check_app(wanted, "pyapp_") == []
    return contract.normalise_app(wanted)


def unit(context: units.Facts = CONTEXT, **main: Any) -> units.Unit:
    (rendered,) = services.render(app(**main), context)
    return rendered


def values(rendered: units.Unit, name: str) -> list[str]:
    return [v for _section, n, v in rendered.assignments if n == name]


@pytest.mark.parametrize("version", [247, 252, 257, 262])
@pytest.mark.parametrize(
    "main",
    [
        {},
        {"type": "notify", "watchdog_sec": "10s", "needs": ["network"]},
        {"needs": ["localhost", "jit", "procfs", "netlink"]},
        {"resources": {"memory_max": "512M", "nofile": 4096}},
    ],
)
def test_our_own_units_pass_our_own_validator(
    version: int, main: dict[str, Any]
) -> None:
    target = targets.Target(version)
    rendered = unit(replace(CONTEXT, target=target), **main)
    findings = validator.check(rendered.text, rendered.name, target)
    assert [f.message for f in findings if f.level != "notice"] == []


def test_a_bare_program_is_one_of_the_virtualenv() -> None:
    (command,) = values(unit(), "ExecStart")
    assert command == f"{ENV}/bin/gunicorn --bind x hello:app"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("/usr/bin/env true", "/usr/bin/env true"),
        ("%h/bin/x ${A}", "%h/bin/x ${A}"),
        (["python", "-c", "print('$x %y')"],
         f"{ENV}/bin/python -c \"print('$$x %%y')\""),
        (["python", "a b"], f'{ENV}/bin/python "a b"'),
    ],
)  # fmt: skip
def test_commands_are_written_as_meant(command: Any, line: str) -> None:
    assert values(unit(exec=command), "ExecStart") == [line]


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ({"exec": "+/bin/touch x"}, "allow: [exec-prefix]"),
        ({"exec": "bin/x"}, "neither an absolute path"),
        ({"exec": "/bin/x \\"}, "trailing backslash"),
        ({"exec": "python x ; +/bin/sh -c id"}, "begins another command"),
        ({"options": {"Service": {"UMask": 18}}}, "in quotes"),
        ({"options": {"Service": {"RestartSec": 5}}}, "in quotes"),
        ({"options": {"Service": {"RestartSec": None}}}, "is null"),
        ({"options": {"Service": {"Nice": {}}}}, "a string, a boolean"),
        ({"options": {"Service": {"Nice": "1\nUser=root"}}}, "newline"),
        ({"options": {"Service": {"A": "1\rUser=root"}}}, "carriage return"),
        ({"options": {"Service": {"A": "1\\"}}}, "trailing backslash"),
        ({"options": {"Service": {"A": " 1"}}}, "white space"),
        ({"options": {"Service": {"A]\n[Unit": "1"}}}, "name of a directive"),
        ({"needs": ["netwrk"]}, "network"),
    ],
)
def test_what_would_be_misread_is_refused(
    main: dict[str, Any], said: str
) -> None:
    with pytest.raises(units.RenderError) as error:
        unit(**main)
    assert str(error.value).startswith("services.main")
    assert said in str(error.value)


@pytest.mark.parametrize(
    "value",
    [
        5, 0, -1, True, False, None, 1.5, [], ["a", 7, True], ["a", None],
        [["a"]], {"a": 1}, "", "5", "0640", "12:30", " a", "a\t", "a\\",
        "a\\\\", "a\nUser=root", "a\rb", "a\0b", "%n", "[Unit]", "#x",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("Service", "RestartSec"), ("Service", "UMask"), ("Service", "Nice"),
        ("Service", "StateDirectoryMode"), ("Service", "KillMode"),
        ("Service", "TimerSlackNSec"), ("Unit", "JobTimeoutSec"),
        ("Service", "OnCalendar"), ("Unit", "X-Own"), ("Service", "A=B"),
    ],
)  # fmt: skip
def test_role_and_module_give_options_one_answer(
    section: str, name: str, value: object
) -> None:
    options = {section: {name: value}}
    wanted, said_by_module = None, ""
    try:
        (source,) = sources.read_sources({"name": "x", "options": options})
        wanted = syntax.parse(source.text).values(section, name)
    except (errors.HostError, ValueError) as error:
        said_by_module = str(error)
    try:
        rendered = unit(options=options)
    except units.RenderError as error:
        assert str(error) == f"services.main.{said_by_module}"
    else:
        found = values(rendered, name)
        assert wanted == found[len(found) - len(wanted or []) :]


@pytest.mark.parametrize(
    "value",
    [
        "\\", '"', "%H", "50%", "a%20b", "$HOME", "a b=c", ";x", "#x",
        "[Service]", "\u2028", "\x85", "{{ x }}", "", " ", "'", "\t",
    ],
)  # fmt: skip
def test_environment_values_add_no_directive(value: str) -> None:
    plain = unit(environment={"A": "x"})
    odd = unit(environment={"A": value})
    assert [n for _s, n, _v in odd.assignments] == [
        n for _s, n, _v in plain.assignments
    ]


def test_defaults_every_service_gets() -> None:
    environment = values(unit(), "Environment")
    for item in (
        '"PYTHONUNBUFFERED=1"',
        '"PYTHONDONTWRITEBYTECODE=1"',
        '"PYTHONSAFEPATH=1"',
        f'"PYTHONPATH={CODE}"',
        f'"VIRTUAL_ENV={ENV}"',
        '"HOME=/var/lib/hello"',
        '"XDG_CACHE_HOME=/var/cache/hello"',
    ):
        assert item in environment
    assert values(unit(), "WorkingDirectory") == [CODE]
    assert values(unit(), "RuntimeDirectory") == ["hello/main"]


def test_its_working_directory_is_roots() -> None:
    """Python 3.9 imports from it, whatever PYTHONSAFEPATH= says."""
    rendered = unit(replace(CONTEXT, code=None))
    assert values(rendered, "WorkingDirectory") == ["/opt/hello"]
    assert "PYTHONPATH" not in rendered.text


def test_the_user_has_the_last_word() -> None:
    wanted = app(environment={"HOME": "/srv"}, options={
        "Service": {"Restart": "always", "ProtectHome": True},
        "Unit": {"After": ["a.service", "b.service"]},
    })  # fmt: skip
    (rendered,) = services.render(wanted, CONTEXT)
    assert values(rendered, "Restart") == ["on-failure", "always"]
    assert values(rendered, "ProtectHome")[-1] == "yes"
    assert values(rendered, "After") == ["a.service", "b.service"]
    assert '"HOME=/srv"' in values(rendered, "Environment")


def test_configuration_is_bound_and_environment_files_are_read() -> None:
    context = replace(
        CONTEXT,
        config="cccc",
        environment_files={model.ServiceKey("main"): ["eeee"]},
    )
    rendered = unit(context)
    assert values(rendered, "BindReadOnlyPaths") == [
        "/etc/pyfleet/hello/config/cccc:/etc/hello"
    ]
    assert values(rendered, "EnvironmentFile") == [
        "/etc/pyfleet/hello/environment/eeee.env"
    ]


def test_credentials_are_named_but_not_in_the_unit() -> None:
    rendered = unit(credentials={"token": "hunter2"})
    assert values(rendered, "LoadCredential") == [
        "token:/etc/pyfleet/hello/credentials/main/token"
    ]
    assert "hunter2" not in rendered.text
    rotated = unit(credentials={"token": "other"})
    assert rotated.assignments == rendered.assignments


def test_comments_are_no_part_of_what_restarts() -> None:
    other = unit(replace(CONTEXT, collection="9.9.9"))
    assert other.text != unit().text
    assert other.assignments == unit().assignments


def test_absent_services_have_no_unit() -> None:
    assert services.render(app(state="absent"), CONTEXT) == []


def test_a_job_has_the_sandbox_of_its_service_and_one_command() -> None:
    service = unit(type="notify", watchdog_sec="5s", environment={"A": "b"})
    command = model.SwitchCommand(
        "python -m x", model.ServiceKey("main"), "1min"
    )
    wanted = replace(app(), before_switch=[command])
    (job,) = oneshots.render_before([service], wanted, CONTEXT)
    text = job.text
    pairs = [
        (a.name, a.value)
        for a in syntax.parse(text).assignments()
        if a.section == "Service"
    ]
    assert ("Type", "oneshot") in pairs
    assert [v for n, v in pairs if n == "ExecStart"] == [
        f"{ENV}/bin/python -m x"
    ]
    assert [v for n, v in pairs if n == "RuntimeDirectory"] == [
        "hello/before-switch"
    ]
    assert not {"Restart", "WatchdogSec"} & {name for name, _value in pairs}
    sandbox = [
        (n, v)
        for _section, n, v in service.assignments
        if n.startswith(("Protect", "Private", "System", "Env", "User"))
    ]
    assert [pair for pair in pairs if pair in sandbox] == sandbox
    assert validator.check(text, "x.service", targets.Target(257)) == []


def test_limits_that_are_not_enforced_are_left_out_and_told() -> None:
    limited = {"resources": {"memory_max": "64M", "tasks_max": 9, "nofile": 8}}
    none = frozenset[str]()
    strong = replace(CONTEXT, weakness=sandbox.Weakness(none, none))
    without = frozenset({"memory", "cpu"})
    weak = replace(CONTEXT, weakness=sandbox.Weakness(without, without))

    assert unit(strong, **limited).notices == ()
    assert values(unit(strong, **limited), "MemoryMax") == ["64M"]
    (notice,) = unit(weak, **limited).notices
    assert notice.startswith("services.main.resources.memory_max: MemoryMax=")
    assert values(unit(weak, **limited), "MemoryMax") == []
    assert values(unit(weak, **limited), "TasksMax") == ["9"]
    assert values(unit(weak, **limited), "LimitNOFILE") == ["8"]


@pytest.mark.parametrize("is_enforced", [True, False])
def test_a_limit_must_be_one_even_where_it_is_left_out(
    is_enforced: bool,
) -> None:
    void = frozenset() if is_enforced else frozenset({"memory"})
    context = replace(CONTEXT, weakness=sandbox.Weakness(frozenset(), void))
    good = unit(context, resources={"memory_max": "64M"})
    refusals.invalid("pyapp_", [good], CONTEXT.target)
    bad = unit(context, resources={"memory_max": "banana"})
    name = r"pyapp_services\.main\.resources\.memory_max: in hello\.service"
    with pytest.raises(errors.HostError, match=name):
        refusals.invalid("pyapp_", [bad], CONTEXT.target)


@pytest.mark.parametrize("prefix", ["pyapp_", "app.", "pyapp_apps.hello."])
def test_a_refusal_names_the_variable_as_its_user_wrote_it(
    prefix: str,
) -> None:
    odd = unit(options={"Service": {"Nice": "banana"}})
    with pytest.raises(errors.HostError) as error:
        refusals.invalid(prefix, [odd], CONTEXT.target)
    assert f"{prefix}services.main.options.Service.Nice: " in str(error.value)


def test_the_host_has_the_last_word() -> None:
    doubtful = unit(options={"Service": {"Personality": "arm64"}})
    where = "pyapp_services.main.options.Service.Personality: in hello.service"
    (warning,) = refusals.invalid("pyapp_", [doubtful], CONTEXT.target)
    assert warning.startswith(f"{where}, Personality= arm64 has an effect")

    asked = []

    def says(level: str) -> verdict.Consult:
        def consult(
            name: str, text: object, _drop_ins: object, _target: object,
            found: Iterable[report.Finding],
        ) -> list[report.Finding]:  # fmt: skip
            asked.append((name, text))
            return [replace(one, level=level) for one in found]

        return consult

    assert (
        refusals.invalid("pyapp_", [doubtful], CONTEXT.target, says("notice"))
        == []
    )
    assert asked == [("hello.service", doubtful.text)]
    with pytest.raises(errors.HostError, match=where):
        refusals.invalid("pyapp_", [doubtful], CONTEXT.target, says("error"))


def builds(
    *commands: object, context: units.Facts = CONTEXT
) -> list[units.Job]:
    wanted = {**copy.deepcopy(APP), "build": list(commands)}
    wanted["source"]["files"] = "src"
    wanted["environment"] = {"A": "100%"}
    assert contract.check_app(wanted, "pyapp_") == []
    return oneshots.render_build(contract.normalise_app(wanted), context)


@pytest.mark.parametrize("version", [247, 252, 257, 262])
def test_a_build_runs_shut_in_as_an_account_of_its_own(version: int) -> None:
    target = targets.Target(version)
    (built,) = builds(
        {"exec": ["python", "a b"], "timeout": "2min"},
        context=replace(CONTEXT, target=target),
    )
    expected = {
        "ExecStart": f'{ENV}/bin/python "a b"',
        "User": "_hello",
        "Group": "_hello",
        "WorkingDirectory": CODE,
        "ReadWritePaths": CODE,
        "ProtectSystem": "strict",
        "PrivateNetwork": "yes",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "TimeoutStartSec": "2min",
        "Type": "oneshot",
    }
    for name, value in expected.items():
        assert values(built, name) == [value], name
    variables = values(built, "Environment")
    assert f'"PYTHONPATH={CODE}"' in variables
    assert '"A=100%%"' in variables
    assert not any("/var/lib/hello" in value for value in variables)
    assert values(built, "StateDirectory") == []
    assert built.command == "python 'a b'"
    assert validator.check(built.text, built.name, target) == []


def test_each_command_of_a_build_has_a_unit() -> None:
    first, second = builds("python x", "/usr/bin/env A=b python y")
    assert values(first, "ExecStart") == [f"{ENV}/bin/python x"]
    assert values(second, "ExecStart") == ["/usr/bin/env A=b python y"]
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
    assert values(built, "ExecStart") == [rf"{ENV}/bin/find . \; -name x"]


def test_what_a_build_is_not_kept_from_is_told() -> None:
    void = frozenset({"mount", "network"})
    weak = replace(CONTEXT, weakness=sandbox.Weakness(void, void))
    (built,) = builds("python x", context=weak)
    assert values(built, "ReadWritePaths") == []
    assert any("PrivateNetwork=" in text for text in built.unenforced)
    assert any(text.startswith("build: ") for text in built.notices)


def test_a_build_without_network_needs_no_filter_of_addresses() -> None:
    address, both = frozenset({"address"}), frozenset({"address", "network"})
    alone = replace(CONTEXT, weakness=sandbox.Weakness(address, address))
    open_to_all = replace(CONTEXT, weakness=sandbox.Weakness(both, both))
    (built,) = builds("python x", context=alone)
    assert built.unenforced == built.notices == ()
    (built,) = builds("python x", context=open_to_all)
    assert any("IPAddressDeny=" in text for text in built.unenforced)
