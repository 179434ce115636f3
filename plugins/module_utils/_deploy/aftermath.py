# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of services after their deploy, which systemd has restarted.

A service may prove itself, and meet its sandbox only at the first use
of a feature. systemd then restarts the service, and it looks healthy.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    remedies,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    journal,
)

# Result= of a service by the si_code of its end: waitid(2).
_RESULTS = {"1": "exit-code", "2": "signal", "3": "core-dump"}


def warning(app: str, name: str, count: int) -> str:
    """Tell how a service failed that systemd has restarted.

    Args:
        app: Name of the application.
        name: Name of the unit.
        count: The number of its restarts.

    Returns:
        The number, the last failure, and the remedies for it.
    """
    times = "once" if count == 1 else f"{count} times"
    invocation = journal.last_failed_run(name)
    ended = journal.exit_record(invocation)
    result = _RESULTS.get(ended.get("ExecMainCode", ""), "")
    words = journal.exit_in_words(ended) if ended else ""
    text = f"{name}: systemd has restarted it {times} since its last start"
    if words:
        text += f"; the last failed run {words}"
    lines = journal.last_lines(name, invocation)
    return text + remedies.text(name, {**ended, "Result": result}, lines, app)
