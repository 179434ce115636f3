#!/usr/bin/python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell how an application is on a host, and whether that is as wanted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: app_info
short_description: Tell how applications are on a host, and with what drift
version_added: 0.1.0
author: The pyfleet.services maintainers (@pyfleet)
description:
  - Reads the real state of applications that M(pyfleet.services.release)
    deploys - account, artifacts, unit files, links, loaded units,
    activity and health - and compares it with what is wanted.
  - One call answers for all applications of a host. The role C(pyapp)
    does nothing more on a host that this module calls converged.
  - Fails if the variables break the contract, or if a name would seize
    what belongs to somebody else on the host.
extends_documentation_fragment:
  - pyfleet.services.application
attributes:
  check_mode:
    support: full
    description: Changes nothing.
  diff_mode:
    support: none
    description: There is nothing to compare.
  platform:
    support: full
    platforms: linux
    description: Hosts whose PID 1 is systemd.
seealso:
  - module: pyfleet.services.release
"""

EXAMPLES = r"""
- name: Read the state of the application that the variables describe
  pyfleet.services.app_info:
  register: web_info

- name: Show why it is not as wanted
  ansible.builtin.debug:
    var: web_info.apps.hello.reasons
  when: not web_info.converged
"""

RETURN = r"""
converged:
  description: Whether every application is as wanted.
  returned: success
  type: bool
  sample: true
apps:
  description: What was found, by application.
  returned: success
  type: dict
  sample:
    hello:
      converged: true
      reasons: []
      release: 3
      environment: 0a1b2c3d4e5f
      code: 1f2e3d4c5b6a
      units: {hello.service: active}
      warnings: []
"""

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    interpreter,
    observe,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._release import (  # noqa: E501
    wanted as wishes,
)


def _read(wanted: dict[str, Any]) -> dict[str, Any]:
    apps = wanted["apps"]
    manager = systemctl.manager()
    return {
        name: _describe(apps[name], observed, manager)
        for name, observed in observe.read(list(apps)).items()
    }


def _describe(
    app: dict[str, Any], observed: observe.Observed, manager: systemctl.Manager
) -> dict[str, Any]:
    if app["state"] == "absent":
        return _absent(observed)
    units = [
        observed.layout.unit_name(key)
        for key, service in app["services"].items()
        if service["state"] != "absent"
    ]
    taken = list(observe.taken(observed, units))
    if taken:
        raise errors.HostError(observe.refusal(observed, taken))
    reasons = observe.drift(observed, app, manager)
    generation = observed.generation
    found = {
        "converged": not reasons,
        "reasons": reasons,
        "release": generation.sequence if generation else None,
        "environment": generation.environment if generation else None,
        "code": generation.code if generation else None,
        "units": {
            name: unit.properties.get("ActiveState")
            for name, unit in observed.units.items()
        },
        "warnings": observe.foreign_drop_ins(observed),
    }
    return (
        {**found, "deploy": _for_deploy(app, observed)} if reasons else found
    )


def _absent(observed: observe.Observed) -> dict[str, Any]:
    reasons = []
    if observed.generation is not None:
        reasons.append("it is deployed here")
    if observed.is_interrupted:
        reasons.append("a run on it has not ended, or has died")
    return {"converged": not reasons, "reasons": reasons, "units": {}}


def _for_deploy(
    app: dict[str, Any], observed: observe.Observed
) -> dict[str, Any]:
    """Return what the controller must know to deploy the application."""
    generation, layout = observed.generation, observed.layout
    return {
        "interpreter": asdict(interpreter.find(app.get("python", ""))),
        "environments": observe.complete(f"{layout.opt}/envs"),
        "codes": observe.complete(f"{layout.opt}/code"),
        "source": dict(generation.source) if generation else {},
        "made_with": dict(generation.interpreter) if generation else {},
    }


def main() -> None:
    """Read, compare, report; change nothing."""
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "dict"},
            "wanted": {"type": "str", "no_log": True},
        },
        supports_check_mode=True,
    )
    try:
        apps = _read(wishes.decode(module.params["wanted"]))
    except errors.HostError as error:
        module.fail_json(msg=str(error))
    for app in apps.values():
        for warning in app.get("warnings", ()):
            module.warn(warning)
    module.exit_json(
        changed=False,
        converged=all(app["converged"] for app in apps.values()),
        apps=apps,
    )


if __name__ == "__main__":
    main()
