# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines that the journal understands, written to standard error.

Each line starts with the kernel's ``<N>`` priority, which journald takes
off and stores as PRIORITY= (SyslogLevelPrefix=, systemd.exec(5)), and
carries its data as ``name=value`` after the message.

The journal's own socket would store each value as a field. But journald
finds the unit of such a record by looking up the sender's cgroup, and
for the last words of a process that has just died it finds none: then
``journalctl -u`` does not show them. Standard error is bound to its unit
from the start, and needs no socket in the sandbox.
"""

from __future__ import annotations

import json
import logging
from typing import Any

# sd-daemon(3): SD_CRIT, SD_ERR, SD_WARNING, SD_INFO, SD_DEBUG.
_PRIORITIES = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
)
_DEBUG = 7


class JournalFormatter(logging.Formatter):
    """Format a record as journald reads it from a stream.

    Values given as ``extra={"fields": {...}}`` are written as JSON, so
    that no newline in them can forge a line of its own. What comes from
    outside therefore belongs into ``fields``.

    Example:
        ``log.info("Greeted", extra={"fields": {"count": 3}})`` becomes
        ``<6>Greeted count=3``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines, each with its priority."""
        fields: dict[str, Any] = getattr(record, "fields", {})
        data = "".join(
            f" {name}={json.dumps(value, default=str)}"
            for name, value in fields.items()
        )
        first, *rest = super().format(record).splitlines() or [""]
        prefix = f"<{_priority(record.levelno)}>"
        return "\n".join(prefix + line for line in (first + data, *rest))


def _priority(level: int) -> int:
    """Return the syslog priority of a level of ``logging``."""
    return next(
        (number for least, number in _PRIORITIES if level >= least), _DEBUG
    )


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"journal": {"()": JournalFormatter}},
    "handlers": {
        "journal": {
            "class": "logging.StreamHandler",
            "formatter": "journal",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"level": "INFO", "handlers": ["journal"]},
}
"""The ``logging.config`` dictionary of both services."""
