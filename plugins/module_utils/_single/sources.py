# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the unit files and the targets that the unit modules get."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    trees,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    from_yaml,
    targets,
    writer,
)

_NAME_MAX = 255
_EXPOSURE_MAX = 10.0
_FEATURE = re.compile(r"[+-][A-Z0-9_]+")
# The feature line ends with a word about control groups.
_NO_FEATURE = "default-hierarchy="
_CONTROL = re.compile(r"[\0-\x1f\x7f]")


def read_target(
    version: str | None, features: Sequence[str] | None
) -> targets.Target:
    """Return the systemd to judge for: the one given, or the host's.

    Args:
        version: Such as ``257`` or ``239-el8``; None for the host's.
        features: Words of the build's feature line, several in one
            text or one in each; None for the host's.

    Raises:
        TargetError: The version is not a version of systemd.
        HostError: A feature is not a word of a feature line, or systemd
            does not run here and no version is given.
    """
    words = None if features is None else frozenset(_words(features))
    if version:
        return targets.Target.parse(version, words or ())
    try:
        manager = systemctl.manager()
    except errors.HostError as error:
        raise errors.HostError(
            f"{error}; unit_validate needs no systemd if systemd_version is"
            " given, such as 257 or 252-el9"
        ) from error
    return targets.Target(
        manager.version,
        manager.variant,
        manager.features if words is None else words,
    )


def _words(features: Sequence[str]) -> Iterator[str]:
    for word in " ".join(features).split():
        if _FEATURE.fullmatch(word):
            yield word
        elif not word.startswith(_NO_FEATURE):
            raise errors.HostError(
                f"features: {word!r} is not a word of a feature line, which"
                " begins with + or - and is in capitals, such as"
                " -BPF_FRAMEWORK; paste the second line of"
                " `systemctl --version`"
            )


def read_policy(params: Mapping[str, Any]) -> verdict.Policy:
    """Return the conditions that a unit has to satisfy.

    Args:
        params: `exposure_max` and `strict`.

    Raises:
        HostError: The limit is not between 0 and 10.
    """
    limit = params["exposure_max"]
    if limit is not None and not 0 <= limit <= _EXPOSURE_MAX:
        raise errors.HostError(
            f"exposure_max: {limit:g} is not an exposure: systemd-analyze"
            " security counts from 0 to 10; leave it out for no limit"
        )
    return verdict.Policy(limit, params["strict"])


def read_sources(params: Mapping[str, Any]) -> list[trees.UnitSource]:
    """Return the units that a module's parameters give.

    Args:
        params: `path`, `content`, `options`, `files`, `drop_ins` and
            `name`; a missing one counts as not given.

    Raises:
        HostError: A file cannot be read, a name is missing or not the
            name of a file, or two parameters do not go together.
        OptionError: A value of `options` has no text.
    """
    path = params.get("path") or ""
    if params.get("files"):
        _refuse_beside(params, "files")
        return _read_files(params["files"])
    if os.path.isdir(path):
        _refuse_beside(params, f"path={path}, a directory,")
        return trees.read_directory(path)
    if trees.is_drop_in(path) and not params.get("name"):
        _refuse_beside(params, f"path={path}, a drop-in,")
        return [trees.read_drop_in(path)]
    return [_read_one(params, path)]


def are_several(params: Mapping[str, Any]) -> bool:
    """Tell whether a module's parameters may give several units."""
    path = params.get("path") or ""
    is_folder = os.path.isdir(path) and not trees.is_drop_ins(path)
    return bool(params.get("files")) or is_folder


def _read_one(params: Mapping[str, Any], path: str) -> trees.UnitSource:
    name = params.get("name") or os.path.basename(path)
    if not name:
        raise errors.HostError(
            "name is missing: it is the unit's file name, such as"
            " hello.service, and decides which directives there are"
        )
    _refuse_name(name, "name", "hello.service")
    drop_ins: dict[str, str | bytes] = {}
    for label, text in (params.get("drop_ins") or {}).items():
        _refuse_label(label, "drop_ins")
        drop_ins[label] = _text(label, text)
    if path:
        drop_ins = {**trees.read_drop_ins(path), **drop_ins}
        return trees.UnitSource(name, trees.read(path), drop_ins)
    if params.get("options") is not None:
        return trees.UnitSource(name, _write(params["options"]), drop_ins)
    return trees.UnitSource(name, params.get("content") or "", drop_ins)


def _write(options: Mapping[str, object]) -> str:
    """Return the text of a unit file that is given as options."""
    try:
        return writer.render(from_yaml.read_options(options))
    except writer.WriteError as error:
        place = f"options.{error.section}"
        if error.name:
            place += f".{error.name}"
        raise errors.HostError(f"{place}: {error.reason}") from None


def _read_files(given: Mapping[str, object]) -> list[trees.UnitSource]:
    """Return the units of `files`, each with its drop-ins.

    A key is a unit's file name, or that of a drop-in with the
    directory it stands in, ``hello.service.d/10-own.conf``.
    """
    found: dict[str, str | bytes] = {}
    for key, text in given.items():
        folder, slash, label = key.rpartition("/")
        if not slash:
            _refuse_name(key, "files", "hello.service")
        elif not folder.endswith(".d") or "/" in folder:
            raise errors.HostError(
                f"files: {key!r} is neither a unit's file name, such as"
                " hello.service, nor that of a drop-in, such as"
                " hello.service.d/10-own.conf; leave out the directories"
                " above it"
            )
        else:
            _refuse_name(folder, "files", "hello.service.d")
            _refuse_label(label, "files")
        found[key] = _text(key, text)
    return trees.group(found)


def _refuse_beside(params: Mapping[str, Any], what: str) -> None:
    """Refuse parameters that would be ignored beside another one."""
    for other in ("name", "drop_ins"):
        if params.get(other):
            raise errors.HostError(
                f"{other} is for a single unit and cannot stand beside"
                f" {what} which has its own names; leave {other} out, and"
                " give drop-ins as files: {hello.service.d/10-own.conf: ...}"
            )


def _refuse_name(name: str, parameter: str, example: str) -> None:
    """Refuse a name that may lead to another directory."""
    is_name = (
        name not in ("", ".", "..")
        and "/" not in name
        and not _CONTROL.search(name)
        and len(name.encode(errors="surrogatepass")) <= _NAME_MAX
    )
    if not is_name:
        raise errors.HostError(
            f"{parameter}: {name!r} is not the name of a file; write the name"
            f" alone, without a directory, such as {example}"
        )


def _refuse_label(label: str, parameter: str) -> None:
    """Refuse a drop-in that systemd would not read (systemd.unit(5))."""
    _refuse_name(label, parameter, "10-own.conf")
    if not label.endswith(".conf") or label.startswith("."):
        raise errors.HostError(
            f"{parameter}: {label!r} is not the name of a drop-in: such a"
            " name ends in .conf and does not begin with a dot; write it"
            " such as 10-own.conf"
        )


def _text(name: str, text: object) -> str:
    if not isinstance(text, str):
        raise errors.HostError(
            f"{name} must be the text of a file, not a {type(text).__name__}"
        )
    return text
