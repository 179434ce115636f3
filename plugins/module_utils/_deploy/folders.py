# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directories of generations: written, opened and removed."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    generations,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
    files,
)


def newest(layout: layouts.Layout) -> int:
    """Return the highest number in use, 0 if there is none.

    Numbers order generations, since clocks go wrong.
    """
    return max(generations.sequences(layout), default=0)


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
        generations.record_path(layout, generation.sequence),
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
        files.remove_file(f"{folder}/{generations.RECORD}")
    directories.remove_tree(folder)
