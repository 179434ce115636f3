# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell why a unit did not start, where its exit status does not tell it.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)

# The properties of a unit that are read here, beside
# `observe.PROPERTIES`: org.freedesktop.systemd1(5).
PROPERTIES = (
    "AssertResult",
    "AssertTimestampMonotonic",
    "BindsTo",
    "ConditionResult",
    "ConditionTimestampMonotonic",
    "Requires",
    "TimeoutStartUSec",
    "Type",
)
_UP = ("active", "activating", "reloading")


def in_words(ended: Mapping[str, str], unit: Mapping[str, str]) -> str:
    """Tell why a start failed, in place of the end of its process.

    Args:
        ended: The end of the run, by `journal.EXIT_PROPERTIES`.
        unit: The unit now, by `PROPERTIES` and `observe.PROPERTIES`.

    Returns:
        A phrase; empty where the end of the process is the reason.
    """
    if _is_unready(ended, unit):
        seconds = unit.get("TimeoutStartUSec", "")
        return (
            "it sent no READY=1, which type notify waits for, within "
            f"start_timeout ({seconds})"
        )
    has_run = ended.get("ExecMainCode", "0") not in ("", "0")
    if has_run or ended.get("Result") != "success":
        return ""
    return _required(unit) or _unmet(unit)


def remedies(ended: Mapping[str, str], unit: Mapping[str, str]) -> list[str]:
    """Return what to do about a failed start, as far as it is known.

    Args:
        ended: The end of the run, by `journal.EXIT_PROPERTIES`.
        unit: The unit now, by `PROPERTIES` and `observe.PROPERTIES`.
    """
    is_notify = unit.get("Type") == "notify"
    if ended.get("Result") != "protocol" and not _is_unready(ended, unit):
        return []
    if not is_notify:
        return []
    return [
        "Set `type: exec`, the default, if the program does not send "
        "READY=1 itself; a `health` check then tells when it is ready.",
        "Or make the program call sd_notify(3) with READY=1 when it is "
        "ready. READY=1 of a child process counts only with `options: "
        "{Service: {NotifyAccess: all}}`.",
        "Or raise `start_timeout`, if the program only needs more time.",
    ]


def _is_unready(ended: Mapping[str, str], unit: Mapping[str, str]) -> bool:
    """Tell whether systemd waited for READY=1 in vain, or still waits."""
    is_waiting = (unit.get("ActiveState"), unit.get("SubState")) == (
        "activating",
        "start",
    ) and ended.get("Result") == "success"
    is_late = ended.get("Result") == "timeout" or is_waiting
    return is_late and unit.get("Type") == "notify"


def _required(unit: Mapping[str, str]) -> str:
    """Name the units that had to run and do not."""
    names = f"{unit.get('Requires', '')} {unit.get('BindsTo', '')}".split()
    shown = systemctl.show(names, ["ActiveState"])
    down = [
        f"{name} ({found.get('ActiveState', 'unknown')})"
        for name, found in shown.items()
        if found.get("ActiveState") not in _UP
    ]
    if not down:
        return ""
    return f"a unit that it requires does not run: {', '.join(down)}"


def _unmet(unit: Mapping[str, str]) -> str:
    """Name the kind of check that kept systemd from starting a unit."""
    for kind in ("Condition", "Assert"):
        is_checked = unit.get(f"{kind}TimestampMonotonic", "0") != "0"
        if is_checked and unit.get(f"{kind}Result") == "no":
            return f"a check of {kind}...= in its section [Unit] is not met"
    return ""
