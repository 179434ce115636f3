# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the units of commands that are not services.

They run before the switch, check the health of a service, build the
code, or unpack files that others handed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    commands,
    layouts,
    model,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    quoting,
    writer,
)

# Directives about the life of a service, which a job does not take over.
_SERVICE_LIFE = re.compile(
    r"Type|Exec.*|Restart.*|WatchdogSec|NotifyAccess|Timeout.*|PIDFile"
    r"|RuntimeDirectory|RemainAfterExit|SuccessExitStatus|OOMPolicy"
    r"|FileDescriptorStoreMax|Sockets|BusName|GuessMainPID"
    r"|KillMode|SendSIG.*|(Final)?KillSignal|(Reload|Watchdog)Signal"
)

# ProtectHome= hides these.
_HOMES = ("/home/", "/root/", "/run/user/")


def render_before(
    services: Sequence[units.Unit], app: model.App, facts: units.Facts
) -> list[units.Job]:
    """Render a unit for each command before the switch.

    Args:
        services: Their units, whose user, variables and sandbox the
            commands get.
        app: The application, checked and with defaults.
        facts: The facts of the host.

    Raises:
        RenderError: If a command cannot be written as it is meant.
    """
    by_key = {unit.key: unit for unit in services}
    jobs = []
    for number, command in enumerate(app.before_switch):
        unit = by_key[command.service]
        where = f"before_switch[{number}]"
        with units.named(where):
            line = commands.exec_line(
                command.exec, units.programs(app.name, facts)
            )
        pairs = [
            ("ExecStart", line),
            ("TimeoutStartSec", command.timeout),
            # A directory of its own: systemd deletes it when the job ends.
            ("RuntimeDirectory", f"{app.name}/before-switch"),
        ]
        title = f"{app.name}: before the switch, as {unit.name}"
        job = _job(unit, pairs, title, facts, where)
        jobs.append(replace(job, command=commands.in_words(command.exec)))
    return jobs


def render_probe(
    unit: units.Unit, app: model.App, facts: units.Facts
) -> units.Job | None:
    """Render the job of a service's health check, if it is a command.

    It shares the private network and the private temporary files of the
    service.

    Raises:
        RenderError: If the command cannot be written as it is meant.
    """
    command = app.services[unit.key].health.command
    if command is None:
        return None
    where = f"services.{unit.key}.health.command"
    with units.named(where):
        line = commands.literal_line(command, units.programs(app.name, facts))
    pairs = [
        ("ExecStart", line),
        # The caller ends it earlier, by its own deadline.
        ("TimeoutStartSec", "1min"),
        ("TimeoutStopSec", "1s"),
        # It runs every second. The journal keeps what it prints, but not
        # its start and end.
        ("LogLevelMax", "notice"),
        ("SyslogLevel", "notice"),
    ]
    title = f"{app.name}: health of {unit.name}"
    job = _job(unit, pairs, title, facts, where, joins=True)
    return replace(job, command=command)


def _job(
    unit: units.Unit,
    pairs: Sequence[units.Pair],
    title: str,
    facts: units.Facts,
    where: str,
    *,
    joins: bool = False,
) -> units.Job:
    """Render a oneshot unit with the sandbox of a service.

    Args:
        unit: The service.
        pairs: Directives of the job itself.
        title: Its description.
        facts: The facts of the host.
        where: The variable that names the command.
        joins: Whether it joins the namespaces of the running service.
    """
    head = [("Description", title)]
    if joins:
        head.append(("JoinsNamespaceOf", unit.name))
    kept = [
        (name, value)
        for section, name, value in unit.assignments
        if section == "Service" and not _SERVICE_LIFE.fullmatch(name)
    ]
    blocks = [
        writer.Block("Unit", head),
        writer.Block("Service", [("Type", "oneshot"), *pairs, *kept]),
    ]
    text, assignments = units.write(blocks, facts.collection, where)
    return units.Job(
        name=f"{unit.name.removesuffix('.service')}_job.service",
        key=unit.key,
        text=text,
        assignments=assignments,
        notices=(),
        where=where,
    )


def render_tool(
    account: str,
    argv: Sequence[str],
    writable: Sequence[str],
    host: units.Host,
) -> str:
    """Render a job that works on files that others handed over.

    Args:
        account: The user without rights who runs it.
        argv: The command, taken literally.
        writable: The directories in which it may write.
        host: What the host enforces.

    Returns:
        The text of a oneshot unit in the strict sandbox.
    """
    blocks = [
        writer.Block("Unit", [("Description", "Work of pyfleet.services")]),
        writer.Block(
            "Service",
            [
                ("Type", "oneshot"),
                ("ExecStart", quoting.quote_exec(argv)),
                ("User", account),
                ("Group", account),
                ("WorkingDirectory", "/"),
                ("TimeoutStartSec", "1800"),
                # The host's own services come first.
                ("OOMScoreAdjust", "1000"),
                ("Environment", "LC_ALL=C.UTF-8"),
                ("Environment", "PYTHONDONTWRITEBYTECODE=1"),
            ],
            "What runs, and as whom.",
        ),
        *units.sandbox_blocks(_tool_sandbox(writable, host)),
    ]
    return units.write(blocks, "", "a job of the collection")[0]


def _tool_sandbox(
    writable: Sequence[str], host: units.Host
) -> sandbox.Sandbox:
    needs: list[model.Need] = [{"write": list(writable)}]
    if any(path.startswith(_HOMES) for path in writable):
        needs.append({"home": "write"})
    return units.shut(needs, "strict", host)


def render_build(app: model.App, facts: units.Facts) -> list[units.Job]:
    """Render a unit for each command that builds in the code directory.

    Args:
        app: The application, checked and with defaults.
        facts: The facts of the host.

    Returns:
        Oneshot units in the strict sandbox, of a user of their own who
        may write in the code directory alone.

    Raises:
        RenderError: If a command cannot be written as it is meant.
    """
    return [
        _render_build(app, number, command, facts)
        for number, command in enumerate(app.build)
    ]


def _render_build(
    app: model.App,
    number: int,
    command: model.BuildCommand,
    facts: units.Facts,
) -> units.Job:
    code = layouts.Layout(app.name).code(facts.code or "")
    where = f"build[{number}]"
    shut = units.shut([{"write": [code]}], "strict", facts.host)
    with units.named(f"{where}: exec"):
        run = _build_pairs(app, command, code, facts)
        variables = list(_build_variables(app, facts))
    blocks = [
        writer.Block("Unit", [("Description", f"{app.name}: build the code")]),
        writer.Block("Service", run, "What runs, and as whom."),
        writer.Block("Service", variables),
        *units.sandbox_blocks(shut),
    ]
    text, assignments = units.write(blocks, facts.collection, where)
    notices = _build_notices(shut)
    return units.Job(
        name=f"{app.name}-build-{number + 1}.service",
        key=model.ServiceKey("build"),
        text=text,
        assignments=assignments,
        notices=tuple(f"build: {n.message}" for n in notices),
        unenforced=tuple(n.message for n in notices if n.kind),
        command=commands.in_words(command.exec),
        where=where,
    )


def _build_pairs(
    app: model.App,
    command: model.BuildCommand,
    code: str,
    facts: units.Facts,
) -> list[units.Pair]:
    builder = layouts.Layout(app.name).builder
    line = commands.exec_line(command.exec, units.programs(app.name, facts))
    return [
        ("Type", "oneshot"),
        ("ExecStart", line),
        ("User", builder),
        ("Group", builder),
        ("WorkingDirectory", code),
        ("TimeoutStartSec", command.timeout),
        # No service's key has an underscore.
        ("RuntimeDirectory", f"{app.name}/_build"),
        ("RuntimeDirectoryMode", "0700"),
    ]


def _build_notices(shut: sandbox.Sandbox) -> list[sandbox.Notice]:
    """Return the notices about the sandbox of a build.

    A build with a private network needs no filter of addresses. Many
    hosts cannot filter: every container of an ordinary user.
    """
    is_alone = ("PrivateNetwork", "yes") in shut.assignments()
    return [n for n in shut.notices if not (is_alone and n.kind == "address")]


def _build_variables(
    app: model.App, facts: units.Facts
) -> Iterator[units.Pair]:
    layout = layouts.Layout(app.name)
    home = f"/run/{layout.app}/_build"
    values = {
        **units.python_variables(layout, facts),
        "HOME": home,
        "XDG_CACHE_HOME": f"{home}/cache",
        **app.environment,
    }
    for name in sorted(values):
        yield "Environment", quoting.quote_environment(name, values[name])
