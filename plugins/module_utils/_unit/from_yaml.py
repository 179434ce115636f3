# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files given as YAML: {Section: {Directive: value or list}}.

YAML changes some values before we see them: ``no`` becomes a boolean,
``0644`` becomes 420 and ``12:30:45`` becomes 45045. A boolean has one
translation only and gets it; a number that YAML may have changed is
refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
)

Sections = dict[str, dict[str, list[str]]]

# The value types that are written with leading zeros or colons, which
# YAML reads as octal or sexagesimal numbers.
_CHANGED_BY_YAML = frozenset(
    (
        "calendar",
        "mode",
        "oom-duration",
        "time-span",
        "time-span-finite",
        "time-span-ns",
        "timer-span",
    )
)


class OptionError(ValueError):
    """An option has no text that a unit file could hold."""


def read_options(options: object, where: str = "options") -> Sections:
    """Translate a tree of options to directives and their texts.

    Booleans become ``yes`` and ``no``, an empty text stays (it resets
    the directive), a list gives one assignment per item.

    Args:
        options: {Section: {Directive: value or list}}, as YAML has it.
        where: The variable that holds the options, for messages.

    Raises:
        OptionError: A value is null, a float, a date, a mapping, or a
            number where YAML may have changed what was written.
    """
    if not isinstance(options, Mapping):
        raise OptionError(
            f"{where}: must be {{Section: {{Directive: value or list}}}}"
        )
    return {
        str(section): _read_section(directives, f"{where}.{section}")
        for section, directives in options.items()
    }


def _read_section(directives: object, where: str) -> dict[str, list[str]]:
    if not isinstance(directives, Mapping):
        raise OptionError(f"{where}: must be {{Directive: value or list}}")
    found = {}
    for name, value in directives.items():
        if not isinstance(name, str):
            raise OptionError(
                f"{where}: {name!r} is not the name of a directive; quote"
                " the name"
            )
        values = value if isinstance(value, list) else [value]
        place = f"{where}.{name}"
        found[name] = [read_value(name, item, place) for item in values]
    return found


def read_value(name: str, value: object, where: str) -> str:
    """Translate one value of a directive to its text.

    Args:
        name: The directive.
        value: The value, as YAML has it.
        where: The variable that holds the value, for messages.

    Raises:
        OptionError: See `read_options`.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        if _is_changed_by_yaml(name):
            raise OptionError(
                f"{where}: {value} is an integer, and YAML may have made it"
                " out of a mode or a time; put the value in quotes, such as"
                ' "0640", "5s" or "12:30"'
            )
        return str(value)
    if value is None:
        raise OptionError(f'{where}: is null; write "" to reset {name}=')
    raise OptionError(
        f"{where}: is a {type(value).__name__}, and a string, a boolean, an"
        " integer or a list of these is wanted; put a text in quotes"
    )


@lru_cache(maxsize=256)
def _is_changed_by_yaml(name: str) -> bool:
    """Tell whether a directive takes a mode or a time in any section."""
    found = (table.find(home, name) for home in table.sections_with(name))
    kinds = {
        form.kind
        for directive in found
        if directive
        for _since, form in directive.forms
    }
    return not kinds.isdisjoint(_CHANGED_BY_YAML)
