# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The validator: what would this systemd make of this unit file?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
    values,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.context import (  # noqa: E501
    BadValueError,
    Context,
    nearest,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.crosscheck import (  # noqa: E501
    cross_check,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.findings import (  # noqa: E501
    Finding,
    shorten,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.names import (  # noqa: E501
    UNIT_TYPES,
    is_unit_name,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.rules import (  # noqa: E501
    RULES,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.target import (  # noqa: E501
    Target,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.text import (  # noqa: E501
    Assignment,
    Document,
    Header,
    parse,
)

_MASKED = (
    "an empty unit file masks the unit, it can never be started; remove"
    " the file, or say what the unit does"
)
_TRAILING_COMMENT = re.compile(r"\s+[#;]\s*\S")


def check(
    document: Document | str | bytes, name: str, target: Target
) -> list[Finding]:
    """Validate one unit file for one systemd.

    Args:
        document: The file, parsed or not.
        name: Its file name, such as ``hello.service``: it decides
            which sections there are.
        target: The systemd that will read it.

    Returns:
        The findings, by line.
    """
    return check_merged(document, {}, name, target)


def check_merged(
    document: Document | str | bytes,
    drop_ins: Mapping[str, Document | str | bytes],
    name: str,
    target: Target,
) -> list[Finding]:
    """Validate a unit file with its drop-ins merged in.

    Args:
        document: The unit file, parsed or not.
        drop_ins: {file name: text}; they apply by their names' order
            (systemd.unit(5)).
        name: The unit's file name.
        target: The systemd that will read them.

    Returns:
        The findings, file by file and by line; those about a drop-in
        name it in `Finding.file`.
    """
    kind = name.rpartition(".")[2]
    sections = table.SECTIONS.get(kind, ())
    checker = _Checker(name, target, sections)
    findings = _check_name(name)
    merged: list[Assignment] = []
    is_empty = False
    parts = [("", document), *sorted(drop_ins.items())]
    for label, part in parts:
        parsed = part if isinstance(part, Document) else parse(part)
        found = _mistakes(parsed)
        if sections:
            found += _check_headers(parsed.headers, sections)
            found += checker.run(parsed.assignments())
        findings += _labelled(found, label)
        merged += parsed.assignments()
        if not label:
            is_empty = not parsed.lines
    if is_empty and not drop_ins:
        return [*findings, finding_of("masked", None, _MASKED)]
    if is_empty:
        # Drop-ins alone: what the unit has is not known.
        return findings
    return findings + cross_check(merged, name, target)


def _labelled(findings: Iterable[Finding], label: str) -> list[Finding]:
    ordered = sorted(findings, key=lambda finding: finding.line)
    if not label:
        return ordered
    return [replace(finding, file=label) for finding in ordered]


def finding_of(code: str, item: Assignment | None, message: str) -> Finding:
    """Return the finding of a rule about an assignment, or the file."""
    if item is None:
        item = Assignment("", "", "", 0, 0)
    return Finding(
        code,
        RULES[code].level,
        item.section,
        item.name,
        item.value,
        item.line,
        message,
    )


def _check_name(name: str) -> list[Finding]:
    suffix = name.rpartition(".")[2]
    if suffix not in UNIT_TYPES:
        near = nearest(suffix, UNIT_TYPES)
        hint = f"; did you mean .{near}?" if near else ""
        return [
            finding_of(
                "unknown-unit-type",
                None,
                f"{name!r} has no suffix of a unit, such as .service{hint}",
            )
        ]
    if not is_unit_name(name):
        return [
            finding_of(
                "invalid-unit-name",
                None,
                f"{shorten(name)!r} is no name of a unit: letters, digits"
                " and :-_.\\, at most 255, and one @ for an instance",
            )
        ]
    return []


def _mistakes(document: Document) -> list[Finding]:
    return [
        Finding(
            mistake.code,
            RULES[mistake.code].level,
            "",
            "",
            shorten(mistake.text),
            mistake.line,
            mistake.message,
        )
        for mistake in document.mistakes
    ]


def _check_headers(
    headers: Iterable[Header], sections: tuple[str, ...]
) -> list[Finding]:
    findings = []
    for header in headers:
        name = header.name
        if name in sections or name.startswith("X-"):
            continue
        item = Assignment(name, "", "", header.line, header.line)
        near = nearest(name, sections)
        hint = f"did you mean [{near}]?" if near else ""
        if any(name in known for known in table.SECTIONS.values()):
            hint = f"its sections are {', '.join(sections)}"
        message = (
            f"[{name}] is no section of this type of unit, systemd ignores"
            f" all of it; {hint or 'a section of your own begins with X-'}"
        )
        finding = finding_of("unknown-section", item, message)
        findings.append(replace(finding, replacement=near or None))
    return findings


class _Checker:
    """Checks each assignment by the table and its value type."""

    def __init__(
        self, unit: str, target: Target, sections: tuple[str, ...]
    ) -> None:
        self._unit = unit
        self._target = target
        self._sections = sections
        self._findings: list[Finding] = []
        self._seen: dict[tuple[str, str], Assignment] = {}
        self._lines_here: set[tuple[str, str]] = set()

    def run(self, assignments: Iterable[Assignment]) -> list[Finding]:
        """Check one file; what earlier ones assigned is remembered."""
        self._findings = []
        self._lines_here = set()
        for item in assignments:
            is_own = item.section.startswith("X-") or item.name.startswith(
                "X-"
            )
            if item.section in self._sections and not is_own:
                self._check(item)
        return self._findings

    def _check(self, item: Assignment) -> None:
        directive = table.find(item.section, item.name)
        if directive is None or not directive.is_in(self._target):
            self._unusable(item, directive)
            return
        self._check_status(item, directive)
        form = directive.form(self._target)
        if item.value:
            self._check_value(item, form)
            self._check_duplicate(item, form)
            self._seen[item.section, item.name] = item
            self._lines_here.add((item.section, item.name))
        else:
            self._check_empty(item, form)

    def _unusable(
        self, item: Assignment, directive: table.Directive | None
    ) -> None:
        """Report a directive that the target does not have here."""
        if directive is None:
            elsewhere = self._elsewhere(item.name)
            report = self._misplaced if elsewhere else self._unknown
            report(item, elsewhere)
        elif directive.is_gone(self._target):
            self._removed(item, directive)
        else:
            self._add(
                "directive-too-new",
                item,
                f"{item.name}= is known from systemd {directive.since} on,"
                f" {self._target} ignores it; remove it for this target",
                since=directive.since,
            )

    def _elsewhere(self, name: str) -> str:
        for section in self._sections:
            directive = table.find(section, name)
            if directive is not None and directive.is_in(self._target):
                return section
        return ""

    def _misplaced(self, item: Assignment, section: str) -> None:
        self._add(
            "misplaced-directive",
            item,
            f"{item.name}= belongs in [{section}], systemd ignores it in"
            f" [{item.section}]; move it",
            replacement=f"[{section}] {item.name}=",
        )

    def _unknown(self, item: Assignment, _elsewhere: str) -> None:
        known = [
            name
            for name in table.names(item.section)
            if _is_usable(item.section, name, self._target)
        ]
        near = nearest(item.name, known)
        hint = f"did you mean {near}=?" if near else "remove it"
        self._add(
            "unknown-directive",
            item,
            f"{shorten(item.name)}= is no directive of [{item.section}],"
            f" systemd ignores it; {hint}",
            replacement=near or None,
        )

    def _removed(self, item: Assignment, directive: table.Directive) -> None:
        new = directive.replacement
        remedy = f"write {new}=" if new else "remove it"
        self._add(
            "directive-removed",
            item,
            f"{item.name}= is gone from systemd {directive.removed} on,"
            f" {self._target} takes it and does nothing; {remedy}",
            removed=directive.removed,
            replacement=new or None,
        )

    def _check_status(
        self, item: Assignment, directive: table.Directive
    ) -> None:
        deprecated = directive.deprecated
        if deprecated is not None and self._target.version >= deprecated:
            new = directive.replacement
            self._add(
                "deprecated-directive",
                item,
                f"{item.name}= is deprecated; write"
                f" {new if '=' in new else new + '='}",
                replacement=new or None,
            )
        if not self._target.has_feature(directive.feature):
            self._add(
                "feature-missing",
                item,
                f"{item.name}= does nothing: this systemd is built without"
                f" {directive.feature} (systemctl --version)",
            )

    def _check_duplicate(self, item: Assignment, form: table.Form) -> None:
        key = (item.section, item.name)
        earlier = self._seen.get(key)
        if earlier is None or form.is_list or earlier.value == item.value:
            return
        # To override is what a drop-in is for.
        if key not in self._lines_here:
            return
        self._add(
            "duplicate-directive",
            item,
            f"{item.name}= is assigned in line {earlier.line} as well,"
            f" which no longer counts; keep one of the two",
        )

    def _check_empty(self, item: Assignment, form: table.Form) -> None:
        key = (item.section, item.name)
        if form.empty in ("reset", "value"):
            self._seen.pop(key, None)
            self._lines_here.discard(key)
            return
        earlier = self._seen.get(key)
        if form.empty == "noop" and earlier is None:
            return
        stays = (
            f"{shorten(earlier.value)!r} of line {earlier.line} stays"
            if earlier
            else "the default stays"
        )
        self._add(
            "empty-keeps",
            item,
            f"an empty {item.name}= resets nothing: {stays}; write the"
            " value that you want",
        )

    def _check_value(self, item: Assignment, form: table.Form) -> None:
        context = Context(
            self._target,
            self._unit,
            item.section,
            item.name,
            form.kind in values.FATAL,
        )
        try:
            values.check_value(form.kind, item.value, context)
        except BadValueError as error:
            self._bad_value(item, error, context)
        for remark in context.remarks:
            self._findings.append(
                Finding(
                    remark.code,
                    remark.level,
                    item.section,
                    item.name,
                    item.value,
                    item.line,
                    f"{item.name}= {remark.message}",
                    replacement=remark.replacement or None,
                )
            )

    def _bad_value(
        self, item: Assignment, error: BadValueError, context: Context
    ) -> None:
        outcome = (
            "systemd refuses the unit"
            if context.is_fatal
            else "systemd ignores it"
        )
        hint = f"; did you mean {error.nearest}?" if error.nearest else ""
        if not hint and _TRAILING_COMMENT.search(item.value):
            hint = "; a comment needs a line of its own"
        self._add(
            "value-too-new" if error.since else "invalid-value",
            item,
            f"{item.name}={shorten(item.value)}: {error}{hint} ({outcome})",
            since=error.since or None,
            replacement=error.nearest or None,
        )

    def _add(
        self,
        code: str,
        item: Assignment,
        message: str,
        *,
        since: int | None = None,
        removed: int | None = None,
        replacement: str | None = None,
    ) -> None:
        self._findings.append(
            replace(
                finding_of(code, item, message),
                since=since,
                removed=removed,
                replacement=replacement,
            )
        )


def _is_usable(section: str, name: str, target: Target) -> bool:
    directive = table.find(section, name)
    return directive is not None and directive.is_in(target)
