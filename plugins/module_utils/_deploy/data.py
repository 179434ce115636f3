# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove the data that the services of an application wrote.

systemd removes its directories, since root walks no tree that a service
owns. Where systemd cannot, as with 20,000 levels of directories, the
service's own user empties them first, in a sandbox.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    oneshots,
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    empty_job,
    enforcement,
    jobs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    errors,
    files,
    oneshot,
    program,
    systemctl,
    verbs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

# The kinds of data, as systemd calls them: systemctl(1), clean.
_KINDS = ("state", "cache", "logs", "runtime")
_CLEAN_SECONDS = 600.0
_EMPTY_SECONDS = 3600.0


def remove(layout: layouts.Layout, names: Sequence[str]) -> None:
    """Remove state, cache and logs of an application.

    Args:
        layout: Paths of the application.
        names: Its units, stopped; a unit may have directories of
            other names. Empty if the units are gone already.

    Raises:
        HostError: Data is left; the text says which, and why.
    """
    # systemd cleans no unit that has failed.
    verbs.reset_failed(names)
    said = [_clean(name) for name in names]
    left = list(_left(layout))
    if left:
        said.append(_clean_all(layout))
        left = list(_left(layout))
    if left and accounts.lookup(layout.app):
        said.append(_empty(layout, left))
        said.append(_clean_all(layout))
        left = list(_left(layout))
    if left:
        reasons = "\n".join(f"  - {text}" for text in said if text)
        raise errors.HostError(
            f"{', '.join(left)} could not be removed:\n{reasons}\nThe "
            "services are stopped, and all else is as it was. Find out what "
            "keeps them, such as a mount or chattr +i, then run this again"
        )


def _left(layout: layouts.Layout) -> Iterator[str]:
    for path in (layout.state, layout.cache, layout.logs):
        if os.path.lexists(path):
            yield path


def _clean(unit: str) -> str:
    """Let systemd remove a unit's directories; say why it did not."""
    options = [f"--what={kind}" for kind in _KINDS]
    try:
        systemctl.run(["clean", *options, "--", unit], timeout=_CLEAN_SECONDS)
    except errors.HostError as error:
        return str(error)
    return ""


def _clean_all(layout: layouts.Layout) -> str:
    """Let systemd remove the directories, by a unit for this purpose."""
    name = f"{jobs.stem(layout.app, 'clean', os.getpid(), _next())}.service"
    path = f"{oneshot.FOLDER}/{name}"
    account = "root" if accounts.lookup(layout.app) is None else layout.app
    text = (
        "[Service]\nType=oneshot\nExecStart=/bin/true\n"
        f"User={account}\nStateDirectory={layout.app}\n"
        f"CacheDirectory={layout.app}\nLogsDirectory={layout.app}\n"
    )
    files.ensure_directory(oneshot.FOLDER, mode=0o755)
    files.write_atomic(path, text.encode(), mode=0o644)
    try:
        return _clean(name)
    finally:
        files.remove_file(path)


def _empty(layout: layouts.Layout, paths: Sequence[str]) -> str:
    """Let the service's own user empty directories."""
    manager = systemctl.manager()
    target = targets.Target(manager.version, manager.variant, manager.features)
    text = oneshots.render_tool(
        layout.app,
        [
            sys.executable or "/usr/bin/python3",
            *("-I", "-c", program.source(empty_job)),
            *paths,
        ],
        paths,
        units.Host(target, enforcement.weakness(manager)),
    )
    stem = jobs.stem(layout.app, "clean", os.getpid(), _next())
    ending = oneshot.run(f"{stem}.service", text, timeout=_EMPTY_SECONDS)
    return " / ".join([ending.words, *ending.lines]) if ending.words else ""


_counter = iter(range(1, 1 << 30))


def _next() -> int:
    # systemd still knows the last unit, so no name is used twice.
    return next(_counter)
