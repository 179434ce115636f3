# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find and digest files of the controller."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    limits,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
    _secret_files,
)

COLLECTION = os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
)
# More files than these are counted and not named.
_REFUSALS = 20
DEFAULT_EXCLUDES = (
    "__pycache__",
    "*.pyc",
    ".DS_Store",
    ".git",
    ".hg",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".venv",
)


@dataclass(frozen=True)
class Member:
    """One file or link of a code directory.

    Attributes:
        path: Path inside the directory, with slashes.
        source: File on the controller; decrypted if it was vaulted.
        kind: ``file``, ``exec`` or ``link``.
        target: Where a link points to.
        digest: SHA-256 of the content, or of the link's target.
    """

    path: str
    source: str
    kind: str
    target: str
    digest: str


@dataclass(frozen=True)
class Code:
    """The directory given as ``files``, digested.

    Attributes:
        id: Id of the code artifact.
        members: Everything in it, sorted by path.
    """

    id: str
    members: tuple[Member, ...]


class Finder:
    """Finds relative paths as Ansible does.

    Args:
        task: The running task, which knows its play and roles.
        loader: Ansible's loader, which knows the play's directory and
            the vault's secrets.
    """

    def __init__(self, task: Any, loader: Any) -> None:
        self._loader = loader
        stack = [*task.get_search_path(), loader.get_basedir()]
        # Files of the user are never in our own roles and playbooks.
        self._bases = [
            base for base in dict.fromkeys(stack) if not _is_ours(base)
        ]

    def find(self, path: str, variable: str) -> str:
        """Return the absolute path of something on the controller.

        Args:
            path: The path as the user wrote it.
            variable: The variable's name, for the message.

        Raises:
            ControllerError: The path does not exist; the text lists the
                places that were tried.
        """
        candidates = list(dict.fromkeys(self._candidates(path)))
        for candidate in candidates:
            if os.path.exists(candidate):
                return candidate
        tried = "\n".join(f"  - {candidate}" for candidate in candidates)
        raise _errors.ControllerError(
            f"{variable}: {path!r} was not found on the controller; "
            f"looked for\n{tried}"
        )

    def read_text(self, path: str, variable: str) -> str:
        """Return the text of a file, decrypted if it is vaulted."""
        found = self.find(path, variable)
        if not os.path.isfile(found):
            raise _errors.ControllerError(f"{variable}: {found} is not a file")
        data = self._content(found, variable)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _errors.ControllerError(
                f"{variable}: {found} is not UTF-8 text (byte "
                f"{error.start}); systemd reads no other encoding"
            ) from None

    def find_directory(self, path: str, variable: str) -> str:
        """Return the absolute path of a directory on the controller."""
        found = self.find(path, variable)
        if not os.path.isdir(found):
            raise _errors.ControllerError(
                f"{variable}: {found} is not a directory"
            )
        return found

    def digest_tree(
        self,
        path: str,
        excludes: Sequence[str],
        variable: str,
        allowed: Sequence[str] = (),
    ) -> Code:
        """Digest a directory that is to become the code directory.

        Args:
            path: The path as the user wrote it.
            excludes: Patterns of files that are left out.
            variable: The variable's name, for messages.
            allowed: Patterns of files that may look like secrets.

        Raises:
            ControllerError: The directory, or a file in it, cannot be
                the code of an application.
        """
        root = self.find_directory(path, variable)
        patterns = (*DEFAULT_EXCLUDES, *excludes)
        found = list(_bounded(root, _walk(root, patterns), variable))
        secrets: dict[str, str] = {}
        members = tuple(
            self._member(root, relative, variable, secrets)
            for relative in found
        )
        _refuse_secrets(secrets, allowed, variable)
        if not members:
            raise _errors.ControllerError(
                f"{variable}: {root} has no file in it"
            )
        return Code(
            id=artifact_ids.code_id(
                [(m.path, m.kind, m.digest) for m in members]
            ),
            members=members,
        )

    def _candidates(self, path: str) -> Iterator[str]:
        expanded = os.path.expanduser(path)
        if os.path.isabs(expanded):
            yield os.path.normpath(expanded)
            return
        for base in self._bases:
            for folder in (os.path.join(base, "files"), base):
                yield os.path.normpath(os.path.join(folder, expanded))
        yield os.path.normpath(os.path.join(os.getcwd(), expanded))

    def _member(
        self, root: str, relative: str, variable: str, secrets: dict[str, str]
    ) -> Member:
        """Digest one file; note why it is a secret, if it is."""
        source = os.path.join(root, relative)
        mode = os.lstat(source).st_mode
        if stat.S_ISLNK(mode):
            target = os.readlink(source)
            _refuse_escape(root, relative, target, variable)
            digest = hashlib.sha256(os.fsencode(target)).hexdigest()
            return Member(relative, source, "link", target, digest)
        if not stat.S_ISREG(mode):
            raise _errors.ControllerError(
                f"{variable}: {source} is neither a file, a directory nor "
                "a link; exclude it"
            )
        content = self._content(source, variable)
        reason = _secret_files.secret(relative, content)
        if reason:
            secrets[relative] = reason
        real = self._loader.get_real_file(source, decrypt=True)
        digest = hashlib.sha256(content).hexdigest()
        kind = "exec" if mode & stat.S_IXUSR else "file"
        return Member(relative, real, kind, "", digest)

    def _content(self, path: str, variable: str) -> bytes:
        """Return the bytes of a file, decrypted if it is vaulted."""
        try:
            with open(
                self._loader.get_real_file(path, decrypt=True), "rb"
            ) as file:
                return file.read()
        except OSError as error:
            raise _errors.ControllerError(
                f"{variable}: {path} cannot be read: {error.strerror}"
            ) from None


def _is_ours(path: str) -> bool:
    real = os.path.realpath(path)
    parts = ("roles", "playbooks", "plugins")
    return any(
        real == ours or real.startswith(ours + os.sep)
        for ours in (os.path.join(COLLECTION, part) for part in parts)
    )


def _walk(root: str, patterns: Sequence[str]) -> Iterator[str]:
    """Yield relative paths of files and links, sorted, not excluded."""
    for directory, folders, files in os.walk(root, onerror=_refuse):
        inside = os.path.relpath(directory, root)
        if inside.count("/") >= limits.CODE.depth:
            raise _errors.ControllerError(
                f"{root} is more than {limits.CODE.depth} directories deep "
                f"(at {inside[:200]!r}); exclude what the application does "
                "not need"
            )
        # A link to a directory is listed as a folder, but is a member.
        links = [
            name
            for name in folders
            if os.path.islink(os.path.join(directory, name))
        ]
        kept = []
        for name in sorted(set(folders) - set(links)):
            if not _is_excluded(_join(inside, name), patterns):
                kept.append(name)
        folders[:] = kept
        for name in sorted([*files, *links]):
            relative = _join(inside, name)
            if not _is_excluded(relative, patterns):
                yield relative


def _bounded(root: str, found: Iterator[str], variable: str) -> Iterator[str]:
    """Yield paths while they are within the limits of a code directory."""
    size = 0
    for entries, relative in enumerate(found, start=1):
        size += os.lstat(os.path.join(root, relative)).st_size
        problem = limits.CODE.problem(
            entries=entries, size=size, depth=relative.count("/")
        )
        if problem:
            raise _errors.ControllerError(
                f"{variable}: {root} {problem} (at {relative[:200]!r}); "
                "exclude what the application does not need"
            )
        yield relative


def _refuse_secrets(
    secrets: Mapping[str, str], allowed: Sequence[str], variable: str
) -> None:
    """Refuse files that look like secrets, all of them at once.

    Args:
        secrets: Their paths, each with the reason.
        allowed: Patterns of those that are meant.
        variable: The variable that names their directory.
    """
    source = variable.rpartition(".")[0]
    refused = [
        f"{variable}: {path[:200]} {reason}, and each release would keep a "
        "copy on every host, which all services of the application can "
        "read; give its values in credentials or environment_files of a "
        f"service, and exclude it ({source}.exclude: [{path[:200]!r}]); if "
        f"it is meant, add {source}.allow: [{path[:200]!r}]"
        for path, reason in secrets.items()
        if not _is_excluded(path, allowed)
    ]
    if len(refused) > _REFUSALS:
        rest = len(refused) - _REFUSALS
        refused[_REFUSALS:] = [f"{variable}: {rest} more files like these"]
    if refused:
        raise _errors.RefusedError(refused)


def _refuse(error: OSError) -> None:
    raise _errors.ControllerError(
        f"{error.filename} cannot be read: {error.strerror}; exclude it, or "
        "let the user who deploys read it"
    )


def _join(inside: str, name: str) -> str:
    return name if inside == "." else f"{inside}/{name}"


def _is_excluded(relative: str, patterns: Sequence[str]) -> bool:
    name = relative.rsplit("/", 1)[-1]
    return any(
        fnmatch.fnmatchcase(name, pattern)
        or fnmatch.fnmatchcase(relative, pattern.strip("/"))
        for pattern in patterns
    )


def _refuse_escape(
    root: str, relative: str, target: str, variable: str
) -> None:
    inside = os.path.normpath(os.path.join(os.path.dirname(relative), target))
    top = os.path.realpath(root)
    # Two links that each stay inside may lead out together.
    real = os.path.realpath(os.path.join(root, relative))
    is_outside = real != top and not real.startswith(top + os.sep)
    if os.path.isabs(target) or inside.split("/")[0] == ".." or is_outside:
        raise _errors.ControllerError(
            f"{variable}: link {relative} points to {target}, outside of "
            "the directory; copy its target into the directory, or exclude "
            "the link"
        )
