# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the host that runs commands once for a fleet, and its result.

The first host of the play goes ahead in a task of its own. Strategy
linear lets no host begin the next task before all hosts have ended this
one, so that the others find the registered result of the first host
among its variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)

# The names under which the tasks of role pyapp register their results.
AHEAD = "__pyapp_ahead"
INFO = "__pyapp_info"


class Fleet:
    """The hosts of the play, seen from one of them.

    Args:
        task_vars: All variables of this host.
    """

    def __init__(self, task_vars: Mapping[str, Any]) -> None:
        hosts = task_vars.get("ansible_play_hosts_all") or []
        self._vars = task_vars
        self._own = str(task_vars.get("inventory_hostname", ""))
        self.first = str(hosts[0]) if hosts else self._own

    @property
    def is_first(self) -> bool:
        """Whether this host is the first of the play.

        The first host of the whole play counts, and not the first of a
        batch (serial). Hosts that --limit leaves out do not count.
        """
        return self._own == self.first

    def has_gone_ahead(self, app: str) -> bool:
        """Whether the first host has deployed an application already."""
        ahead = self._registered(AHEAD)
        return app in ahead.get("ahead", ()) and not ahead.get("failed")

    def problem(self, app: str) -> str | None:
        """Tell why the other hosts cannot go on with an application.

        Args:
            app: Name of the application.

        Returns:
            The state of the first host, as the end of a sentence;
            None if it has gone ahead or had nothing to do.
        """
        ahead = self._registered(AHEAD)
        if app in ahead.get("ahead", ()):
            return "failed there" if ahead.get("failed") else None
        found = self._registered(INFO).get("apps", {}).get(app, {})
        if found.get("converged"):
            return None
        alive = self._vars.get("ansible_play_hosts") or []
        if self.first not in alive or ahead.get("unreachable"):
            return "was not reached: that host failed or is unreachable"
        return (
            "has not run there in this play; use role pyapp with the "
            "strategy linear, on all of its hosts"
        )

    def _registered(self, name: str) -> Mapping[str, Any]:
        hosts = self._vars.get("hostvars") or {}
        found = hosts[self.first].get(name) if self.first in hosts else None
        return found if isinstance(found, Mapping) else {}


def once(app: model.App) -> list[str]:
    """Return the commands of an application that run once in a fleet.

    Args:
        app: The wanted application.
    """
    return [item.exec for item in app.before_switch if item.once]
