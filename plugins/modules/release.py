#!/usr/bin/python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploy applications: validate, prepare and activate releases."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Validate, prepare and activate releases of applications
version_added: 0.1.0
author: The pyfleet.services maintainers (@pyfleet)
description:
  - Brings a Python application to its wanted state on a host. The
    module lays down the virtualenv and the code under digests of their
    content, and renders the units for the systemd of the host. The new
    release becomes current only after its services have proven
    themselves healthy. Otherwise the old release serves again.
  - Requirements are resolved and wheels are fetched on the controller,
    by C(uv), which must be installed there. The host needs Python 3.9
    or newer and systemd, and no access to a package index.
  - The module must run as root, so set O(ignore:become=true).
extends_documentation_fragment:
  - pyfleet.services.attributes
  - pyfleet.services.application
options:
  state:
    description:
      - V(validated) refuses an application that cannot be deployed, and
        tells what a deploy would do.
      - V(prepared) also lays down account, virtualenv, code and
        configuration. It changes no unit.
      - V(active) also activates the release.
      - V(rolled_back) goes back to an earlier release, offline and with
        the same proof. Only the name of the application is needed.
    type: str
    choices: [validated, prepared, active, rolled_back]
    default: active
  to:
    description:
      - Number of the release to go back to; by default the one before
        the current one. Only with O(state=rolled_back).
    type: int
  ahead:
    description:
      - Go ahead of the other hosts. On the first host of the play, bring
        about O(state=active) for applications with commands of
        C(before_switch) that run C(once); do nothing on other hosts, and
        nothing where no command runs once.
      - The other hosts activate in a later task of the same play, once
        this one has succeeded on the first host. They read its result,
        which role C(pyapp) registers as C(__pyapp_ahead).
    type: bool
    default: false
  bundle:
    description:
      - Path of the archive that the controller shipped. The action
        plugin sets this option.
    type: path
attributes:
  check_mode:
    description: Plans and validates; resolves requirements as well.
  diff_mode:
    description: Shows the units, never contents of configuration files.
seealso:
  - module: pyfleet.services.app_info
"""

EXAMPLES = r"""
- name: Deploy an application that the variables pyapp_* describe
  pyfleet.services.release:
    state: active
  become: true

- name: Deploy an application described in place
  pyfleet.services.release:
    app:
      name: hello
      source:
        packages: [gunicorn==23.0.0]
        files: src
      services:
        main:
          exec: gunicorn --bind 127.0.0.1:8000 hello.app:app
          type: notify
          needs: [localhost]
          health: {http: "http://127.0.0.1:8000/health"}
  become: true

- name: Go back to release 3
  pyfleet.services.release:
    app: {name: hello}
    state: rolled_back
    to: 3
  become: true
"""

RETURN = r"""
apps:
  description:
    - The work that the module did, or would do in check mode, by
      application. C(action) is V(activate), V(heal), V(roll back),
      V(remove), V(nothing) and the like. C(build) lists the commands
      that check mode does not run. C(stops) gives for each unit that
      runs and is stopped or restarted the time after which systemd
      kills what is left of it (C(stop_timeout)).
  returned: when the host was asked
  type: dict
  sample:
    hello:
      action: activate
      added: [hello.service]
      build: []
      changed: true
      code: 1f2e3d4c5b6a
      environment: 0a1b2c3d4e5f
      name: hello
      notices: []
      release: 3
      removed: []
      restarted: [hello.service]
      stopped: []
      stops: {hello.service: 90s}
      warnings: []
"""

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    wire,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    drift,
    fit,
    observe,
    phases,
    removal,
    request,
    rollback,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    detached,
    errors,
    holder,
    lock,
    printable,
)

# The child ends by its own deadlines. Only the deadlines that the user
# gives are longer than minutes.
_APPLY_SECONDS = 86_400.0
_PHASES = {"prepared": phases.prepare, "active": phases.activate}


def _roll_back(
    layout: layouts.Layout, to: int | None, is_check: bool
) -> dict[str, Any]:
    if is_check:
        return rollback.plan(layout, to)
    owner = "release rolled_back"
    with lock.hold(layout.app, timeout=holder.SECONDS, owner=owner):
        return _detached(layout.app, lambda: rollback.roll_back(layout, to))


def _detached(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    # The child survives the loss of the connection: it finishes the
    # work or rolls back.
    return detached.run(
        work,
        result_path=f"{holder.DIRECTORY}/{name}.result",
        timeout=_APPLY_SECONDS,
    )


def _deploy(
    order: request.Request, state: str, is_check: bool
) -> dict[str, Any]:
    name = order.layout.app
    if order.app.state == "absent":
        return _remove(order, state, is_check)
    if is_check or state == "validated":
        return phases.validate(order)
    with lock.hold(name, timeout=holder.SECONDS, owner=f"release {state}"):
        return _detached(name, lambda: _PHASES[state](order))


def _remove(
    order: request.Request, state: str, is_check: bool
) -> dict[str, Any]:
    layout, is_data = order.layout, order.app.remove_data
    if is_check or state != "active":
        is_gone = drift.is_absent(observe.read_one(layout), is_data=is_data)
        changed = not is_gone and state != "prepared"
        return {"name": layout.app, "changed": changed, "action": "remove"}
    owner = "release absent"
    with lock.hold(layout.app, timeout=holder.SECONDS, owner=owner):
        return removal.remove(observe.read_one(layout), is_data=is_data)


def _bring_about(
    order: request.Request, params: dict[str, Any], is_check: bool
) -> dict[str, Any]:
    if params["state"] == "rolled_back":
        return _roll_back(order.layout, params["to"], is_check)
    return _deploy(order, params["state"], is_check)


def _orders(params: dict[str, Any]) -> dict[str, request.Request]:
    wanted = wire.decode(params["wanted"])
    return {
        name: request.Request(
            app=app,
            lock=wanted.locks.get(name, model.NO_LOCK),
            collection=wanted.collection,
            bundle=params["bundle"],
            is_first=wanted.is_first,
            is_full=params["verify"] == "full",
        )
        for name, app in wanted.apps.items()
    }


def _refuse_misfits(
    module: AnsibleModule, orders: dict[str, request.Request]
) -> None:
    """Let the controller decide anew if the host has changed.

    The deploy has changed nothing so far, so the action plugin reads
    the host and calls this module again.
    """
    for name, order in orders.items():
        if order.app.state == "absent":
            continue
        try:
            reason = fit.misfit(order)
        except errors.HostError as error:
            reason = str(error)
        if reason:
            module.fail_json(
                msg=printable.block(
                    f"{name}: this host changed while the deploy was "
                    f"prepared: {reason}. Nothing was changed by the deploy; "
                    "run it again"
                ),
                is_misfit=True,
            )


def _deploy_all(module: AnsibleModule) -> None:
    """Bring all applications to their wanted state, and report."""
    orders = _orders(module.params)
    if module.params["state"] in _PHASES and not module.check_mode:
        _refuse_misfits(module, orders)
    results: dict[str, Any] = {}
    diff: list[Any] = []
    for name, order in orders.items():
        try:
            result = _bring_about(order, module.params, module.check_mode)
        except (errors.HostError, OSError) as error:
            message = errors.message(error, name if len(orders) > 1 else "")
            module.fail_json(msg=message, apps=results)
        diff += result.pop("diff", [])
        results[name] = result
        # A notice names a protection that the host does not give.
        for kind in ("warnings", "notices"):
            for text in result.get(kind, ()):
                module.warn(printable.line(text))
    module.exit_json(
        changed=any(result["changed"] for result in results.values()),
        apps=results,
        diff=diff,
    )


def main() -> None:
    """Read the wanted state, bring the host to it, report."""
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "dict"},
            "wanted": {"type": "str", "no_log": True},
            "ahead": {"type": "bool", "default": False},
            "bundle": {"type": "path"},
            "state": {
                "type": "str",
                "choices": ["validated", *_PHASES, "rolled_back"],
                "default": "active",
            },
            "to": {"type": "int"},
            "verify": {
                "type": "str",
                "choices": ["quick", "full"],
                "default": "quick",
            },
        },
        supports_check_mode=True,
    )
    _deploy_all(module)


if __name__ == "__main__":
    main()
