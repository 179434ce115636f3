# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay down the files that a generation needs, before any unit changes.

The names of these files and directories contain digests of their
content, and none of them changes afterwards. So the generation that
serves is not touched, and the next run completes the files of a dead
run.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    ids,
    installer,
    layouts,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    code_tree,
    garbage,
    sealing,
    venv,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    request,
    shipment,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    errors,
    files,
    interpreter,
)


def write_claim(layout: layouts.Layout, key: bytes) -> bool:
    """Put an application's names on record as ours; tell if it is new.

    The claim comes before all other changes, so that a run that
    repeats one which died finds its own account and directories.
    """
    content = ids.canonical({"schema": 1, "app": layout.app})
    changed = files.ensure_directory(layout.records, mode=0o755)
    changed |= files.ensure_directory(layout.etc, mode=0o755)
    changed |= files.write_atomic(layout.key, key, mode=0o600)
    changed |= files.write_atomic(layout.claim, content + b"\n", mode=0o644)
    return changed


def ensure_account(layout: layouts.Layout) -> int:
    """Make the service's account exist; return its group's id."""
    accounts.ensure_system_account(layout.app, home=layout.state)
    return pwd.getpwnam(layout.app).pw_gid


def config_id(key: bytes, app: model.App) -> str | None:
    """Return the id of an application's configuration, if any."""
    return ids.sealed(key, app.config) if app.config else None


def environment_file_ids(
    key: bytes, app: model.App
) -> dict[model.ServiceKey, list[str]]:
    """Return the ids of environment files by service key."""
    return {
        name: [ids.sealed(key, text) for text in contents]
        for name, service in app.services.items()
        if (contents := service.environment_texts)
    }


def credential_stamp(key: bytes, service: model.Service) -> str | None:
    """Return the sealed id of a service's credentials, if any."""
    found = service.credentials
    return ids.sealed(key, found) if found else None


def write_credentials(layout: layouts.Layout, app: model.App) -> bool:
    """Write today's credentials, for root alone; tell if any was new."""
    changed = False
    for key, service in app.services.items():
        if not service.credentials:
            continue
        folder = f"{layout.credentials}/{key}"
        for path in (layout.credentials, folder):
            files.ensure_directory(path, mode=0o700)
        for name, text in service.credentials.items():
            changed |= files.write_atomic(
                layout.credential(key, name), text.encode(), mode=0o600
            )
    return changed


def write_settings(
    layout: layouts.Layout, key: bytes, app: model.App, gid: int
) -> bool:
    """Write configuration and environment files; tell if any was new."""
    changed = False
    digest = config_id(key, app)
    if digest:
        folder = layout.config(digest)
        # The mount point at which the services see the configuration.
        files.ensure_directory(layout.visible_config, mode=0o755)
        for path in (os.path.dirname(folder), folder):
            changed |= files.ensure_directory(path, mode=0o750, gid=gid)
        for name, text in app.config.items():
            changed |= files.write_atomic(
                f"{folder}/{name}", text.encode(), mode=0o640, gid=gid
            )
    for name, digests in environment_file_ids(key, app).items():
        contents = app.services[name].environment_texts
        for digest, text in zip(digests, contents):
            path = layout.environment_file(digest)
            files.ensure_directory(os.path.dirname(path), mode=0o750, gid=gid)
            changed |= files.write_atomic(
                path, text.encode(), mode=0o640, gid=gid
            )
    return changed


def lay_down(
    order: request.Request,
    *,
    gid: int,
    workshop: venv.Workshop,
    build: Callable[[str], None] | None = None,
) -> list[str]:
    """Build the virtualenv and lay down the code, if not complete.

    Args:
        order: The order of the controller.
        gid: The application's group, which alone reads the code.
        workshop: The workshop in which wheels are unpacked.
        build: Builds in the code directory before it is sealed.

    Returns:
        The paths that were made.
    """
    layout, lock = order.layout, order.lock
    made = []
    target = layout.environment(lock.environment)
    for path in (layout.opt, f"{layout.opt}/envs", f"{layout.opt}/code"):
        files.ensure_directory(path, mode=0o755)
    with shipment.unpacked(order.bundle, layout.opt) as folder:
        if _build(target, lock, folder, workshop):
            made.append(target)
        code = layout.code(order.code) if order.code else None
        if code and not artifact.is_complete(code, order.code or ""):
            _lay_down_code(code, order, folder, gid, build)
            made.append(code)
    return made


def _lay_down_code(
    code: str,
    order: request.Request,
    folder: str | None,
    gid: int,
    build: Callable[[str], None] | None,
) -> None:
    code_tree.lay_down(
        code,
        shipment.path(folder, f"{order.app.code}.tar"),
        digest=order.code or "",
        modes=sealing.Modes(0o750, 0o640, gid),
        # The virtualenv's Python would run its .pth files as root.
        python=order.lock.interpreter.real_path,
        build=build,
    )


def environment_at(
    target: str,
    lock: model.Lock,
    bundle: str | None,
    workshop: venv.Workshop,
) -> bool:
    """Build a virtualenv from the shipped files; tell if it was new."""
    with shipment.unpacked(bundle, None) as folder:
        return _build(target, lock, folder, workshop)


def _build(
    target: str,
    lock: model.Lock,
    folder: str | None,
    workshop: venv.Workshop,
) -> bool:
    if artifact.is_usable(target, lock.environment):
        return False
    if lock.wheels is None:
        raise errors.HostError(
            f"{target} was whole when the deploy began, and is not any "
            "more; no unit was changed: run the deploy again"
        )
    python = interpreter.describe(lock.interpreter.real_path)
    # The host knows its interpreter. With a wrong id of the controller,
    # the directory would hold something else than its name says.
    found = artifact_ids.environment_id(lock.wheels, python)
    if found != lock.environment:
        raise errors.HostError(
            f"the virtualenv's id would be {found}, not "
            f"{lock.environment}: the host's Python changed during the "
            "deploy; run it again"
        )
    wheels = [
        replace(wheel, file=shipment.path(folder, wheel.file))
        for wheel in lock.wheels
    ]
    if artifact.is_complete(target, found):
        # Its interpreter is gone, so nothing can run from it.
        garbage.remove(target)
    return venv.build(
        target,
        digest=found,
        python=python,
        wheels=wheels,
        pip_wheel=shipment.path(folder, installer.FILE) if wheels else "",
        workshop=workshop,
    )
