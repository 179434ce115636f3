# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of the values that a type accepts and of those it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    registry,
)

# {type: (values that are accepted, values that are refused)}, for
# systemd 257 and the unit hello.service.
Cases = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

# These take any text, because systemd does or because it tells nothing.
TAKE_ANY_TEXT = frozenset(
    (
        "boolean-fatal",
        "bpf-attachments",
        "bpf-commands",
        "bpf-maps",
        "bpf-programs",
        "condition",
        "condition-boolean",
        "condition-path",
        "none",
        "path-fatal",
        "plain-string",
        "unknown",
    )
)
_DIRECTIVES = {
    "set-credential": "SetCredential",
    "syscalls": "SystemCallFilter",
    "unit-name": "Unit",
    "user": "User",
}


def accepted(cases: Cases) -> list[tuple[str, str]]:
    """Return type and value of all that is to be accepted."""
    return [
        (kind, value) for kind, (good, _bad) in cases.items() for value in good
    ]


def refused(cases: Cases) -> list[tuple[str, str]]:
    """Return type and value of all that is to be refused."""
    return [
        (kind, value) for kind, (_good, bad) in cases.items() for value in bad
    ]


def kinds_of(module: ModuleType) -> set[str]:
    """Return the types that a module checks."""
    own = {
        kind
        for kind, check in registry.TYPES.items()
        if check.__module__ == module.__name__
    }
    return own | set(getattr(module, "TYPES", {}))


def kinds_to_test(module: ModuleType) -> set[str]:
    """Return the types of a module that need cases."""
    return kinds_of(module) - TAKE_ANY_TEXT


def directive(kind: str) -> str:
    """Return a directive of a type that looks at its name."""
    return _DIRECTIVES.get(kind, "Any")


def check(kind: str, value: str, version: int = 257) -> contexts.Context:
    """Check a value and return the context with the remarks."""
    unit = "hello@.service" if kind == "instance" else "hello.service"
    target = targets.Target(version)
    context = contexts.Context(target, unit, "Unit", directive(kind))
    registry.check_value(kind, value, context)
    return context


def is_accepted(kind: str, value: str, version: int = 257) -> bool:
    """Tell whether a type takes a value."""
    try:
        check(kind, value, version)
    except contexts.BadValueError:
        return False
    return True


def is_accepted_in(value: str, kind: str, context: contexts.Context) -> bool:
    """Tell whether a type takes a value in a place of its own."""
    try:
        registry.check_value(kind, value, context)
    except contexts.BadValueError:
        return False
    return True
