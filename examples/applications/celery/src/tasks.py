# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task, and a queue which is a directory."""

from __future__ import annotations

from pathlib import Path

from celery import Celery

# What the service may write, by its path: the worker alone is told it.
_STATE = Path("/var/lib/celery")
QUEUE = _STATE / "queue"
RESULTS = _STATE / "results"

app = Celery(
    "tasks", broker="filesystem://", backend=RESULTS.absolute().as_uri()
)
app.conf.broker_transport_options = {
    "data_folder_in": str(QUEUE),
    "data_folder_out": str(QUEUE),
    "control_folder": str(_STATE / "control"),
}


@app.task
def add(left: int, right: int) -> int:
    """Return the sum of two numbers."""
    return left + right
