# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings about directives and values that a target refuses."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
    services,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    registry,
)

# Each run of blanks is tried once: from its first one on.
_TRAILING_COMMENT = re.compile(r"(?<!\s)\s+[#;]\s*\S")


def unusable(
    item: syntax.Assignment,
    directive: table.Directive | None,
    sections: tuple[str, ...],
    target: targets.Target,
) -> report.Finding:
    """Report a directive that the target does not have in this section.

    Args:
        item: The assignment.
        directive: The directive in other versions; None if no version
            has it.
        sections: The sections of this type of unit.
        target: The systemd that reads it.
    """
    if directive is None:
        return _misplaced(item, sections, target) or _unknown(item, target)
    if directive.is_gone(target):
        return _removed(item, directive, target)
    return replace(
        catalogue.finding(
            "directive-too-new",
            item,
            f"{item.name}= needs systemd {directive.since} or later,"
            f" {target} ignores it; remove it for this target",
        ),
        since=directive.since,
    )


def _misplaced(
    item: syntax.Assignment, sections: tuple[str, ...], target: targets.Target
) -> report.Finding | None:
    homes = [
        section
        for section in table.sections_with(item.name)
        if _is_usable(section, item.name, target)
    ]
    if not homes:
        return None
    section = next((home for home in homes if home in sections), homes[0])
    place = f"[{section}]"
    if section not in sections:
        place += f" of a .{section.lower()} unit"
    return replace(
        catalogue.finding(
            "misplaced-directive",
            item,
            f"{item.name}= belongs in {place}, systemd ignores it in"
            f" [{item.section}]; move the line",
        ),
        replacement=f"[{section}] {item.name}=",
    )


def _unknown(
    item: syntax.Assignment, target: targets.Target
) -> report.Finding:
    known = _usable_names(item.section, target)
    near = _today(item.section, contexts.nearest(item.name, known), target)
    hint = f"did you mean {near}=?" if near else "remove it"
    if not near and not item.name[:1].isalpha():
        hint = (
            "if it continues the line before, that line must end in a"
            " backslash"
        )
    return replace(
        catalogue.finding(
            "unknown-directive",
            item,
            f"{report.shorten(item.name)}= is not a directive of"
            f" [{item.section}], systemd ignores it; {hint}",
        ),
        replacement=near or None,
    )


@lru_cache(maxsize=16)
def _usable_names(section: str, target: targets.Target) -> tuple[str, ...]:
    return tuple(
        name
        for name in table.names(section)
        if _is_usable(section, name, target)
    )


def _today(section: str, name: str, target: targets.Target) -> str:
    """Return the directive that replaces a deprecated one."""
    directive = table.find(section, name)
    if directive is None or not directive.is_deprecated(target):
        return name
    new = directive.replacement
    return new if _is_usable(section, new, target) else name


def _removed(
    item: syntax.Assignment, directive: table.Directive, target: targets.Target
) -> report.Finding:
    new = directive.replacement
    remedy = f"write {new}=" if new else "remove it"
    return replace(
        catalogue.finding(
            "directive-removed",
            item,
            f"{item.name}= is gone from systemd {directive.removed} on,"
            f" {target} takes it and does nothing; {remedy}",
        ),
        removed=directive.removed,
        replacement=new or None,
    )


def bad_value(
    item: syntax.Assignment,
    error: contexts.BadValueError,
    directive: table.Directive,
    context: contexts.Context,
) -> report.Finding:
    """Report a value that the target does not take.

    Args:
        item: The assignment.
        error: The reason, from its value type.
        directive: The directive.
        context: Where the value stands.
    """
    since = error.since or _first_version(item, directive, context)
    message = f"{item.name}={report.shorten(item.value)}"
    message += f"{reading(item.value, str(error))}: {error}"
    nearest = error.nearest
    if _is_secret(item):
        item = item._replace(value="")
        nearest = ""
        message = (
            f"{item.name}= has a value that cannot be read; it is not shown,"
            " for it looks like a secret"
        )
    message += _hint(item, error, nearest, since)
    return replace(
        catalogue.finding(
            "value-too-new" if since else "invalid-value",
            item,
            f"{message} (systemd {_outcome(directive, context)})",
        ),
        since=since or None,
        replacement=nearest or None,
    )


def _outcome(directive: table.Directive, context: contexts.Context) -> str:
    """Return what systemd does with a bad value."""
    if context.is_fatal:
        return "refuses the unit"
    # condition_test() of src/shared/condition.c reads the value when the
    # unit is started.
    if directive.form(context.target).kind == "condition":
        return "counts it as a condition that failed"
    return "ignores it"


_QUOTED = re.compile(r"'([^']+)'")


def reading(value: str, rule: str) -> str:
    """Tell that a rule quotes what the specifiers of a value made."""
    if "%" not in value:
        return ""
    quoted = _QUOTED.findall(rule)
    if all(text in value for text in quoted):
        return ""
    return ", with its specifiers replaced"


def _hint(
    item: syntax.Assignment,
    error: contexts.BadValueError,
    nearest: str,
    since: int,
) -> str:
    """Return a remedy for a value; empty if no remedy is known."""
    if since and not error.since:
        return f"; this value needs systemd {since} or later"
    if nearest:
        return f"; did you mean {nearest}?"
    if _TRAILING_COMMENT.search(item.value):
        return "; a comment needs a line of its own"
    return ""


def _is_secret(item: syntax.Assignment) -> bool:
    return item.name.startswith("SetCredential") or (
        item.name == "Environment" and bool(services.secret_name(item.value))
    )


def _first_version(
    item: syntax.Assignment,
    directive: table.Directive,
    context: contexts.Context,
) -> int:
    """Return the version which reads the directive so that it fits."""
    for version, form in directive.forms:
        if version <= context.target.version:
            continue
        later = replace(context, target=targets.Target(version), remarks=[])
        try:
            registry.check_value(form.kind, item.value, later)
        except contexts.BadValueError as error:
            if error.since:
                return error.since
        else:
            return version
    return 0


def _is_usable(section: str, name: str, target: targets.Target) -> bool:
    directive = table.find(section, name)
    return directive is not None and directive.is_in(target)
