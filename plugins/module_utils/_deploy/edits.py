# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files of ours that somebody changed by hand.

An editor that follows the link changes the file of the generation. An
editor that does not (`sed -i`, `systemctl edit --full`) puts a file in
the place of the link. Both are put back, and neither edit is lost.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    aside,
    claims,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    files,
)

# The greatest number of lines that a message names.
_NAMED = 3
# A directive or the header of a section.
_NAME = re.compile(rb"\[[A-Za-z]+\]|[A-Z][A-Za-z0-9]*=")


@dataclass(frozen=True)
class Edit:
    """A unit file that is not as we wrote it.

    Attributes:
        unit: Name of the unit.
        path: The file.
        copy: Where it is kept once it is put back.
        lines: The lines that differ, in words; empty if they are not
            known.
        is_material: Whether more than comments and blanks differs.
    """

    unit: str
    path: str
    copy: str
    lines: str
    is_material: bool

    @property
    def problem(self) -> str:
        """The file and its lines, in words."""
        which = f": {self.lines}" if self.lines else ""
        return f"{self.path} was changed by hand{which}"

    @property
    def ending(self) -> str:
        """The end of the changed file, in words."""
        return (
            f"{self.unit}: {self.problem}. The file is put back as it was "
            f"written, and the changed one is kept as {self.copy}"
        )


def find(
    layout: layouts.Layout, generation: records.Generation, unit: str
) -> Iterator[Edit]:
    """Yield the files of a unit that somebody changed.

    Args:
        layout: Paths of the application.
        generation: The generation that the unit belongs to.
        unit: Name of the unit.
    """
    record = generation.units[unit]
    own = f"{layout.generation(generation.sequence)}/{unit}"
    written = record.text.encode()
    content = _read(own)
    if content is not None:
        if hashlib.sha256(content).hexdigest() != record.sha256:
            yield _edit(layout, unit, own, written, content)
        else:
            written = content
    link = layout.unit_link(unit)
    is_changed = claims.kind_of_link(layout, unit) == claims.CHANGED
    content = _read(link) if is_changed and not os.path.islink(link) else None
    if content is not None:
        yield _edit(layout, unit, link, written, content)


def put_back(layout: layouts.Layout, generation: records.Generation) -> None:
    """Write the unit files of a generation as its record has them.

    A file that somebody changed is kept first. Records of earlier
    versions lack the texts; `unknown` names their files.
    """
    folder = layout.generation(generation.sequence)
    for unit, record in generation.units.items():
        if record.text:
            path = f"{folder}/{unit}"
            _keep(layout, path, record.sha256)
            files.write_atomic(path, record.text.encode(), mode=0o644)


def keep_all(layout: layouts.Layout, generation: records.Generation) -> None:
    """Keep the unit files of a generation that somebody changed."""
    folder = layout.generation(generation.sequence)
    for unit, record in generation.units.items():
        _keep(layout, f"{folder}/{unit}", record.sha256)


def _keep(layout: layouts.Layout, path: str, sha256: str) -> None:
    """Keep a unit file of a generation if somebody changed it.

    Something else than a regular file is moved out of the way: nobody
    can write in its place.

    Args:
        layout: Paths of the application.
        path: The file.
        sha256: Hash of the file as we wrote it.
    """
    content = _read(path)
    if content is None and os.path.lexists(path):
        aside.move(layout, path)
        return
    if content is None:
        return
    if hashlib.sha256(content).hexdigest() != sha256:
        aside.keep(layout, path)


def unknown(
    layout: layouts.Layout, generation: records.Generation
) -> Iterator[str]:
    """Yield the changed unit files that no record can put back."""
    for unit, record in generation.units.items():
        if not record.text:
            for edit in find(layout, generation, unit):
                if edit.path != layout.unit_link(unit):
                    yield f"{edit.path} was changed by hand"


def in_words(before: bytes, after: bytes) -> str:
    """Name the lines that differ.

    Args:
        before: The file as we wrote it.
        after: The file as it is.
    """
    # Few hosts have a changed file, and a host compiles what it imports
    # on each call.
    import difflib  # noqa: PLC0415

    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    said = []
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind != "equal":
            gone = _names(old, start, end)
            said += [f"{name}, was removed" for name in gone]
            come = _names(new, first, last)
            said += [f"{name}, was added" for name in come]
    more = len(said) - _NAMED
    rest = [f"and {more} more"] if more > 0 else []
    return "; ".join([*said[:_NAMED], *rest])


def _edit(
    layout: layouts.Layout,
    unit: str,
    path: str,
    written: bytes,
    content: bytes,
) -> Edit:
    return Edit(
        unit=unit,
        path=path,
        copy=aside.place(layout, path, content),
        lines=in_words(written, content) if written else "",
        is_material=_material(written) != _material(content),
    )


def _material(content: bytes) -> list[bytes]:
    lines = (line.strip() for line in content.splitlines())
    return [line for line in lines if line and line[:1] not in b"#;"]


def _names(lines: Sequence[bytes], start: int, end: int) -> Iterator[str]:
    """Name lines by number and directive, and show no value.

    An edit may hold a password, in whatever line.
    """
    for index in range(start, end):
        is_continued = index > 0 and lines[index - 1].endswith(b"\\")
        found = None if is_continued else _NAME.match(lines[index])
        name = f", {found[0].decode()}" if found else ""
        yield f"line {index + 1}{name}"


def _read(path: str) -> bytes | None:
    """Return the content of a regular file, or None."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
