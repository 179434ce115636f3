# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell how long a deploy may wait for a service, and what it cut off.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    draft,
    planning,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    journal,
    printable,
)

_DOWN = ("", "failed", "inactive")
# systemd.service(5): TimeoutSec= sets both, and the last line counts.
_TIMEOUTS = ("TimeoutStopSec", "TimeoutSec")


def longest(drafted: draft.Draft) -> dict[str, str]:
    """Return how long each stop may take, of units that run now.

    After the time, systemd kills the processes that are left. A unit
    that is restarted is stopped by its new file, which systemd has read
    by then.
    """
    there = planning.present_units(drafted.observed)
    new = {u.name: u.assignments for u in drafted.rendered.services}
    return {
        name: _timeout(new.get(name) or there[name].normal)
        for name in (*drafted.plan.restart, *drafted.plan.stop)
        if _run(drafted, name)
    }


def difference(drafted: draft.Draft) -> Iterator[dict[str, str]]:
    """Yield the same as a text for the output of diff mode."""
    lines = [
        f"{name} may take up to {time} to stop (stop_timeout)\n"
        for name, time in longest(drafted).items()
    ]
    if lines:
        yield {"prepared": "".join(lines)}


def cut_off(drafted: draft.Draft) -> list[str]:
    """Tell which processes of the old release systemd had to kill.

    Args:
        drafted: The draft, which has been carried out.
    """
    warnings = []
    for name, time in longest(drafted).items():
        found = journal.kills(_run(drafted, name))
        option = f"services.{_key(drafted, name)}"
        if found.is_late:
            warnings.append(
                f"{name}: the old processes did not end within {time}, so "
                "systemd killed them, with any job of theirs. Set "
                f"{option}.stop_timeout to more than the longest job takes"
            )
        elif found.names:
            listed = printable.line(", ".join(dict.fromkeys(found.names)))
            warnings.append(
                f"{name}: the old main process ended before its child "
                f"processes ({listed}), so systemd killed them, with any "
                "job of theirs. Make the main process wait for them, or set "
                f"{option}.options.Service.KillMode to 'control-group' if "
                "they end well by themselves on SIGTERM"
            )
    return warnings


def _timeout(assignments: Sequence[tuple[str, str, str]]) -> str:
    found = [value for _section, n, value in assignments if n in _TIMEOUTS]
    return found[-1] if found else "90s"


def _run(drafted: draft.Draft, name: str) -> str:
    """Return the run that would be stopped; empty if there is none."""
    unit = drafted.observed.units.get(name)
    shown: Mapping[str, str] = unit.properties if unit else {}
    is_down = shown.get("ActiveState", "") in _DOWN
    return "" if is_down else shown.get("InvocationID", "")


def _key(drafted: draft.Draft, name: str) -> str:
    """Return the service key of a unit that was there before."""
    current = drafted.observed.generation
    return current.units[name].key if current else ""
