# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect the applications that a play's variables describe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleValueOmittedError

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _vault,
)

PREFIX = "pyapp_"
# Variables of the playbooks, and of the roles for one part alone.
_PLAYBOOK = ("pyapp_hosts", "pyapp_serial", "pyapp_apps")
_BATCH = re.compile(r"[1-9][0-9]{0,5}|(100|[1-9][0-9]?)%", re.ASCII)
_OMITTED = object()
_OTHER_ROLES = ("pyapp_user_", "pyapp_virtualenv_", "pyapp_unit_")


def plain(value: Any, omit: object = None) -> Any:
    """Return a templated value as plain data.

    Args:
        value: The result of the templar: tagged, lazy containers.
        omit: Ansible's placeholder; a value equal to it is left out.

    Returns:
        Exact Python types; other types, such as dates, as they are.
    """
    if isinstance(value, Mapping):
        return {
            plain(key): plain(item, omit)
            for key, item in value.items()
            if not _is_omitted(item, omit)
        }
    if isinstance(value, (list, tuple)):
        return [
            plain(item, omit) for item in value if not _is_omitted(item, omit)
        ]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    # A string that is still encrypted decrypts itself when it is read.
    return str(value) if hasattr(value, "_decrypt") else value


def _is_omitted(value: object, omit: object) -> bool:
    return omit is not None and (value is omit or value == omit)


def applications(
    given: Mapping[str, Any] | None,
    task_vars: Mapping[str, Any],
    templar: Any,
    *,
    is_named: bool = False,
) -> list[model.App]:
    """Read, check and complete the applications of a task.

    Args:
        given: The task's own ``app`` option, if any.
        task_vars: All variables of the host.
        templar: Ansible's templar for these variables.
        is_named: Whether a name is enough for each of them.

    Raises:
        RefusedError: If a rule of the contract is broken.
    """
    omit = task_vars.get("omit")
    if given is not None:
        found = {"app.": plain(given, omit)}
    else:
        found = _from_variables(task_vars, templar)
    messages = [
        message
        for prefix, app in found.items()
        for message in contract.check_app(app, prefix, is_named=is_named)
    ]
    messages = messages or [
        *_twice(found),
        *_exposed(found, task_vars, given or {}),
    ]
    messages += _serial_faults(_value(task_vars, "pyapp_serial", templar))
    if messages:
        raise _errors.RefusedError(messages)
    return [
        contract.normalise_app(app, prefix) for prefix, app in found.items()
    ]


def _exposed(
    found: Mapping[str, Mapping[str, Any]], *variables: Mapping[str, Any]
) -> Iterator[str]:
    for prefix, app in found.items():
        yield from _vault.exposed(app, prefix, *variables)


def _from_variables(
    task_vars: Mapping[str, Any], templar: Any
) -> dict[str, dict[str, Any]]:
    app = dict(_single(task_vars, templar))
    several = _value(task_vars, "pyapp_apps", templar)
    if several is _OMITTED:
        return {PREFIX: app}
    if app:
        names = ", ".join(f"{PREFIX}{name}" for name in sorted(app))
        raise _errors.RefusedError(
            [
                f"{names}: pyapp_apps describes every application of the "
                "play by itself; move this into pyapp_apps.NAME, or remove "
                "pyapp_apps"
            ]
        )
    if not isinstance(several, Mapping) or not several:
        raise _errors.RefusedError(
            [
                "pyapp_apps: a mapping of application names to their options "
                "is wanted, with at least one application"
            ]
        )
    return dict(_several(several))


def _several(
    apps: Mapping[str, Any],
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, options in apps.items():
        prefix = f"pyapp_apps.{name}."
        if not isinstance(options, Mapping):
            raise _errors.RefusedError(
                [f"{prefix[:-1]}: a mapping of options is wanted"]
            )
        if options.get("name", name) != name:
            raise _errors.RefusedError(
                [f"{prefix}name: differs from its key {name!r}; remove it"]
            )
        yield prefix, {**options, "name": name}


def _single(
    task_vars: Mapping[str, Any], templar: Any
) -> Iterator[tuple[str, Any]]:
    for name in sorted(task_vars):
        if not name.startswith(PREFIX) or name in _PLAYBOOK:
            continue
        if name.startswith(_OTHER_ROLES):
            continue
        value = _value(task_vars, name, templar)
        if value is not _OMITTED:
            yield name[len(PREFIX) :], value


def _value(task_vars: Mapping[str, Any], name: str, templar: Any) -> Any:
    if name not in task_vars:
        return _OMITTED
    omit = task_vars.get("omit")
    try:
        value = templar.template(task_vars[name])
    except AnsibleValueOmittedError:
        return _OMITTED
    return _OMITTED if _is_omitted(value, omit) else plain(value, omit)


def _serial_faults(serial: object) -> list[str]:
    """Return the messages about the playbook's serial.

    With a wrong serial, Ansible works on all hosts at once, or fails.
    """
    batches = serial if isinstance(serial, list) and serial else [serial]
    if serial is _OMITTED or all(map(_is_batch, batches)):
        return []
    return [
        f"pyapp_serial: {serial!r} is not the size of a batch; write a number "
        'of hosts (5), a share of them ("25%"), or a list of both'
    ]


def _is_batch(value: object) -> bool:
    is_text = isinstance(value, (str, int)) and not isinstance(value, bool)
    return is_text and _BATCH.fullmatch(str(value)) is not None


def _twice(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a message for unit names that two applications share."""
    owners: dict[str, str] = {}
    for prefix, app in found.items():
        services = app.get("services")
        for key in services if isinstance(services, Mapping) else ():
            stem = str(app.get("name"))
            unit = stem if key == "main" else f"{stem}-{key}"
            if unit in owners:
                yield (
                    f"{prefix}services.{key}: its unit {unit}.service is "
                    f"also that of {owners[unit]}; rename one of them"
                )
            owners[unit] = f"{prefix}services.{key}"
