# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remedies for a unit that failed, for the end of an error message.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    diagnosis,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    journal,
    systemctl,
)

# Results of a service that name their remedy alone.
_BY_RESULT = {
    "oom-kill": "Raise `resources.memory_max` if the service has one, give "
    "the host more memory, or make the service use less.",
    "watchdog": "Make the program send WATCHDOG=1 at least twice within "
    "`watchdog_sec`, or leave `watchdog_sec` out.",
}


def text(
    name: str,
    properties: Mapping[str, str],
    lines: Sequence[str],
    app: str = "",
    more: Sequence[str] = (),
) -> str:
    """Word the remedies for a failed unit.

    Args:
        name: Name of the unit.
        properties: Its Result and ExecMainStatus, if they are known.
        lines: The last lines of its journal.
        app: Name of the application.
        more: Remedies that are known already.

    Returns:
        Lines to append to an error; empty where nothing is known.
    """
    result = properties.get("Result", "")
    status = int(properties.get("ExecMainStatus") or 0)
    known = list(lines)
    if status == signal.SIGSYS:
        shown = systemctl.show([name], ["ExecMainPID"])[name]
        known += journal.audit_lines(int(shown.get("ExecMainPID") or 0))
    found = [*more, *diagnosis.explain(result, status, known, app=app)]
    if result in _BY_RESULT:
        found.append(_BY_RESULT[result])
    return _listed(found)


def after_a_restart(app: str, failure: Mapping[str, Any]) -> str:
    """Tell how a service failed that systemd has restarted.

    Args:
        app: Name of the application.
        failure: As `aftermath.failure` returns it.

    Returns:
        The number of restarts, the last failure, and its remedies.
    """
    count, words = failure["restarts"], failure["words"]
    times = "once" if count == 1 else f"{count} times"
    last = f"; the last failed run {words}" if words else ""
    found = diagnosis.explain(
        failure["result"], failure["status"], failure["lines"], app=app
    )
    return (
        f"{failure['unit']}: systemd has restarted it {times} since its last "
        f"start{last}{_listed(found)}"
    )


def _listed(found: Sequence[str]) -> str:
    if not found:
        return ""
    return "\n  What may help:\n" + "\n".join(f"  - {one}" for one in found)
