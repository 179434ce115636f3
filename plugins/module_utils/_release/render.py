# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the units of an application. Pure: text in, text out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._release.fields import (  # noqa: E501
    shown,
)
from ansible_collections.pyfleet.services.plugins.module_utils._release.layout import (  # noqa: E501
    Layout,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.commands import (  # noqa: E501
    split_exec,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.findings import (  # noqa: E501
    brief,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.quoting import (  # noqa: E501
    QuoteError,
    quote_environment,
    quote_exec,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.sandbox import (  # noqa: E501
    NeedSpec,
    Notice,
    Sandbox,
    SandboxError,
    Weakness,
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.target import (  # noqa: E501
    Target,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.text import (  # noqa: E501
    parse,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.words import (  # noqa: E501
    WordError,
)

TARGET = "multi-user.target"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# systemd.service(5), "Command lines": what changes the meaning of a path.
_EXEC_PREFIXES = "@-:+!|"
# YAML reads 0644 and 12:30 as numbers, so a number here is a trap.
_NUMBER_TRAPS = re.compile(r"(Mode|UMask|Sec|OnCalendar)$")
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
    target: Target
    environment: str
    code: str | None
    config: str | None
    environment_files: Mapping[str, Sequence[str]]
    weakness: Weakness | None = None

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

    target: Target
    weakness: Weakness | None = None


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
class Build(Unit):
    """The unit of one command of a build.

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


def render_job(
    unit: Unit, command: Mapping[str, Any], context: Context, app: str
) -> str:
    """Render a unit that runs one command as a service would run it.

    Args:
        unit: The service whose user, environment and sandbox it gets.
        command: The command, with service, exec and timeout.
        context: What the host knows.
        app: Name of the application.

    Returns:
        The text of a oneshot unit. Its sandbox is the service's own, on
        every version of systemd.
    """
    layout = Layout(app)
    folder = f"{layout.environment(context.environment)}/bin"
    word, blank, rest = command["exec"].strip().partition(" ")
    program = _program(word, folder, "before_switch")
    kept = [
        (section, name, value)
        for section, name, value in unit.assignments
        if section == "Service" and not _SERVICE_LIFE.fullmatch(name)
    ]
    pairs = [
        ("Type", "oneshot"),
        ("ExecStart", f"{program}{blank}{rest}"),
        ("TimeoutStartSec", command["timeout"]),
        # Its own: that of the service is deleted when the job ends.
        ("RuntimeDirectory", f"{app}/before-switch"),
        *[(name, value) for _section, name, value in kept],
    ]
    blocks = [
        _Block(
            "Unit",
            "",
            [("Description", f"{app}: before the switch, as {unit.name}")],
        ),
        _Block("Service", "", pairs),
    ]
    return _write(blocks, context.collection, "before_switch")[0]


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
    needs: list[NeedSpec] = [{"write": list(writable)}]
    if any(path.startswith(_HOMES) for path in writable):
        needs.append({"home": "write"})
    shut = _sandbox(needs, "strict", host)
    blocks = [
        _Block("Unit", "", [("Description", "Install wheels")]),
        _Block(
            "Service",
            "What runs, and as whom.",
            [
                ("Type", "oneshot"),
                ("ExecStart", quote_exec(argv)),
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
    return _write(blocks, "", "the installation of wheels")[0]


def render_build(app: Mapping[str, Any], context: Context) -> list[Build]:
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
) -> Build:
    layout = Layout(app["name"])
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
                    ("ExecStart", _build_line(command, layout, context)),
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
    except (QuoteError, RenderError) as error:
        raise RenderError(f"{where}: {error}") from None
    text, assignments = _write(blocks, context.collection, where)
    notices = _build_notices(shut)
    return Build(
        name=f"{layout.app}-build-{number + 1}.service",
        key="build",
        text=text,
        assignments=assignments,
        notices=tuple(f"build: {n.message}" for n in notices),
        unenforced=tuple(n.message for n in notices if n.kind),
        command=_shown(command["exec"]),
        where=where,
    )


def _build_notices(shut: Sandbox) -> list[Notice]:
    """Return what a build is not kept from.

    Where it has a network of its own, there is nothing to filter, and
    hosts that filter no addresses are many: all that are containers of
    ordinary users.
    """
    is_alone = ("PrivateNetwork", "yes") in shut.assignments()
    return [n for n in shut.notices if not (is_alone and n.kind == "address")]


def _build_line(
    command: Mapping[str, Any], layout: Layout, context: Context
) -> str:
    folder = f"{layout.environment(context.environment)}/bin"
    wanted = command["exec"]
    if not isinstance(wanted, str):
        first, *rest = wanted
        return quote_exec([_program(first, folder, "exec"), *rest])
    word, blank, rest_of_line = wanted.strip().partition(" ")
    line = f"{_program(word, folder, 'exec')}{blank}{rest_of_line}"
    try:
        commands = split_exec(line)
    except WordError as error:
        raise RenderError(f"exec: {error}") from None
    if len(commands) != 1:
        # The second could have a prefix, and run as root.
        raise RenderError(
            "exec: a ';' begins another command; make it an item of its "
            "own, or write \\; where it is an argument"
        )
    return line


def _shown(command: str | Sequence[str]) -> str:
    return command if isinstance(command, str) else shlex.join(command)


def _build_variables(
    app: Mapping[str, Any], context: Context
) -> Iterator[Pair]:
    layout = Layout(app["name"])
    home = f"/run/{layout.app}/_build"
    values = {
        **_python_variables(layout, context),
        "HOME": home,
        "XDG_CACHE_HOME": f"{home}/cache",
        **app["environment"],
    }
    for name in sorted(values):
        yield "Environment", quote_environment(name, values[name])


def _sandbox(needs: Sequence[NeedSpec], profile: str, host: Host) -> Sandbox:
    return sandbox(
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
    layout = Layout(app["name"])
    try:
        shut = _sandbox(service["needs"], service["profile"], context.host)
    except SandboxError as error:
        raise RenderError(f"{where}.needs: {brief(str(error))}") from None
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
    except QuoteError as error:
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
    layout: Layout, key: str, service: Mapping[str, Any]
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
    app: Mapping[str, Any], layout: Layout, key: str, context: Context
) -> Iterator[_Block]:
    service = app["services"][key]
    run: list[Pair] = [
        ("Type", service["type"]),
        ("ExecStart", _exec(service, layout, key, context)),
        ("User", layout.app),
        ("Group", layout.app),
    ]
    if context.code:
        run.append(("WorkingDirectory", layout.code(context.code)))
    else:
        run.append(("WorkingDirectory", layout.state))
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
    service: Mapping[str, Any], layout: Layout, key: str, context: Context
) -> str:
    folder = f"{layout.environment(context.environment)}/bin"
    where = f"services.{key}.exec"
    command = service["exec"]
    if not isinstance(command, str):
        first, *rest = command
        return quote_exec([_program(first, folder, where), *rest])
    stripped = command.strip()
    if stripped[0] in _EXEC_PREFIXES:
        if "exec-prefix" in service["allow"]:
            return stripped
        raise RenderError(
            f"{where}: {stripped[0]!r} is a prefix that changes how systemd "
            "runs the command; if that is meant, add allow: [exec-prefix] "
            "and give the absolute path"
        )
    word, blank, rest_of_line = stripped.partition(" ")
    return f"{_program(word, folder, where)}{blank}{rest_of_line}"


def _program(word: str, folder: str, where: str) -> str:
    if word.startswith(("/", "%")):
        return word
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]*", word):
        raise RenderError(
            f"{where}: {shown(word)} is neither an absolute path nor the name "
            "of a program in the virtualenv"
        )
    return f"{folder}/{word}"


def _environment_pairs(
    app: Mapping[str, Any], layout: Layout, key: str, context: Context
) -> Iterator[Pair]:
    values = {
        **_python_variables(layout, context),
        "HOME": layout.state,
        "XDG_CACHE_HOME": layout.cache,
    }
    values.update(app["environment"])
    values.update(app["services"][key]["environment"])
    for name in sorted(values):
        yield "Environment", quote_environment(name, values[name])
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


def _python_variables(layout: Layout, context: Context) -> dict[str, str]:
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


def _state_block(layout: Layout, key: str, mode: str) -> _Block:
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
    service: Mapping[str, Any], weakness: Weakness | None
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
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not _NUMBER_TRAPS.search(name):
        return str(value)
    if value is None:
        raise RenderError(f'{where}: is null; a reset is written ""')
    if isinstance(value, int):
        raise RenderError(
            f"{where}: {value} is an integer, and YAML may have made it of "
            "a mode or a time; put the value in quotes"
        )
    raise RenderError(f"{where}: a string, boolean, integer or list is wanted")


def _escape(text: str) -> str:
    """Double the specifiers of a plain text: systemd.unit(5)."""
    return text.replace("%", "%%")


def _write(
    blocks: Sequence[_Block],
    collection: str,
    where: str,
    raw: Collection[Pair] | None = None,
) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """Write the file, and prove that it reads as it is meant."""
    lines = [
        f"# Written by the Ansible collection pyfleet.services "
        f"{collection}".rstrip()
        + ".",
        "# Changes here are lost: change the variables and deploy again.",
    ]
    meant: list[tuple[str, str, str]] = []
    for section in ("Unit", "Service", "Install"):
        if not any(block.section == section for block in blocks):
            continue
        lines += ["", f"[{section}]"]
        for block in blocks:
            if block.section != section or not block.pairs:
                continue
            if block.comment:
                lines.append(f"# {block.comment}")
            lines += [f"{name}={value}" for name, value in block.pairs]
            meant += [(section, n, v) for n, v in block.pairs]
    text = "\n".join(lines) + "\n"
    read = [(a.section, a.name, a.value) for a in parse(text).assignments()]
    if read != meant:
        pairs = zip(meant, [*read, ("", "", "")])
        section, name, value = next(w for w, r in pairs if w != r)
        directive = (section, name)
        place = where if raw is None else _origin(where, raw, directive)
        raise RenderError(
            f"{place}: {name}={shown(value)} would not reach systemd "
            "as it is written: a line break, a NUL byte, a backslash at "
            "the end or blanks around a value change it"
        )
    return text, tuple(meant)
