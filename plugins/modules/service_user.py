#!/usr/bin/python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make or remove the account of a service."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_user
short_description: Make or remove the account of a service
version_added: 0.1.0
author: The pyfleet.services maintainers (@pyfleet)
description:
  - Makes a system account with a group of its own, the home
    C(/var/lib/<name>), no password and no login shell. The module does
    not create the home. systemd creates it with the right owner
    (C(StateDirectory=)).
  - The comment of the account says that this collection made it. The
    module neither changes nor removes an account without that comment,
    and refuses it unless O(adopt=true). The accounts of
    M(pyfleet.services.release) follow the same rules.
  - The module puts an account of this collection right when its home,
    its shell or its password was changed.
  - The module must run as root, so set O(ignore:become=true).
extends_documentation_fragment:
  - pyfleet.services.attributes
options:
  name:
    description:
      - Name of the account and of its group.
      - A name is a lower-case letter, followed by at most 30 lower-case
        letters, digits or hyphens. The module refuses the names of
        system accounts such as V(root) and V(nobody).
    type: str
    required: true
  state:
    description:
      - Whether the account exists. V(absent) removes the account and its
        group, and keeps all files. The module refuses to remove the
        account of an application that M(pyfleet.services.release)
        deployed, since the application's data belongs to it.
    type: str
    choices: [present, absent]
    default: present
  uid:
    description:
      - Number of the account and of its group. By default the next free
        number for system accounts.
      - The module refuses a number that is reserved, that belongs to
        another account or group, or that differs from the number of the
        existing account.
    type: int
  adopt:
    description:
      - Accept an account or group that this collection did not make.
        The account stays as it is. The module warns if somebody can log
        in with it.
      - With O(state=absent), the module keeps that account and warns.
      - The module refuses reserved numbers, such as that of V(root), all
        the same.
    type: bool
    default: false
attributes:
  diff_mode:
    description: Shows the fields of the account.
  platform:
    description: The module runs C(useradd), C(usermod) and C(userdel).
seealso:
  - module: pyfleet.services.release
  - module: pyfleet.services.unit
"""

EXAMPLES = r"""
- name: Make an account for a service
  pyfleet.services.service_user:
    name: hello
  become: true

- name: Make an account with the same number on every host
  pyfleet.services.service_user:
    name: hello
    uid: 789
  become: true

- name: Remove the account and keep its files
  pyfleet.services.service_user:
    name: hello
    state: absent
  become: true
"""

RETURN = r"""
account:
  description:
    - The account as it is after the task. It is empty if there is no
      account. In check mode C(uid) and C(gid) of a new account are null
      unless O(uid) is set.
  returned: success
  type: dict
  sample:
    name: hello
    uid: 998
    gid: 998
    group: hello
    comment: Service account made by pyfleet.services
    home: /var/lib/hello
    shell: /usr/sbin/nologin
    password: locked
actions:
  description: The programs that ran, or would run in check mode.
  returned: success
  type: list
  elements: str
  sample: [useradd]
"""

import os
from contextlib import nullcontext
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    holder,
    lock,
    printable,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    service_user,
)

ARGUMENTS: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "state": {
        "type": "str",
        "choices": ["present", "absent"],
        "default": "present",
    },
    "uid": {"type": "int"},
    "adopt": {"type": "bool", "default": False},
}
_PLANS = {
    "present": service_user.plan_present,
    "absent": service_user.plan_absent,
}


def _bring_about(
    wish: service_user.AccountWish, state: str, is_check: bool
) -> tuple[service_user.AccountPlan, dict[str, Any]]:
    """Plan, apply, and return the account after the change."""
    service_user.check(wish)
    # A deploy of an application of this name holds the same lock. Check
    # mode takes no lock: it may run beside a deploy.
    exclusive = (
        nullcontext()
        if is_check
        else lock.hold(
            wish.name, timeout=holder.SECONDS, owner=f"service_user {state}"
        )
    )
    with exclusive:
        plan = _PLANS[state](wish)
        if is_check:
            return plan, plan.after
        service_user.apply(plan)
        return plan, service_user.describe(wish.name)


def main() -> None:
    """Read, plan, apply, report."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    wish = service_user.AccountWish(
        params["name"], params["uid"], params["adopt"]
    )
    if os.geteuid() != 0:
        module.fail_json(
            msg="service_user reads and changes the accounts of the host, "
            "and only root may do that; set become: true"
        )
    try:
        plan, account = _bring_about(wish, params["state"], module.check_mode)
    except (errors.HostError, OSError) as error:
        module.fail_json(msg=errors.message(error))
    for warning in plan.warnings:
        module.warn(printable.line(warning))
    module.exit_json(
        changed=bool(plan.commands),
        account=account,
        actions=[argv[0] for argv in plan.commands],
        diff={
            "before": service_user.as_text(plan.before),
            "after": service_user.as_text(account),
        },
    )


if __name__ == "__main__":
    main()
