# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the names of an application are on this host.

A unit for user apt with StateDirectory=apt would make systemd give
/var/lib/apt away, so a name is ours only where our record says so.
"""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable, Iterable, Iterator, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)


def is_claimed(layout: layouts.Layout) -> bool:
    """Tell whether an application's names are on record as ours."""
    return os.path.lexists(layout.claim)


def taken(layout: layouts.Layout, units: Iterable[str]) -> Iterator[str]:
    """Yield in words which names belong to somebody else.

    Args:
        layout: Paths of the application.
        units: Names of the units that are wanted.
    """
    if not is_claimed(layout):
        yield from _taken_names(layout)
    for unit in units:
        path = _foreign_unit(layout, unit)
        if path:
            yield f"the unit {unit} exists ({path}) and is not ours"


def refusal(
    prefix: str, layout: layouts.Layout, messages: Sequence[str]
) -> str:
    """Word why an application's name is refused on this host.

    Args:
        prefix: How the names of the user's variables begin.
        layout: Paths of the application.
        messages: The names that are taken, as `taken` yields them.
    """
    listed = "\n".join(f"  - {message}" for message in messages)
    return (
        f"{prefix}name: {layout.app!r} would seize what belongs to "
        f"somebody else on this host:\n{listed}\n"
        "Nothing was changed. Choose another name, or remove what is in "
        "the way if nobody needs it"
    )


def own(layout: layouts.Layout, units: Iterable[str]) -> list[str]:
    """Return the units that nobody else has a file or link for.

    It is to be asked before a unit is stopped or unlinked because a
    trace names it: two applications may make the same unit name, as
    `aa` with service `worker` and `aa-worker` do.
    """
    return [
        unit
        for unit in units
        if not _foreign_unit(layout, unit)
        and not _is_on_probation_elsewhere(layout, unit)
    ]


def is_known(look_up: Callable[[str], object], name: str) -> bool:
    """Tell whether the host knows a user or group of that name.

    Args:
        look_up: `pwd.getpwnam` or `grp.getgrnam`.
        name: The name.
    """
    try:
        look_up(name)
    except KeyError:
        return False
    return True


def _taken_names(layout: layouts.Layout) -> Iterator[str]:
    if is_known(pwd.getpwnam, layout.app):
        yield f"the account {layout.app} exists and is not ours"
    elif is_known(grp.getgrnam, layout.app):
        yield f"the group {layout.app} exists and is not ours"
    for path in (
        layout.opt,
        layout.state,
        layout.cache,
        layout.logs,
        layout.visible_config,
    ):
        if os.path.lexists(path):
            yield f"{path} exists and is not ours"


def _is_on_probation_elsewhere(layout: layouts.Layout, unit: str) -> bool:
    path = layout.probation_link(unit)
    if not os.path.lexists(path):
        return False
    is_link = os.path.islink(path)
    return not (is_link and os.readlink(path).startswith(f"{layout.etc}/"))


def _foreign_unit(layout: layouts.Layout, unit: str) -> str:
    """Return the path of a unit file that is not ours, or nothing."""
    for folder in layout.unit_folders:
        path = f"{folder}/{unit}"
        if not os.path.lexists(path):
            continue
        is_link = os.path.islink(path)
        if is_link and os.readlink(path) == f"{layout.current}/{unit}":
            continue
        return path
    return ""
