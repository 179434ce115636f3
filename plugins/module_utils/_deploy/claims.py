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
from collections.abc import (
    Callable,
    Container,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)

# The kinds of a place, as `Place` has them.
OURS = "ours"
CHANGED = "changed"
MASK = "mask"
FOREIGN = "foreign"
# How the comment begins that heads our unit files: see _app/units.py.
_HEADER = b"# Written by the Ansible collection pyfleet.services "


@dataclass(frozen=True)
class Place:
    """A file or link where systemd looks for a unit.

    Attributes:
        path: Its path.
        kind: `OURS`: the link that we make. `CHANGED`: a file or link
            that somebody made from ours. `MASK`: a link to /dev/null or
            an empty file, which keeps the unit from starting.
            `FOREIGN`: anything else.
    """

    path: str
    kind: str


def is_claimed(layout: layouts.Layout) -> bool:
    """Tell whether an application's names are on record as ours.

    A link to a generation in our own directory says so as well, if
    somebody removed the claim.
    """
    return os.path.lexists(layout.claim) or os.path.islink(layout.current)


def taken(
    layout: layouts.Layout,
    units: Iterable[str],
    recorded: Container[str] = (),
) -> Iterator[str]:
    """Yield in words which names belong to somebody else.

    Args:
        layout: Paths of the application.
        units: Names of the units that are wanted.
        recorded: Names of the units that we have deployed. Their files
            stay ours when somebody changes or masks them.
    """
    if not is_claimed(layout):
        yield from _taken_names(layout)
    for unit in units:
        kinds = (OURS, CHANGED, MASK) if unit in recorded else (OURS,)
        others = (p for p in places(layout, unit) if p.kind not in kinds)
        place = next(others, None)
        if place:
            yield f"the unit {unit} exists ({place.path}) and is not ours"


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
        if _is_own(layout, unit)
        and not _is_on_probation_elsewhere(layout, unit)
    ]


def places(layout: layouts.Layout, unit: str) -> Iterator[Place]:
    """Yield what stands where systemd looks for a unit, first rank first.

    Args:
        layout: Paths of the application.
        unit: Name of the unit. A file with our header is ours only if
            our records name its unit; the caller knows that.
    """
    for folder in layout.unit_folders:
        path = f"{folder}/{unit}"
        if os.path.lexists(path):
            yield Place(path, _kind(layout, path, unit))


def kind_of_link(layout: layouts.Layout, unit: str) -> str:
    """Return the kind of what stands in the place of a unit's link.

    Returns:
        As `Place` has it; empty if nothing is there.
    """
    path = layout.unit_link(unit)
    return _kind(layout, path, unit) if os.path.lexists(path) else ""


def masks(
    layout: layouts.Layout, units: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield each unit that is masked, and a text with the remedy."""
    for unit in units:
        for place in places(layout, unit):
            if place.kind == MASK:
                # Without the option, systemctl removes masks of /etc
                # alone.
                is_kept = place.path == layout.unit_link(unit)
                option = "" if is_kept else "--runtime "
                text = (
                    f"masked by {place.path}: `systemctl unmask "
                    f"{option}{unit}` lifts that"
                )
                yield unit, text


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
        # Few runs ask, and a host compiles what it imports on each
        # call.
        from . import ready_account  # noqa: PLC0415

        yield from ready_account.problems(layout)
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


def _is_own(layout: layouts.Layout, unit: str) -> bool:
    # systemd takes the first, and does not read those behind it.
    first = next(places(layout, unit), None)
    return first is None or first.kind in (OURS, CHANGED)


def _kind(layout: layouts.Layout, path: str, unit: str) -> str:
    if os.path.islink(path):
        return _kind_of_target(layout, path, unit)
    if not os.path.isfile(path):
        return FOREIGN
    with open(path, "rb") as stream:
        content = stream.read()
    if not content:
        return MASK
    # We write no file beside the links, so that a file in another
    # directory was not made from ours by an editor.
    is_beside = path == layout.unit_link(unit)
    virtualenvs = layouts.Layout(layout.app).environment("").encode()
    is_from_ours = content.startswith(_HEADER) or virtualenvs in content
    return CHANGED if is_beside and is_from_ours else FOREIGN


def _kind_of_target(layout: layouts.Layout, path: str, unit: str) -> str:
    target = os.readlink(path)
    if target == f"{layout.current}/{unit}":
        return OURS
    if target == os.devnull:
        return MASK
    target = os.path.normpath(os.path.join(os.path.dirname(path), target))
    return CHANGED if target.startswith(f"{layout.etc}/") else FOREIGN
