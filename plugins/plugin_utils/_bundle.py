# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pack the files that a host lacks into one tar file."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _delivery,
    _errors,
    _index,
    _sources,
)


@contextmanager
def bundle(
    deliveries: Mapping[str, _delivery.Delivery],
    indexes: Mapping[str, _index.Index],
) -> Iterator[str | None]:
    """Write the files that a host lacks into one tar file.

    Args:
        deliveries: The files that the host lacks, by application.
        indexes: The indexes of the wheels, by application.

    Yields:
        The path of the tar file; None if the host lacks nothing.
    """
    if not any(
        delivery.wheels or delivery.code for delivery in deliveries.values()
    ):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="pyfleet-") as folder:
        path = os.path.join(folder, "bundle.tar")
        with tarfile.open(path, "w") as tar:
            for name, delivery in deliveries.items():
                for wheel in delivery.wheels:
                    source = indexes[name].fetch(wheel)
                    if wheel.file not in tar.getnames():
                        tar.add(source, wheel.file)
                if delivery.code:
                    packed = os.path.join(folder, f"{delivery.code.id}.tar")
                    _pack(delivery.code, packed)
                    tar.add(packed, f"{delivery.code.id}.tar")
        yield path


def _pack(code: _sources.Code, path: str) -> None:
    with tarfile.open(path, "w") as tar:
        for member in code.members:
            info = tarfile.TarInfo(member.path)
            info.mode = 0o755 if member.kind == "exec" else 0o644
            if member.kind == "link":
                info.type, info.linkname = tarfile.SYMTYPE, member.target
                tar.addfile(info)
                continue
            content = _content(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def _content(member: _sources.Member) -> bytes:
    """Read a file again; refuse it if it changed since its digest."""
    try:
        with open(member.source, "rb") as file:
            content = file.read()
    except OSError as error:
        raise _errors.ControllerError(
            f"{member.source} cannot be read: {error.strerror}"
        ) from None
    if hashlib.sha256(content).hexdigest() != member.digest:
        raise _errors.ControllerError(
            f"{member.path} was changed while it was deployed; nothing was "
            "changed on the host: deploy again"
        )
    return content
