# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own systemd has the last word on a unit.

Its dump of directives knows names that our table lacks, and its
`systemd-analyze verify` knows values. No single mode of verify tells
everything (with ``--recursive-errors=no`` a missing Requires= is
silent, without it unknown names count as nothing), so what counts is
what it writes, in both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    files,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
    values,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.enums import (  # noqa: E501
    parse_boolean,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.findings import (  # noqa: E501
    Finding,
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
    encode,
    parse,
)

_RUN = "/run"
_SECONDS = 60.0
_BINARIES = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
_RECURSIVE_SINCE = 250
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# What is not about the text: binaries, manual pages and units which the
# host does not have yet, and what follows from a reason given before.
_NOT_THE_TEXT = re.compile(
    r"is not executable|not found|No such file|man page|not loaded"
    r"|Failed to create \S+/start|Transaction|ordering cycle|cannot be started"
    r"|has fatal error|bad unit file setting|is marked"
)
_NAME_CODES = ("unknown-directive", "directive-too-new")
_VALUE_CODES = ("invalid-value", "value-too-new")


def consult(
    name: str,
    text: str | bytes,
    drop_ins: Mapping[str, str | bytes],
    target: Target,
    findings: Iterable[Finding],
) -> list[Finding]:
    """Let the host's systemd confirm, add to or overrule our findings.

    Args:
        name: The unit's file name.
        text: The unit file.
        drop_ins: {file name: text}.
        target: The host's systemd.
        findings: What we found.

    Returns:
        Our findings, those that the host does not share as notices,
        and what the host alone has to say as errors.

    Raises:
        HostError: The private directory cannot be made.
    """
    messages = list(verify(name, text, drop_ins, target))
    judged = list(_overrule(findings, messages))
    documents = {"": parse(text)}
    documents.update({label: parse(part) for label, part in drop_ins.items()})
    return judged + list(_additions(judged, messages, documents))


# (drop-in or "", line or 0, message)
Message = tuple[str, int, str]


def verify(
    name: str,
    text: str | bytes,
    drop_ins: Mapping[str, str | bytes],
    target: Target,
) -> Iterator[Message]:
    """Yield what `systemd-analyze verify` says of this unit alone.

    The unit lies under its true name in a directory of its own, as the
    name decides how it is read; nothing of it is loaded.
    """
    directory = files.temporary_directory(_RUN)
    try:
        path = os.path.join(directory, name)
        _write(path, text)
        if drop_ins:
            os.mkdir(f"{path}.d", 0o700)
        for label, part in drop_ins.items():
            _write(os.path.join(f"{path}.d", label), part)
        lines: dict[str, None] = {}
        for output in _run_modes(directory, path, target):
            lines.update(dict.fromkeys(output.split("\n")))
    finally:
        files.remove_tree(directory)
    for line in lines:
        yield from _read_message(_COLOUR.sub("", line), name, drop_ins)


def _write(path: str, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else encode(text)
    files.write_atomic(path, data, mode=0o600)


def _run_modes(directory: str, path: str, target: Target) -> Iterator[str]:
    modes = (
        [[]]
        if target.version < _RECURSIVE_SINCE
        else [
            [],
            ["--recursive-errors=no"],
        ]
    )
    for options in modes:
        completed = command.run(
            ["systemd-analyze", "verify", "--man=no", *options, path],
            timeout=_SECONDS,
            environment={"SYSTEMD_UNIT_PATH": f"{directory}:"},
            check=False,
        )
        yield completed.stderr
        yield completed.stdout


def _read_message(
    line: str, name: str, drop_ins: Mapping[str, str | bytes]
) -> Iterator[Message]:
    for label in ("", *drop_ins):
        own = re.escape(label or name)
        match = re.search(rf"(?:^|/){own}(?::(\d+))?: (.*)", line)
        if match and not _NOT_THE_TEXT.search(match[2]):
            yield label, int(match[1] or 0), match[2]
            return


def _overrule(
    findings: Iterable[Finding], messages: list[Message]
) -> Iterator[Finding]:
    said = {(label, line) for label, line, _text in messages}
    dump: set[tuple[str, str]] | None = None
    for finding in findings:
        is_accepted = False
        if finding.code in _NAME_CODES:
            dump = dump if dump is not None else read_dump()
            is_accepted = (finding.section, finding.option) in dump
        elif finding.code in _VALUE_CODES and _would_tell(finding):
            is_accepted = (finding.file or "", finding.line) not in said
        yield _as_notice(finding) if is_accepted else finding


def _would_tell(finding: Finding) -> bool:
    """Tell whether verify has a message about such values at all."""
    directive = table.find(finding.section, finding.option)
    if directive is None or finding.section == "Install":
        return False
    kinds = {form.kind for _since, form in directive.forms}
    return not kinds & values.SILENT and "\n" not in finding.value


def _as_notice(finding: Finding) -> Finding:
    return replace(
        finding,
        code="host-accepts",
        level=RULES["host-accepts"].level,
        message=f"{finding.message} - but this host's systemd takes it",
        replacement=None,
    )


def read_dump() -> set[tuple[str, str]]:
    """Return section and name of all that the host's systemd parses."""
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


def _additions(
    findings: list[Finding],
    messages: list[Message],
    documents: Mapping[str, Document],
) -> Iterator[Finding]:
    """Yield what the host says and we do not.

    systemd numbers a continued line by its last one.
    """
    told = {
        (finding.file or "", finding.line)
        for finding in findings
        if finding.level != "notice"
    }
    by_end = {
        (label, item.end): item
        for label, document in documents.items()
        for item in document.assignments()
    }
    for label, line, text in messages:
        item = by_end.get((label, line))
        first = item.line if item else line
        if line and (label, first) not in told:
            yield _from_host(label, first, item, text)
        elif not line and not told:
            yield _from_host(label, 0, None, text)


def _from_host(
    label: str, line: int, item: Assignment | None, text: str
) -> Finding:
    return Finding(
        "host-refuses",
        RULES["host-refuses"].level,
        item.section if item else "",
        item.name if item else "",
        item.value if item else "",
        line,
        f"systemd on this host says: {text}",
        file=label or None,
    )


def read_back(name: str, document: Document) -> list[Finding]:
    """Compare what a loaded unit has with what its file asks for.

    Only what can be compared is: booleans and words of closed lists,
    whose property has the directive's name.

    Args:
        name: A loaded unit.
        document: Its file.
    """
    asked = {
        item.name: item
        for item in document.assignments()
        if item.value and _is_comparable(item)
    }
    if not asked:
        return []
    shown = systemctl.show([name], list(asked))[name]
    return [
        _differs(item, shown[option])
        for option, item in asked.items()
        if shown.get(option) and not _is_same(item.value, shown[option])
    ]


def _is_comparable(item: Assignment) -> bool:
    directive = table.find(item.section, item.name)
    if directive is None or item.section == "Install":
        return False
    kinds = {form.kind.partition(":")[0] for _since, form in directive.forms}
    return kinds <= {"boolean", "boolean-fatal", "enum", "restart"}


def _is_same(asked: str, shown: str) -> bool:
    truth = parse_boolean(asked)
    if truth is not None and parse_boolean(shown) is not None:
        return truth == parse_boolean(shown)
    # A true value may be shown by the word it stands for.
    return asked == shown or truth is True


def _differs(item: Assignment, shown: str) -> Finding:
    return Finding(
        "host-differs",
        RULES["host-differs"].level,
        item.section,
        item.name,
        item.value,
        item.line,
        f"{item.name}={item.value} was asked for, and the loaded unit has"
        f" {shown!r}; look for a drop-in that overrides it"
        " (systemctl cat)",
    )
