# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All units that a deploy may start, rendered for this host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    oneshots,
    services,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    enforcement,
    inputs,
    request,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)


@dataclass(frozen=True)
class Rendered:
    """All units that a deploy may start.

    Attributes:
        facts: The facts of the host.
        services: Those of the services.
        builds: The commands that build, if the code is not there yet.
        jobs: The commands before the switch, on this host.
        probes: The health checks that are commands.
    """

    facts: units.Facts
    services: Sequence[units.Unit]
    builds: Sequence[units.Job]
    jobs: Sequence[units.Job]
    probes: Sequence[units.Job]

    @property
    def all(self) -> list[units.Unit]:
        """Every unit; a deploy starts no others."""
        return [*self.services, *self.builds, *self.jobs, *self.probes]


def render(
    order: request.Request, key: bytes, manager: systemctl.Manager
) -> Rendered:
    """Render the units of an application.

    Args:
        order: What is asked for.
        key: The host's key for digests of secrets.
        manager: The systemd that runs.

    Raises:
        HostError: A unit cannot be written as it is meant.
    """
    app, facts = order.app, _facts(order, key, manager)
    try:
        found = services.render(app, facts)
        before = oneshots.render_before(found, app, facts)
        probes = (oneshots.render_probe(unit, app, facts) for unit in found)
        builds = [] if _is_built(order) else oneshots.render_build(app, facts)
        return Rendered(
            facts=facts,
            services=found,
            builds=builds,
            jobs=[
                job
                for job, command in zip(before, app.before_switch)
                if order.is_first or not command.once
            ],
            probes=[probe for probe in probes if probe],
        )
    except units.RenderError as error:
        raise errors.HostError(f"{app.prefix}{error}") from None


def _is_built(order: request.Request) -> bool:
    path = order.layout.code(order.code or "")
    return order.code is None or artifact.is_complete(path, order.code)


def _facts(
    order: request.Request, key: bytes, manager: systemctl.Manager
) -> units.Facts:
    return units.Facts(
        collection=order.collection,
        target=targets.Target(
            manager.version, manager.variant, manager.features
        ),
        environment=order.lock.environment,
        code=order.code,
        config=inputs.config_id(key, order.app),
        environment_files=inputs.environment_file_ids(key, order.app),
        weakness=enforcement.weakness(manager),
    )
