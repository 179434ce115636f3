# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller side of `app_info`: checks the variables, then asks once."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    remedies,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _action,
)


class ActionModule(_action.AppAction):
    """Compare hosts with the applications of the variables."""

    SPEC: ClassVar[dict[str, Any]] = {
        **_action.AppAction.SPEC,
        **_action.VERIFY,
        "releases": {"type": "bool", "default": False},
    }

    def work(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Check the variables and read the host, in one remote call."""
        is_listing = boolean(self._task.args.get("releases", False))
        apps = self.collect(task_vars, is_named=is_listing)
        answer = self.ask(
            "app_info",
            apps,
            task_vars,
            releases=is_listing,
            verify=self._task.args.get("verify", "quick"),
        )
        for name, app in (answer.get("apps") or {}).items():
            app["warnings"] += [
                remedies.after_a_restart(name, failure)
                for failure in app.pop("failures", ())
            ]
        return answer
