# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of directives, read on demand from its text."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    _table,
    targets,
)

# The sections of each type of unit (UnitVTable.sections in src/core).
SECTIONS = {
    "automount": ("Unit", "Automount", "Install"),
    "device": ("Unit", "Device", "Install"),
    "mount": ("Unit", "Mount", "Install"),
    "path": ("Unit", "Path", "Install"),
    "scope": ("Unit", "Scope", "Install"),
    "service": ("Unit", "Service", "Install"),
    "slice": ("Unit", "Slice", "Install"),
    "socket": ("Unit", "Socket", "Install"),
    "swap": ("Unit", "Swap", "Install"),
    "target": ("Unit", "Install"),
    "timer": ("Unit", "Timer", "Install"),
}


class Form(NamedTuple):
    """The form in which one version reads a directive.

    Attributes:
        kind: Its value type, see ``registry.TYPES``.
        is_list: Whether assignments add up, or the last one wins.
        empty: The effect of an empty assignment: ``reset`` to the
            default, ``value`` (it has a meaning of its own), ``keep``
            (a message, the earlier value stays) or ``noop`` (no
            message, the earlier value stays).
    """

    kind: str
    is_list: bool
    empty: str


class Directive(NamedTuple):
    """A directive of one section.

    Attributes:
        section: The section.
        name: Its name.
        since: The first version, not below the oldest one we know.
        removed: The first version without it, 0 if it is there still.
        variants: The variants with a backport, such as ``el8``.
        forms: {first version: its form}, oldest first.
        deprecated: The first version that deprecates it; None if no
            version does.
        replacement: The directive to write instead; may be empty.
        feature: The word of the build's feature line it needs.
        manual: Its manual page, such as ``systemd.exec(5)``.
    """

    section: str
    name: str
    since: int
    removed: int
    variants: tuple[str, ...]
    forms: tuple[tuple[int, Form], ...]
    deprecated: int | None
    replacement: str
    feature: str
    manual: str

    def is_in(self, target: targets.Target) -> bool:
        """Tell whether the target has the directive."""
        return self._has_come(target) and not self.is_gone(target)

    def _has_come(self, target: targets.Target) -> bool:
        return target.version >= self.since or target.variant in self.variants

    def is_gone(self, target: targets.Target) -> bool:
        """Tell whether the target has removed the directive."""
        return bool(self.removed) and target.version >= self.removed

    def is_deprecated(self, target: targets.Target) -> bool:
        """Tell whether the target deprecates the directive."""
        return self.deprecated is not None and (
            target.version >= self.deprecated
        )

    def form(self, target: targets.Target) -> Form:
        """Return the form in which the target reads the directive."""
        found = self.forms[0][1]
        for since, form in self.forms:
            if target.version >= since:
                found = form
        return found


@cache
def _index() -> dict[str, dict[str, str]]:
    """Return {section: {directive: its line}}."""
    index: dict[str, dict[str, str]] = {}
    for line in _table.TABLE.splitlines():
        sections, name, rest = line.split("|", 2)
        for section in sections.split(","):
            index.setdefault(section, {})[name] = rest
    return index


def names(section: str) -> list[str]:
    """Return every directive that any version has in a section."""
    return list(_index().get(section, ()))


@cache
def find(section: str, name: str) -> Directive | None:
    """Return a directive, or None if no version has it there."""
    line = _index().get(section, {}).get(name)
    if line is None:
        return None
    since, removed, variants, kinds, deprecated, new, feature, manual = (
        line.split("|")
    )
    return Directive(
        section,
        name,
        int(since),
        int(removed or 0),
        tuple(variants.split(",")) if variants else (),
        tuple(_forms(kinds)),
        int(deprecated) if deprecated else None,
        new,
        feature,
        f"systemd.{manual}(5)",
    )


def _forms(kinds: str) -> list[tuple[int, Form]]:
    forms = []
    for text in kinds.split(";"):
        words, _at, since = text.partition("@")
        kind, form, empty = words.split(" ")
        forms.append((int(since or 0), Form(kind, form == "many", empty)))
    return forms


def sections_with(name: str) -> list[str]:
    """Return the sections in which some version has the directive."""
    return [section for section, found in _index().items() if name in found]
