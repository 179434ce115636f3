# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that the controller shipped, in one tar file."""

from __future__ import annotations

import contextlib
import os
import tarfile
import tempfile
from collections.abc import Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
)


def path(folder: str | None, name: str) -> str:
    """Return the path of a shipped file after it was unpacked.

    Args:
        folder: Directory of the files; None if nothing was shipped.
        name: Name of the file.

    Raises:
        HostError: The file was not shipped.
    """
    found = f"{folder}/{name}"
    if folder is None or not os.path.exists(found):
        raise errors.HostError(
            f"{name} is needed here but was not shipped; run the deploy "
            "again, without limiting it to one phase"
        )
    return found


def names(bundle: str | None) -> list[str]:
    """Return the names of the shipped files.

    Raises:
        HostError: The tar file is damaged.
    """
    if bundle is None:
        return []
    try:
        with tarfile.open(bundle) as tar:
            return tar.getnames()
    except (EOFError, tarfile.TarError) as error:
        raise _damaged(bundle, error) from error


@contextlib.contextmanager
def unpacked(bundle: str | None, parent: str | None) -> Iterator[str | None]:
    """Unpack the shipped files into a root-only directory.

    Args:
        bundle: The shipped tar file, if anything was shipped.
        parent: The place of the directory. If this run is killed, the
            next one removes the directory from there. None for the
            system's place of temporary files.

    Yields:
        The directory; None if nothing was shipped.

    Raises:
        HostError: The tar file is damaged.
    """
    if bundle is None:
        yield None
        return
    with tempfile.TemporaryDirectory(
        prefix=files.TEMPORARY_PREFIX, dir=parent
    ) as folder:
        try:
            _unpack(bundle, folder)
        except (EOFError, tarfile.TarError) as error:
            raise _damaged(bundle, error) from error
        yield folder


def _damaged(bundle: str, error: Exception) -> errors.HostError:
    return errors.HostError(
        f"{bundle} did not arrive whole: {error}; run the deploy again"
    )


def _unpack(bundle: str, folder: str) -> None:
    with tarfile.open(bundle) as tar:
        for member in tar:
            name = member.name
            if not member.isfile() or os.path.basename(name) != name:
                raise errors.HostError(
                    f"{bundle}: {name!r} is not a plain file"
                )
            member.mode, member.uid, member.gid = 0o600, 0, 0
            tar.extract(member, folder)
