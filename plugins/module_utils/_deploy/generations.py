# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generations of an application: list, read, write, remove.

Users call a generation a release. Its directory holds its units and,
as the last file written, its record.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
    files,
    paths,
    systemctl,
)

_RECORD = "generation.json"


def sequences(layout: layouts.Layout) -> list[int]:
    """Return the numbers of all generations, complete or not."""
    try:
        names = os.listdir(layout.etc)
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if name.isdecimal())


def newest(layout: layouts.Layout) -> int:
    """Return the highest number in use, 0 if there is none.

    Numbers order generations, since clocks go wrong.
    """
    return max(sequences(layout), default=0)


def complete(layout: layouts.Layout) -> Iterator[records.Generation]:
    """Yield the generations that have a record, oldest first."""
    for sequence in sequences(layout):
        path = _record_path(layout, sequence)
        with contextlib.suppress(OSError, records.RecordError):
            with open(path, "rb") as file:
                content = file.read()
            yield records.load(content)


def current(layout: layouts.Layout) -> records.Generation | None:
    """Return the current generation, or None if its record is damaged."""
    number = paths.read_link(layout.current)
    return next(
        (g for g in complete(layout) if str(g.sequence) == number), None
    )


def read_current(layout: layouts.Layout) -> records.Generation | None:
    """Return the current generation, or None if nothing is deployed.

    Raises:
        HostError: The link or the record is not in the form we write.
    """
    target = paths.read_link(layout.current)
    if target is None:
        return None
    if not re.fullmatch(r"[0-9]+", target):
        raise errors.HostError(
            f"{layout.current} leads to {target!r}, not to a generation; "
            "nothing was changed: put the link back, or remove it and "
            "deploy again"
        )
    path = f"{layout.etc}/{target}/{_RECORD}"
    try:
        with open(path, "rb") as file:
            return records.load(file.read())
    except (FileNotFoundError, NotADirectoryError):
        # The services may well run, so this state must not be taken for
        # a host on which nothing is deployed.
        raise errors.HostError(
            f"{layout.current} leads to {layout.etc}/{target}, which has no "
            f"{_RECORD}; nothing was changed: put the directory back, "
            "or remove the link and deploy again"
        ) from None
    except records.RecordError as error:
        raise errors.HostError(
            f"{path}: {error}; remove {layout.current} and deploy again"
        ) from None


def read_unit(
    layout: layouts.Layout, generation: records.Generation, unit: str
) -> bytes:
    """Return the content of a unit file of a generation.

    Raises:
        HostError: The file cannot be read.
    """
    path = f"{layout.generation(generation.sequence)}/{unit}"
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise errors.HostError(
            f"{path} of release {generation.sequence} cannot be read: "
            f"{error.strerror}; choose another release"
        ) from None


def listing(
    layout: layouts.Layout, current: records.Generation | None
) -> Iterator[dict[str, Any]]:
    """Yield the generations that one may go back to, oldest first.

    Args:
        layout: Paths of the application.
        current: The current generation, if there is one.
    """
    for generation in complete(layout):
        missing = list(artifacts.missing(layout, generation))
        yield {
            "release": generation.sequence,
            "created": generation.created,
            "source": generation.source.label,
            "is_current": (
                current is not None and generation.sequence == current.sequence
            ),
            "is_usable": not missing,
            "problems": missing,
            "irreversible": generation.irreversible,
        }


def write(
    layout: layouts.Layout,
    generation: records.Generation,
    units: Mapping[str, str],
    probes: Mapping[str, str],
) -> None:
    """Write the directory of a generation.

    Args:
        layout: Paths of the application.
        generation: Its record.
        units: Texts of its unit files, by name.
        probes: Texts of the jobs of its health checks, by unit.
    """
    folder = layout.generation(generation.sequence)
    files.ensure_directory(folder, mode=0o755)
    for name, text in units.items():
        files.write_atomic(f"{folder}/{name}", text.encode(), mode=0o644)
    # The record comes last: a directory without it is not a generation.
    write_record(layout, generation, probes)


def write_record(
    layout: layouts.Layout,
    generation: records.Generation,
    probes: Mapping[str, str],
) -> None:
    """Write the jobs of health checks, then the record.

    The jobs are kept, because a later health check renders nothing.
    """
    for unit, text in probes.items():
        path = layout.probe(generation.sequence, unit)
        files.write_atomic(path, text.encode(), mode=0o644)
    files.write_atomic(
        _record_path(layout, generation.sequence),
        records.dump(generation),
        mode=0o644,
    )


def remove(layout: layouts.Layout, sequence: int) -> None:
    """Remove a generation, its record first.

    A removal that is killed leaves a directory without a record, which
    the next run takes for garbage.
    """
    folder = layout.generation(sequence)
    if os.path.isdir(folder) and not os.path.islink(folder):
        files.remove_file(f"{folder}/{_RECORD}")
    directories.remove_tree(folder)


def systemd_facts(manager: systemctl.Manager) -> dict[str, Any]:
    """Return the systemd that a generation remembers it was made for."""
    return {
        "version": manager.version,
        "variant": manager.variant,
        "features": sorted(manager.features),
    }


def _record_path(layout: layouts.Layout, sequence: int) -> str:
    return f"{layout.generation(sequence)}/{_RECORD}"
