# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the units of an application's services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    commands,
    layouts,
    model,
    stopping,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    quoting,
    report,
    writer,
)

# The kind of `Weakness` that makes a limit of a control group void.
_CONTROLLERS = {
    "memory_max": "memory",
    "memory_high": "memory",
    "cpu_quota": "cpu",
    "cpu_weight": "cpu",
    "io_weight": "io",
    "tasks_max": "tasks",
}


def render(app: model.App, facts: units.Facts) -> list[units.Unit]:
    """Render every unit of an application that should exist.

    Args:
        app: The application, checked and with defaults.
        facts: The facts of the host.

    Raises:
        RenderError: If a value cannot be written as it is meant.
    """
    return [
        _render_service(app, key, service, facts)
        for key, service in app.services.items()
        if service.is_live
    ]


def _render_service(
    app: model.App,
    key: model.ServiceKey,
    service: model.Service,
    facts: units.Facts,
) -> units.Unit:
    where = f"services.{key}"
    layout = layouts.Layout(app.name)
    shut = _sandbox(service, where, facts)
    void = _void_limits(service, facts.weakness)
    with units.named(where):
        blocks = [
            writer.Block("Unit", list(_unit_pairs(layout, key, service))),
            *_service_blocks(app, layout, key, facts),
            _state_block(layout, key, shut.state_mode),
            *units.sandbox_blocks(shut),
            _limits_block(service, void),
            writer.Block("Install", [("WantedBy", layouts.BOOT_TARGET)]),
        ]
    blocks.extend(_option_blocks(service.options, f"{where}.options"))
    raw = frozenset(
        (s, n) for s, names in service.options.items() for n in names
    )
    text, assignments = units.write(blocks, facts.collection, where, raw)
    notices = [f"{where}: {notice.message}" for notice in shut.notices]
    notices += [_void_notice(where, option) for option in void]
    notices += _wrapper_notices(where, service)
    return units.Unit(
        name=layout.unit_name(key),
        key=key,
        text=text,
        assignments=assignments,
        notices=tuple(notices),
        unenforced=tuple(n.message for n in shut.notices if n.kind),
        raw=raw,
        left_out=tuple(
            (units.RESOURCES[option], str(service.resources[option]))
            for option in void
        ),
    )


def _sandbox(
    service: model.Service, where: str, facts: units.Facts
) -> sandbox.Sandbox:
    try:
        return units.shut(service.needs, service.profile, facts.host)
    except sandbox.SandboxError as error:
        raise units.RenderError(
            f"{where}.needs: {report.brief(str(error))}"
        ) from None


def _unit_pairs(
    layout: layouts.Layout, key: str, service: model.Service
) -> Iterator[units.Pair]:
    default = f"{layout.app}: {key} service"
    yield "Description", _escape(service.description or default)
    if "network" in service.needs:
        # Ordered behind the network at boot, so stopped before it too.
        yield "After", "network.target"
    for option, directive in units.UNIT_LISTS.items():
        for value in getattr(service, option):
            yield directive, value
    yield "StartLimitIntervalSec", service.start_limit.interval
    yield "StartLimitBurst", str(service.start_limit.burst)


def _service_blocks(
    app: model.App,
    layout: layouts.Layout,
    key: model.ServiceKey,
    facts: units.Facts,
) -> Iterator[writer.Block]:
    service = app.services[key]
    run: list[units.Pair] = [
        ("Type", service.type),
        ("ExecStart", _exec(service, layout, key, facts)),
        ("User", layout.app),
        ("Group", layout.app),
    ]
    # Root's: Python below 3.11 imports from it in spite of
    # PYTHONSAFEPATH=.
    folder = layout.code(facts.code) if facts.code else layout.opt
    run.append(("WorkingDirectory", folder))
    yield writer.Block("Service", run, "What runs, and as whom.")
    yield writer.Block(
        "Service",
        list(_environment_pairs(app, layout, key, facts)),
        "What the process finds in its environment.",
    )
    life: list[units.Pair] = [
        ("KillMode", stopping.kill_mode(service.exec)),
        ("Restart", service.restart),
        ("RestartSec", service.restart_sec),
        ("TimeoutStartSec", service.start_timeout),
        ("TimeoutStopSec", service.stop_timeout),
    ]
    if service.watchdog_sec is not None:
        life.append(("WatchdogSec", service.watchdog_sec))
    yield writer.Block("Service", life, "When it is restarted or given up.")


def _exec(
    service: model.Service,
    layout: layouts.Layout,
    key: str,
    facts: units.Facts,
) -> str:
    where = f"services.{key}.exec"
    may_have_prefix = "exec-prefix" in service.allow
    try:
        return commands.exec_line(
            service.exec,
            units.programs(layout.app, facts),
            may_have_prefix=may_have_prefix,
        )
    except commands.BadCommandError as error:
        hint = ""
        if "prefix" in str(error):
            hint = (
                ". If that is meant, add allow: [exec-prefix] and give the "
                "absolute path"
            )
        raise units.RenderError(f"{where}: {error}{hint}") from None


def _environment_pairs(
    app: model.App,
    layout: layouts.Layout,
    key: model.ServiceKey,
    facts: units.Facts,
) -> Iterator[units.Pair]:
    values = {
        **units.python_variables(layout, facts),
        "HOME": layout.state,
        "XDG_CACHE_HOME": layout.cache,
    }
    values.update(app.environment)
    values.update(app.services[key].environment)
    for name in sorted(values):
        yield "Environment", quoting.quote_environment(name, values[name])
    for digest in facts.environment_files.get(key, ()):
        yield "EnvironmentFile", layout.environment_file(digest)
    # Not by digest: a rotated credential makes no other release.
    loaded = {
        name: _escape(path)
        for name, path in app.services[key].credential_paths.items()
    }
    for name in app.services[key].credentials:
        loaded[name] = layout.credential(key, name)
    for name in sorted(loaded):
        yield "LoadCredential", f"{name}:{loaded[name]}"
    if facts.config:
        yield (
            "BindReadOnlyPaths",
            f"{layout.config(facts.config)}:{layout.visible_config}",
        )


def _state_block(layout: layouts.Layout, key: str, mode: str) -> writer.Block:
    app = layout.app
    return writer.Block(
        "Service",
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
        "Where it may write: systemd makes these and owns them to it.",
    )


def _void_limits(
    service: model.Service, weakness: sandbox.Weakness | None
) -> list[str]:
    """Return the limits that the host's control groups do not enforce."""
    missing = weakness.shared if weakness else frozenset()
    return [o for o in service.resources if _CONTROLLERS.get(o) in missing]


def _void_notice(where: str, option: str) -> str:
    return (
        f"{where}.resources.{option}: {units.RESOURCES[option]}= is left "
        "out, since this host's control groups do not enforce it (they "
        f"lack the controller {_CONTROLLERS[option]!r})"
    )


def _wrapper_notices(where: str, service: model.Service) -> list[str]:
    """Tell of a program that keeps SIGTERM from the real one."""
    name = stopping.wrapper(service.exec)
    if not name or "KillMode" in service.options.get("Service", {}):
        return []
    return [
        f"{where}.exec: {name} starts the program as a child process, and "
        "does not pass SIGTERM on to it, so that systemd sends SIGTERM to "
        f"every process of the service (KillMode={stopping.EVERY_PROCESS}). "
        "The child processes of a program such as celery then lose their "
        "jobs at each stop. Name the program itself in exec, or write exec "
        f"before the last command of a shell; if {name} is meant, set "
        f"options.Service.KillMode, to {stopping.MIXED!r} if only the main "
        "process must get the signal"
    ]


def _limits_block(service: model.Service, void: Sequence[str]) -> writer.Block:
    pairs = [
        (directive, str(service.resources[option]))
        for option, directive in units.RESOURCES.items()
        if option in service.resources and option not in void
    ]
    return writer.Block("Service", pairs, "Limits.")


def _option_blocks(
    options: Mapping[str, Mapping[str, Any]], where: str
) -> Iterator[writer.Block]:
    for section, directives in options.items():
        pairs: list[units.Pair] = []
        for name, value in directives.items():
            place = f"{where}.{section}.{name}"
            values = value if isinstance(value, list) else [value]
            pairs += [
                (name, units.raw_value(item, name, place)) for item in values
            ]
        yield writer.Block(
            section, pairs, "As the options of this service say."
        )


def _escape(text: str) -> str:
    """Double the specifiers of a plain text: systemd.unit(5)."""
    return text.replace("%", "%%")
