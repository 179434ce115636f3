# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draft a deploy: render the units, refuse faults, plan the work.

This module changes nothing, so that check mode can draft as well.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    model,
    plans,
    records,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    generations,
    inputs,
    observe,
    outdated,
    planning,
    refusals,
    rendered,
    request,
    settings,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    consult,
)


@dataclass(frozen=True)
class Draft:
    """All that is known before anything is changed.

    Attributes:
        observed: The state of the host.
        key: The host's key; a new one if there was none.
        rendered: The rendered units.
        generation: The wanted generation, with the current one's
            sequence if it is equal.
        outdated: Units that may run something else than is on the disk.
        plan: The work to do.
        warnings: Warnings about lines that do less than they seem, and
            about files that somebody changed.
    """

    observed: observe.Observed
    key: bytes
    rendered: rendered.Rendered
    generation: records.Generation
    outdated: outdated.Outdated
    plan: plans.Plan
    warnings: Sequence[str]

    @property
    def is_change(self) -> bool:
        """Whether anything would be done."""
        return self.plan.action != plans.NOTHING

    @property
    def is_activation(self) -> bool:
        """Whether another generation would become current."""
        return self.plan.action == plans.ACTIVATE

    @property
    def unproven(self) -> list[str]:
        """Units that run on, and whose health check is new."""
        current = self.observed.generation
        there = current.units if current else {}
        return [
            name
            for name, unit in self.generation.units.items()
            if name in there
            and unit.state == "started"
            and there[name].health != unit.health
            and name not in (*self.plan.restart, *self.plan.watch)
        ]


def make(
    order: request.Request,
    observed: observe.Observed,
    interrupted: Sequence[str] = (),
) -> Draft:
    """Render, refuse and plan; change nothing.

    Args:
        order: The order of the controller.
        observed: The state of the host.
        interrupted: The units that a run which died had touched.

    Raises:
        HostError: If the application must be refused.
    """
    manager = systemctl.manager()
    key = observed.key or secrets.token_bytes(32)
    found = rendered.render(order, key, manager)
    warnings = _refuse(order, observed, found)
    warnings += settings.in_words(observed)
    generation = _generation(order, key, found.services, manager)
    current = observed.generation
    is_same = current is not None and current.digest == generation.digest
    if current is not None and is_same:
        generation = replace(
            generation, sequence=current.sequence, created=current.created
        )
    stale = outdated.find(observed, order.app, generation, interrupted)
    plan = plans.plan(
        planning.rendered_wishes(order.app, found.services),
        planning.present_units(observed),
        is_same_release=is_same,
        outdated=stale.all,
    )
    return Draft(observed, key, found, generation, stale, plan, warnings)


def refuse_failed(order: request.Request, drafted: Draft) -> None:
    """Refuse a release that failed here, unless it is to be retried.

    Raises:
        HostError: The release failed here, and has not changed since.
    """
    if drafted.is_activation and not order.app.retry_failed:
        refusals.failed_before(
            order.app.prefix, drafted.observed.layout, drafted.generation
        )


def _refuse(
    order: request.Request,
    observed: observe.Observed,
    found: rendered.Rendered,
) -> list[str]:
    """Refuse units that cannot be deployed; return the warnings."""
    services, facts = found.services, found.facts
    prefix = order.app.prefix
    refusals.taken(prefix, observed, [unit.name for unit in services])
    refusals.builder(prefix, observed.layout)
    refusals.missing_credentials(prefix, order.app)
    warnings = refusals.invalid(
        prefix, found.all, facts.target, consult.consult
    )
    # All commands of a build have the same sandbox, so one stands for
    # the others.
    refusals.weak(prefix, [*services, *found.builds[:1]], order.app.sandbox)
    refusals.exposed(
        prefix,
        services,
        facts.target,
        facts.weakness or sandbox.Weakness(),
        order.app.exposure_max,
    )
    return warnings


def _generation(
    order: request.Request,
    key: bytes,
    services: Sequence[units.Unit],
    manager: systemctl.Manager,
) -> records.Generation:
    app, lock = order.app, order.lock
    noted = {
        unit.name: _unit_record(unit, app.services[unit.key], key)
        for unit in services
    }
    return records.Generation(
        app=app.name,
        sequence=0,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        collection=order.collection,
        wanted=ids.wanted_id(key, app),
        digest=_digest(key, services, noted),
        source=app.origin or model.Origin("", ""),
        environment=lock.environment,
        code=order.code,
        config=inputs.config_id(key, app),
        environment_files=inputs.environment_file_ids(key, app),
        interpreter=lock.interpreter,
        systemd=generations.systemd_facts(manager),
        units=noted,
        irreversible=next(
            (c.exec for c in app.before_switch if c.irreversible),
            None,
        ),
    )


def _digest(
    key: bytes,
    services: Sequence[units.Unit],
    noted: Mapping[str, records.UnitRecord],
) -> str:
    content = [
        [unit.name, unit.assignments, noted[unit.name].enabled,
         noted[unit.name].state]
        for unit in services
    ]  # fmt: skip
    return ids.sealed(key, sorted(content))


def _unit_record(
    unit: units.Unit, service: model.Service, key: bytes
) -> records.UnitRecord:
    return records.UnitRecord(
        key=unit.key,
        sha256=hashlib.sha256(unit.text.encode()).hexdigest(),
        state=service.state,
        enabled=service.enabled,
        health=service.health,
        credentials=inputs.credential_stamp(key, service),
        text=unit.text,
    )
