# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of the host's `systemd-analyze verify` about one unit.

No single mode of verify tells everything (with
``--recursive-errors=no`` a missing Requires= is silent, without it
unknown names count as nothing), so its messages in both modes count.

No message about a line means that the line is good only if verify read
it: a mask, a fatal line or a unit that is not found ends the reading
without a message about the rest. So every file ends with a directive
that no systemd knows, and verify read a file to its end if it reports
this directive.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Union

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    directories,
    errors,
    files,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
    targets,
)

_RUN = "/run"
_SECONDS = 60.0
_RECURSIVE_SINCE = 250
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# These messages are not about the text: they name binaries, manual
# pages and units which are not there, or follow from an earlier one.
_NOT_THE_TEXT = re.compile(
    r"is not executable|not found|No such file|man page|not loaded"
    r"|Failed to create \S+/start|Transaction|ordering cycle"
    r"|Found dependency|cannot be started"
    r"|has fatal error|bad unit file setting|is marked"
)
# These messages are about lines that systemd takes nevertheless; all
# others say that it ignores the line or refuses the unit.
_REMARK = re.compile(
    r"references a path below legacy directory"
    r"|Ignoring unknown escape sequences"
)
_LAST = "PyfleetReadUpToHere"

Text = Union[str, bytes]


class Message(NamedTuple):
    """A message of systemd.

    Attributes:
        label: The drop-in; empty for the unit file or the unit.
        line: The last line of an entry, from 1; 0 if there is none.
        text: The message.
    """

    label: str
    line: int
    text: str


class Answer(NamedTuple):
    """All messages of systemd about a unit.

    Attributes:
        messages: Its objections.
        documents: {drop-in or "": the file that it was given}.
        read: The files, as in `documents`, which it read to their end.
    """

    messages: tuple[Message, ...]
    documents: Mapping[str, syntax.Document]
    read: frozenset[str]


class _File(NamedTuple):
    """A file of the private directory.

    Attributes:
        label: The drop-in; empty for the unit file.
        path: Its path; a label may be an unsafe file name.
        text: Its text.
        document: The same, parsed.
    """

    label: str
    path: str
    text: str
    document: syntax.Document


def verify(
    name: str, text: Text, drop_ins: Mapping[str, Text], target: targets.Target
) -> Answer:
    """Ask for the messages of `systemd-analyze verify` about a unit.

    The unit lies under its true name in a directory of its own, as the
    name decides how it is read, and this directory is the whole search
    path: no drop-in and no other unit of the host is read. systemd does
    not load the unit.

    Args:
        name: The unit's file name, and a valid one.
        text: The unit file; if it is empty, drop-ins are judged alone.
        drop_ins: {file name: text}.
        target: The host's systemd.

    Raises:
        HostError: The private directory cannot be made.
    """
    with _private_directory() as directory:
        path = os.path.join(directory, name)
        laid_out = list(_lay_out(path, text, drop_ins))
        if drop_ins:
            os.mkdir(f"{path}.d", 0o700)
        for file in laid_out:
            files.write_atomic(file.path, syntax.encode(file.text), mode=0o600)
        lines: dict[str, None] = {}
        for output in run_modes(path, target):
            lines.update(dict.fromkeys(output.split("\n")))
    return _read(lines, name, laid_out, has_unit=bool(text))


@contextmanager
def _private_directory() -> Iterator[str]:
    try:
        directory = directories.temporary_directory(_RUN)
    except errors.HostError as error:
        raise errors.HostError(
            f"{error}; only root can ask this host's systemd: set `become:"
            " true`, or let unit_validate judge without this systemd, by"
            " `verify: false` or by `systemd_version`"
        ) from error
    try:
        yield directory
    finally:
        directories.remove_tree(directory)


def _lay_out(
    path: str, text: Text, drop_ins: Mapping[str, Text]
) -> Iterator[_File]:
    # An empty file would be a mask, whose drop-ins systemd ignores.
    yield _file("", path, text or "[Unit]\n")
    ordered = sorted(drop_ins.items())
    for number, (label, part) in enumerate(ordered):
        yield _file(label, f"{path}.d/{number:06}.conf", part)


def _file(label: str, path: str, text: Text) -> _File:
    """Return a file that ends with a directive that systemd reports.

    The empty line ends a last one that has a backslash at its end;
    [Unit] is a section of every type of unit.
    """
    plain = text if isinstance(text, str) else syntax.decode(text)
    marked = f"{plain}\n\n[Unit]\n{_LAST}=yes\n"
    return _File(label, path, marked, syntax.parse(marked))


def run_modes(path: str, target: targets.Target) -> Iterator[str]:
    """Yield the output of verify about a unit file, in each mode."""
    modes: list[list[str]] = [[]]
    if target.version >= _RECURSIVE_SINCE:
        modes.append(["--recursive-errors=no"])
    for options in modes:
        completed = command.run(
            ["systemd-analyze", "verify", "--man=no", *options, path],
            timeout=_SECONDS,
            # Empty: systemd searches the directory of the file alone.
            environment={"SYSTEMD_UNIT_PATH": ""},
            check=False,
        )
        yield completed.stderr
        yield completed.stdout


def _read(
    lines: Mapping[str, None],
    name: str,
    laid_out: list[_File],
    *,
    has_unit: bool,
) -> Answer:
    ends = {file.label: len(file.document.lines) for file in laid_out}
    by_path = {file.path: file for file in laid_out}
    messages = []
    read = set()
    for line in lines:
        message = _message(_COLOUR.sub("", line), name, by_path)
        if message is None:
            continue
        if message.line == ends[message.label] and _LAST in message.text:
            read.add(message.label)
        # Without its file, messages about the whole unit do not count.
        elif message.line or has_unit:
            messages.append(message)
    documents = {file.label: file.document for file in laid_out}
    return Answer(tuple(messages), documents, frozenset(read))


def is_remark(text: str) -> bool:
    """Tell whether a message is about a line that systemd takes."""
    return _REMARK.search(text) is not None


# A path of ours has no blanks; a unit's name may have colons.
_OF_A_FILE = re.compile(r"(/\S*?)(?::(\d+))?: (.*)")


def _message(
    line: str, name: str, by_path: Mapping[str, _File]
) -> Message | None:
    """Read a message about our files or the unit; None for others."""
    match = _OF_A_FILE.match(line)
    if match and match[1] in by_path:
        label = by_path[match[1]].label
    else:
        # A template is tried by an instance, whose name differs by
        # version.
        unit = re.escape(name).replace("@\\.", "@[^.:]*\\.")
        match = re.match(rf"({unit})(): (.*)", line)
        label = ""
    if match is None or _NOT_THE_TEXT.search(match[3]):
        return None
    return Message(label, int(match[2] or 0), match[3])
