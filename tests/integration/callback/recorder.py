# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the results of a playbook run to a file, for tests to read."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: recorder
    type: notification
    short_description: writes every result as a line of JSON
    description:
      - Appends one line of JSON for each result, and one with the recap,
        to the file that the environment variable PYFLEET_RECORD names.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Records what happened on each host."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorder"

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(
        self, result: Any, ignore_errors: bool = False
    ) -> None:
        self._record("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record("unreachable", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record("skipped", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        recap = {host: stats.summarize(host) for host in stats.processed}
        self._write({"recap": recap})

    def _record(self, outcome: str, result: Any) -> None:
        self._write(
            {
                "outcome": outcome,
                "host": result.host.get_name(),
                "result": result.result,
            }
        )

    def _write(self, data: dict[str, Any]) -> None:
        with open(os.environ["PYFLEET_RECORD"], "a", encoding="utf-8") as file:
            file.write(json.dumps(data, default=str) + "\n")
