# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the state of an application on a host, and change nothing.

On a converged host, `app_info` runs this and `drift` alone, so neither
imports the directive table or the renderer.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from collections.abc import (
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    edits,
    generations,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    paths,
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


@dataclass(frozen=True)
class UnitState:
    """One unit of the current generation, as it is.

    Attributes:
        properties: The output of `systemctl show`, by `PROPERTIES`.
        content: The bytes of its file, or None.
        problems: Its differences from the generation, in words.
        sickness: The reason of its health check why it is not healthy;
            empty if it is healthy or has no check.
        edits: Its files that somebody changed by hand.
    """

    properties: Mapping[str, str]
    content: bytes | None
    problems: tuple[str, ...]
    sickness: str
    edits: tuple[edits.Edit, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether it is healthy and as the generation says."""
        return not self.sickness and not self.problems


@dataclass(frozen=True)
class Observed:
    """The state of one application on the host.

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


def read(places: Iterable[layouts.Layout]) -> dict[str, Observed]:
    """Read applications, with one call of systemctl for all of them.

    Args:
        places: Paths of the applications.

    Returns:
        The state of each application, by its name.

    Raises:
        HostError: If a record or link is not as we write it.
    """
    found = {layout: generations.read_current(layout) for layout in places}
    units = [
        unit
        for generation in found.values()
        if generation
        for unit in generation.units
    ]
    shown = systemctl.show(units, PROPERTIES) if units else {}
    return {
        layout.app: _observe(layout, generation, shown)
        for layout, generation in found.items()
    }


def read_one(layout: layouts.Layout) -> Observed:
    """Read one application.

    Raises:
        HostError: If a record or link is not as we write it.
    """
    return read([layout])[layout.app]


def for_deploy(
    app: model.App,
    observed: Observed,
    damaged: Container[str],
    manager: systemctl.Manager,
) -> dict[str, Any]:
    """Return what the controller must know to deploy an application.

    Args:
        app: The wanted application.
        observed: What is on the host.
        damaged: Paths of the artifacts that are not as they were built.
        manager: The systemd that runs.

    Raises:
        HostError: The host lacks the wanted Python, or it does not
            suit.
    """
    # A converged host deploys nothing, and compiles what it imports on
    # each call.
    from . import offers  # noqa: PLC0415

    return offers.find(app, observed, damaged, manager)


def warnings(observed: Observed) -> list[str]:
    """Return what the user should know, and no deploy mends."""
    return [*foreign_drop_ins(observed), *lost_data(observed)]


def foreign_drop_ins(observed: Observed) -> list[str]:
    """Return drop-ins of others that change our units."""
    return [
        f"{name}: changed by {path}, which is not ours"
        for name, path in drop_ins(observed)
    ]


def lost_data(observed: Observed) -> list[str]:
    """Return a text if the services' data is not theirs any more.

    This is not drift: a deploy does not know where the data is.
    """
    app, path = observed.layout.app, observed.layout.state
    line = f"\nStateDirectory={app}\n".encode()
    if not any(
        unit.properties.get("ActiveState") == "active"
        and line in (unit.content or b"")
        for unit in observed.units.values()
    ):
        return []
    try:
        owner = pwd.getpwnam(app).pw_uid
        found = os.stat(path)
    except FileNotFoundError:
        problem = (
            "is missing: put the data back; without it, systemd makes an "
            "empty directory when the services are restarted"
        )
    except KeyError:
        return []
    else:
        if not stat.S_ISDIR(found.st_mode):
            problem = "is not a directory: put the data back in its place"
        elif found.st_uid != owner:
            problem = (
                f"belongs to uid {found.st_uid}, not to {app}: systemd gives "
                "it back when the services are restarted"
            )
        else:
            return []
    return [f"{path}, the data of the services, {problem}"]


def drop_ins(observed: Observed) -> Iterator[tuple[str, str]]:
    """Yield each unit with a drop-in of its own, which is not ours."""
    for name, unit in observed.units.items():
        for path in unit.properties.get("DropInPaths", "").split():
            # Drop-ins for every service are the system's own defaults.
            if f"/{name}.d/" in path:
                yield name, path


def edits_in_words(observed: Observed) -> list[str]:
    """Return a text for each file that somebody changed by hand."""
    return [
        edit.ending for unit in observed.units.values() for edit in unit.edits
    ]


def is_linked(layout: layouts.Layout, name: str, *, is_enabled: bool) -> bool:
    """Tell whether a unit's links are as the generation says."""
    link, wants = layout.unit_link(name), layout.wants_link(name)
    target = os.readlink(link) if os.path.islink(link) else None
    return (
        target == f"{layout.current}/{name}"
        and os.path.islink(wants) == is_enabled
    )


def is_loaded(
    layout: layouts.Layout, name: str, properties: Mapping[str, str]
) -> bool:
    """Tell whether systemd has read the committed unit file.

    systemd 247 names the file that the link leads to, later versions
    name the link. So both must lead to the same file, and the path must
    not be a link of probation.
    """
    path = properties.get("FragmentPath", "")
    is_permanent = not path.startswith(f"{layout.root}/run/")
    return is_permanent and (
        os.path.realpath(path) == os.path.realpath(layout.unit_link(name))
    )


def failures_since(observed: Observed) -> list[dict[str, Any]]:
    """Return the failures of services that systemd has restarted.

    Returns:
        One for each such service, as `aftermath.failure` has it.
    """
    counts = {
        name: int(unit.properties.get("NRestarts") or 0)
        for name, unit in observed.units.items()
    }
    if not any(counts.values()):
        return []
    # A host compiles what it imports on each call, and few services
    # have failed.
    from . import aftermath  # noqa: PLC0415

    return [
        aftermath.failure(name, count)
        for name, count in counts.items()
        if count
    ]


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
        is_claimed=claims.is_claimed(layout),
        key=paths.read(layout.key),
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
    content = paths.read(layout.unit_link(name))
    changed = tuple(edits.find(layout, generation, name))
    problems = (
        *_file_problems(layout, name, unit, content, changed),
        *_run_problems(layout, name, unit, properties),
    )
    sickness = ""
    if unit.health.is_probed:
        # A host compiles what it imports on each call, and many units
        # have no probe.
        from . import checks  # noqa: PLC0415

        sickness = checks.sickness(layout, generation, name, properties)
    return UnitState(properties, content, problems, sickness, changed)


def _file_problems(
    layout: layouts.Layout,
    name: str,
    unit: records.UnitRecord,
    content: bytes | None,
    changed: Sequence[edits.Edit],
) -> Iterator[str]:
    masks = [text for _unused, text in claims.masks(layout, [name])]
    if masks:
        yield f"it is {masks[0]}"
        return
    if not is_linked(layout, name, is_enabled=unit.enabled):
        yield "its links in systemd's directories are not ours"
    if content is None:
        yield "its file is missing"
    elif hashlib.sha256(content).hexdigest() != unit.sha256 and not changed:
        yield "its file was changed"
    for edit in changed:
        yield edit.problem


def _run_problems(
    layout: layouts.Layout,
    name: str,
    unit: records.UnitRecord,
    properties: Mapping[str, str],
) -> Iterator[str]:
    load = properties.get("LoadState")
    if load != "loaded":
        yield f"systemd has it as {load}"
        return
    if properties.get("NeedDaemonReload") == "yes":
        yield "systemd has not read its file yet"
    if not is_loaded(layout, name, properties):
        yield "systemd has read another file"
    active = properties.get("ActiveState")
    wanted = ("active",) if unit.state == "started" else ("inactive", "failed")
    if active not in wanted:
        yield f"it is {active}, not {unit.state}"
