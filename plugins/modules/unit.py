#!/usr/bin/python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install, enable and start validated unit files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: unit
short_description: Install, enable and start validated systemd units
version_added: 0.1.0
author: The pyfleet.services maintainers (@pyfleet)
description:
  - Validates a unit as M(pyfleet.services.unit_validate) does, for the
    systemd that runs on the host. It refuses a bad unit before it changes
    anything. It writes a good unit atomically, and loads, enables and
    starts it.
  - The module restarts a running unit whose file or drop-ins changed.
  - After loading, the module asks systemd whether it took the unit. If
    systemd did not, the module puts the files back as they were. Then it
    compares the values that systemd has with those in the files. A
    difference is a warning and a finding (C(host-differs)).
  - The first line of a drop-in says that this module wrote it. The module
    removes such a drop-in when O(drop_ins) no longer names it. It keeps
    the drop-ins of others, with a warning.
extends_documentation_fragment:
  - pyfleet.services.attributes
  - pyfleet.services.unit_file
options:
  name:
    description:
      - File name of the unit, such as C(hello.service).
    type: str
    required: true
  state:
    description:
      - Whether the unit file is there. V(absent) stops and disables the
        unit and removes its file and the drop-ins that this module
        wrote. It keeps the drop-ins of others, with a warning.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - Whether the unit starts at boot. By default the module leaves
        that as it is.
    type: bool
  started:
    description:
      - Whether the unit runs. By default the module leaves that as it
        is, except for the restart after a change.
    type: bool
  restarted:
    description:
      - Whether the module restarts a running unit when its files
        changed.
    type: bool
    default: true
attributes:
  diff_mode:
    description: Shows the unit files.
seealso:
  - module: pyfleet.services.unit_validate
"""

EXAMPLES = r"""
- name: Install, enable and start a service
  pyfleet.services.unit:
    name: hello.service
    options:
      Unit:
        Description: Hello
        After: network.target
      Service:
        ExecStart: /usr/bin/hello
        User: hello
      Install:
        WantedBy: multi-user.target
    enabled: true
    started: true

- name: Remove the service
  pyfleet.services.unit:
    name: hello.service
    state: absent
"""

RETURN = r"""
findings:
  description:
    - The findings of M(pyfleet.services.unit_validate), at most 1000, and
      the values that systemd did not take over when it loaded the unit.
  returned: when O(state=present)
  type: list
  elements: dict
findings_left_out:
  description: How many findings RV(findings) leaves out, by their level.
  returned: when there are more findings than RV(findings) has
  type: dict
exposure:
  description: The score of a service from 0 to 10 and its level.
  returned: when O(state=present) and the unit is a service
  type: dict
actions:
  description: The actions that were done, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [write /etc/systemd/system/hello.service, daemon-reload, start]
"""

from contextlib import nullcontext
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    lock,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    environment_files,
    install,
    sources,
    trees,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    consult,
    read_back,
)

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "content": {"type": "str"},
    "options": {"type": "dict"},
    "drop_ins": {"type": "dict", "default": {}},
    "state": {
        "type": "str",
        "choices": ["present", "absent"],
        "default": "present",
    },
    "enabled": {"type": "bool"},
    "started": {"type": "bool"},
    "restarted": {"type": "bool", "default": True},
    "exposure_max": {"type": "float"},
    "strict": {"type": "bool", "default": False},
}


def _verdict(
    source: trees.UnitSource, params: dict[str, Any]
) -> verdict.Verdict:
    policy = sources.read_policy(params)
    target = sources.read_target(None, None)
    return verdict.judge(
        source.name,
        source.document,
        source.drop_in_documents,
        target,
        policy,
        consult=consult.consult,
        look=environment_files.look,
    )


def _read_back(unit: merged.MergedUnit) -> list[report.Finding]:
    """Compare the loaded unit with its files; systemd loads no template."""
    return [] if "@." in unit.name else read_back.read_back(unit)


def _run(module: AnsibleModule) -> dict[str, Any]:
    params = module.params
    wish = install.UnitWish(
        params["name"],
        enabled=params["enabled"],
        started=params["started"],
        restarted=params["restarted"],
    )
    if params["state"] == "absent":
        return _carry_out(module, install.plan_removal(wish))
    source = sources.read_sources(params)[0]
    verdict = _verdict(source, params)
    result = verdict.as_dict(with_checks=False)
    del result["valid"]
    if not verdict.is_valid:
        module.fail_json(
            msg="\n".join(verdict.problems), changed=False, **result
        )
    done = _carry_out(module, install.plan_install(wish, source))
    if not module.check_mode:
        for finding in _read_back(verdict.unit):
            module.warn(str(finding))
            result["findings"].append(finding.as_dict())
    return {**result, **done}


def _carry_out(
    module: AnsibleModule, plan: install.UnitPlan
) -> dict[str, Any]:
    """Carry out a plan, except in check mode."""
    if not module.check_mode:
        install.apply(plan)
    for path in plan.kept:
        module.warn(
            f"{path} was not written by this module and stays in force. The"
            " module did not validate it: name it in drop_ins to replace it,"
            " or remove it"
        )
    return {
        "changed": bool(plan.actions),
        "actions": list(plan.actions),
        "diff": plan.diff,
    }


def main() -> None:
    """Read, judge, plan, apply, report."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        mutually_exclusive=[("content", "options")],
        supports_check_mode=True,
    )
    # Check mode takes no lock: it may run beside a deployment.
    exclusive = (
        nullcontext()
        if module.check_mode
        else lock.hold("units", timeout=60, owner="module unit")
    )
    try:
        with exclusive:
            result = _run(module)
    except (errors.HostError, ValueError) as error:
        module.fail_json(msg=report.printable(str(error)))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
