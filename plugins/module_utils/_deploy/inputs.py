# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay down what a generation needs, before any unit changes.

Everything here is named by what it holds and never changed afterwards,
so the generation that serves is not touched, and a run that died leaves
at worst something that the next run completes.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    installer,
    layouts,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    code_tree,
    venv,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    errors,
    files,
    interpreter,
)

BASE = "/etc/pyfleet"


def claim(layout: layouts.Layout, key: bytes) -> None:
    """Put an application's names on record as ours.

    It comes first of all changes: a run that dies right after it may
    be repeated, and finds its own account and directories.
    """
    files.ensure_directory(BASE, mode=0o755)
    files.ensure_directory(layout.etc, mode=0o755)
    files.write_atomic(layout.key, key, mode=0o600)
    content = ids.canonical({"schema": 1, "app": layout.app})
    files.write_atomic(layout.claim, content + b"\n", mode=0o644)


def account(layout: layouts.Layout) -> int:
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


def credentials(layout: layouts.Layout, app: model.App) -> bool:
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


def settings(
    layout: layouts.Layout, key: bytes, app: model.App, gid: int
) -> bool:
    """Write configuration and environment files; tell if any was new."""
    changed = False
    digest = config_id(key, app)
    if digest:
        folder = layout.config(digest)
        # The mount point of what the service sees.
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


def artifacts(
    layout: layouts.Layout,
    app: model.App,
    lock: model.Lock,
    bundle: str | None,
    *,
    gid: int,
    workshop: venv.Workshop,
    build: Callable[[str], None] | None = None,
) -> list[str]:
    """Build the virtualenv and lay down the code, where not complete.

    Args:
        layout: Paths of the application.
        app: The wanted application.
        lock: Ids, wheels and installer, as the controller sent them.
        bundle: The shipped tar file, if anything was shipped.
        gid: The application's group, which alone reads the code.
        workshop: Where wheels are unpacked.
        build: What is done in the code before it is sealed.

    Returns:
        The paths that were made.
    """
    made = []
    target = layout.environment(lock.environment)
    digest = ids.code_artifact(app, lock.environment)
    code = layout.code(digest) if digest else None
    for path in (layout.opt, f"{layout.opt}/envs", f"{layout.opt}/code"):
        files.ensure_directory(path, mode=0o755)
    with _unpacked(bundle, layout.opt) as folder:
        if _build(target, lock, folder, workshop):
            made.append(target)
        if digest and code and not artifact.is_complete(code, digest):
            code_tree.lay_down(
                code,
                _shipped(folder, f"{app.code}.tar"),
                digest=digest,
                modes=artifact.Modes(0o750, 0o640, gid),
                # Not the virtualenv's: its .pth files would run as root.
                python=lock.interpreter["real_path"],
                build=build,
            )
            made.append(code)
    return made


def environment_at(
    target: str,
    lock: model.Lock,
    bundle: str | None,
    workshop: venv.Workshop,
) -> bool:
    """Build a virtualenv from what was shipped; tell if it was new."""
    with _unpacked(bundle, None) as folder:
        return _build(target, lock, folder, workshop)


def _build(
    target: str,
    lock: model.Lock,
    folder: str | None,
    workshop: venv.Workshop,
) -> bool:
    if artifact.is_usable(target, lock.environment):
        return False
    python = interpreter.describe(lock.interpreter["real_path"])
    # The host knows its interpreter: an id that the controller got
    # wrong would name something else than it holds.
    found = ids.environment_id(lock.wheels, asdict(python))
    if found != lock.environment:
        raise errors.HostError(
            f"the virtualenv's id would be {found}, not "
            f"{lock.environment}: the host's Python changed during the "
            "deploy; run it again"
        )
    wheels = [
        replace(wheel, file=_shipped(folder, wheel.file))
        for wheel in lock.wheels
    ]
    if artifact.is_complete(target, found):
        # One whose interpreter is gone serves nobody any more.
        artifact.remove(target)
    return venv.build(
        target,
        digest=found,
        python=python,
        wheels=wheels,
        pip_wheel=_shipped(folder, installer.FILE),
        workshop=workshop,
    )


def _shipped(folder: str | None, name: str) -> str:
    path = f"{folder}/{name}"
    if folder is None or not os.path.exists(path):
        raise errors.HostError(
            f"{name} is needed here but was not shipped; run the deploy "
            "again, without limiting it to one phase"
        )
    return path


@contextlib.contextmanager
def _unpacked(bundle: str | None, parent: str | None) -> Iterator[str | None]:
    """Unpack the shipped files into a root-only directory.

    Below `parent`, where the next run clears away what this one left
    if it is killed.
    """
    if bundle is None:
        yield None
        return
    with tempfile.TemporaryDirectory(
        prefix=files.TEMPORARY_PREFIX, dir=parent
    ) as folder:
        try:
            _unpack(bundle, folder)
        except (EOFError, tarfile.TarError) as error:
            raise errors.HostError(
                f"{bundle} did not arrive whole: {error}; run the deploy again"
            ) from error
        yield folder


def _unpack(bundle: str, folder: str) -> None:
    with tarfile.open(bundle) as tar:
        for member in tar:
            name = member.name
            if not member.isfile() or os.path.basename(name) != name:
                raise errors.HostError(f"{bundle}: {name!r} is no file")
            member.mode, member.uid, member.gid = 0o600, 0, 0
            tar.extract(member, folder)
