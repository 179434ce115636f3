# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller side of `virtualenv`: resolves, fetches and ships."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _action,
    _application,
    _bundle,
    _delivery,
    _errors,
    _index,
    _sources,
    _variables,
)

_HOST_ARGUMENTS = ("path", "python")


class ActionModule(_action.AppAction):
    """Make a virtualenv of requirements known to the controller."""

    SPEC: ClassVar[dict[str, Any]] = {
        "path": {"type": "path", "required": True},
        "packages": {"type": "list", "elements": "str"},
        "requirements": {"type": "path"},
        "index_url": {"type": "str", "no_log": True},
        "python": {"type": "str"},
    }

    def work(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Ask the host for its Python, resolve, ship missing files."""
        args = _variables.plain(self._task.args, task_vars.get("omit"))
        _check_path(args["path"])
        source = _source(args)
        finder = _sources.Finder(self._task, self._loader)
        requirements = _read(source, finder)
        index = _index.Index(source.index_url)
        host = {name: args[name] for name in _HOST_ARGUMENTS if name in args}
        info = self._run(host, task_vars)
        if info.get("failed"):
            return info
        here = info["environment"] or ""
        with _delivery.named("the requirements"):
            delivery = _delivery.lock_for(
                requirements,
                index,
                model.load_interpreter(info["interpreter"]),
                [here],
            )
        host["lock"] = asdict(delivery.lock)
        if self._task.check_mode:
            return self._run(host, task_vars)
        with _bundle.bundle({"": delivery}, {"": index}) as path:
            if path:
                host["bundle"] = self.ship(path)
            return self._run(host, task_vars)

    def _run(
        self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]
    ) -> dict[str, Any]:
        answer: dict[str, Any] = self._execute_module(
            module_name="pyfleet.services.virtualenv",
            module_args=dict(arguments),
            task_vars=task_vars,
        )
        return answer


def _read(source: model.Source, finder: _sources.Finder) -> list[str]:
    """Return the requirements, of which there must be one."""
    requirements = _application.read_source(source, finder, "")
    if not requirements:
        raise _errors.RefusedError(
            [
                "requirements: does not hold a requirement; list at least "
                "one package"
            ]
        )
    return requirements


def _check_path(path: str) -> None:
    is_plain = re.fullmatch(r"/[^\0-\x1f\x7f]*", path)
    if not is_plain or ".." in path.split("/"):
        raise _errors.RefusedError(
            [
                f"path: {path!r} is not an absolute path without '..' and "
                "control characters"
            ]
        )


def _source(args: Mapping[str, Any]) -> model.Source:
    source: dict[str, object] = {
        name: args[name]
        for name in ("packages", "requirements")
        if name in args
    }
    if args.get("index_url"):
        source["index"] = {"url": args["index_url"]}
    messages = [
        # The options have names of their own in this module.
        message.replace("index.url:", "index_url:", 1).removeprefix("source.")
        for message in contract.check_source(source, "")
    ]
    if messages:
        raise _errors.RefusedError(messages)
    return contract.normalise_source(source)
