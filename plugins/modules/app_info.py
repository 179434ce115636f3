#!/usr/bin/python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell the state of applications on a host, and their drift."""

from __future__ import annotations

DOCUMENTATION = r"""
module: app_info
short_description: Tell the state of applications on a host, and their drift
version_added: 0.1.0
author: The pyfleet.services maintainers (@pyfleet)
description:
  - Reads the real state of applications that M(pyfleet.services.release)
    deploys - account, artifacts, unit files, links, loaded units,
    activity and health - and compares it with the wanted state.
  - One call answers for all applications of a host. The role C(pyapp)
    does nothing more on a host that this module calls converged.
  - The module fails if the variables break the contract, or if a name
    would seize an account, a unit or a directory of somebody else.
extends_documentation_fragment:
  - pyfleet.services.attributes
  - pyfleet.services.application
options:
  releases:
    description:
      - List the releases that are on the host, and those that failed
        there, instead of a comparison with the wanted state. Only the
        name of the application is needed.
    type: bool
    default: false
attributes:
  diff_mode:
    support: none
    description: The module changes nothing, so it has no difference to show.
seealso:
  - module: pyfleet.services.release
"""

EXAMPLES = r"""
- name: Read the state of the application that the variables describe
  pyfleet.services.app_info:
  register: web_info

- name: List the releases of an application
  pyfleet.services.app_info:
    app: {name: hello}
    releases: true

- name: Show why the application is not as wanted
  ansible.builtin.debug:
    var: web_info.apps.hello.reasons
  when: not web_info.converged
"""

RETURN = r"""
converged:
  description: Whether every application is as wanted.
  returned: when O(releases) is false
  type: bool
  sample: true
apps:
  description: The state of each application, by its name.
  returned: when O(releases) is false
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
releases:
  description: The releases of each application, by its name, oldest first.
  returned: when O(releases) is true
  type: dict
  sample:
    hello:
      - created: "2026-11-23T04:33:27Z"
        is_current: true
        is_usable: true
        irreversible: null
        problems: []
        release: 3
        source: "requirements: requirements.txt"
failures:
  description: The releases that did not prove themselves, by application.
  returned: when O(releases) is true
  type: dict
  sample:
    hello:
      - at: "2026-11-23T05:01:12Z"
        reason: "hello.service: it ended while it was watched"
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    wire,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    drift,
    generations,
    integrity,
    observe,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    holder,
    printable,
    systemctl,
)


def _read(wanted: wire.Wanted, *, is_full: bool) -> dict[str, Any]:
    apps = wanted.apps
    manager = systemctl.manager()
    found = {}
    for name, observed in _observed(apps).items():
        app, collection = apps[name], wanted.collection
        try:
            found[name] = _describe(
                app, observed, manager, collection, is_full=is_full
            )
        except errors.HostError as error:
            text = errors.message(error, name if len(apps) > 1 else "")
            raise errors.HostError(text) from error
    return found


def _observed(names: Iterable[str]) -> dict[str, observe.Observed]:
    return observe.read(map(layouts.Layout, names))


def _describe(
    app: model.App,
    observed: observe.Observed,
    manager: systemctl.Manager,
    collection: str,
    *,
    is_full: bool,
) -> dict[str, Any]:
    busy = list(_busy(app.name))
    if app.state == "absent":
        return {**_absent(app, observed), "warnings": busy}
    _refuse_taken(app, observed)
    reasons = drift.reasons(observed, app, manager, collection)
    damage = integrity.damage(observed, is_full=is_full)
    reasons += integrity.in_words(damage)
    generation = observed.generation
    found = {
        "converged": not reasons,
        "reasons": reasons,
        "release": generation.sequence if generation else None,
        "environment": _short(generation.environment if generation else ""),
        "code": _short(generation.code if generation else ""),
        "units": {
            name: unit.properties.get("ActiveState")
            for name, unit in observed.units.items()
        },
        "warnings": [*busy, *observe.warnings(observed)],
        # The action plugin words these.
        "failures": observe.failures_since(observed),
    }
    if reasons:
        found["deploy"] = observe.for_deploy(app, observed, damage, manager)
    return found


def _refuse_taken(app: model.App, observed: observe.Observed) -> None:
    units = [
        observed.layout.unit_name(key)
        for key, service in app.services.items()
        if service.state != "absent"
    ]
    taken = list(claims.taken(observed.layout, units, observed.units))
    if taken:
        raise errors.HostError(
            claims.refusal(app.prefix, observed.layout, taken)
        )


def _short(digest: str | None) -> str | None:
    return layouts.short(digest) if digest else None


def _busy(name: str) -> Iterator[str]:
    owner = holder.find(name)
    if owner:
        yield (
            f"another run works on {name} on this host: {owner}. A "
            f"deploy waits for its end, at most {holder.SECONDS:g} seconds"
        )


def _releases(names: list[str]) -> dict[str, Any]:
    found = _observed(names)
    return {
        "releases": {
            name: list(
                generations.listing(observed.layout, observed.generation)
            )
            for name, observed in found.items()
        },
        "failures": {
            name: list(generations.failed(observed.layout).values())
            for name, observed in found.items()
        },
    }


def _absent(app: model.App, observed: observe.Observed) -> dict[str, Any]:
    is_gone = drift.is_absent(observed, is_data=app.remove_data)
    reasons = [] if is_gone else ["it is on this host"]
    return {"converged": is_gone, "reasons": reasons, "units": {}}


def main() -> None:
    """Read, compare, report; change nothing."""
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "dict"},
            "wanted": {"type": "str", "no_log": True},
            "releases": {"type": "bool", "default": False},
            "verify": {
                "type": "str",
                "choices": ["quick", "full"],
                "default": "quick",
            },
        },
        supports_check_mode=True,
    )
    wanted = wire.decode(module.params["wanted"])
    try:
        if module.params["releases"]:
            found = _releases(list(wanted.apps))
            module.exit_json(changed=False, **found)
        apps = _read(wanted, is_full=module.params["verify"] == "full")
    except (errors.HostError, OSError) as error:
        module.fail_json(msg=errors.message(error))
    for app in apps.values():
        for warning in app.get("warnings", ()):
            module.warn(printable.line(warning))
    module.exit_json(
        changed=False,
        converged=all(app["converged"] for app in apps.values()),
        apps=apps,
    )


if __name__ == "__main__":
    main()
