# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge environment files: those of a unit, and those that are given."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    environment_file,
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    merged,
    specifiers,
)

# READ_FULL_BYTES_MAX of systemd 247, which refuses a longer file.
_LONGEST = 4 << 20
# The options of `unit_validate` that are about units alone.
_OF_UNITS = ("options", "drop_ins", "exposure_max")


@dataclass(frozen=True)
class Judged:
    """The verdict on one environment file.

    Attributes:
        name: Its path or name.
        findings: The findings about it.
        problems: Why it does not pass; empty if it does.
    """

    name: str
    findings: tuple[report.Finding, ...]
    problems: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether the file passes."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as `unit_validate` returns it."""
        return {
            "valid": self.is_valid,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def judge(
    params: Mapping[str, Any], target: targets.Target, policy: verdict.Policy
) -> list[Judged]:
    """Judge the environment files that a module's parameters give.

    Args:
        params: `path`, `content` and `name`, or `files`.
        target: The systemd that reads the files.
        policy: The conditions that the files have to satisfy.

    Raises:
        HostError: A file cannot be read, or a parameter is about units.
    """
    for other in _OF_UNITS:
        if params.get(other):
            raise errors.HostError(
                f"{other} is about a unit, and type: environment is given; "
                "leave one of them out"
            )
    return [
        _judge(name, content, target, policy)
        for name, content in _given(params)
    ]


def _judge(
    name: str, content: bytes, target: targets.Target, policy: verdict.Policy
) -> Judged:
    found = environment_file.check(content, target, name)
    failing = ("error", "warning") if policy.is_strict else ("error",)
    problems = tuple(str(one) for one in found if one.level in failing)
    return Judged(report.printable(name), tuple(found), problems)


def _given(params: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for name, text in (params.get("files") or {}).items():
        if not isinstance(text, str):
            raise errors.HostError(
                f"files: {name} must be the text of a file, not a "
                f"{type(text).__name__}"
            )
        yield name, _encoded(text)
    path = params.get("path")
    if path:
        yield path, _read_given(path)
    if params.get("content") is not None:
        yield params.get("name") or "content", _encoded(params["content"])


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _read_given(path: str) -> bytes:
    try:
        content = _read(path)
    except OSError as error:
        raise errors.HostError(
            f"cannot read {path}: {error.strerror}; name an environment "
            "file of the host that the module runs on, and one that its "
            "user may read"
        ) from error
    if content is None:
        raise errors.HostError(
            f"{path} is not a regular file of at most {_LONGEST} bytes, and "
            "systemd would not read it; name an environment file"
        )
    return content


def look(
    unit: merged.MergedUnit, asked: Collection[str] = ()
) -> list[report.Finding]:
    """Judge the environment files of a unit that are on this host.

    Args:
        unit: The unit with its drop-ins.
        asked: The drop-ins that are asked about; by default everything.

    Returns:
        The findings, each with the path of the file. A file that is not
        there, or that this user may not read, has none.
    """
    context = contexts.Context(unit.target, unit.name)
    paths: dict[str, None] = {}
    for item in unit.all(unit.section, "EnvironmentFile"):
        if not asked or item.file in asked:
            # A missing file is not judged, so the "-" does not matter.
            value = item.value[item.value.startswith("-") :]
            paths.update(dict.fromkeys(_matches(value, context)))
    return [
        finding
        for path in paths
        for finding in environment_file.check(
            _read_quietly(path), unit.target, path
        )
    ]


def _matches(value: str, context: contexts.Context) -> list[str]:
    """Return the files that a value names, in systemd's order."""
    try:
        pattern = specifiers.exact(value, context)
    except contexts.BadValueError:
        # The validator refuses the value.
        return []
    if pattern is None or not pattern.startswith("/"):
        return []
    return sorted(glob.glob(pattern))


def _read_quietly(path: str) -> bytes:
    try:
        return _read(path) or b""
    except OSError:
        return b""


def _read(path: str) -> bytes | None:
    """Return the content of a file; None if systemd reads no such file."""
    # A pipe must not be waited for.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    descriptor = os.open(path, flags)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size > _LONGEST:
        os.close(descriptor)
        return None
    with open(descriptor, "rb") as stream:
        return stream.read()
