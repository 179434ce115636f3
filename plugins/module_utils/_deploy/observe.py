# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what is on a host of an application. Changes nothing.

This is all that `app_info` runs on a converged host, so it imports
neither the directive table nor the renderer.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    health,
    listen,
    printable,
    systemctl,
)

PROPERTIES = (
    "ActiveState",
    "ControlGroup",
    "DropInPaths",
    "ExecMainCode",
    "ExecMainStatus",
    "FragmentPath",
    "InvocationID",
    "Job",
    "LoadState",
    "MainPID",
    "NRestarts",
    "NeedDaemonReload",
    "Result",
    "SubState",
    "UnitFileState",
)
PYTHON = "/usr/bin/python3"
_UNIT_FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)


@dataclass(frozen=True)
class UnitState:
    """One unit of the current generation, as it is.

    Attributes:
        properties: What `systemctl show` says, by `PROPERTIES`.
        content: The bytes of its file, or None.
        problems: What is not as the generation says, in words.
        sickness: What its health check says against it, or nothing.
    """

    properties: Mapping[str, str]
    content: bytes | None
    problems: tuple[str, ...]
    sickness: str


@dataclass(frozen=True)
class Observed:
    """What is on the host of one application.

    Attributes:
        layout: Its paths.
        is_claimed: Whether its names are on record as ours.
        key: The host's key for digests of secrets, if there is one.
        generation: The current generation, if there is one.
        units: Its units by file name.
        is_interrupted: Whether a run has begun and not ended.
    """

    layout: layouts.Layout
    is_claimed: bool
    key: bytes | None
    generation: records.Generation | None
    units: Mapping[str, UnitState]
    is_interrupted: bool = False


def read(names: Sequence[str]) -> dict[str, Observed]:
    """Read applications, with one call of systemctl for all of them.

    Args:
        names: Names of applications, checked.

    Raises:
        HostError: If a record or link is not what we write.
    """
    generations = {name: _generation(layouts.Layout(name)) for name in names}
    units = [
        unit
        for generation in generations.values()
        if generation
        for unit in generation.units
    ]
    shown = systemctl.show(units, PROPERTIES) if units else {}
    return {
        name: _observe(layouts.Layout(name), generation, shown)
        for name, generation in generations.items()
    }


def taken(observed: Observed, units: Sequence[str]) -> Iterator[str]:
    """Yield what of an application's names belongs to somebody else.

    A unit for user apt with StateDirectory=apt would make systemd give
    /var/lib/apt away, so names are ours only by record.

    Args:
        observed: What is on the host.
        units: Names of the units that are wanted.
    """
    app = observed.layout.app
    if not observed.is_claimed:
        if _exists(pwd.getpwnam, app):
            yield f"the account {app} exists and is not ours"
        elif _exists(grp.getgrnam, app):
            yield f"the group {app} exists and is not ours"
        layout = observed.layout
        for path in (
            layout.opt,
            layout.state,
            layout.cache,
            f"/var/log/{app}",
            layout.visible_config,
        ):
            if os.path.lexists(path):
                yield f"{path} exists and is not ours"
    for unit in units:
        path = _foreign_unit(observed.layout, unit)
        if path:
            yield f"the unit {unit} exists ({path}) and is not ours"


def refusal(observed: Observed, messages: Sequence[str]) -> str:
    """Word why an application's name is refused on this host."""
    listed = "\n".join(f"  - {message}" for message in messages)
    return (
        f"pyapp_name: {observed.layout.app!r} would seize what belongs to "
        f"somebody else on this host:\n{listed}\n"
        "Nothing was changed. Choose another name, or remove what is in "
        "the way if nobody needs it"
    )


def is_absent(observed: Observed, *, is_data: bool) -> bool:
    """Tell whether nothing of ours is left of an application.

    Args:
        observed: What is on the host.
        is_data: Whether data, account and record must be gone too.
    """
    if observed.is_interrupted:
        return False
    if not observed.is_claimed:
        return True
    opt = observed.layout.opt
    is_gone = observed.generation is None and not any(
        os.path.lexists(f"{opt}/{kind}") for kind in ("envs", "code")
    )
    return is_gone and not is_data


def drift(
    observed: Observed,
    app: model.App,
    manager: systemctl.Manager,
    collection: str,
) -> list[str]:
    """Return why an application is not as wanted; empty if it is.

    Args:
        observed: What is on the host.
        app: The wanted application.
        manager: The systemd that runs.
        collection: Version of the collection.
    """
    generation = observed.generation
    if generation is None:
        return ["it is not deployed here"]
    reasons = []
    if observed.is_interrupted:
        reasons.append("a run on it has not ended, or has died")
    if observed.key is None:
        reasons.append(f"{observed.layout.key} is missing")
    elif ids.wanted_id(observed.key, app) != generation.wanted:
        reasons.append("another state is wanted than was deployed")
    if collection != generation.collection:
        # It may render units in another way.
        reasons.append(
            f"version {generation.collection} of the collection deployed it"
        )
    if not _exists(pwd.getpwnam, observed.layout.app):
        reasons.append(f"the account {observed.layout.app} is missing")
    reasons += [
        f"the credentials of service {key} are not the wanted ones"
        for key in stale_credentials(observed.layout, app)
    ]
    reasons += artifact_problems(observed.layout, generation)
    reasons += _interpreter_problems(app, generation)
    if describe(manager) != dict(generation.systemd):
        reasons.append("systemd is not the one it was rendered for")
    for name, unit in observed.units.items():
        reasons += [f"{name}: {problem}" for problem in unit.problems]
        if unit.sickness:
            reasons.append(f"{name}: it is not healthy: {unit.sickness}")
    return reasons


def stale_credentials(layout: layouts.Layout, app: model.App) -> list[str]:
    """Return the services whose credentials on the disk are not wanted.

    A release that failed may have left its own: a generation does not
    take them along when it goes back.
    """
    return [
        key
        for key, service in app.services.items()
        if any(
            _read(layout.credential(key, name)) != text.encode()
            for name, text in service.credentials.items()
        )
    ]


def describe(manager: systemctl.Manager) -> dict[str, Any]:
    """Return what a generation remembers of the systemd it is for."""
    return {
        "version": manager.version,
        "variant": manager.variant,
        "features": sorted(manager.features),
    }


def complete(folder: str) -> list[str]:
    """Return the full ids of the complete artifacts in a directory."""
    found = (
        artifact.digest_of(f"{folder}/{name}")
        for name in artifact.names(folder)
    )
    return [digest for digest in found if digest]


def usable(layout: layouts.Layout) -> list[str]:
    """Return the ids of the virtualenvs that are complete and can run."""
    return [
        digest
        for digest in complete(f"{layout.opt}/envs")
        if artifact.is_usable(layout.environment(digest), digest)
    ]


def foreign_drop_ins(observed: Observed) -> list[str]:
    """Return drop-ins of others that change our units."""
    return [
        f"{name}: changed by {path}, which is not ours"
        for name, unit in observed.units.items()
        for path in unit.properties.get("DropInPaths", "").split()
        # systemd's own defaults for every service are no surprise.
        if f"/{name}.d/" in path
    ]


def probe_of(name: str, generation: records.Generation) -> health.Probe | None:
    """Return the probe of a unit's health check, or None for readiness.

    Args:
        name: Name of the unit.
        generation: The generation that it belongs to.
    """
    check = generation.units[name].health
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
        layout = layouts.Layout(generation.app)
        text = _read(layout.probe(generation.sequence, name))
        return health.Probe(
            "command",
            command=check.command,
            unit=(text or b"").decode(),
            account=account,
        )
    return None


def _exists(look_up: Any, name: str) -> bool:
    try:
        look_up(name)
    except KeyError:
        return False
    return True


def _generation(layout: layouts.Layout) -> records.Generation | None:
    target = files.read_link(layout.current)
    if target is None:
        return None
    if not re.fullmatch(r"[0-9]+", target):
        raise errors.HostError(
            f"{layout.current} leads to {target!r}, not to a generation; "
            "nothing was changed: put the link back, or remove it and "
            "deploy again"
        )
    content = _read(f"{layout.etc}/{target}/generation.json")
    if content is None:
        # Not as if nothing were deployed: its services may well run.
        raise errors.HostError(
            f"{layout.current} leads to {layout.etc}/{target}, which has no "
            "generation.json; nothing was changed: put the directory back, "
            "or remove the link and deploy again"
        )
    try:
        return records.load(content)
    except records.RecordError as error:
        raise errors.HostError(
            f"{layout.etc}/{target}/generation.json: {error}; remove "
            f"{layout.current} and deploy again"
        ) from None


def _observe(
    layout: layouts.Layout,
    generation: records.Generation | None,
    shown: Mapping[str, Mapping[str, str]],
) -> Observed:
    units = {}
    if generation is not None:
        units = {
            name: _observe_unit(layout, generation, name, shown[name])
            for name in generation.units
        }
    return Observed(
        layout=layout,
        is_claimed=os.path.lexists(layout.claim),
        key=_read(layout.key),
        generation=generation,
        units=units,
        is_interrupted=os.path.lexists(layout.transaction),
    )


def _observe_unit(
    layout: layouts.Layout,
    generation: records.Generation,
    name: str,
    properties: Mapping[str, str],
) -> UnitState:
    unit = generation.units[name]
    content = _read(layouts.unit_link(name))
    problems = (
        *_file_problems(layout, name, unit, content),
        *_run_problems(name, unit, properties),
    )
    sickness = _sickness(name, generation, properties)
    return UnitState(properties, content, problems, sickness)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def is_loaded_from_link(name: str, properties: Mapping[str, str]) -> bool:
    """Tell whether systemd has read the committed unit file.

    Systemd 247 names the file that the link leads to, later ones the
    link: both must lead to the same, and not by a link of probation.
    """
    path = properties.get("FragmentPath", "")
    link = layouts.unit_link(name)
    is_permanent = not path.startswith("/run/")
    return is_permanent and os.path.realpath(path) == os.path.realpath(link)


def _file_problems(
    layout: layouts.Layout,
    name: str,
    unit: records.UnitRecord,
    content: bytes | None,
) -> Iterator[str]:
    if not is_linked(layout, name, unit.enabled):
        yield "its links in systemd's directories are not ours"
    if content is None:
        yield "its file is missing"
    elif hashlib.sha256(content).hexdigest() != unit.sha256:
        yield "its file was changed"


def is_linked(layout: layouts.Layout, name: str, is_enabled: bool) -> bool:
    """Tell whether a unit's links are as the generation says."""
    link = layouts.unit_link(name)
    wants = layouts.wants_link(name, "multi-user.target")
    target = os.readlink(link) if os.path.islink(link) else None
    return (
        target == f"{layout.current}/{name}"
        and os.path.islink(wants) == is_enabled
    )


def _run_problems(
    name: str, unit: records.UnitRecord, properties: Mapping[str, str]
) -> Iterator[str]:
    load = properties.get("LoadState")
    if load != "loaded":
        yield f"systemd has it as {load}"
        return
    if properties.get("NeedDaemonReload") == "yes":
        yield "systemd has not read its file yet"
    if not is_loaded_from_link(name, properties):
        yield "systemd has read another file"
    active = properties.get("ActiveState")
    wanted = ("active",) if unit.state == "started" else ("inactive", "failed")
    if active not in wanted:
        yield f"it is {active}, not {unit.state}"


def _sickness(
    name: str,
    generation: records.Generation,
    properties: Mapping[str, str],
) -> str:
    unit = generation.units[name]
    probe = probe_of(name, generation)
    is_up = properties.get("ActiveState") == "active"
    if probe is None or unit.state != "started" or not is_up:
        return ""
    try:
        result = health.check_once(probe)
        problem = result.ok and listener_problem(probe, properties)
    except errors.HostError as error:
        # An address that moved, say. It is no reason to refuse whoever
        # would mend it.
        return printable.line(str(error))
    return problem or "" if result.ok else result.detail


def listener_problem(
    probe: health.Probe | None, properties: Mapping[str, str]
) -> str | None:
    """Tell why an answer to a check would not be the unit's own."""
    if probe is None or probe.path or probe.command:
        return None
    host, port = health.endpoint(probe)
    found = listen.listeners(
        port,
        properties["ControlGroup"],
        pid=int(properties["MainPID"]),
    )
    return listen.ownership_problem(found, host, port, has_socket_unit=False)


def artifact_problems(
    layout: layouts.Layout, generation: records.Generation
) -> Iterator[str]:
    """Yield what a generation needs and the host does not have whole."""
    environment = layout.environment(generation.environment)
    if not artifact.is_usable(environment, generation.environment):
        yield (
            f"virtualenv {environment} is not complete, or its Python is gone"
        )
    code = layout.code(generation.code or "")
    if generation.code and not artifact.is_complete(code, generation.code):
        yield f"code {code} is not complete"
    if generation.config and not os.path.isdir(
        layout.config(generation.config)
    ):
        yield f"configuration {layout.config(generation.config)} is missing"
    for digests in generation.environment_files.values():
        for digest in digests:
            path = layout.environment_file(digest)
            if not os.path.exists(path):
                yield f"environment file {path} is missing"


def _interpreter_problems(
    app: model.App, generation: records.Generation
) -> Iterator[str]:
    made_with = str(generation.interpreter["real_path"])
    if not os.path.exists(made_with):
        yield f"the virtualenv's Python, {made_with}, is gone"
    elif not app.python and os.path.realpath(PYTHON) != made_with:
        yield "the host's python3 is another one now"


def own(layout: layouts.Layout, units: Iterable[str]) -> list[str]:
    """Return the units that nobody else has a file or link for.

    To be asked before a unit is stopped or unlinked because a trace
    names it: names of units meet, as those of application `aa` with
    service `worker` and of application `aa-worker`.
    """
    return [
        unit
        for unit in units
        if not _foreign_unit(layout, unit)
        and not _is_on_probation_elsewhere(layout, unit)
    ]


def _is_on_probation_elsewhere(layout: layouts.Layout, unit: str) -> bool:
    path = layouts.probation_link(unit)
    if not os.path.lexists(path):
        return False
    is_link = os.path.islink(path)
    return not (is_link and os.readlink(path).startswith(f"{layout.etc}/"))


def _foreign_unit(layout: layouts.Layout, unit: str) -> str:
    """Return the path of a unit file that is not ours, or nothing."""
    for folder in _UNIT_FOLDERS:
        path = f"{folder}/{unit}"
        if not os.path.lexists(path):
            continue
        is_link = os.path.islink(path)
        if is_link and os.readlink(path) == f"{layout.current}/{unit}":
            continue
        return path
    return ""
