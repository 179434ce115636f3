# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generations of an application: which there are, and which failed.

Users call a generation a release. Its directory holds its units and,
as the last file written, its record.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    artifacts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    paths,
    systemctl,
)

RECORD = "generation.json"


def sequences(layout: layouts.Layout) -> list[int]:
    """Return the numbers of all generations, complete or not."""
    try:
        names = os.listdir(layout.etc)
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if name.isdecimal())


def complete(layout: layouts.Layout) -> Iterator[records.Generation]:
    """Yield the generations that have a record, oldest first."""
    for sequence in sequences(layout):
        path = record_path(layout, sequence)
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
    path = f"{layout.etc}/{target}/{RECORD}"
    try:
        with open(path, "rb") as file:
            return records.load(file.read())
    except (FileNotFoundError, NotADirectoryError):
        # The services may well run, so this state must not be taken for
        # a host on which nothing is deployed.
        raise errors.HostError(
            f"{layout.current} leads to {layout.etc}/{target}, which has no "
            f"{RECORD}; nothing was changed: put the directory back, "
            "or remove the link and deploy again"
        ) from None
    except records.RecordError as error:
        raise errors.HostError(
            f"{path}: {error}; remove {layout.current} and deploy again"
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


def failed(layout: layouts.Layout) -> dict[str, dict[str, str]]:
    """Return when and why releases failed, by their digest."""
    try:
        with open(layout.failures, encoding="utf-8") as file:
            found = json.load(file)
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def systemd_facts(manager: systemctl.Manager) -> dict[str, Any]:
    """Return the systemd that a generation remembers it was made for."""
    return {
        "version": manager.version,
        "variant": manager.variant,
        "features": sorted(manager.features),
    }


def record_path(layout: layouts.Layout, sequence: int) -> str:
    """Return the path of the record of a generation."""
    return f"{layout.generation(sequence)}/{RECORD}"
