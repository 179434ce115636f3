# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one command as a unit of its own, and tell how it ended.

systemd starts a unit of a new name from /run/systemd/system without a
reload of all units. On every version of systemd, the sandbox of such a
unit is that of a service. Processes that the command leaves behind end
with the unit.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    journal,
    systemctl,
    verbs,
)

FOLDER = "/run/systemd/system"
_PROPERTIES = (
    "ExecMainCode",
    "ExecMainStatus",
    "InvocationID",
    "Result",
)
# Seconds to wait for the end of a unit's processes after SIGKILL.
_END_SECONDS = 30.0


@dataclass(frozen=True)
class Ending:
    """How a command ended.

    Attributes:
        is_ok: Whether the command succeeded.
        words: A phrase about the failure whose subject is the command.
        lines: The last lines of the command's output.
        properties: The properties of the command's unit.
    """

    is_ok: bool
    words: str = ""
    lines: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)


def run(name: str, text: str, *, timeout: float) -> Ending:
    """Run the command of a unit, and wait for its end.

    Args:
        name: A name that no unit has had since the boot.
        text: The unit file of a oneshot service.
        timeout: Seconds after which the command is killed.

    Raises:
        HostError: systemd does not answer, or the file cannot be
            written.
    """
    files.ensure_directory(FOLDER, mode=0o755)
    path = f"{FOLDER}/{name}"
    files.write_atomic(path, text.encode(), mode=0o644)
    try:
        return _run(name, timeout)
    finally:
        files.remove_file(path)
        verbs.reset_failed([name])


def _run(name: str, timeout: float) -> Ending:
    try:
        verbs.start([name], timeout=timeout)
    except errors.DeadlineError:
        _kill_all(name)
        found = systemctl.show([name], _PROPERTIES)[name]
        return _describe_ending(
            name, found, f"did not end within {timeout:g} seconds"
        )
    except errors.CommandError:
        found = systemctl.show([name], _PROPERTIES)[name]
        return _describe_ending(name, found, journal.exit_in_words(found))
    return Ending(is_ok=True)


def _describe_ending(
    name: str, found: Mapping[str, str], words: str
) -> Ending:
    lines = journal.last_lines(name, found.get("InvocationID", ""))
    return Ending(False, words, tuple(lines), found)


def _kill_all(name: str) -> None:
    """Kill all processes of a unit, and wait until it is gone."""
    kill = ["kill", "--signal=KILL", "--", name]
    systemctl.run(kill, timeout=systemctl.SHOW_SECONDS, check=False)
    # A process that does not end now hangs in the kernel.
    with suppress(errors.DeadlineError):
        verbs.stop([name], timeout=_END_SECONDS)
