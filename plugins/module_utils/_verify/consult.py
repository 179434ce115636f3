# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own systemd has the last word on a unit.

Its dump of directives knows names that our table lacks, and its
`systemd-analyze verify` knows values.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
    continuations,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    registry,
    unit_names,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    analyze,
)

_SECONDS = 60.0
_BINARIES = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
_NAME_CODES = ("unknown-directive", "directive-too-new")
_VALUE_CODES = ("invalid-value", "value-too-new")


def consult(
    name: str,
    text: str | bytes,
    drop_ins: Mapping[str, str | bytes],
    target: targets.Target,
    findings: Iterable[report.Finding],
) -> list[report.Finding]:
    """Let the host's systemd confirm, add to or overrule our findings.

    Args:
        name: The unit's file name.
        text: The unit file.
        drop_ins: {file name: text}.
        target: The host's systemd.
        findings: Our findings.

    Returns:
        Our findings, those that the host does not share as notices,
        and the messages of the host alone: as errors, or as notices if
        systemd takes the line nevertheless. Our findings stay
        as they were for a file that systemd would not read: a mask, or
        one whose name is not the name of a unit.

    Raises:
        HostError: The private directory cannot be made.
    """
    if not unit_names.is_unit_name(name) or not (text or drop_ins):
        return list(findings)
    answer = analyze.verify(name, text, drop_ins, target)
    judged = list(_overrule(findings, answer))
    return judged + list(_additions(name, judged, answer))


def _overrule(
    findings: Iterable[report.Finding], answer: analyze.Answer
) -> Iterator[report.Finding]:
    """Yield the findings; one that the host does not share is a notice."""
    said = {(message.label, message.line) for message in answer.messages}
    ends = _ends(answer)
    dump: set[tuple[str, str]] | None = None
    for finding in findings:
        is_accepted = False
        if finding.code in _NAME_CODES:
            dump = dump if dump is not None else read_dump()
            is_accepted = (finding.section, finding.option) in dump
        elif finding.code in _VALUE_CODES and _would_tell(finding):
            label = finding.file or ""
            end = ends.get((label, finding.line), finding.line)
            is_read = label in answer.read
            is_accepted = is_read and (label, end) not in said
        yield _as_notice(finding) if is_accepted else finding


def _ends(answer: analyze.Answer) -> dict[tuple[str, int], int]:
    """Return the last line of each entry by its file and first one.

    systemd numbers a continued line by its last one.
    """
    return {
        (label, item.line): item.end
        for label, document in answer.documents.items()
        for item in document.assignments()
    }


def _would_tell(finding: report.Finding) -> bool:
    """Tell whether verify has a message about such values at all."""
    directive = table.find(finding.section, finding.option)
    if directive is None or finding.section == "Install":
        return False
    kinds = {form.kind for _since, form in directive.forms}
    return not kinds & registry.SILENT and "\n" not in finding.value


def _as_notice(finding: report.Finding) -> report.Finding:
    return catalogue.retold(
        "host-accepts",
        finding,
        f"{finding.message} - but this host's systemd takes it",
    )


def read_dump() -> set[tuple[str, str]]:
    """Return section and name of each directive that the host knows."""
    for binary in _BINARIES:
        if os.path.exists(binary):
            completed = command.run(
                [binary, "--dump-configuration-items"],
                timeout=_SECONDS,
                check=False,
            )
            return set(_parse_dump(completed.stdout))
    return set()


def _parse_dump(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line:
            yield section, line.partition("=")[0]


def _explained(name: str, answer: analyze.Answer) -> Iterator[tuple[str, int]]:
    """Yield the lines that a finding about another line explains."""
    sections = table.SECTIONS.get(name.rpartition(".")[2], ())
    for label, document in answer.documents.items():
        for line in continuations.explained(document, sections):
            yield label, line


def _additions(
    name: str, findings: list[report.Finding], answer: analyze.Answer
) -> Iterator[report.Finding]:
    """Yield the messages of the host for which we have no finding."""
    told = {
        (finding.file or "", finding.line)
        for finding in findings
        if finding.level != "notice"
    }
    told.update(_explained(name, answer))
    by_end = {
        (label, item.end): item
        for label, document in answer.documents.items()
        for item in document.assignments()
    }
    for label, line, text in answer.messages:
        place = by_end.get(
            (label, line), syntax.Assignment("", "", "", line, line)
        )
        is_new = (label, place.line) not in told if line else not told
        if is_new:
            is_remark = analyze.is_remark(text)
            yield catalogue.finding(
                "host-remarks" if is_remark else "host-refuses",
                place._replace(file=label),
                f"systemd on this host says: {text}",
            )
