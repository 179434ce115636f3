# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit of a service says what was asked for, and nothing slips in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import rendering

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
    services,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)


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
    rendered = rendering.unit(
        replace(rendering.CONTEXT, target=target), **main
    )
    findings = validator.check(rendered.text, rendered.name, target)
    assert [f.message for f in findings if f.level != "notice"] == []


def test_a_bare_program_is_one_of_the_virtualenv() -> None:
    (command,) = rendering.values(rendering.unit(), "ExecStart")
    assert command == f"{rendering.ENV}/bin/gunicorn --bind x hello:app"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("/usr/bin/env true", "/usr/bin/env true"),
        ("%h/bin/x ${A}", "%h/bin/x ${A}"),
        (["python", "-c", "print('$x %y')"],
         f"{rendering.ENV}/bin/python -c \"print('$$x %%y')\""),
        (["python", "a b"], f'{rendering.ENV}/bin/python "a b"'),
    ],
)  # fmt: skip
def test_commands_are_written_as_meant(command: Any, line: str) -> None:
    assert rendering.values(rendering.unit(exec=command), "ExecStart") == [
        line
    ]


@pytest.mark.parametrize(
    "value",
    [
        "\\", '"', "%H", "50%", "a%20b", "$HOME", "a b=c", ";x", "#x",
        "[Service]", "\u2028", "\x85", "{{ x }}", "", " ", "'", "\t",
    ],
)  # fmt: skip
def test_environment_values_add_no_directive(value: str) -> None:
    plain = rendering.unit(environment={"A": "x"})
    odd = rendering.unit(environment={"A": value})
    assert [n for _s, n, _v in odd.assignments] == [
        n for _s, n, _v in plain.assignments
    ]


def test_defaults_every_service_gets() -> None:
    environment = rendering.values(rendering.unit(), "Environment")
    for item in (
        '"PYTHONUNBUFFERED=1"',
        '"PYTHONDONTWRITEBYTECODE=1"',
        '"PYTHONSAFEPATH=1"',
        f'"PYTHONPATH={rendering.CODE}"',
        f'"VIRTUAL_ENV={rendering.ENV}"',
        '"HOME=/var/lib/hello"',
        '"XDG_CACHE_HOME=/var/cache/hello"',
    ):
        assert item in environment
    assert rendering.values(rendering.unit(), "WorkingDirectory") == [
        rendering.CODE
    ]
    assert rendering.values(rendering.unit(), "RuntimeDirectory") == [
        "hello/main"
    ]


def test_its_working_directory_is_roots() -> None:
    """Python 3.9 imports from it, whatever PYTHONSAFEPATH= says."""
    rendered = rendering.unit(replace(rendering.CONTEXT, code=None))
    assert rendering.values(rendered, "WorkingDirectory") == ["/opt/hello"]
    assert "PYTHONPATH" not in rendered.text


def test_the_user_has_the_last_word() -> None:
    wanted = rendering.app(environment={"HOME": "/srv"}, options={
        "Service": {"Restart": "always", "ProtectHome": True},
        "Unit": {"After": ["a.service", "b.service"]},
    })  # fmt: skip
    (rendered,) = services.render(wanted, rendering.CONTEXT)
    assert rendering.values(rendered, "Restart") == ["on-failure", "always"]
    assert rendering.values(rendered, "ProtectHome")[-1] == "yes"
    assert rendering.values(rendered, "After") == ["a.service", "b.service"]
    assert '"HOME=/srv"' in rendering.values(rendered, "Environment")


def test_configuration_is_bound_and_environment_files_are_read() -> None:
    context = replace(
        rendering.CONTEXT,
        config="cccc",
        environment_files={model.ServiceKey("main"): ["eeee"]},
    )
    rendered = rendering.unit(context)
    assert rendering.values(rendered, "BindReadOnlyPaths") == [
        "/etc/pyfleet/hello/config/cccc:/etc/hello"
    ]
    assert rendering.values(rendered, "EnvironmentFile") == [
        "/etc/pyfleet/hello/environment/eeee.env"
    ]


def test_credentials_are_named_but_not_in_the_unit() -> None:
    rendered = rendering.unit(credentials={"token": "hunter2"})
    assert rendering.values(rendered, "LoadCredential") == [
        "token:/etc/pyfleet/hello/credentials/main/token"
    ]
    assert "hunter2" not in rendered.text
    rotated = rendering.unit(credentials={"token": "other"})
    assert rotated.assignments == rendered.assignments


def test_a_credential_of_the_host_is_loaded_from_its_path() -> None:
    rendered = rendering.unit(
        credentials={"tls": {"host_path": "/etc/ssl/50%/x.key"}, "a": "b"}
    )
    assert rendering.values(rendered, "LoadCredential") == [
        "a:/etc/pyfleet/hello/credentials/main/a",
        "tls:/etc/ssl/50%%/x.key",
    ]


def test_absent_services_have_no_unit() -> None:
    assert (
        services.render(rendering.app(state="absent"), rendering.CONTEXT) == []
    )


def test_limits_that_are_not_enforced_are_left_out_and_told() -> None:
    limited = {"resources": {"memory_max": "64M", "tasks_max": 9, "nofile": 8}}
    none = frozenset[str]()
    strong = replace(rendering.CONTEXT, weakness=sandbox.Weakness(none, none))
    without = frozenset({"memory", "cpu"})
    weak = replace(
        rendering.CONTEXT, weakness=sandbox.Weakness(without, without)
    )

    assert rendering.unit(strong, **limited).notices == ()
    assert rendering.values(
        rendering.unit(strong, **limited), "MemoryMax"
    ) == ["64M"]
    (notice,) = rendering.unit(weak, **limited).notices
    assert notice.startswith("services.main.resources.memory_max: MemoryMax=")
    assert rendering.values(rendering.unit(weak, **limited), "MemoryMax") == []
    assert rendering.values(rendering.unit(weak, **limited), "TasksMax") == [
        "9"
    ]
    assert rendering.values(
        rendering.unit(weak, **limited), "LimitNOFILE"
    ) == ["8"]


@pytest.mark.parametrize(
    ("main", "mode", "says"),
    [
        ({"exec": "celery worker"}, ["mixed"], ""),
        (
            {"exec": "/bin/sh -c 'celery worker'"},
            ["control-group"],
            "services.main.exec: sh starts the program as a child process",
        ),
        # The user's word is the last, and asks for no advice.
        (
            {
                "exec": "/bin/sh -c 'celery worker'",
                "options": {"Service": {"KillMode": "mixed"}},
            },
            ["control-group", "mixed"],
            "",
        ),
    ],
)
def test_a_stop_reaches_the_main_process_alone(
    main: dict[str, Any], mode: list[str], says: str
) -> None:
    rendered = rendering.unit(**main)
    assert rendering.values(rendered, "KillMode") == mode
    assert [n[: len(says)] for n in rendered.notices] == [says] * bool(says)


def test_a_stop_may_take_as_long_as_systemd_itself_allows() -> None:
    assert rendering.values(rendering.unit(), "TimeoutStopSec") == ["90s"]
