# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller side of `release`: resolves, fetches and ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.pyfleet.services.plugins.plugin_utils._task import (
    AppAction,
    Application,
    Lock,
    bundle,
    decide,
)


class ActionModule(AppAction):
    """Deploy what the variables describe, where it is not yet so."""

    SPEC: ClassVar[dict[str, Any]] = {
        **AppAction.SPEC,
        "state": {
            "type": "str",
            "choices": ["validated", "prepared", "active", "rolled_back"],
            "default": "active",
        },
        "to": {"type": "int"},
    }

    def work(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Ask the host what it has, ship what it lacks, and deploy."""
        if self._task.args.get("state") == "rolled_back":
            apps = self.collect(task_vars, is_named=True)
            arguments = {
                k: v for k, v in self._task.args.items() if k != "app"
            }
            return self.ask("release", apps, task_vars, **arguments)
        apps = self.collect(task_vars)
        info = self.ask("app_info", apps, task_vars)
        if info.get("failed") or info.get("unreachable"):
            return info
        apps = {
            name: app
            for name, app in apps.items()
            if not info["apps"][name]["converged"]
        }
        if not apps:
            return {"changed": False, "apps": {}}
        locks = {
            name: decide(app, info["apps"][name])
            for name, app in apps.items()
            if app.wanted["state"] == "present"
        }
        return self._deploy(apps, locks, task_vars)

    def _deploy(
        self,
        apps: Mapping[str, Application],
        locks: Mapping[str, Lock],
        task_vars: dict[str, Any],
    ) -> dict[str, Any]:
        state = self._task.args.get("state", "active")
        arguments: dict[str, Any] = {
            "state": state,
            "locks": {name: lock.facts for name, lock in locks.items()},
        }
        if self._task.check_mode or state == "validated":
            return self.ask("release", apps, task_vars, **arguments)
        indexes = {name: app.index for name, app in apps.items()}
        with bundle(locks, indexes) as path:
            if path:
                arguments["bundle"] = self.ship(path)
            return self.ask("release", apps, task_vars, **arguments)
