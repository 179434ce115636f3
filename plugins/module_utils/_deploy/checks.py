# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health check of a unit: its probe, and the process that answers."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    health,
    listen,
    paths,
    printable,
)


def probe_of(
    layout: layouts.Layout, generation: records.Generation, unit: str
) -> health.Probe | None:
    """Return the probe of a unit's health check.

    Args:
        layout: Paths of the application.
        generation: The generation that the unit belongs to.
        unit: Name of the unit.

    Returns:
        The probe; None if only systemd's own readiness counts.
    """
    check = generation.units[unit].health
    account = generation.app
    if check.http is not None:
        only = check.status
        return health.Probe(
            "http",
            url=check.http,
            status=(only, only) if only else (200, 299),
            match=check.match or "",
            path=check.socket or "",
            account=account,
        )
    if check.tcp is not None:
        host, _unused, port = check.tcp.rpartition(":")
        return health.Probe("tcp", host=host.strip("[]"), port=int(port))
    if check.unix is not None:
        return health.Probe("unix", path=check.unix, account=account)
    if check.command is not None:
        return health.Probe(
            "command",
            command=check.command,
            unit=(
                paths.read(layout.probe(generation.sequence, unit)) or b""
            ).decode(),
            account=account,
        )
    return None


def sickness(
    layout: layouts.Layout,
    generation: records.Generation,
    unit: str,
    properties: Mapping[str, str],
) -> str:
    """Ask a unit's health check once.

    Args:
        layout: Paths of the application.
        generation: The generation that the unit belongs to.
        unit: Name of the unit.
        properties: Its properties, by `observe.PROPERTIES`.

    Returns:
        Why the unit is not healthy; empty if it is, or if it is not
        running or has no check.
    """
    probe = probe_of(layout, generation, unit)
    is_wanted = generation.units[unit].state == "started"
    is_up = properties.get("ActiveState") == "active"
    if probe is None or not is_wanted or not is_up:
        return ""
    try:
        result = health.check_once(probe)
        problem = listener_problem(probe, properties) if result.ok else None
    except errors.HostError as error:
        # The check itself is refused, for example because its address
        # has moved to another host. A deploy that mends the check must
        # not fail here.
        return printable.line(str(error))
    return (problem or "") if result.ok else result.detail


def listener_problem(
    probe: health.Probe | None, properties: Mapping[str, str]
) -> str | None:
    """Tell why another process than the unit's would answer a check."""
    if probe is None or probe.path or probe.command:
        return None
    host, port = health.endpoint(probe)
    found = listen.listeners(
        port,
        properties["ControlGroup"],
        pid=int(properties["MainPID"]),
    )
    return listen.ownership_problem(found, host, port, has_socket_unit=False)
