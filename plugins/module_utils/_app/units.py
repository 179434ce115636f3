# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the units of an application. Pure: text in, text out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    commands,
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    from_yaml,
    quoting,
    report,
    targets,
    writer,
)

TARGET = "multi-user.target"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_RESOURCES = {
    "memory_max": "MemoryMax",
    "memory_high": "MemoryHigh",
    "cpu_quota": "CPUQuota",
    "cpu_weight": "CPUWeight",
    "io_weight": "IOWeight",
    "tasks_max": "TasksMax",
    "nofile": "LimitNOFILE",
    "nice": "Nice",
    "oom_score_adjust": "OOMScoreAdjust",
}
# The kind of `Weakness` that makes a limit of a control group void.
_CONTROLLERS = {
    "memory_max": "memory",
    "memory_high": "memory",
    "cpu_quota": "cpu",
    "cpu_weight": "cpu",
    "io_weight": "io",
    "tasks_max": "tasks",
}
_UNIT_LISTS = {
    "documentation": "Documentation",
    "after": "After",
    "requires": "Requires",
    "wants": "Wants",
    "on_failure": "OnFailure",
}
_ORIGINS = {
    "Description": "description",
    "Environment": "environment",
    "EnvironmentFile": "environment_files",
    "ExecStart": "exec",
    "LoadCredential": "credentials",
    "Restart": "restart",
    "RestartSec": "restart_sec",
    "StartLimitBurst": "start_limit.burst",
    "StartLimitIntervalSec": "start_limit.interval",
    "TimeoutStartSec": "start_timeout",
    "TimeoutStopSec": "stop_timeout",
    "Type": "type",
    "WatchdogSec": "watchdog_sec",
    **{name: option for option, name in _UNIT_LISTS.items()},
    **{name: f"resources.{option}" for option, name in _RESOURCES.items()},
}

# What makes a service of a process, and does not concern a job.
_SERVICE_LIFE = re.compile(
    r"Type|Exec.*|Restart.*|WatchdogSec|NotifyAccess|Timeout.*|PIDFile"
    r"|RuntimeDirectory|RemainAfterExit|SuccessExitStatus|OOMPolicy"
    r"|FileDescriptorStoreMax|Sockets|BusName|GuessMainPID"
)

# ProtectHome= hides these.
_HOMES = ("/home/", "/root/", "/run/user/")

Pair = tuple[str, str]


class RenderError(ValueError):
    """A service cannot be rendered; says which option and why."""


@dataclass(frozen=True)
class Context:
    """What a host knows that the variables do not.

    Attributes:
        collection: Version of this collection, for the comment.
        target: The systemd that will read the units.
        environment: Id of the virtualenv.
        code: Id of the code directory, if there is one.
        config: Id of the configuration files, if there are any.
        environment_files: Ids of the environment files by service key.
        weakness: What of a sandbox the host does not enforce.
    """

    collection: str
    target: targets.Target
    environment: str
    code: str | None
    config: str | None
    environment_files: Mapping[str, Sequence[str]]
    weakness: sandbox.Weakness | None = None

    @property
    def host(self) -> Host:
        """What the host enforces."""
        return Host(self.target, self.weakness)


@dataclass(frozen=True)
class Host:
    """What a host enforces.

    Attributes:
        target: The systemd that will read the units.
        weakness: What of a sandbox the host does not enforce.
    """

    target: targets.Target
    weakness: sandbox.Weakness | None = None


@dataclass(frozen=True)
class Unit:
    """One rendered unit file.

    Attributes:
        name: File name, such as ``hello.service``.
        key: The service's key.
        text: The file's text.
        assignments: Section, directive and value, without comments.
        notices: What the user should know about this unit.
        unenforced: Those of the notices which are about protection that
            this host does not give.
        raw: Section and directive of what the user wrote as such.
        left_out: Limits that this host would not enforce.
    """

    name: str
    key: str
    text: str
    assignments: tuple[tuple[str, str, str], ...]
    notices: tuple[str, ...]
    unenforced: tuple[str, ...] = ()
    raw: frozenset[Pair] = frozenset()
    left_out: tuple[Pair, ...] = ()

    def origin(self, section: str, name: str) -> str:
        """Return which of the user's variables set a directive."""
        return _origin(f"services.{self.key}", self.raw, (section, name))


@dataclass(frozen=True)
class Job(Unit):
    """The unit of one command that is no service.

    Attributes:
        command: The command as one line, to be shown.
        where: The variable that names it.
    """

    command: str = ""
    where: str = ""

    def origin(self, _section: str, _name: str) -> str:
        """Return which of the user's variables set a directive."""
        return self.where


@dataclass(frozen=True)
class _Block:
    section: str
    comment: str
    pairs: Sequence[Pair]


def render(app: Mapping[str, Any], context: Context) -> list[Unit]:
    """Render every unit of an application that should exist.

    Args:
        app: The application, checked and with defaults.
        context: What the host knows.

    Raises:
        RenderError: If a value cannot be written as it is meant.
    """
    return [
        _render_service(app, key, service, context)
        for key, service in app["services"].items()
        if service["state"] != "absent"
    ]


def _origin(where: str, raw: Collection[Pair], directive: Pair) -> str:
    section, name = directive
    if directive in raw:
        return f"{where}.options.{section}.{name}"
    option = _ORIGINS.get(name)
    return f"{where}.{option}" if option else where


def render_before(
    units: Sequence[Unit], app: Mapping[str, Any], context: Context
) -> list[Job]:
    """Render a unit for each command before the switch.

    Args:
        units: The services, whose user, environment and sandbox the
            commands get.
        app: The application, checked and with defaults.
        context: What the host knows.

    Raises:
        RenderError: If a command cannot be written as it is meant.
    """
    by_key = {unit.key: unit for unit in units}
    jobs = []
    for number, command in enumerate(app["before_switch"]):
        unit = by_key[command["service"]]
        where = f"before_switch[{number}]"
        with _named(where):
            line = commands.exec_line(
                command["exec"], _programs(app["name"], context)
            )
        pairs = [
            ("ExecStart", line),
            ("TimeoutStartSec", command["timeout"]),
            # Its own: that of the service is deleted when the job ends.
            ("RuntimeDirectory", f"{app['name']}/before-switch"),
        ]
        title = f"{app['name']}: before the switch, as {unit.name}"
        job = _job(unit, pairs, title, context, where)
        jobs.append(replace(job, command=commands.in_words(command["exec"])))
    return jobs


def render_probe(
    unit: Unit, app: Mapping[str, Any], context: Context
) -> Job | None:
    """Render the job of a service's health check, if it is a command.

    It sees what the service sees: its network and its temporary files
    too, where they are private.

    Raises:
        RenderError: If the command cannot be written as it is meant.
    """
    check = app["services"][unit.key]["health"]
    if "command" not in check:
        return None
    where = f"services.{unit.key}.health.command"
    with _named(where):
        line = commands.literal_line(
            check["command"], _programs(app["name"], context)
        )
    pairs = [
        ("ExecStart", line),
        # Who asks ends it before that.
        ("TimeoutStartSec", "1min"),
        ("TimeoutStopSec", "1s"),
        # Of its beginning and end, asked every second, nobody wants to
        # read; what it says itself is kept.
        ("LogLevelMax", "notice"),
        ("SyslogLevel", "notice"),
    ]
    title = f"{app['name']}: health of {unit.name}"
    job = _job(unit, pairs, title, context, where, joins=True)
    return replace(job, command=check["command"])


def _job(
    unit: Unit,
    pairs: Sequence[Pair],
    title: str,
    context: Context,
    where: str,
    *,
    joins: bool = False,
) -> Job:
    """Render a oneshot unit with the sandbox of a service.

    Args:
        unit: The service.
        pairs: What is the job's own.
        title: Its description.
        context: What the host knows.
        where: The variable that names the command.
        joins: Whether it shares the private network and temporary
            files of the service that runs.
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
        _Block("Unit", "", head),
        _Block("Service", "", [("Type", "oneshot"), *pairs, *kept]),
    ]
    text, assignments = _write(blocks, context.collection, where)
    return Job(
        name=f"{unit.name.removesuffix('.service')}_job.service",
        key=unit.key,
        text=text,
        assignments=assignments,
        notices=(),
        where=where,
    )


def _programs(app: str, context: Context) -> str:
    return f"{layouts.Layout(app).environment(context.environment)}/bin"


@contextmanager
def _named(where: str) -> Iterator[None]:
    """Say in an error which variable it is about."""
    try:
        yield
    except (commands.CommandError, quoting.QuoteError) as error:
        raise RenderError(f"{where}: {error}") from None


def render_tool(
    account: str,
    argv: Sequence[str],
    writable: Sequence[str],
    host: Host,
) -> str:
    """Render a job that works on what others handed over.

    Args:
        account: The user without rights who runs it.
        argv: The command, taken literally.
        writable: The directories in which it may write.
        host: What the host enforces.

    Returns:
        The text of a oneshot unit in the strict sandbox.
    """
    needs: list[sandbox.NeedSpec] = [{"write": list(writable)}]
    if any(path.startswith(_HOMES) for path in writable):
        needs.append({"home": "write"})
    shut = _sandbox(needs, "strict", host)
    blocks = [
        _Block("Unit", "", [("Description", "Work of pyfleet.services")]),
        _Block(
            "Service",
            "What runs, and as whom.",
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
        ),
        *[_Block("Service", g.comment, g.options) for g in shut.groups],
    ]
    return _write(blocks, "", "a job of the collection")[0]


def render_build(app: Mapping[str, Any], context: Context) -> list[Job]:
    """Render a unit for each command that builds in the code directory.

    Args:
        app: The application, checked and with defaults.
        context: What the host knows.

    Returns:
        Oneshot units in the strict sandbox, of a user of their own who
        may write in the code directory alone.

    Raises:
        RenderError: If a command cannot be written as it is meant.
    """
    return [
        _render_build(app, number, context)
        for number in range(len(app["build"]))
    ]


def _render_build(
    app: Mapping[str, Any], number: int, context: Context
) -> Job:
    layout = layouts.Layout(app["name"])
    where, command = f"build[{number}]", app["build"][number]
    code = layout.code(context.code or "")
    shut = _sandbox([{"write": [code]}], "strict", context.host)
    try:
        blocks = [
            _Block(
                "Unit", "", [("Description", f"{layout.app}: build the code")]
            ),
            _Block(
                "Service",
                "What runs, and as whom.",
                [
                    ("Type", "oneshot"),
                    (
                        "ExecStart",
                        commands.exec_line(
                            command["exec"], _programs(layout.app, context)
                        ),
                    ),
                    ("User", layout.builder),
                    ("Group", layout.builder),
                    ("WorkingDirectory", code),
                    ("TimeoutStartSec", command["timeout"]),
                    # No service's key has an underscore.
                    ("RuntimeDirectory", f"{layout.app}/_build"),
                    ("RuntimeDirectoryMode", "0700"),
                ],
            ),
            _Block("Service", "", list(_build_variables(app, context))),
            *[_Block("Service", g.comment, g.options) for g in shut.groups],
        ]
    except (commands.CommandError, quoting.QuoteError) as error:
        raise RenderError(f"{where}: exec: {error}") from None
    text, assignments = _write(blocks, context.collection, where)
    notices = _build_notices(shut)
    return Job(
        name=f"{layout.app}-build-{number + 1}.service",
        key="build",
        text=text,
        assignments=assignments,
        notices=tuple(f"build: {n.message}" for n in notices),
        unenforced=tuple(n.message for n in notices if n.kind),
        command=commands.in_words(command["exec"]),
        where=where,
    )


def _build_notices(shut: sandbox.Sandbox) -> list[sandbox.Notice]:
    """Return what a build is not kept from.

    Where it has a network of its own, there is nothing to filter, and
    hosts that filter no addresses are many: all that are containers of
    ordinary users.
    """
    is_alone = ("PrivateNetwork", "yes") in shut.assignments()
    return [n for n in shut.notices if not (is_alone and n.kind == "address")]


def _build_variables(
    app: Mapping[str, Any], context: Context
) -> Iterator[Pair]:
    layout = layouts.Layout(app["name"])
    home = f"/run/{layout.app}/_build"
    values = {
        **_python_variables(layout, context),
        "HOME": home,
        "XDG_CACHE_HOME": f"{home}/cache",
        **app["environment"],
    }
    for name in sorted(values):
        yield "Environment", quoting.quote_environment(name, values[name])


def _sandbox(
    needs: Sequence[sandbox.NeedSpec], profile: str, host: Host
) -> sandbox.Sandbox:
    return sandbox.sandbox(
        needs,
        profile=profile,
        target=host.target,
        weakness=host.weakness,
    )


def _render_service(
    app: Mapping[str, Any],
    key: str,
    service: Mapping[str, Any],
    context: Context,
) -> Unit:
    where = f"services.{key}"
    layout = layouts.Layout(app["name"])
    try:
        shut = _sandbox(service["needs"], service["profile"], context.host)
    except sandbox.SandboxError as error:
        raise RenderError(
            f"{where}.needs: {report.brief(str(error))}"
        ) from None
    void = _void_limits(service, context.weakness)
    try:
        blocks = [
            _Block("Unit", "", list(_unit_pairs(layout, key, service))),
            *_service_blocks(app, layout, key, context),
            _state_block(layout, key, shut.state_mode),
            *[_Block("Service", g.comment, g.options) for g in shut.groups],
            _Block("Service", "Limits.", list(_resource_pairs(service, void))),
            _Block("Install", "", [("WantedBy", TARGET)]),
        ]
    except quoting.QuoteError as error:
        raise RenderError(f"{where}: {error}") from None
    blocks.extend(_option_blocks(service["options"], f"{where}.options"))
    raw = frozenset(
        (section, name)
        for section, directives in service["options"].items()
        for name in directives
    )
    text, assignments = _write(blocks, context.collection, where, raw)
    return Unit(
        name=layout.unit_name(key),
        key=key,
        text=text,
        assignments=assignments,
        notices=(
            *[f"{where}: {n.message}" for n in shut.notices],
            *[
                f"{where}.resources.{option}: {_RESOURCES[option]}= is left "
                "out, since this host's control groups do not enforce it "
                f"(they lack the controller {_CONTROLLERS[option]!r})"
                for option in void
            ],
        ),
        unenforced=tuple(n.message for n in shut.notices if n.kind),
        raw=raw,
        left_out=tuple(
            (_RESOURCES[option], str(service["resources"][option]))
            for option in void
        ),
    )


def _unit_pairs(
    layout: layouts.Layout, key: str, service: Mapping[str, Any]
) -> Iterator[Pair]:
    default = f"{layout.app}: {key} service"
    yield "Description", _escape(service.get("description", default))
    if "network" in service["needs"]:
        # Ordered behind the network at boot, so stopped before it too.
        yield "After", "network.target"
    for option, directive in _UNIT_LISTS.items():
        for value in service[option]:
            yield directive, value
    yield "StartLimitIntervalSec", service["start_limit"]["interval"]
    yield "StartLimitBurst", str(service["start_limit"]["burst"])


def _service_blocks(
    app: Mapping[str, Any], layout: layouts.Layout, key: str, context: Context
) -> Iterator[_Block]:
    service = app["services"][key]
    run: list[Pair] = [
        ("Type", service["type"]),
        ("ExecStart", _exec(service, layout, key, context)),
        ("User", layout.app),
        ("Group", layout.app),
    ]
    # Root's: Python below 3.11 imports from it in spite of
    # PYTHONSAFEPATH=.
    folder = layout.code(context.code) if context.code else layout.opt
    run.append(("WorkingDirectory", folder))
    yield _Block("Service", "What runs, and as whom.", run)
    yield _Block(
        "Service",
        "What the process finds in its environment.",
        list(_environment_pairs(app, layout, key, context)),
    )
    life: list[Pair] = [
        ("Restart", service["restart"]),
        ("RestartSec", service["restart_sec"]),
        ("TimeoutStartSec", service["start_timeout"]),
        ("TimeoutStopSec", service["stop_timeout"]),
    ]
    if "watchdog_sec" in service:
        life.append(("WatchdogSec", service["watchdog_sec"]))
    yield _Block("Service", "When it is restarted or given up.", life)


def _exec(
    service: Mapping[str, Any],
    layout: layouts.Layout,
    key: str,
    context: Context,
) -> str:
    where = f"services.{key}.exec"
    may_have_prefix = "exec-prefix" in service["allow"]
    try:
        return commands.exec_line(
            service["exec"],
            _programs(layout.app, context),
            may_have_prefix=may_have_prefix,
        )
    except commands.CommandError as error:
        hint = ""
        if "prefix" in str(error):
            hint = (
                ". If that is meant, add allow: [exec-prefix] and give the "
                "absolute path"
            )
        raise RenderError(f"{where}: {error}{hint}") from None


def _environment_pairs(
    app: Mapping[str, Any], layout: layouts.Layout, key: str, context: Context
) -> Iterator[Pair]:
    values = {
        **_python_variables(layout, context),
        "HOME": layout.state,
        "XDG_CACHE_HOME": layout.cache,
    }
    values.update(app["environment"])
    values.update(app["services"][key]["environment"])
    for name in sorted(values):
        yield "Environment", quoting.quote_environment(name, values[name])
    for digest in context.environment_files.get(key, ()):
        yield "EnvironmentFile", layout.environment_file(digest)
    # Not by digest: a rotated credential makes no other release.
    for name in sorted(app["services"][key]["credentials"]):
        yield "LoadCredential", f"{name}:{layout.credential(key, name)}"
    if context.config:
        yield (
            "BindReadOnlyPaths",
            f"{layout.config(context.config)}:{layout.visible_config}",
        )


def _python_variables(
    layout: layouts.Layout, context: Context
) -> dict[str, str]:
    """Return what every command of an application finds set."""
    environment = layout.environment(context.environment)
    values = {
        "PATH": f"{environment}/bin:{_SYSTEM_PATH}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "VIRTUAL_ENV": environment,
    }
    if context.code:
        values["PYTHONPATH"] = layout.code(context.code)
    return values


def _state_block(layout: layouts.Layout, key: str, mode: str) -> _Block:
    app = layout.app
    return _Block(
        "Service",
        "Where it may write: systemd makes these and owns them to it.",
        [
            ("StateDirectory", app),
            ("StateDirectoryMode", mode),
            ("CacheDirectory", app),
            ("CacheDirectoryMode", mode),
            ("LogsDirectory", app),
            ("LogsDirectoryMode", mode),
            # One for each service: a shared one is deleted by whichever
            # service stops first.
            ("RuntimeDirectory", f"{app}/{key}"),
        ],
    )


def _void_limits(
    service: Mapping[str, Any], weakness: sandbox.Weakness | None
) -> list[str]:
    """Return the limits that the host's control groups do not enforce."""
    missing = weakness.shared if weakness else frozenset()
    return [o for o in service["resources"] if _CONTROLLERS.get(o) in missing]


def _resource_pairs(
    service: Mapping[str, Any], void: Sequence[str]
) -> Iterator[Pair]:
    for option, directive in _RESOURCES.items():
        if option in service["resources"] and option not in void:
            yield directive, str(service["resources"][option])


def _option_blocks(
    options: Mapping[str, Mapping[str, Any]], where: str
) -> Iterator[_Block]:
    for section, directives in options.items():
        pairs: list[Pair] = []
        for name, value in directives.items():
            place = f"{where}.{section}.{name}"
            values = value if isinstance(value, list) else [value]
            pairs += [(name, _raw(item, name, place)) for item in values]
        yield _Block(section, "As the options of this service say.", pairs)


def _raw(value: object, name: str, where: str) -> str:
    try:
        return from_yaml.read_value(name, value, where)
    except from_yaml.OptionError as error:
        raise RenderError(str(error)) from None


def _escape(text: str) -> str:
    """Double the specifiers of a plain text: systemd.unit(5)."""
    return text.replace("%", "%%")


def _write(
    blocks: Sequence[_Block],
    collection: str,
    where: str,
    raw: Collection[Pair] | None = None,
) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """Write the file; an error names the variable that it is about."""
    title = f"Written by the Ansible collection pyfleet.services {collection}"
    head = (
        f"{title.rstrip()}.",
        "Changes here are lost: change the variables and deploy again.",
    )
    ordered = [
        writer.Block(section, block.pairs, block.comment)
        for section in ("Unit", "Service", "Install")
        for block in blocks
        if block.section == section
    ]
    try:
        text = writer.write(ordered, head)
    except writer.RenderError as error:
        place = where
        if raw is not None:
            place = _origin(where, raw, (error.section, error.name))
        raise RenderError(f"{place}: {error.reason}") from None
    pairs = [
        (block.section, *pair) for block in ordered for pair in block.pairs
    ]
    return text, tuple(pairs)
