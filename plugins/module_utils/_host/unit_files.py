# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files and their targets, as the unit modules are given them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    options,
    target as targets,
    writer,
)


@dataclass(frozen=True)
class Source:
    """A unit file with its drop-ins, before anything is said about it.

    Attributes:
        name: The unit's file name.
        text: Its text or bytes.
        drop_ins: {file name: text}.
    """

    name: str
    text: str | bytes
    drop_ins: Mapping[str, str | bytes] = field(default_factory=dict)


def read_target(
    version: str | None, features: Sequence[str] | None
) -> targets.Target:
    """Return the systemd to judge for: the one given, or the host's.

    Raises:
        TargetError: The version given is none.
        HostError: systemd does not run here and no version is given.
    """
    if version:
        return targets.Target.parse(version, features or ())
    manager = systemctl.manager()
    return targets.Target(
        manager.version,
        manager.variant,
        frozenset(features) if features is not None else manager.features,
    )


def read_sources(params: Mapping[str, Any]) -> list[Source]:
    """Return the units that a module's parameters give.

    Args:
        params: `path`, `content`, `options`, `files`, `drop_ins` and
            `name`; what is missing counts as not given.

    Raises:
        HostError: A file cannot be read, or a name is missing.
        OptionError: A value of `options` is no text.
        RenderError: An option cannot stand in a unit file.
    """
    if params.get("files"):
        return [
            Source(name, _text(name, text))
            for name, text in params["files"].items()
        ]
    if _is_drop_in(params):
        return [_read_drop_in(params["path"])]
    name = params.get("name") or os.path.basename(params.get("path") or "")
    if not name:
        raise errors.HostError(
            "name is missing: it is the unit's file name, such as"
            " hello.service, and decides which directives there are"
        )
    drop_ins: dict[str, str | bytes] = {
        label: _text(label, text)
        for label, text in (params.get("drop_ins") or {}).items()
    }
    if params.get("path"):
        drop_ins = {**_read_drop_ins(params["path"]), **drop_ins}
        return [Source(name, _read(params["path"]), drop_ins)]
    if params.get("options") is not None:
        sections = options.read_options(params["options"])
        return [Source(name, writer.render(sections), drop_ins)]
    return [Source(name, params.get("content") or "", drop_ins)]


_DIRECTORIES = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)


def _is_drop_in(params: Mapping[str, Any]) -> bool:
    """Tell whether the path is a drop-in and no unit is named."""
    path = params.get("path") or ""
    folder = os.path.basename(os.path.dirname(path))
    is_one = path.endswith(".conf") and folder.endswith(".d")
    return is_one and not params.get("name")


def _read_drop_in(path: str) -> Source:
    """Return a drop-in with the unit it is for, if that is there."""
    folder = os.path.dirname(path)[: -len(".d")]
    name = os.path.basename(folder)
    unit: bytes = b""
    for candidate in (
        folder,
        *(os.path.join(directory, name) for directory in _DIRECTORIES),
    ):
        if os.path.isfile(candidate):
            unit = _read(candidate)
            break
    return Source(name, unit, {os.path.basename(path): _read(path)})


def _text(name: str, text: object) -> str:
    if not isinstance(text, str):
        raise errors.HostError(
            f"{name} must be the text of a file, not a {type(text).__name__}"
        )
    return text


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise errors.HostError(
            f"cannot read {path}: {error.strerror}"
        ) from error


def _read_drop_ins(path: str) -> dict[str, str | bytes]:
    directory = f"{path}.d"
    return {
        name: _read(os.path.join(directory, name))
        for name in _configuration_files(directory)
    }


def _configuration_files(directory: str) -> Iterator[str]:
    """Yield the files that systemd reads there (systemd.unit(5))."""
    try:
        names = sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from (
        name
        for name in names
        if name.endswith(".conf") and not name.startswith(".")
    )
