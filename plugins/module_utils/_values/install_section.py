# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of [Install], read to enable a unit (systemd.unit(5))."""

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

    systemd still accepts the spelling that WantedBy= replaced: a link
    in a directory ``.wants`` or ``.requires`` to the unit under its own
    name (unit_file_verify_alias() in src/shared/install.c).
    """

    def check(word: str) -> None:
        expanded = specifiers.expand_name(word, context)
        folder, _slash, link = expanded.rpartition("/")
        match = re.fullmatch(r"(.*)\.(?:wants|requires)", folder)
        if match and unit_names.is_unit_name(match[1]):
            if not specifiers.is_open(word, context) and link != context.unit:
                raise contexts.BadValueError(
                    f"{word!r} must have the name of the unit behind the"
                    f" slash: {folder}/{context.unit}"
                )
            return
        name = unit_names.unit_name_of(word, context)
        if context.unit:
            _check_alias(name, word, context)

    contexts.check_each(unit_names.install_words(value), check)


def _check_alias(name: str, word: str, context: contexts.Context) -> None:
    """Refuse a name that install_info_symlink_alias() does not link."""
    stem, _dot, own = context.unit.rpartition(".")
    if own in _NO_ALIASES:
        raise contexts.BadValueError(
            f"is not possible: units of type {own} have no other names;"
            " remove the line"
        )
    if not name.endswith(f".{own}"):
        raise contexts.BadValueError(
            f"{word!r} must end in .{own}, as the unit does"
        )
    instance, other = stem.partition("@")[1:], name[: -len(own) - 1]
    if bool(instance[0]) != ("@" in other):
        raise contexts.BadValueError(
            f"{word!r} must have an '@' if {context.unit} has one, and only"
            " then"
        )
    # From 252 on the alias of an instance must have the same instance.
    is_same = other.partition("@")[2] == instance[1]
    if instance[1] and not is_same and context.target.version >= 252:
        raise contexts.BadValueError(
            f"{word!r} must have the instance {instance[1]!r}, as the unit has"
        )


def check_instance(value: str, context: contexts.Context) -> None:
    """Check DefaultInstance= (systemd.unit(5))."""
    expanded = specifiers.expand_name(value, context)
    if not re.fullmatch(r"[A-Za-z0-9:_.@\\-]+", expanded):
        raise contexts.BadValueError(
            "must be an instance's name: letters, digits and : - _ . @ \\"
        )
    if context.unit and "@." not in context.unit:
        raise contexts.BadValueError(
            f"is for templates, but {context.unit} is not a template"
            " (NAME@.TYPE); remove the line"
        )


TYPES: dict[str, contexts.Check] = {
    "alias-names": check_alias_names,
    "instance": check_instance,
}
