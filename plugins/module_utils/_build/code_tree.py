# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Code directories, unpacked from tar archives.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    limits,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    garbage,
    manifests,
    sealing,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    errors,
)


def lay_down(
    path: str,
    archive: str,
    *,
    digest: str,
    python: str | None,
    modes: sealing.Modes | None = None,
    build: Callable[[str], None] | None = None,
) -> bool:
    """Lay down a code directory as a whole, or leave nothing.

    Args:
        path: The final path.
        archive: Path of a tar file that `unpack` accepts.
        digest: The full id of the code directory.
        python: The interpreter that compiles; None for no bytecode.
        modes: The access rights; by default everybody may read.
        build: Builds in the directory, and compiles its modules.

    Returns:
        Whether it had to be laid down.
    """
    if artifact.is_complete(path, digest):
        return False
    ancestors.check(path)
    garbage.discard_incomplete(path, digest)
    with garbage.discarded_if_refused(path):
        unpack(path, archive)
        if build:
            build(path)
        sealing.seal(
            path,
            digest=digest,
            python=None if build else python,
            compiled=[path],
            modes=modes,
        )
    return True


def unpack(path: str, archive: str) -> None:
    """Unpack an archive into a new directory, without sealing it.

    The owner's execute bit alone decides whether a file has the mode
    0755 or 0644. Owners and times in the archive are ignored.

    Raises:
        HostError: The same errors as those of `lay_down`.
    """
    try:
        # Only root may look inside until `sealing.seal` sets the
        # access rights: the files may be private.
        os.mkdir(path, 0o700)
        with tarfile.open(archive) as members:
            _extract_all(path, members)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise errors.HostError(
            f"cannot unpack the code to {path}: {error}; see that the "
            "disk has room, and deploy again"
        ) from error
    check_links(path)


def check_links(path: str) -> None:
    """Refuse links that lead out of a directory.

    Each link is followed to its end, since two links that each stay
    inside may lead out together.

    Raises:
        HostError: A link leads out.
    """
    root = os.path.realpath(path)
    for entry in manifests.walk(path):
        if not entry.is_symlink():
            continue
        real = os.path.realpath(entry.path)
        if real != root and not real.startswith(root + "/"):
            raise errors.HostError(
                f"{entry.path} leads to {real}, out of the directory; "
                "leave it out of the code"
            )


def member_problem(member: tarfile.TarInfo) -> str | None:
    """Tell why a member of an archive cannot be laid down.

    Returns:
        The rule that it breaks, or None if it breaks none.
    """
    parts = _split_path(member.name)
    if member.name.startswith("/") or ".." in parts:
        return "leads out of the directory"
    if "__pycache__" in parts:
        return "is bytecode, which the host compiles itself"
    if member.issym():
        return _find_link_problem(parts, member.linkname)
    if not (member.isreg() or member.isdir()):
        return "is neither a file, nor a directory, nor a symbolic link"
    return None


def _find_link_problem(parts: list[str], target: str) -> str | None:
    place = os.path.normpath(os.path.join(*parts[:-1], "", target))
    if target.startswith("/") or place.split("/")[0] == "..":
        return f"is a link to {target}, out of the directory"
    return None


def _split_path(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".")]


def _extract_all(path: str, members: tarfile.TarFile) -> None:
    """Unpack members one by one, within the limits of `limits.CODE`."""
    size = 0
    for entries, member in enumerate(members, start=1):
        size += max(member.size, 0)
        problem = limits.CODE.problem(
            entries=entries, size=size, depth=len(_split_path(member.name)) - 1
        )
        if problem:
            raise errors.HostError(
                f"the code {problem} (at {member.name[:200]!r}); leave it "
                "out of the code"
            )
        _extract(path, members, member)


def _extract(
    path: str, members: tarfile.TarFile, member: tarfile.TarInfo
) -> None:
    problem = member_problem(member)
    if problem:
        raise errors.HostError(
            f"{member.name} {problem}; leave it out of the code"
        )
    parts = _split_path(member.name)
    if member.isdir():
        _make_directories(path, parts)
        return
    target = os.path.join(_make_directories(path, parts[:-1]), parts[-1])
    if member.issym():
        os.symlink(member.linkname, target)
        return
    mode = 0o755 if member.mode & 0o100 else 0o644
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    content = members.extractfile(member)
    with open(os.open(target, flags, mode), "wb") as stream:
        # `member_problem` lets only regular files come here, and these
        # have content.
        if content is not None:
            shutil.copyfileobj(content, stream)


def _make_directories(path: str, parts: list[str]) -> str:
    """Create directories one by one, so that no link is followed."""
    place = path
    for part in parts:
        place = os.path.join(place, part)
        if os.path.islink(place):
            raise errors.HostError(
                f"{place} is a link, and the archive has members below "
                "it; leave out the link or the members"
            )
        if not os.path.isdir(place):
            os.mkdir(place, 0o755)
    return place
