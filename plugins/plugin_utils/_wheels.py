# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the wheels that suit the Python of a host."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _packaging,
)

# The manylinux levels for which uv can resolve.
_UV_GLIBC = (17, 28, *range(31, 41))


@dataclass(frozen=True)
class IndexedWheel:
    """One wheel of a lock.

    Attributes:
        name: Normalised name of the distribution.
        version: Its version.
        file: Name of the wheel file.
        sha256: Hash of the wheel file, in hexadecimal.
        url: Its URL, or its path on the controller.
    """

    name: str
    version: str
    file: str
    sha256: str
    url: str

    def locked(self) -> model.Wheel:
        """Return the fields that a host has to know."""
        return model.Wheel(self.name, self.version, self.sha256, self.file)


def in_words(interpreter: model.Interpreter) -> str:
    libc, version = interpreter.libc
    return (
        f"{interpreter.implementation} {interpreter.version} on "
        f"{interpreter.machine} with {libc} {version}"
    )


def _glibc(interpreter: model.Interpreter) -> int | None:
    """Return the minor version of glibc 2, or None for musl."""
    libc, version = interpreter.libc
    return int(str(version).split(".")[1]) if libc == "glibc" else None


def uv_platform(interpreter: model.Interpreter) -> str:
    machine, minor = interpreter.machine, _glibc(interpreter)
    if minor is None:
        return f"{machine}-unknown-linux-musl"
    level = max((x for x in _UV_GLIBC if x <= minor), default=_UV_GLIBC[0])
    return f"{machine}-manylinux_2_{level}"


def _platforms(interpreter: model.Interpreter) -> Iterator[str]:
    """Yield platform tags, best first: PEP 600 and PEP 656."""
    machine, minor = interpreter.machine, _glibc(interpreter)
    if minor is None:
        for level in range(int(interpreter.libc[1].split(".")[1]), -1, -1):
            yield f"musllinux_1_{level}_{machine}"
    else:
        legacy = {17: "2014", 12: "2010", 5: "1"}
        for level in range(minor, 4, -1):
            yield f"manylinux_2_{level}_{machine}"
            if level in legacy:
                yield f"manylinux{legacy[level]}_{machine}"
    yield f"linux_{machine}"


def host_tags(interpreter: model.Interpreter) -> dict[_packaging.Tag, int]:
    """Return the tags that a host accepts, each with its rank."""
    major, minor = interpreter.version.split(".")
    version = (int(major), int(minor))
    platforms = list(_platforms(interpreter))
    name = f"cp{major}{minor}"
    ordered = [
        *_packaging.cpython_tags(version, [name], platforms),
        *_packaging.compatible_tags(version, name, platforms),
    ]
    return {tag: rank for rank, tag in enumerate(ordered)}


def choose(
    package: Mapping[str, Any], tags: Mapping[_packaging.Tag, int]
) -> IndexedWheel:
    """Return the best wheel of one package of a lock."""
    ranked = [
        (rank, file, entry)
        for entry in package.get("wheels", ())
        for file in [_file_of(entry)]
        for rank in [_rank(file, tags)]
        if rank is not None
    ]
    if not ranked:
        raise _errors.ControllerError(
            f"{package['name']} {package.get('version')} has "
            "no wheel for the host's Python; choose a version that has one"
        )
    _unused, file, entry = min(ranked, key=lambda item: item[0])
    sha256 = entry.get("hashes", {}).get("sha256")
    if not sha256:
        raise _errors.ControllerError(
            f"{file}: the index does not tell its SHA-256, so that "
            "nothing shows whether it was exchanged; use an index "
            "that tells it (#sha256= in its links: PEP 503)"
        )
    return IndexedWheel(
        name=_packaging.canonicalize_name(package["name"]),
        version=str(package["version"]),
        file=file,
        sha256=sha256,
        url=_place(entry),
    )


def _place(entry: Mapping[str, Any]) -> str:
    return str(entry.get("url") or entry["path"])


def _file_of(entry: Mapping[str, Any]) -> str:
    place = _place(entry).rpartition("/")[2].partition("#")[0]
    return urllib.parse.unquote(entry.get("name") or place)


def _rank(file: str, tags: Mapping[_packaging.Tag, int]) -> int | None:
    found = _packaging.parse_wheel_filename(file)[3]
    return min((tags[tag] for tag in found if tag in tags), default=None)
