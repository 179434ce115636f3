# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The validator: judge a unit file as one systemd would read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from types import ModuleType

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
    merged,
    registry,
    unit_names,
)

_MASKED = (
    "an empty unit file masks the unit, which can never be started; remove"
    " the file, or write the lines of the unit"
)


def check(
    document: syntax.Document | str | bytes, name: str, target: targets.Target
) -> list[report.Finding]:
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
    document: syntax.Document | str | bytes,
    drop_ins: Mapping[str, syntax.Document | str | bytes],
    name: str,
    target: targets.Target,
) -> list[report.Finding]:
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
    checker = _Checker(
        merged.MergedUnit(name, target), table.SECTIONS.get(kind, ())
    )
    findings = [*_check_name(name), *_check_version(target)]
    parts = {"": parsed(document)}
    for label in sorted(drop_ins):
        parts[label] = parsed(drop_ins[label])
    for label, part in parts.items():
        findings += checker.run(part, label)
    if not _has_other_user(checker.unit):
        findings = [one for one in findings if one.code != "user-specifier"]
    # Rules across directives need the unit file, as drop-ins alone do
    # not tell which directives the unit has.
    if parts[""].lines:
        findings += services.cross_check(checker.unit)
    elif not drop_ins:
        findings.append(catalogue.finding("masked", None, _MASKED))
    order = {label: number for number, label in enumerate(parts)}
    return sorted(findings, key=lambda one: (order[one.file or ""], one.line))


def _has_other_user(unit: merged.MergedUnit) -> bool:
    """Tell whether a unit runs as another user or group than root."""
    names = [unit.value(unit.section, name) for name in ("User", "Group")]
    is_dynamic = unit.is_on(unit.section, "DynamicUser")
    return is_dynamic or any(name not in ("", "root", "0") for name in names)


def parsed(document: syntax.Document | str | bytes) -> syntax.Document:
    """Parse a file, unless it is parsed already."""
    if isinstance(document, syntax.Document):
        return document
    return syntax.parse(document)


def _check_name(name: str) -> list[report.Finding]:
    suffix = name.rpartition(".")[2]
    if suffix not in unit_names.UNIT_TYPES:
        near = contexts.nearest(suffix, unit_names.UNIT_TYPES)
        hint = f"; did you mean .{near}?" if near else ""
        return [
            catalogue.finding(
                "unknown-unit-type",
                None,
                f"{name!r} does not end in a type of unit, such as"
                f" .service{hint}",
            )
        ]
    if not unit_names.is_unit_name(name) or not _can_be_loaded(name):
        return [
            catalogue.finding(
                "invalid-unit-name",
                None,
                f"{report.shorten(name)!r} is not the name of a unit: letters,"
                " digits and :-_.\\, at most 255, and one @ for an instance",
            )
        ]
    return []


def _check_version(target: targets.Target) -> list[report.Finding]:
    if target.version <= targets.NEWEST:
        return []
    return [
        catalogue.finding(
            "version-unknown",
            None,
            f"systemd {target} is not known here: the unit is judged as for"
            f" {targets.NEWEST}, the newest version that is; let that host's"
            " systemd-analyze verify look at it too",
        )
    ]


def _can_be_loaded(name: str) -> bool:
    """Tell whether a unit of its type can have the name (src/core)."""
    stem, _dot, suffix = name.rpartition(".")
    if suffix == "slice" and stem != "-":
        is_path = stem.strip("-") == stem and "--" not in stem
        return is_path and "@" not in stem
    return not ("@" in stem and suffix in ("automount", "mount"))


def _mistakes(
    document: syntax.Document, sections: tuple[str, ...]
) -> Iterator[report.Finding]:
    """Yield the findings about lines that systemd cannot read.

    systemd has no message about lines of a section that it ignores.
    """
    for mistake in document.mistakes:
        if mistake.code == "not-an-assignment" and (
            mistake.section not in sections
        ):
            continue
        item = syntax.Assignment(
            mistake.section,
            "",
            report.shorten(mistake.text),
            mistake.line,
            mistake.line,
        )
        yield catalogue.finding(mistake.code, item, mistake.message)


def _check_headers(
    headers: Iterable[syntax.Header], sections: tuple[str, ...]
) -> Iterator[report.Finding]:
    for header in headers:
        name = header.name
        if name in sections or name.startswith("X-"):
            continue
        item = syntax.Assignment(name, "", "", header.line, header.line)
        near = contexts.nearest(name, sections)
        hint = f"did you mean [{near}]?" if near else ""
        if any(name in known for known in table.SECTIONS.values()):
            hint = f"its sections are {', '.join(sections)}"
        message = (
            f"[{name}] is not a section of this type of unit, systemd ignores"
            f" all of it; {hint or 'a section of your own begins with X-'}"
        )
        found = catalogue.finding("unknown-section", item, message)
        yield replace(found, replacement=near or None)


# A file with more errors than this is hardly a unit file, and the
# errors behind them would cost time and memory, and help nobody.
_ERRORS_MAX = 10_000
_TRIGGERS = (("Timer", "Unit"), ("Path", "Unit"))


class _Checker:
    """Checks each assignment by the table and its value type."""

    def __init__(
        self, unit: merged.MergedUnit, sections: tuple[str, ...]
    ) -> None:
        self.unit = unit
        self._target = unit.target
        self._sections = sections
        self._findings: list[report.Finding] = []
        self._errors = 0

    def run(
        self, document: syntax.Document, label: str
    ) -> list[report.Finding]:
        """Check one file, and read it into the merged unit.

        Args:
            document: The file.
            label: The drop-in; empty for the unit file.
        """
        self._findings, self._errors = [], 0
        self._check_lines(document)
        for item in document.assignments():
            is_own = item.section.startswith("X-") or item.name.startswith(
                "X-"
            )
            if item.section not in self._sections or is_own:
                continue
            if self._is_full:
                # The rules across directives need all lines.
                self.unit.add(item._replace(file=label))
            else:
                self._check(item._replace(file=label))
        # A host compiles what it imports on each call.
        if any("\\" in line for line in document.lines):
            from . import continuations  # noqa: PLC0415

            self._findings = continuations.settle(
                self._findings, document, self._sections
            )
        return [replace(one, file=label or None) for one in self._findings]

    def _check_lines(self, document: syntax.Document) -> None:
        """Check the lines that are not assignments."""
        parts = [_mistakes(document, self._sections)]
        if self._sections:
            parts.append(_check_headers(document.headers, self._sections))
        for found in chain.from_iterable(parts):
            if self._is_full:
                return
            self._keep(found)

    @property
    def _is_full(self) -> bool:
        return self._errors >= _ERRORS_MAX

    def _keep(self, found: report.Finding) -> None:
        self._findings.append(found)
        self._errors += found.level == "error"
        if self._errors == _ERRORS_MAX and found.level == "error":
            item = syntax.Assignment("", "", "", found.line, found.line)
            message = (
                f"the file has {_ERRORS_MAX} errors, and the validator looks"
                " for no more of them; correct these first, or give the path"
                " of a unit file"
            )
            self._findings.append(
                catalogue.finding("too-many-errors", item, message)
            )

    def _check(self, item: syntax.Assignment) -> None:
        directive = table.find(item.section, item.name)
        if directive is None or not directive.is_in(self._target):
            self._keep(
                _complaints().unusable(
                    item, directive, self._sections, self._target
                )
            )
            return
        self._check_status(item, directive)
        form = directive.form(self._target)
        if item.value:
            # systemd passes over a bad value, and the earlier one stays.
            if self._check_value(item, directive):
                self._check_duplicate(item, form)
        else:
            self._check_empty(item, form)
        self.unit.add(item)

    def _check_status(
        self, item: syntax.Assignment, directive: table.Directive
    ) -> None:
        if directive.is_deprecated(self._target):
            new = directive.replacement
            found = catalogue.finding(
                "deprecated-directive",
                item,
                f"{item.name}= is deprecated; write"
                f" {new if '=' in new else new + '='}",
            )
            self._keep(replace(found, replacement=new or None))
        if not self._target.has_feature(directive.feature):
            self._add(
                "feature-missing",
                item,
                f"{item.name}= does nothing: this systemd is built without"
                f" {directive.feature} (systemctl --version)",
            )

    def _check_duplicate(
        self, item: syntax.Assignment, form: table.Form
    ) -> None:
        earlier = self.unit.last(item.section, item.name)
        if earlier is None or form.is_list or earlier.value == item.value:
            return
        # The first Unit= counts, and `trigger-twice` has the finding.
        is_trigger = (item.section, item.name) in _TRIGGERS
        # A drop-in overrides the unit file on purpose.
        if is_trigger or earlier.file != item.file:
            return
        self._add(
            "duplicate-directive",
            item,
            f"{item.name}= is assigned in line {earlier.line} as well, and"
            f" that line no longer counts; keep one of the two",
        )

    def _check_empty(self, item: syntax.Assignment, form: table.Form) -> None:
        if form.empty in ("reset", "value"):
            return
        earlier = self.unit.last(item.section, item.name)
        if form.empty == "noop" and earlier is None:
            return
        stays = "the default stays"
        if earlier:
            where = f"line {earlier.line}"
            if earlier.file != item.file:
                where += f" of {earlier.file or self.unit.name}"
            stays = f"{report.shorten(earlier.value)!r} of {where} stays"
        self._add(
            "empty-keeps",
            item,
            f"an empty {item.name}= resets nothing: {stays}; write the"
            " value that you want",
        )

    def _check_value(
        self, item: syntax.Assignment, directive: table.Directive
    ) -> bool:
        """Check a value; tell whether the target takes it over."""
        kind = directive.form(self._target).kind
        context = contexts.Context(
            self._target,
            self.unit.name,
            item.section,
            item.name,
            kind in registry.FATAL,
        )
        is_read = True
        try:
            registry.check_value(kind, item.value, context)
        except contexts.BadValueError as error:
            is_read = False
            self._keep(
                _complaints().bad_value(item, error, directive, context)
            )
        for remark in context.remarks:
            name = f"{item.name}="
            if "%" in item.value:
                name += _complaints().reading(item.value, remark.message)
            found = catalogue.finding(
                remark.code, item, f"{name} {remark.message}"
            )
            self._keep(replace(found, replacement=remark.replacement or None))
        return is_read

    def _add(self, code: str, item: syntax.Assignment, message: str) -> None:
        self._keep(catalogue.finding(code, item, message))


def _complaints() -> ModuleType:
    # Most units have no mistake, and a host compiles what it imports on
    # each call.
    from . import messages  # noqa: PLC0415

    return messages
