# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide whether a unit failed by its own fault or by its host's.

A release that failed its proof is refused until something in it
changes. This is right for a fault of the release. It is wrong for a
port that another process holds, a full disk or a missing directory:
these faults are mended on the host, and the same release then works.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    places,
)

# Statuses of systemd's own set-up (systemd.exec(5), "Process Exit
# Codes"): a path, a user or a limit that the host lacks. 203 is a
# program that the release does not have. A program may exit with any of
# them itself, so systemd's own message must be there, too.
_SETUP = frozenset(range(200, 246)) - {203}
_FAILED_SETUP = "Failed at step "
_SIGKILL = 9
_READ_ONLY = "Read-only file system"
# Messages of programs when the host has run out of something.
_SHORTAGES = (
    "Address already in use",
    "No space left on device",
    "Cannot allocate memory",
    "Too many open files in system",
    "Disk quota exceeded",
    "killed by the OOM killer",
)


def of_host(
    properties: Mapping[str, str],
    lines: Sequence[str],
    holder: str = "",
    app: str = "",
) -> str:
    """Name the fault of the host that made a unit fail.

    Args:
        properties: The properties of its end, as far as they are known:
            Result, ExecMainCode, ExecMainStatus.
        lines: The last lines of its journal.
        holder: The other process that holds the port of its health
            check, in words.
        app: Name of the application.

    Returns:
        The fault in words; empty if the unit has to be blamed.
    """
    if holder:
        return "somebody else holds its port"
    ending = _ending(
        properties.get("Result", ""),
        properties.get("ExecMainCode", "0"),
        properties.get("ExecMainStatus", "0"),
        has_failed_setup=any(_FAILED_SETUP in line for line in lines),
    )
    if ending:
        return ending
    for shortage in _SHORTAGES:
        if any(shortage in line for line in lines):
            return f"it met {shortage!r}"
    # Outside of the service's own directories its sandbox is read-only.
    if any(
        _READ_ONLY in line and not places.is_in_sandbox(line, app)
        for line in lines
    ):
        return f"it met {_READ_ONLY!r}"
    return ""


def _ending(
    result: str, code: str, status: str, *, has_failed_setup: bool
) -> str:
    if result == "oom-kill":
        return "memory ran out"
    if result in ("resources", "exec-condition"):
        return "systemd could not start it"
    number = int(status) if status.isdigit() else 0
    if code == "2" and number == _SIGKILL and result != "timeout":
        return "somebody killed it"
    if code == "1" and number in _SETUP and has_failed_setup:
        return "systemd could not set up what the unit asks for"
    return ""
