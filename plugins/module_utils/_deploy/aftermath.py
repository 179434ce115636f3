# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of services after their deploy, which systemd has restarted.

A service may prove itself, and meet its sandbox only at the first use
of a feature. systemd then restarts the service, and it looks healthy.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    journal,
)

# The last messages of a run: the error, and systemd's two about it.
_LINES = 6


def warning(app: str, name: str, count: int) -> str:
    """Tell how a service failed that systemd has restarted.

    Args:
        app: Name of the application.
        name: Name of the unit.
        count: The number of its restarts.

    Returns:
        The number, the last failure, and the messages before it.
        `docs/needs.md` lists what breaks without each need; the
        diagnosis itself is too large for a host that is converged.
    """
    times = "once" if count == 1 else f"{count} times"
    invocation = journal.last_failed_run(name)
    words = journal.exit_of(invocation)
    text = f"{name}: systemd has restarted it {times} since its last start"
    if not words:
        return text
    lines = journal.last_lines(name, invocation, _LINES)
    quoted = "".join(f"\n    {line}" for line in lines)
    return (
        f"{text}; the last failed run of {app} {words} (docs/needs.md lists "
        f"what breaks without each need):{quoted}"
    )
