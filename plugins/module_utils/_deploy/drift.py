# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out why the application on a host is not as wanted."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
    claims,
    generations,
    observe,
    settings,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    paths,
    systemctl,
)


def is_absent(observed: observe.Observed, *, is_data: bool) -> bool:
    """Tell whether nothing of ours is left of an application.

    Args:
        observed: The state of the host.
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


def reasons(
    observed: observe.Observed,
    app: model.App,
    manager: systemctl.Manager,
    collection: str,
) -> list[str]:
    """Return why an application is not as wanted; empty if it is.

    Args:
        observed: The state of the host.
        app: The wanted application.
        manager: The systemd that runs.
        collection: Version of the collection.
    """
    generation, layout = observed.generation, observed.layout
    if generation is None:
        return ["it is not deployed here"]
    return [
        *_of_record(observed, generation, app, collection),
        *_of_credentials(layout, app),
        *settings.in_words(observed),
        *_of_owners(layout, generation),
        *artifacts.missing(layout, generation),
        *_of_interpreter(layout, generation, app),
        *_of_systemd(generation, manager),
        *_of_units(observed),
    ]


def stale_credentials(layout: layouts.Layout, app: model.App) -> list[str]:
    """Return the services whose credentials on the disk are not wanted.

    A release that failed may have left its own credentials there: a
    rollback does not put credentials back.
    """
    return [
        key
        for key, service in app.services.items()
        if any(
            paths.read(layout.credential(key, name)) != text.encode()
            for name, text in service.credentials.items()
        )
    ]


def _of_record(
    observed: observe.Observed,
    generation: records.Generation,
    app: model.App,
    collection: str,
) -> Iterator[str]:
    if observed.is_interrupted:
        yield "an earlier run has not ended, or has died"
    if not os.path.lexists(observed.layout.claim):
        yield f"{observed.layout.claim} is missing"
    if observed.key is None:
        yield f"{observed.layout.key} is missing"
    elif ids.wanted_id(observed.key, app) != generation.wanted:
        yield "the wanted state is not the state that was deployed"
    if collection != generation.collection:
        # Another version may render units in another way.
        yield f"version {generation.collection} of the collection deployed it"
    if not claims.is_known(pwd.getpwnam, observed.layout.app):
        yield f"the account {observed.layout.app} is missing"


def _of_credentials(layout: layouts.Layout, app: model.App) -> Iterator[str]:
    for key in stale_credentials(layout, app):
        yield f"the credentials of service {key} are not the wanted ones"


def _of_owners(
    layout: layouts.Layout, generation: records.Generation
) -> Iterator[str]:
    """Yield the files of root's that another user could change."""
    for path in (
        layout.records,
        layout.etc,
        layout.claim,
        layout.key,
        layout.opt,
        f"{layout.opt}/envs",
        f"{layout.opt}/code",
        layout.credentials,
        *owned(layout, generation),
    ):
        if not is_roots(path):
            yield f"{path} does not belong to root"


def owned(
    layout: layouts.Layout, generation: records.Generation
) -> Iterator[str]:
    """Yield the files of a generation, which root owns."""
    folder = layout.generation(generation.sequence)
    yield from (folder, f"{folder}/generation.json")
    yield from (f"{folder}/{name}" for name in generation.units)
    if generation.config:
        yield layout.config(generation.config)
    for digests in generation.environment_files.values():
        yield from map(layout.environment_file, digests)


def is_roots(path: str) -> bool:
    """Tell whether a file belongs to root, or is not there."""
    try:
        return os.lstat(path).st_uid == os.geteuid()
    except OSError:
        return True


def _of_interpreter(
    layout: layouts.Layout,
    generation: records.Generation,
    app: model.App,
) -> Iterator[str]:
    made_with = generation.interpreter.real_path
    if not os.path.exists(made_with):
        yield f"the virtualenv's Python, {made_with}, is gone"
    elif not app.python and os.path.realpath(layout.python) != made_with:
        yield "the host's python3 has changed"


def _of_systemd(
    generation: records.Generation, manager: systemctl.Manager
) -> Iterator[str]:
    if generations.systemd_facts(manager) != dict(generation.systemd):
        yield "the units were rendered for another systemd"


def _of_units(observed: observe.Observed) -> Iterator[str]:
    for name, unit in observed.units.items():
        for problem in unit.problems:
            yield f"{name}: {problem}"
        if unit.sickness:
            yield f"{name}: it is not healthy: {unit.sickness}"
