# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a generation on a host. It never holds a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)

SCHEMA = 1


class RecordError(ValueError):
    """A record on the host is damaged, or of another version."""


@dataclass(frozen=True)
class UnitRecord:
    """One unit of a generation.

    Attributes:
        key: The service's key.
        sha256: Hash of the unit file.
        state: ``started`` or ``stopped``.
        enabled: Whether it starts at boot.
        health: The health check, as the contract has it.
        credentials: Sealed id of the credentials it was started with.
        text: Content of the unit file, from which it is put back after
            somebody changed it; empty in records of earlier versions.
    """

    key: model.ServiceKey
    sha256: str
    state: str
    enabled: bool
    health: model.Health
    credentials: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Generation:
    """One generation, which users call a release.

    Attributes:
        app: Name of the application.
        sequence: Its number; generations are ordered by it alone.
        created: When it was made, in UTC, by RFC 3339.
        collection: Version of the collection that rendered it.
        wanted: Sealed id of all that the variables asked for.
        digest: Sealed id of its content; equal ids are equal releases.
        source: The source of the application, in words.
        environment: Id of the virtualenv.
        code: Id of the code directory, or None.
        config: Id of the configuration files, or None.
        environment_files: Ids of environment files by service key.
        interpreter: The Python that the virtualenv uses.
        systemd: Version and features it was rendered for.
        units: Its units by file name.
        irreversible: The command that cannot be undone, if there is
            one. No rollback goes past this generation then.
    """

    app: str
    sequence: int
    created: str
    collection: str
    wanted: str
    digest: str
    source: model.Origin
    environment: str
    code: str | None
    config: str | None
    environment_files: Mapping[model.ServiceKey, Sequence[str]]
    interpreter: model.Interpreter
    systemd: Mapping[str, Any]
    units: Mapping[str, UnitRecord]
    irreversible: str | None = None


def dump(generation: Generation) -> bytes:
    """Return the record's file content."""
    data = {"schema": SCHEMA, **asdict(generation)}
    return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def load(content: bytes) -> Generation:
    """Read a record.

    Raises:
        RecordError: The record is damaged or of another schema.
    """
    try:
        data = json.loads(content)
        if data.pop("schema") != SCHEMA:
            raise RecordError("another version wrote the record")
        units = {
            name: _load_unit(unit) for name, unit in data.pop("units").items()
        }
        return Generation(
            units=units,
            source=model.Origin(**data.pop("source")),
            interpreter=model.load_interpreter(data.pop("interpreter")),
            **data,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RecordError(f"the record is damaged: {error}") from None


def _load_unit(data: Mapping[str, Any]) -> UnitRecord:
    health = model.Health(**data["health"])
    return UnitRecord(**{**data, "health": health})
