# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the values of a loaded unit with those of its files.

This module compares only values whose form leaves no doubt: words,
booleans, numbers, sizes, time spans, modes and users of directives that
one property shows. A value that systemd shows in a form of its own,
such as a number for a word, counts as the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    table,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    merged,
    scalars,
)

_INFINITY = 2**64 - 1
# Time spans are shown in microseconds.
_PRECISION = 1e-6
# DynamicUser= sets these, whatever is asked for (systemd.exec(5)).
_OF_DYNAMIC_USER = frozenset(
    (
        "NoNewPrivileges",
        "PrivateTmp",
        "ProtectHome",
        "ProtectSystem",
        "RemoveIPC",
        "RestrictSUIDSGID",
    )
)
# systemd changes these on purpose: PrivateDevices= closes
# DevicePolicy=, a service sets its own watchdog, a limit of attempts
# has no infinite interval, 247 shows whether MountAPIVFS= applies, and
# some words have other names.
_NOT_SHOWN = frozenset(
    (
        "BindIPv6Only",
        "DevicePolicy",
        "MountAPIVFS",
        "PollLimitIntervalSec",
        "Timestamping",
        "TriggerLimitIntervalSec",
        "WatchdogSec",
    )
)
# Tells whether the value shown may be the one that was asked for.
Same = Callable[[str, str], bool]


class _Asked(NamedTuple):
    """A directive that is compared.

    Attributes:
        item: The assignment.
        is_same: The comparison for its type.
        properties: The properties that show it, the best first.
    """

    item: syntax.Assignment
    is_same: Same
    properties: tuple[str, ...]


def read_back(unit: merged.MergedUnit) -> list[report.Finding]:
    """Compare the values of a loaded unit with those of its files."""
    asked = list(_asked(unit))
    wanted = [one for found in asked for one in found.properties]
    if not wanted:
        return []
    shown = systemctl.show([unit.name], wanted)[unit.name]
    findings = []
    for one in asked:
        # A property that is empty or missing tells nothing.
        value = next(filter(None, map(shown.get, one.properties)), "")
        if value and not one.is_same(one.item.value, value):
            findings.append(_differs(one.item, value))
    return findings


def _asked(unit: merged.MergedUnit) -> Iterator[_Asked]:
    """Yield the assignments that count and can be compared."""
    skipped = _NOT_SHOWN
    if unit.is_on("Service", "DynamicUser"):
        skipped |= _OF_DYNAMIC_USER
    for item in unit.counting():
        is_same = _comparison(item)
        # systemd shows the text that a specifier stands for.
        is_plain = "%" not in item.value
        if is_same and is_plain and item.name not in skipped:
            yield _Asked(item, is_same, _properties(item.name))


def _properties(option: str) -> tuple[str, ...]:
    """Return the properties that show a directive, the best first.

    The word behind a boolean is in a property of its own, time spans
    are shown in microseconds (org.freedesktop.systemd1(5)).
    """
    if option.endswith("Sec"):
        return (f"{option[:-3]}USec",)
    return (f"{option}Ex", option)


def _comparison(item: syntax.Assignment) -> Same | None:
    """Return the comparison for a directive; None if there is none."""
    directive = table.find(item.section, item.name)
    if directive is None or item.section == "Install":
        return None
    found = {
        _COMPARISONS.get(form.kind.partition(":")[0])
        for _since, form in directive.forms
    }
    return found.pop() if len(found) == 1 else None


def _is_same_word(asked: str, shown: str) -> bool:
    if asked == shown:
        return True
    truth, effect = enums.parse_boolean(asked), enums.parse_boolean(shown)
    is_number = truth is None and enums.parse_integer(asked) is not None
    if is_number or enums.parse_integer(shown) is not None:
        # systemd shows booleans as words, and other words as numbers.
        return True
    if truth is None:
        # systemd may show a word as the boolean that it amounts to.
        return effect is True
    return truth is (effect is not False)


def _are_same(asked: int | None, shown: int | None) -> bool:
    """Compare numbers; one that cannot be read counts as the same."""
    return asked is None or shown is None or asked == shown


def _is_same_number(asked: str, shown: str) -> bool:
    return _are_same(_number(asked), _number(shown))


def _number(text: str) -> int | None:
    return _INFINITY if text == "infinity" else enums.parse_integer(text)


def _is_same_size(asked: str, shown: str) -> bool:
    return _are_same(_size(asked), _size(shown))


def _size(text: str) -> int | None:
    """Return a size in bytes; None for a share or a fraction."""
    if text == "infinity":
        return _INFINITY
    return None if "." in text else scalars.parse_size(text)


def _is_same_span(asked: str, shown: str) -> bool:
    wanted, found = (
        scalars.parse_time_span(asked),
        scalars.parse_time_span(shown),
    )
    if wanted is None or found is None:
        return True
    # Both 0 and infinity are ways to say that there is no limit.
    is_off = {wanted, found} <= {0, math.inf}
    return is_off or math.isclose(
        wanted, found, rel_tol=1e-9, abs_tol=_PRECISION
    )


def _is_same_mode(asked: str, shown: str) -> bool:
    return _are_same(scalars.parse_mode(asked), scalars.parse_mode(shown))


def _is_same_text(asked: str, shown: str) -> bool:
    return asked == shown


# By the kind of the directive's value.
_COMPARISONS: dict[str, Same] = {
    "boolean": _is_same_word,
    "boolean-fatal": _is_same_word,
    "enum": _is_same_word,
    "kill-mode": _is_same_word,
    "restart": _is_same_word,
    "cpu-weight": _is_same_number,
    "exit-status-code": _is_same_number,
    "integer": _is_same_number,
    "io-priority": _is_same_number,
    "nice": _is_same_number,
    "oom-score": _is_same_number,
    "priority-99": _is_same_number,
    "tasks-max": _is_same_number,
    "unsigned": _is_same_number,
    "weight": _is_same_number,
    "memory": _is_same_size,
    "memory-0": _is_same_size,
    "size": _is_same_size,
    "time-span": _is_same_span,
    "time-span-finite": _is_same_span,
    "mode": _is_same_mode,
    "user": _is_same_text,
}


def _differs(item: syntax.Assignment, shown: str) -> report.Finding:
    return catalogue.finding(
        "host-differs",
        item,
        f"{item.name}={item.value} was asked for, and the loaded unit has"
        f" {shown!r}; look for a drop-in that overrides it"
        " (systemctl cat)",
    )
