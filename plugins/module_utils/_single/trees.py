# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files of a directory: each with the drop-ins that are for it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    unit_names,
)

_DIRECTORIES = layouts.UNIT_PATH
_DROP_IN_FOLDER = ".d"
# These directories hold links to units, by which others want them.
_FOLDERS_OF_LINKS = (".wants", ".requires", ".upholds")


@dataclass(frozen=True)
class UnitSource:
    """A unit file with its drop-ins, before it is judged.

    Attributes:
        name: The unit's file name.
        text: Its text or bytes; empty for a mask, and where drop-ins
            are all there is.
        drop_ins: {file name: text}.
        title: Its name in the result; empty for the file name.
        asked: The drop-ins that are asked about; empty for everything.
    """

    name: str
    text: str | bytes
    drop_ins: Mapping[str, str | bytes] = field(default_factory=dict)
    title: str = ""
    asked: frozenset[str] = frozenset()

    @cached_property
    def document(self) -> syntax.Document:
        """The unit file, parsed."""
        return syntax.parse(self.text)

    @cached_property
    def drop_in_documents(self) -> dict[str, syntax.Document]:
        """The drop-ins, parsed."""
        return {
            label: syntax.parse(text) for label, text in self.drop_ins.items()
        }

    @property
    def documents(self) -> dict[str, syntax.Document]:
        """All files by their drop-in's name, the unit file under ""."""
        return {"": self.document, **self.drop_in_documents}


def is_drop_in(path: str) -> bool:
    """Tell whether a path is that of a drop-in."""
    folder = os.path.basename(os.path.dirname(path))
    return path.endswith(".conf") and folder.endswith(_DROP_IN_FOLDER)


def is_drop_ins(path: str) -> bool:
    """Tell whether a path is that of a directory of drop-ins."""
    name = os.path.basename(os.path.normpath(path))
    is_one = name.endswith(_DROP_IN_FOLDER)
    return is_one and name[:-2].rpartition(".")[2] in unit_names.UNIT_TYPES


def read_drop_in(path: str) -> UnitSource:
    """Return a drop-in with its unit and the other drop-ins, if any."""
    # The drop-in that is asked about must exist.
    read(path)
    return _read_folder(
        os.path.dirname(path), frozenset([os.path.basename(path)])
    )


def read_directory(path: str) -> list[UnitSource]:
    """Return all units below a directory, by their names' order.

    A link out of the directory is followed. A link within it is one
    more name of another file: it is passed over, as is a link to
    nothing.

    Raises:
        HostError: The directory has no unit, or a file cannot be read.
    """
    root = os.path.normpath(path)
    if is_drop_ins(root):
        return [_read_folder(root, frozenset(read_drop_ins(root[:-2])))]
    found: dict[str, str | bytes] = {}
    for folder, folders, names in os.walk(root, onerror=_refuse_unreadable):
        folders[:] = sorted(
            name for name in folders if not name.endswith(_FOLDERS_OF_LINKS)
        )
        for name in sorted(names):
            file = os.path.join(folder, name)
            if _is_wanted(file) and not _is_further_name(file, root):
                found[os.path.relpath(file, root)] = read(file)
    if not found:
        raise errors.HostError(
            f"there is no unit file and no drop-in below {path}; give the"
            " directory of files such as hello.service"
        )
    return group(found)


def group(found: Mapping[str, str | bytes]) -> list[UnitSource]:
    """Return units from files, each with the drop-ins beside it.

    Args:
        found: {relative path: text}, such as ``hello.service`` and
            ``hello.service.d/10-own.conf``.

    Returns:
        The units, with their paths as titles. Drop-ins whose unit is
        not among the files make one of their own, without a text.
    """
    drop_ins: dict[str, dict[str, str | bytes]] = {}
    units: dict[str, str | bytes] = {}
    for path, text in found.items():
        folder, label = os.path.split(path)
        if folder.endswith(_DROP_IN_FOLDER):
            drop_ins.setdefault(folder[:-2], {})[label] = text
        else:
            units[path] = text
    sources = []
    for path in dict.fromkeys([*units, *drop_ins]):
        template = _template(path)
        # The file names decide the order, and their directories do not.
        merged = {**drop_ins.get(template, {}), **drop_ins.get(path, {})}
        text = units.get(path, units.get(template, b""))
        # The template itself gets the findings about its lines.
        asked = () if path in units else drop_ins[path]
        sources.append(
            UnitSource(_name(path), text, merged, path, frozenset(asked))
        )
    return sources


def read(path: str) -> bytes:
    """Return the content of a file; a link to /dev/null is empty.

    Raises:
        HostError: The file cannot be read, or is not a regular file.
    """
    try:
        # A pipe must not be opened: it would wait for a writer.
        found = os.stat(path)
        if _is_null(found):
            return b""
        if stat.S_ISREG(found.st_mode):
            with open(path, "rb") as stream:
                return stream.read()
    except OSError as error:
        raise errors.HostError(
            f"cannot read {path}: {error.strerror}; name a unit file of the"
            " host that the module runs on, and one that its user may read"
        ) from error
    raise errors.HostError(
        f"{path} is not a regular file, systemd would not read it; name a unit"
        " file, or a directory of them"
    )


def read_drop_ins(path: str) -> dict[str, str | bytes]:
    """Return the drop-ins in the directory of a unit file."""
    directory = f"{path}{_DROP_IN_FOLDER}"
    return {
        name: read(os.path.join(directory, name))
        for name in drop_in_names(directory)
    }


def drop_in_names(directory: str) -> Iterator[str]:
    """Yield the names of the files that systemd reads in a directory.

    See systemd.unit(5); a missing directory has no files.
    """
    try:
        names = sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from (
        name
        for name in names
        if name.endswith(".conf") and not name.startswith(".")
    )


def _read_folder(folder: str, asked: frozenset[str]) -> UnitSource:
    """Return a directory of drop-ins with the unit it is for."""
    path = folder[: -len(_DROP_IN_FOLDER)]
    drop_ins: dict[str, str | bytes] = {}
    for beside in _beside(path):
        drop_ins.update(read_drop_ins(beside))
    # The user asks about these drop-ins, even if another directory
    # hides them.
    for label in asked:
        drop_ins[label] = read(os.path.join(folder, label))
    return UnitSource(
        _name(path),
        _find_unit(path),
        drop_ins,
        os.path.basename(path),
        asked,
    )


def _beside(path: str) -> Iterator[str]:
    """Yield the paths whose drop-ins count for a unit, the last most.

    systemd merges those of all its directories, by their names. A
    drop-in in another directory counts only for the unit beside it.
    """
    folder, name = os.path.split(path)
    is_installed = folder in _DIRECTORIES
    for directory in reversed(_DIRECTORIES) if is_installed else [folder]:
        yield os.path.join(directory, os.path.basename(_template(name)))
        yield os.path.join(directory, name)


def _find_unit(path: str) -> bytes:
    """Return the unit that drop-ins are for; empty if there is none.

    The drop-ins of an instance are for its template.
    """
    for one in dict.fromkeys([path, _template(path)]):
        name = os.path.basename(one)
        for directory in ("", *_DIRECTORIES):
            file = os.path.join(directory, name) if directory else one
            if os.path.isfile(file):
                return read(file)
    return b""


def _template(path: str) -> str:
    """Return the template of an instance; of other units the path."""
    folder, name = os.path.split(path)
    stem, dot, suffix = name.rpartition(".")
    prefix, at, _instance = stem.partition("@")
    return os.path.join(folder, f"{prefix}{at}{dot}{suffix}") if at else path


def _name(path: str) -> str:
    """Return the name that a unit is judged by.

    ``service.d`` is for every service (systemd.unit(5)), so the name of
    any service is right.
    """
    name = os.path.basename(path)
    return f"any.{name}" if name in unit_names.UNIT_TYPES else name


def _is_wanted(path: str) -> bool:
    if is_drop_in(path):
        hidden = os.path.basename(path).startswith(".")
        return not hidden and is_drop_ins(os.path.dirname(path))
    _stem, dot, suffix = os.path.basename(path).rpartition(".")
    return bool(dot) and suffix in unit_names.UNIT_TYPES


def _is_further_name(path: str, root: str) -> bool:
    if not os.path.islink(path):
        return False
    real = os.path.realpath(path)
    inside = os.path.realpath(root) + os.sep
    return real.startswith(inside) or not os.path.exists(real)


def _is_null(found: os.stat_result) -> bool:
    null = os.stat("/dev/null")
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == null.st_rdev


def _refuse_unreadable(error: OSError) -> None:
    raise errors.HostError(
        f"cannot read {error.filename}: {error.strerror}; run the module as"
        " a user who may read it (become: true)"
    )
