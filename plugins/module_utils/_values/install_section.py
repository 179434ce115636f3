# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of what is read when a unit is enabled (systemd.unit(5))."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    specifiers,
    unit_names,
)

# systemd.unit(5), "Alias=".
_NO_ALIASES = ("automount", "mount", "scope", "slice", "swap")


def check_alias_names(value: str, context: contexts.Context) -> None:
    """Check Alias= (systemd.unit(5)): the same suffix as the unit's.

    What stood there before WantedBy= is still taken: a link in a
    directory ``.wants`` or ``.requires`` to the unit under its own
    name (unit_file_verify_alias() in src/shared/install.c).
    """

    def check(word: str) -> None:
        expanded = specifiers.expand_name(word, context)
        folder, _slash, link = expanded.rpartition("/")
        match = re.fullmatch(r"(.*)\.(?:wants|requires)", folder)
        if match and unit_names.is_unit_name(match[1]):
            if not specifiers.is_open(word, context) and link != context.unit:
                raise contexts.BadValueError(
                    f"{word!r} must link to the unit itself"
                )
            return
        name = unit_names.unit_name_of(word, context)
        if context.unit:
            _check_alias(name, word, context)

    contexts.check_each(unit_names.install_words(value), check)


def _check_alias(name: str, word: str, context: contexts.Context) -> None:
    """Refuse what install_info_symlink_alias() would not link."""
    stem, _dot, own = context.unit.rpartition(".")
    if own in _NO_ALIASES:
        raise contexts.BadValueError(f"a {own} unit has no other names")
    if not name.endswith(f".{own}"):
        raise contexts.BadValueError(
            f"{word!r} must end in .{own} as the unit"
        )
    instance, other = stem.partition("@")[1:], name[: -len(own) - 1]
    if bool(instance[0]) != ("@" in other):
        raise contexts.BadValueError(
            f"{word!r} must have an @ where {context.unit} has one"
        )
    # From 252 on an instance is no other instance of what it links to.
    is_same = other.partition("@")[2] == instance[1]
    if instance[1] and not is_same and context.target.version >= 252:
        raise contexts.BadValueError(f"{word!r} is another instance")


def check_instance(value: str, context: contexts.Context) -> None:
    """Check DefaultInstance= (systemd.unit(5))."""
    expanded = specifiers.expand_name(value, context)
    if not re.fullmatch(r"[A-Za-z0-9:_.@\\-]+", expanded):
        raise contexts.BadValueError("is no name of an instance")
    if context.unit and "@." not in context.unit:
        raise contexts.BadValueError(
            f"is for templates, and {context.unit} is none"
        )


TYPES: dict[str, contexts.Check] = {
    "alias-names": check_alias_names,
    "instance": check_instance,
}
