# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered units: what they are made of, and how they are written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    commands,
    layouts,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    from_yaml,
    quoting,
    targets,
    writer,
)

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
UNIT_LISTS = {
    "documentation": "Documentation",
    "after": "After",
    "requires": "Requires",
    "wants": "Wants",
    "on_failure": "OnFailure",
}
RESOURCES = {
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
    **{name: option for option, name in UNIT_LISTS.items()},
    **{name: f"resources.{option}" for option, name in RESOURCES.items()},
}

Pair = tuple[str, str]


class RenderError(ValueError):
    """A service cannot be rendered; says which option and why."""


@dataclass(frozen=True)
class Facts:
    """Facts of a host that units depend on.

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
    environment_files: Mapping[model.ServiceKey, Sequence[str]]
    weakness: sandbox.Weakness | None = None

    @property
    def host(self) -> Host:
        """The facts about the host's sandbox."""
        return Host(self.target, self.weakness)


@dataclass(frozen=True)
class Host:
    """The systemd of a host, and the sandbox that it enforces.

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
    key: model.ServiceKey
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
    """The unit of one command that is not a service.

    Attributes:
        command: The command as one line, to be shown.
        where: The variable that names it.
    """

    command: str = ""
    where: str = ""

    def origin(self, _section: str, _name: str) -> str:
        """Return which of the user's variables set a directive."""
        return self.where


@contextmanager
def named(where: str) -> Iterator[None]:
    """Say in an error which variable it is about."""
    try:
        yield
    except (commands.BadCommandError, quoting.QuoteError) as error:
        raise RenderError(f"{where}: {error}") from None


def programs(app: str, facts: Facts) -> str:
    return f"{layouts.Layout(app).environment(facts.environment)}/bin"


def shut(
    needs: Sequence[model.Need], profile: str, host: Host
) -> sandbox.Sandbox:
    return sandbox.sandbox(
        needs,
        profile=profile,
        target=host.target,
        weakness=host.weakness,
    )


def sandbox_blocks(found: sandbox.Sandbox) -> list[writer.Block]:
    """Return the part of a unit file that is the sandbox."""
    return [
        writer.Block("Service", g.options, g.comment) for g in found.groups
    ]


def python_variables(layout: layouts.Layout, facts: Facts) -> dict[str, str]:
    """Return what every command of an application finds set."""
    environment = layout.environment(facts.environment)
    values = {
        "PATH": f"{environment}/bin:{_SYSTEM_PATH}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "VIRTUAL_ENV": environment,
    }
    if facts.code:
        values["PYTHONPATH"] = layout.code(facts.code)
    return values


def write(
    blocks: Sequence[writer.Block],
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
        block
        for section in ("Unit", "Service", "Install")
        for block in blocks
        if block.section == section
    ]
    try:
        text = writer.write(ordered, head)
    except writer.WriteError as error:
        place = where
        if raw is not None:
            place = _origin(where, raw, (error.section, error.name))
        raise RenderError(f"{place}: {error.reason}") from None
    pairs = [
        (block.section, *pair) for block in ordered for pair in block.pairs
    ]
    return text, tuple(pairs)


def _origin(where: str, raw: Collection[Pair], directive: Pair) -> str:
    section, name = directive
    if directive in raw:
        return f"{where}.options.{section}.{name}"
    option = _ORIGINS.get(name)
    return f"{where}.{option}" if option else where


def raw_value(value: object, name: str, where: str) -> str:
    """Return the text of a raw directive's value."""
    try:
        return from_yaml.read_value(name, value, where)
    except from_yaml.OptionError as error:
        raise RenderError(str(error)) from None
