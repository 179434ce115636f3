# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of services after their deploy, which systemd has restarted.

A service may prove itself, and meet its sandbox only at the first use
of a feature. systemd then restarts the service, and it looks healthy.

The controller words the remedies: a host that is converged need not get
the rules of the sandbox.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    journal,
)


def failure(name: str, count: int) -> dict[str, Any]:
    """Return the last failure of a service that systemd has restarted.

    Args:
        name: Name of the unit.
        count: The number of its restarts.

    Returns:
        ``unit``, ``restarts``, the end in ``words``, ``result`` and
        ``status`` as systemd names them, and the last ``lines`` of the
        journal. All but the first two may be empty.
    """
    invocation = journal.last_failed_run(name)
    ended = journal.exit_record(invocation)
    return {
        "unit": name,
        "restarts": count,
        "words": journal.exit_in_words(ended) if ended else "",
        "result": ended.get("Result", ""),
        "status": int(ended.get("ExecMainStatus") or 0),
        "lines": journal.last_lines(name, invocation),
    }
