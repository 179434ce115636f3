# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read requirements, and compare wheels with their hashes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    addresses,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _packaging,
    _wheels,
)


def read_requirements(text: str, variable: str) -> list[str]:
    """Return the requirements of a file, one line each.

    Args:
        text: The file's text; hashes and continuations are allowed.
        variable: The variable's name, for messages.

    Returns:
        Requirements by PEP 508, with their ``--hash`` options; none
        for an application of the standard library alone.

    Raises:
        RefusedError: A line is not a requirement by PEP 508.
    """
    joined = re.sub(r"\\\r?\n", " ", text)
    found: list[str] = []
    messages: list[str] = []
    for number, raw in enumerate(joined.split("\n"), start=1):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        if not line:
            continue
        message = _refusal(line)
        if message:
            messages.append(f"{variable}, line {number}: {message}")
        found.append(line)
    if messages:
        raise _errors.RefusedError(messages)
    return found


def check_packages(packages: Sequence[str], variable: str) -> list[str]:
    """Return pinned requirements; refuse an item that is anything else.

    Raises:
        RefusedError: An item is not a requirement, such as an option.
    """
    messages = [
        f"{variable}[{number}]: {message}"
        for number, package in enumerate(packages)
        if (message := _refusal(package))
    ]
    if messages:
        raise _errors.RefusedError(messages)
    return list(packages)


def _refusal(line: str) -> str:
    """Return why a requirement line is refused; empty if it is not."""
    place = addresses.refusal(line)
    if place:
        return place
    if line.startswith("-"):
        option = re.split(r"[\s=]", line, maxsplit=1)[0]
        return (
            f"option {option!r} is refused; list requirements alone, and "
            f"name an index by {addresses.INDEX}"
        )
    spec, *hashes = re.split(r"\s+--hash[= ]", line)
    if not all(
        re.fullmatch(r"sha256:[0-9a-f]{64}", h.strip()) for h in hashes
    ):
        return "a hash must be sha256: and 64 hexadecimal digits"
    try:
        requirement = _packaging.Requirement(spec)
    except _packaging.InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        return f"{spec!r} is not a requirement by PEP 508: {reason}"
    if requirement.url:
        return (
            f"{requirement.name}: an address is refused; name a version that "
            "an index has"
        )
    return ""


def check_hashes(
    requirements: Sequence[str], wheels: Sequence[_wheels.IndexedWheel]
) -> None:
    """Refuse wheels that the requirements' own hashes do not name."""
    allowed: dict[str, set[str]] = {}
    for line in requirements:
        name = _packaging.canonicalize_name(
            _packaging.Requirement(line.split(" --hash")[0]).name
        )
        hashes = re.findall(r"sha256:([0-9a-f]{64})", line)
        allowed.setdefault(name, set()).update(hashes)
    if not any(allowed.values()):
        return
    for wheel in wheels:
        if not allowed.get(wheel.name):
            raise _errors.ControllerError(
                f"{wheel.name} {wheel.version} has no hash "
                "although others have one; add its hash, or remove all"
            )
        if wheel.sha256 not in allowed[wheel.name]:
            raise _errors.ControllerError(
                f"{wheel.file} has the SHA-256 "
                f"{wheel.sha256}, which is not one of its given hashes"
            )
