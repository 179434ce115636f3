# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploy one application on this host: read, plan, apply."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    layouts,
    model,
    oneshots,
    plans,
    records,
    services,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    venv,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    activation,
    code_build,
    enforcement,
    failures,
    inputs,
    integrity,
    observe,
    prune,
    refusals,
    transaction,
    workshops,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    consult,
)


@dataclass(frozen=True)
class Request:
    """What a deploy of one application asks for.

    Attributes:
        app: The wanted application, checked and with defaults.
        lock: Ids, wheels, installer and interpreter.
        collection: Version of the collection.
        bundle: Path of the shipped tar file, if anything was shipped.
        is_first: Whether what runs once in the fleet runs here.
        is_full: Whether every file of the artifacts is compared.
    """

    app: model.App
    lock: model.Lock
    collection: str
    bundle: str | None
    is_first: bool = True
    is_full: bool = False

    @property
    def code(self) -> str | None:
        """Id of the code directory, if there is one."""
        return ids.code_artifact(self.app, self.lock.environment)


@dataclass(frozen=True)
class Draft:
    """All that is known before anything is changed.

    Attributes:
        observed: What is on the host.
        key: The host's key; a new one if there was none.
        rendered: The rendered units.
        generation: The wanted generation, with the current one's
            sequence if it is equal.
        plan: What has to be done.
        jobs: Commands before the switch, each with its unit file.
        warnings: What of the units does less than it seems.
        context: What the host knows that the variables do not.
        probes: Jobs of the health checks that are commands.
        builds: Units of the build, if the code is still to be built.
    """

    observed: observe.Observed
    key: bytes
    rendered: Sequence[units.Unit]
    generation: records.Generation
    plan: plans.Plan
    jobs: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    context: units.Context
    probes: Sequence[units.Job] = ()
    builds: Sequence[units.Job] = ()

    @property
    def is_change(self) -> bool:
        """Whether anything would be done."""
        return self.plan.action != plans.NOTHING


def draft(request: Request, dirty: Sequence[str] = ()) -> Draft:
    """Read and plan; change nothing.

    Raises:
        HostError: If the application must be refused.
    """
    name = request.app.name
    observed = observe.read([name])[name]
    manager = systemctl.manager()
    key = observed.key or secrets.token_bytes(32)
    context = _context(request, key, manager)
    rendered = _render(request, context)
    units = rendered.services
    warnings = _refuse(request, observed, context, rendered)
    current = observed.generation
    generation = _generation(request, key, units, manager)
    is_same = current is not None and current.digest == generation.digest
    if current is not None and is_same:
        generation = replace(
            generation, sequence=current.sequence, created=current.created
        )
    plan = plans.plan(
        {unit.name: _wish(request.app, unit) for unit in units},
        present(observed),
        is_same_release=is_same,
        dirty=[*dirty, *_rotated(request, observed, generation)],
    )
    return Draft(
        observed,
        key,
        units,
        generation,
        plan,
        [(job.command, job.text) for job in rendered.jobs],
        warnings,
        context,
        rendered.probes,
        rendered.builds,
    )


def validate(request: Request) -> dict[str, Any]:
    """Plan only: what a deploy would do, and whether it is refused."""
    drafted = draft(request)
    _refuse_failed(request, drafted)
    return {**_summary(drafted), "diff": list(_diff(drafted))}


def prepared(request: Request) -> dict[str, Any]:
    """Lay down what the wanted generation needs; change no unit."""
    layout = layouts.Layout(request.app.name)
    dirty = transaction.recover(layout)
    drafted = draft(request)
    unsettled = [*dirty, *_damaged(drafted.observed)]
    with transaction.transaction(layout, unsettled=unsettled):
        _note(layout, unsettled)
        made = _prepare(request, drafted)
    return {
        **_summary(drafted),
        "changed": made,
        "diff": [],
    }


def active(request: Request) -> dict[str, Any]:
    """Bring the host to the wanted state.

    Raises:
        HostError: If it was refused or did not prove itself.
    """
    layout = layouts.Layout(request.app.name)
    dirty = transaction.recover(layout)
    damage = _verify(request)
    drafted = draft(request, dirty)
    diff = list(_diff(drafted))
    _refuse_failed(request, drafted)
    damaged = _damaged(drafted.observed)
    is_same = drafted.plan.action != plans.ACTIVATE
    doubtful = [*damaged, *(drafted.plan.restart if is_same else ())]
    with transaction.transaction(layout):
        _note(layout, [*dirty, *doubtful])
        changed = _prepare(request, drafted)
        refusals.missing_programs(layout, drafted.rendered)
        if damaged:
            # What was rebuilt under a running service is not what it
            # runs.
            drafted = draft(request, [*dirty, *doubtful])
        restarted = _apply(drafted, dirty)
        pruned = prune.prune(layout, request.app.keep_releases)
    changed = changed or drafted.is_change or bool(pruned or dirty)
    summary = _summary(drafted)
    return {
        **summary,
        "warnings": [*integrity.in_words(damage), *summary["warnings"]],
        "changed": changed,
        "release": int(files.read_link(layout.current) or 0),
        "restarted": restarted,
        "diff": diff,
    }


def _verify(request: Request) -> integrity.Damage:
    """Compare artifacts where there is doubt; damaged ones are rebuilt."""
    name = request.app.name
    observed = observe.read([name])[name]
    found = integrity.damage(observed, is_full=request.is_full)
    integrity.invalidate(found)
    return found


def _note(layout: layouts.Layout, units: Sequence[str]) -> None:
    """Leave word of units that may run what is gone from the disk.

    Of what is made anew below a running process, or of a credential, no
    later run could tell.
    """
    if units:
        transaction.note(layout, transaction.Trace(units=tuple(units)))


def _apply(drafted: Draft, dirty: Sequence[str]) -> list[str]:
    layout, plan = drafted.observed.layout, drafted.plan
    switch = activation.Switch(
        layout,
        drafted.generation,
        drafted.observed.generation,
        plan,
        drafted.jobs,
        _unproven(drafted),
    )
    if plan.action != plans.ACTIVATE:
        activation.prove_checks(switch)
    if plan.action == plans.NOTHING:
        # The record may still lack what changes no unit.
        _write_probes(layout, drafted.generation, drafted)
        _write_record(layout, drafted.generation)
        return []
    if plan.action == plans.ACTIVATE:
        return _activate(drafted, switch, dirty)
    _write_generation(layout, drafted.generation, drafted)
    activation.link(layout, drafted.generation)
    if plan.action == plans.HEAL:
        return activation.heal(switch)
    systemctl.daemon_reload()
    return []


def _activate(
    drafted: Draft, switch: activation.Switch, dirty: Sequence[str]
) -> list[str]:
    layout = drafted.observed.layout
    generation = replace(drafted.generation, sequence=prune.newest(layout) + 1)
    trace = transaction.Trace(generation.sequence, True, tuple(dirty))
    transaction.note(layout, trace)
    _write_generation(layout, generation, drafted)
    switch = replace(switch, new=generation)
    activation.run_jobs(switch)
    units = transaction.touched(switch, dirty)
    transaction.note(layout, replace(trace, units=tuple(units)))
    try:
        activation.activate(switch)
    except activation.ActivationError as error:
        found = integrity.damage_of(layout, generation)
        if found:
            integrity.invalidate(found)
            told = "\n".join(integrity.in_words(found))
            raise activation.ActivationError(
                f"{error}\n{told}\nThe next deploy builds it anew.",
                is_verdict=False,
                is_settled=error.is_settled,
            ) from error
        if error.is_verdict:
            # At worst it is tried again; why it failed is what counts.
            with contextlib.suppress(errors.HostError):
                failures.remember(layout, generation, str(error))
        raise
    return list(drafted.plan.restart)


def _prepare(request: Request, drafted: Draft) -> bool:
    layout = drafted.observed.layout
    inputs.claim(layout, drafted.key)
    gid = inputs.account(layout)
    workshop = workshops.of_app(layout, drafted.context.host)
    made = inputs.artifacts(
        layout,
        request.app,
        request.lock,
        request.bundle,
        gid=gid,
        workshop=workshop,
        build=_build(request, drafted, workshop),
    )
    changed = inputs.settings(layout, drafted.key, request.app, gid)
    changed |= inputs.credentials(layout, request.app)
    return bool(made) or changed or not drafted.observed.is_claimed


def _rotated(
    request: Request, observed: observe.Observed, wanted: records.Generation
) -> list[str]:
    """Return the units that may run with other credentials than wanted."""
    current = observed.generation
    there = current.units if current else {}
    stale = observe.stale_credentials(observed.layout, request.app)
    return [
        name
        for name, unit in wanted.units.items()
        if name in there
        and (unit.key in stale or there[name].credentials != unit.credentials)
    ]


def _unproven(drafted: Draft) -> list[str]:
    """Return the units that run on, and whose health check is another."""
    current, plan = drafted.observed.generation, drafted.plan
    there = current.units if current else {}
    return [
        name
        for name, unit in drafted.generation.units.items()
        if name in there
        and unit.state == "started"
        and there[name].health != unit.health
        and name not in (*plan.restart, *plan.watch)
    ]


def _damaged(observed: observe.Observed) -> list[str]:
    """Return the units whose artifacts have to be made anew."""
    generation = observed.generation
    if generation is None:
        return []
    problems = observe.artifact_problems(observed.layout, generation)
    return list(generation.units) if any(problems) else []


def _target(manager: systemctl.Manager) -> targets.Target:
    return targets.Target(manager.version, manager.variant, manager.features)


@dataclass(frozen=True)
class _Rendered:
    """All units that a deploy may start.

    Attributes:
        services: Those of the services.
        builds: The commands that build, if the code is not there yet.
        jobs: The commands before the switch, on this host.
        probes: The health checks that are commands.
    """

    services: Sequence[units.Unit]
    builds: Sequence[units.Job]
    jobs: Sequence[units.Job]
    probes: Sequence[units.Job]

    @property
    def all(self) -> list[units.Unit]:
        """Every unit, for there is no other way to be started."""
        return [*self.services, *self.builds, *self.jobs, *self.probes]


def _render(request: Request, context: units.Context) -> _Rendered:
    app, code = request.app, request.code
    path = layouts.Layout(app.name).code(code or "")
    is_built = code is None or artifact.is_complete(path, code)
    try:
        rendered = services.render(app, context)
        before = oneshots.render_before(rendered, app, context)
        probes = (
            oneshots.render_probe(unit, app, context) for unit in rendered
        )
        return _Rendered(
            services=rendered,
            builds=[] if is_built else oneshots.render_build(app, context),
            jobs=[
                job
                for job, command in zip(before, app.before_switch)
                if request.is_first or not command.once
            ],
            probes=[probe for probe in probes if probe],
        )
    except units.RenderError as error:
        raise errors.HostError(f"{app.prefix}{error}") from None


def _refuse(
    request: Request,
    observed: observe.Observed,
    context: units.Context,
    rendered: _Rendered,
) -> list[str]:
    """Refuse what cannot be deployed; return what is odd about it."""
    units = rendered.services
    refusals.taken(observed, [unit.name for unit in units])
    refusals.builder(observed.layout)
    warnings = refusals.invalid(rendered.all, context.target, consult.consult)
    # The sandbox of all commands is the same.
    refusals.weak([*units, *rendered.builds[:1]], request.app.sandbox)
    refusals.exposed(
        units,
        context.target,
        context.weakness or sandbox.Weakness(),
        request.app.exposure_max,
    )
    return warnings


def _refuse_failed(request: Request, drafted: Draft) -> None:
    is_new = drafted.plan.action == plans.ACTIVATE
    if is_new and not request.app.retry_failed:
        refusals.failed_before(drafted.observed.layout, drafted.generation)


def _build(
    request: Request, drafted: Draft, workshop: venv.Workshop
) -> Callable[[str], None] | None:
    if not drafted.builds:
        return None
    return functools.partial(
        code_build.run,
        layout=drafted.observed.layout,
        builds=[(unit.command, unit.text) for unit in drafted.builds],
        python=request.lock.interpreter["real_path"],
        workshop=workshop,
    )


def _context(
    request: Request, key: bytes, manager: systemctl.Manager
) -> units.Context:
    return units.Context(
        collection=request.collection,
        target=_target(manager),
        environment=request.lock.environment,
        code=request.code,
        config=inputs.config_id(key, request.app),
        environment_files=inputs.environment_file_ids(key, request.app),
        weakness=enforcement.weakness(manager),
    )


def _generation(
    request: Request,
    key: bytes,
    units: Sequence[units.Unit],
    manager: systemctl.Manager,
) -> records.Generation:
    app, lock = request.app, request.lock
    noted = {
        unit.name: _unit_record(unit, app.services[unit.key], key)
        for unit in units
    }
    content = [
        [unit.name, unit.assignments, noted[unit.name].enabled,
         noted[unit.name].state]
        for unit in units
    ]  # fmt: skip
    return records.Generation(
        app=app.name,
        sequence=0,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        collection=request.collection,
        wanted=ids.wanted_id(key, app),
        digest=ids.sealed(key, sorted(content)),
        source=app.origin or model.Origin("", ""),
        environment=lock.environment,
        code=request.code,
        config=inputs.config_id(key, app),
        environment_files=inputs.environment_file_ids(key, app),
        interpreter=lock.interpreter,
        systemd=observe.describe(manager),
        units=noted,
        irreversible=next(
            (c.exec for c in app.before_switch if c.irreversible),
            None,
        ),
    )


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
    )


def _wish(app: model.App, unit: units.Unit) -> plans.Wish:
    service = app.services[unit.key]
    return plans.Wish(
        normal=unit.assignments,
        sha256=hashlib.sha256(unit.text.encode()).hexdigest(),
        is_started=service.state == "started",
        is_enabled=service.enabled,
    )


def present(observed: observe.Observed) -> dict[str, plans.Present]:
    """Return the units of the current generation as plans see them."""
    if observed.generation is None:
        return {}
    return {
        name: plans.Present(
            normal=normal(unit.content),
            sha256=hashlib.sha256(unit.content or b"").hexdigest(),
            is_running=(
                unit.properties["ActiveState"] == "active"
                and observe.is_loaded_from_link(name, unit.properties)
            ),
            is_linked=(
                unit.properties["NeedDaemonReload"] != "yes"
                and observe.is_linked(
                    observed.layout,
                    name,
                    observed.generation.units[name].enabled,
                )
            ),
            is_healthy=not unit.sickness,
            is_up=unit.properties["ActiveState"] not in ("inactive", "failed"),
        )
        for name, unit in observed.units.items()
    }


def normal(content: bytes | None) -> plans.Normal:
    """Return a unit file's assignments, without its comments."""
    document = syntax.parse(content or b"")
    return tuple((a.section, a.name, a.value) for a in document.assignments())


def _write_generation(
    layout: layouts.Layout, generation: records.Generation, drafted: Draft
) -> None:
    folder = layout.generation(generation.sequence)
    files.ensure_directory(folder, mode=0o755)
    for unit in drafted.rendered:
        files.write_atomic(
            f"{folder}/{unit.name}", unit.text.encode(), mode=0o644
        )
    _write_probes(layout, generation, drafted)
    # The record comes last: a directory without it is no generation.
    _write_record(layout, generation)


def _write_probes(
    layout: layouts.Layout, generation: records.Generation, drafted: Draft
) -> None:
    """Keep the jobs of health checks, which are run without a render."""
    for probe in drafted.probes:
        name = layout.unit_name(probe.key)
        files.write_atomic(
            layout.probe(generation.sequence, name),
            probe.text.encode(),
            mode=0o644,
        )


def _write_record(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    files.write_atomic(
        f"{layout.generation(generation.sequence)}/generation.json",
        records.dump(generation),
        mode=0o644,
    )


def _summary(drafted: Draft) -> dict[str, Any]:
    plan = drafted.plan
    return {
        "name": drafted.observed.layout.app,
        "changed": drafted.is_change,
        "action": plan.action,
        "environment": layouts.short(drafted.generation.environment),
        "code": layouts.short(drafted.generation.code or "") or None,
        "restarted": list(plan.restart),
        "stopped": list(plan.stop),
        "added": list(plan.add),
        "removed": list(plan.remove),
        "build": [unit.command for unit in drafted.builds],
        "notices": [
            notice
            for unit in (*drafted.rendered, *drafted.builds[:1])
            for notice in unit.notices
        ],
        "warnings": [
            *drafted.warnings,
            *observe.foreign_drop_ins(drafted.observed),
        ],
    }


def _diff(drafted: Draft) -> Iterator[dict[str, str]]:
    observed = drafted.observed
    wanted = {unit.name: unit.text for unit in drafted.rendered}
    for name in sorted({*wanted, *observed.units}):
        there = observed.units.get(name)
        before = syntax.decode(there.content or b"") if there else ""
        after = wanted.get(name, "")
        if before != after:
            header = layouts.unit_link(name)
            yield {
                "before": before,
                "after": after,
                "before_header": header,
                "after_header": header,
            }
