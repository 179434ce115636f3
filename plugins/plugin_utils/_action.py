# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of the action plugins that describe applications."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import yaml
from ansible.plugins.action import ActionBase

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
    wire,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    printable,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _application,
    _errors,
    _sources,
    _variables,
)

# An option of every module that looks at artifacts.
VERIFY: dict[str, Any] = {
    "verify": {
        "type": "str",
        "choices": ["quick", "full"],
        "default": "quick",
    }
}


class AppAction(ActionBase):  # type: ignore[misc]
    """Base of the action plugins that describe applications."""

    _supports_check_mode = True
    # The options of the task, as the module documents them.
    SPEC: ClassVar[dict[str, Any]] = {"app": {"type": "dict"}}

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Run the task, and report errors without a traceback."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self.validate_argument_spec(argument_spec=self.SPEC)
        try:
            result.update(self.work(task_vars or {}))
        except _errors.ControllerError as error:
            result.update(failed=True, msg=printable.block(str(error)))
        return result

    def work(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Do the work of the action; return its result."""
        raise NotImplementedError

    def collect(
        self,
        task_vars: Mapping[str, Any],
        *,
        is_named: bool = False,
        only: Callable[[model.App], object] = bool,
    ) -> dict[str, _application.Application]:
        """Read every application of the task.

        Args:
            task_vars: All variables of the host.
            is_named: Whether the task is about applications that are
                deployed already, so that a name is enough and nothing
                is read on the controller.
            only: Tells whether an application is of interest. The files
                of the others are not read.

        Raises:
            ControllerError: A variable or a file is wrong.
        """
        finder = _sources.Finder(self._task, self._loader)
        found = _variables.applications(
            self._task.args.get("app"),
            task_vars,
            self._templar,
            is_named=is_named,
        )
        return {
            app.name: _application.read(app, finder, is_named=is_named)
            for app in found
            if only(app)
        }

    def ask(
        self,
        module: str,
        apps: Mapping[str, _application.Application],
        task_vars: Mapping[str, Any],
        *,
        locks: Mapping[str, model.Lock] | None = None,
        is_first: bool = True,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Run one of our modules on the host, for these applications.

        Args:
            module: Its name.
            apps: The applications.
            task_vars: All variables of the host.
            locks: The locks for the host, by application.
            is_first: Whether the host is the first of the fleet.
            arguments: The module's other options.
        """
        wanted = wire.Wanted(
            collection=collection_version(),
            apps={name: app.wanted for name, app in apps.items()},
            locks=locks or {},
            is_first=is_first,
        )
        answer: dict[str, Any] = self._execute_module(
            module_name=f"pyfleet.services.{module}",
            module_args={"wanted": wire.encode(wanted), **arguments},
            task_vars=task_vars,
        )
        return answer

    def ship(self, path: str) -> str:
        """Copy a file into the task's own directory on the host."""
        folder = self._connection._shell.tmpdir or self._make_tmp_path()
        remote: str = self._connection._shell.join_path(folder, "bundle.tar")
        self._transfer_file(path, remote)
        return remote


def collection_version() -> str:
    """Return the version of this collection, installed or checked out."""
    for name in ("MANIFEST.json", "galaxy.yml"):
        path = os.path.join(_sources.COLLECTION, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                data = yaml.safe_load(file)
            return str(data.get("collection_info", data)["version"])
    raise _errors.ControllerError(
        f"{_sources.COLLECTION} has neither MANIFEST.json nor galaxy.yml; "
        "install the collection again"
    )
