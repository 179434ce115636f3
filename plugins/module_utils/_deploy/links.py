# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links by which systemd finds the units of an application.

A committed unit is linked through `current`, so that one rename
switches all of them. A unit on probation is linked to its generation.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    aside,
    claims,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
)


def commit(layout: layouts.Layout, generation: records.Generation) -> bool:
    """Make the permanent links of a generation's units; tell if new."""
    changed = add(layout, generation)
    return remove_wants(layout, generation) or changed


def add(layout: layouts.Layout, generation: records.Generation) -> bool:
    """Make the links that a generation needs; tell if any was new."""
    changed = False
    for name, unit in generation.units.items():
        link = layout.unit_link(name)
        # Somebody masked the unit, and did not unmask it.
        if claims.kind_of_link(layout, name) != claims.MASK:
            changed |= _put(layout, link, f"{layout.current}/{name}", name)
        if unit.enabled:
            files.ensure_directory(layout.wants, mode=0o755)
            wants = layout.wants_link(name)
            changed |= _put(layout, wants, link, name)
    return changed


def remove_wants(
    layout: layouts.Layout, generation: records.Generation
) -> bool:
    """Remove boot links of units that are not enabled; tell if any."""
    changed = False
    for name, unit in generation.units.items():
        if not unit.enabled:
            changed |= _take(layout, layout.wants_link(name))
    return changed


def remove(layout: layouts.Layout, names: Sequence[str]) -> None:
    """Remove the permanent links of units, those of ours alone.

    Another application may have a unit of the same name meanwhile, or
    somebody may have put a file in its place.
    """
    for name in claims.own(layout, names):
        _take(layout, layout.wants_link(name))
        _take(layout, layout.unit_link(name))


def add_probation(
    layout: layouts.Layout, generation: records.Generation
) -> None:
    """Make systemd prefer the units of a generation until a reboot."""
    files.ensure_directory(layout.probation_units, mode=0o755)
    folder = layout.generation(generation.sequence)
    for name in generation.units:
        files.replace_link(layout.probation_link(name), f"{folder}/{name}")


def remove_probation(layout: layouts.Layout) -> list[str]:
    """Remove the links of a probation; return their units."""
    found = []
    try:
        names = sorted(os.listdir(layout.probation_units))
    except FileNotFoundError:
        return []
    for name in names:
        path = layout.probation_link(name)
        if os.path.islink(path) and os.readlink(path).startswith(
            f"{layout.etc}/"
        ):
            files.remove_link(path)
            found.append(name)
    return found


def remove_strays(layout: layouts.Layout, units: Collection[str]) -> None:
    """Remove links that a dead run was about to rename into place.

    Others have links in these directories, too: a link is ours if its
    target is.

    Args:
        layout: Paths of the application.
        units: The units whose links may have been made.
    """
    targets = {layout.unit_link(unit) for unit in units}
    for folder in (
        layout.system_units,
        layout.wants,
        layout.probation_units,
    ):
        for path in _temporary_links(folder):
            target = os.readlink(path)
            if target in targets or target.startswith(f"{layout.etc}/"):
                files.remove_link(path)


def _put(layout: layouts.Layout, path: str, target: str, name: str) -> bool:
    """Make a link, in place of a file that somebody made from ours.

    Raises:
        HostError: The file or link there never was ours.
    """
    is_wants = path == layout.wants_link(name)
    if not is_wants and claims.kind_of_link(layout, name) == claims.FOREIGN:
        raise errors.HostError(
            f"{path} is not ours, and stands in the place of a link of "
            f"{layout.app}; see what it holds and move it away"
        )
    if not _is_file(path):
        return files.replace_link(path, target)
    aside.keep(layout, path)
    files.replace_file_by_link(path, target)
    return True


def _take(layout: layouts.Layout, path: str) -> bool:
    """Remove a link, or the file that somebody put in its place."""
    if not _is_file(path):
        return files.remove_link(path)
    aside.keep(layout, path)
    return files.remove_file(path)


def _is_file(path: str) -> bool:
    return os.path.isfile(path) and not os.path.islink(path)


def _temporary_links(folder: str) -> Sequence[str]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    paths = [
        f"{folder}/{name}"
        for name in names
        if name.startswith(files.TEMPORARY_PREFIX)
    ]
    return [path for path in paths if os.path.islink(path)]
