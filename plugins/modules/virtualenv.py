#!/usr/bin/python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a virtualenv that is whole, or keep the one before it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: virtualenv
short_description: Make virtualenvs that are whole and never change
version_added: 0.1.0
author: The pyfleet.services maintainers (@pyfleet)
description:
  - Makes O(path) a link to a virtualenv that holds exactly the wheels
    which the requirements resolve to. For other requirements the module
    makes another virtualenv beside it and switches the link in one step,
    so that no process ever sees a half-built virtualenv.
  - Requirements are resolved and wheels are fetched on the controller,
    by C(uv), which must be installed there. The host needs Python 3.9
    or newer, and no access to a package index.
  - The module restarts no service that uses the virtualenv. For whole
    applications see M(pyfleet.services.release).
extends_documentation_fragment:
  - pyfleet.services.attributes
options:
  path:
    description:
      - Path of the link. The virtualenvs stand in a directory C(envs)
        beside it. Every directory above must belong to root.
    type: path
    required: true
  packages:
    description: Pinned requirements.
    type: list
    elements: str
  requirements:
    description: Requirements file on the controller.
    type: path
  index_url:
    description:
      - URL of the package index, in place of the controller's default.
        It is not sent to the host.
    type: str
  python:
    description:
      - Version such as V(3.11) or path of an interpreter on the host; by
        default the host's python3.
    type: str
  lock:
    description: Wheels to install. The action plugin sets this option.
    type: dict
  bundle:
    description: Path of the shipped wheels. The action plugin sets it.
    type: path
attributes:
  diff_mode:
    description: Shows which virtualenv the link leads to.
  platform:
    description: Linux hosts.
seealso:
  - module: pyfleet.services.release
"""

EXAMPLES = r"""
- name: Make a virtualenv for a tool
  pyfleet.services.virtualenv:
    path: /opt/tool/venv
    packages: [httpie==3.2.4]
  become: true

- name: Make a virtualenv from a requirements file
  pyfleet.services.virtualenv:
    path: /opt/tool/venv
    requirements: requirements.txt
    python: "3.11"
  become: true
"""

RETURN = r"""
environment:
  description: Path of the virtualenv that the link leads to.
  returned: success
  type: str
  sample: /opt/tool/envs/0a1b2c3d4e5f
interpreter:
  description: The host's Python, as far as wheels depend on it.
  returned: success
  type: dict
  sample: {implementation: cpython, version: "3.11"}
"""

import os
from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    inputs,
    workshops,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    errors,
    files,
    holder,
    interpreter,
    lock,
    paths,
)


def _folder(path: str) -> str:
    return os.path.join(os.path.dirname(path), "envs")


def _describe(params: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that the controller needs to resolve."""
    python = interpreter.find(params["python"] or "")
    target = paths.read_link(params["path"])
    place = os.path.join(os.path.dirname(params["path"]), target or "")
    return {
        "changed": False,
        "environment": artifact.digest_of(place) if target else None,
        "interpreter": asdict(python),
    }


def _plan(params: dict[str, Any]) -> dict[str, Any]:
    digest = params["lock"]["environment"]
    wanted = f"envs/{layouts.short(digest)}"
    before = paths.read_link(params["path"])
    target = os.path.join(os.path.dirname(params["path"]), wanted)
    return {
        "changed": before != wanted
        or not artifact.is_complete(target, digest),
        "environment": target,
        "interpreter": params["lock"]["interpreter"],
        "diff": {
            "before": f"{before or ''}\n",
            "after": f"{wanted}\n",
            "before_header": params["path"],
            "after_header": params["path"],
        },
    }


def _apply(params: dict[str, Any], planned: dict[str, Any]) -> None:
    path = params["path"]
    ancestors.check(path)
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        raise errors.HostError(
            f"path: {parent} does not exist; make this directory, owned by "
            "root, or choose another path"
        )
    name = os.path.basename(planned["environment"])
    with lock.hold("virtualenv", timeout=holder.SECONDS, owner=f"for {path}"):
        files.ensure_directory(_folder(path), mode=0o755)
        inputs.environment_at(
            planned["environment"],
            model.load_lock(params["lock"]),
            params["bundle"],
            workshops.of_host(),
        )
        files.replace_link(path, f"envs/{name}")


def main() -> None:
    """Describe the host, or make the virtualenv of a lock."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "packages": {"type": "list", "elements": "str"},
            "requirements": {"type": "path"},
            "index_url": {"type": "str", "no_log": True},
            "python": {"type": "str"},
            "lock": {"type": "dict"},
            "bundle": {"type": "path"},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        if params["lock"] is None:
            module.exit_json(**_describe(params))
        planned = _plan(params)
        if planned["changed"] and not module.check_mode:
            _apply(params, planned)
    except errors.HostError as error:
        module.fail_json(msg=errors.message(error))
    module.exit_json(**planned)


if __name__ == "__main__":
    main()
