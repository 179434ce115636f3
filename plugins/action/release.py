# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller side of `release`: resolves, fetches and ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _action,
    _application,
    _bundle,
    _delivery,
    _environment,
    _errors,
    _fleet,
)

# Role pyapp sets this variable where it includes tasks right after
# app_info.
FRESH = "__pyapp_info_is_fresh"


class ActionModule(_action.AppAction):
    """Deploy the applications that the variables describe."""

    SPEC: ClassVar[dict[str, Any]] = {
        **_action.AppAction.SPEC,
        "state": {
            "type": "str",
            "choices": ["validated", "prepared", "active", "rolled_back"],
            "default": "active",
        },
        "to": {"type": "int"},
        "ahead": {"type": "bool", "default": False},
        **_action.VERIFY,
    }

    def work(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Read the host, ship the files that it lacks, and deploy."""
        if self._task.args.get("state") == "rolled_back":
            apps = self.collect(task_vars, is_named=True)
            arguments = {
                k: v for k, v in self._task.args.items() if k != "app"
            }
            return self.ask("release", apps, task_vars, **arguments)
        if boolean(self._task.args.get("ahead", False)):
            return self._go_ahead(task_vars)
        apps = self.collect(task_vars)
        fleet = _fleet.Fleet(task_vars)
        if self._task.check_mode and fleet.is_first:
            # The task before planned these applications, and nothing
            # has changed since.
            apps = {
                name: app
                for name, app in apps.items()
                if not fleet.has_gone_ahead(name)
            }
        return self._bring_about(apps, task_vars)

    @property
    def _verify(self) -> dict[str, Any]:
        return {"verify": self._task.args.get("verify", "quick")}

    def _go_ahead(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Deploy the applications with commands that run once."""
        apps: Mapping[str, _application.Application] = {}
        if _fleet.Fleet(task_vars).is_first:
            # An application without such a command waits for the next
            # task, so its files are not read here.
            apps = self.collect(task_vars, only=_fleet.once)
        if not apps:
            return {"changed": False, "skipped": True}
        try:
            result = self._bring_about(apps, task_vars)
        except _errors.ControllerError as error:
            result = {"failed": True, "msg": str(error)}
        # The other hosts read this result, whether the deploy succeeded
        # or not.
        return {**result, "ahead": list(apps)}

    def _bring_about(
        self,
        apps: Mapping[str, _application.Application],
        task_vars: dict[str, Any],
    ) -> dict[str, Any]:
        if not apps:
            return {"changed": False, "apps": {}}
        info = _handed_on(apps, task_vars)
        if info:
            result = self._bring_to(info, apps, task_vars)
            # The host may have changed since the task before, and the
            # module refuses to begin then.
            if not result.pop("is_misfit", False):
                return result
        info = self.ask("app_info", apps, task_vars, **self._verify)
        if info.get("failed") or info.get("unreachable"):
            return dict(info)
        result = self._bring_to(info, apps, task_vars)
        result.pop("is_misfit", None)
        return result

    def _bring_to(
        self,
        info: Mapping[str, Any],
        apps: Mapping[str, _application.Application],
        task_vars: dict[str, Any],
    ) -> dict[str, Any]:
        """Deploy the applications that are not as wanted.

        Args:
            info: The answer of `app_info` for the host.
            apps: The applications.
            task_vars: All variables of the host.
        """
        apps = {
            name: app
            for name, app in apps.items()
            if not info["apps"][name]["converged"]
        }
        if not apps:
            return {"changed": False, "apps": {}}
        for text in _judge_files(apps, info):
            self._display.warning(text)
        fleet = _fleet.Fleet(task_vars)
        if self._task.args.get("state", "active") == "active":
            _refuse_early(apps, fleet)
        deliveries = {
            name: _delivery.decide(
                app, _delivery.Found.load(info["apps"][name]["deploy"])
            )
            for name, app in apps.items()
            if app.wanted.is_wanted
        }
        return self._deploy(apps, deliveries, task_vars, fleet.is_first)

    def _deploy(
        self,
        apps: Mapping[str, _application.Application],
        deliveries: Mapping[str, _delivery.Delivery],
        task_vars: dict[str, Any],
        is_first: bool,
    ) -> dict[str, Any]:
        state = self._task.args.get("state", "active")
        arguments: dict[str, Any] = {
            **self._verify,
            "state": state,
            "locks": {name: d.lock for name, d in deliveries.items()},
            "is_first": is_first,
        }
        if self._task.check_mode or state == "validated":
            return self.ask("release", apps, task_vars, **arguments)
        indexes = {name: app.index for name, app in apps.items()}
        with _bundle.bundle(deliveries, indexes) as path:
            if path:
                arguments["bundle"] = self.ship(path)
            return self.ask("release", apps, task_vars, **arguments)


def _handed_on(
    apps: Mapping[str, _application.Application], task_vars: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return the answer of the task before, if it still holds.

    Role pyapp reads the host, and right after that includes the tasks
    that deploy, with a variable that says so. The answer decides only
    which files are shipped. The module decides anew, under its lock,
    whether there is anything to do.

    Returns:
        The answer of `app_info`; None if the host has to be asked.
    """
    info = task_vars.get(_fleet.INFO)
    if not task_vars.get(FRESH) or not isinstance(info, Mapping):
        return None
    found = info.get("apps") or {}
    ahead = task_vars.get(_fleet.AHEAD) or {}
    for name in apps:
        # A converged application is not deployed. An old answer must
        # not decide that.
        is_open = name in found and not found[name]["converged"]
        if not is_open or name in ahead.get("ahead", ()):
            return None
    return info


def _judge_files(
    apps: Mapping[str, _application.Application], info: Mapping[str, Any]
) -> list[str]:
    """Refuse environment files that systemd misreads; return warnings.

    Raises:
        RefusedError: The host's systemd drops or misreads a line.
    """
    return [
        text
        for name, app in apps.items()
        if app.environment_files
        for text in _environment.judge(
            app.environment_files, info["apps"][name]["deploy"]["systemd"]
        )
    ]


def _refuse_early(
    apps: Mapping[str, _application.Application], fleet: _fleet.Fleet
) -> None:
    """Refuse to switch before the commands that run once have run.

    Raises:
        ControllerError: The first host failed, or has not run them.
    """
    if fleet.is_first:
        return
    for name, app in apps.items():
        commands = _fleet.once(app.wanted)
        problem = fleet.problem(name) if commands else None
        if problem:
            raise _errors.ControllerError(
                f"{name}: {', '.join(map(repr, commands))} of before_switch "
                f"runs once, on {fleet.first}, before any other host "
                f"switches, and {problem}. Nothing was changed here. Mend "
                f"{fleet.first} and deploy again, or leave it out (--limit "
                f"'!{fleet.first}'), so that another host is the first"
            )
