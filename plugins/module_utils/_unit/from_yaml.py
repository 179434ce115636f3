# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files given as YAML: {Section: {Directive: value or list}}.

YAML has opinions about values that systemd knows nothing of: ``no`` is
a boolean, ``0644`` is 420 and ``12:30:45`` is 45045. What is sure is
translated, what may have been eaten is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
)

Sections = dict[str, dict[str, list[str]]]

# Integers mean what they say for these; for a mode, a calendar event
# or free text YAML may have changed what was written.
_EATEN = frozenset(("mode", "calendar"))


class OptionError(ValueError):
    """An option is no text that a unit file could hold."""


def read_options(options: object) -> Sections:
    """Translate a tree of options to directives and their texts.

    Booleans become ``yes`` and ``no``, an empty text stays (it resets
    the directive), a list gives one assignment per item.

    Raises:
        OptionError: A value is null, a float, a date, a mapping, or a
            number where YAML may have changed what was written.
    """
    if not isinstance(options, Mapping):
        raise OptionError(
            "options must be {Section: {Directive: value or list}}"
        )
    return {
        str(section): _read_section(str(section), directives)
        for section, directives in options.items()
    }


def _read_section(section: str, directives: object) -> dict[str, list[str]]:
    if not isinstance(directives, Mapping):
        raise OptionError(f"[{section}] must be {{Directive: value or list}}")
    found = {}
    for name, value in directives.items():
        if not isinstance(name, str):
            raise OptionError(
                f"[{section}] {name!r} is no directive: quote the name"
            )
        values = value if isinstance(value, list) else [value]
        found[name] = [_read_value(section, name, item) for item in values]
    return found


def _read_value(section: str, name: str, value: object) -> str:
    where = f"[{section}] {name}="
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        if _kind(section, name) in _EATEN:
            raise OptionError(
                f"{where}{value}: YAML made a number of it; quote it as"
                ' you mean it, such as "0640" or "12:30"'
            )
        return str(value)
    if value is None:
        raise OptionError(f'{where} is null: write "" to reset it')
    raise OptionError(
        f"{where}{value!r} is a {type(value).__name__}, not text: quote it"
    )


def _kind(section: str, name: str) -> str:
    directive = table.find(section, name)
    return directive.forms[-1][1].kind if directive else ""
