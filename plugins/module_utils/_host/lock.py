# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flock of an application on a host: flock(2).

A run that reads, plans and applies for an application holds its flock,
so that two controllers do not mix their work. The kernel drops a flock
with its last holder: a killed run leaves nothing to clear away. The
text in the file is for people alone.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    holder,
)

# The descriptors of the flocks that this process holds. Builders that
# it starts inherit them: if this process is killed, the flock stays
# until its builder ends, so that no other run builds at the same place
# meanwhile.
held: set[int] = set()

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_POLL_SECONDS = 0.1


@contextmanager
def hold(app: str, *, timeout: float, owner: str) -> Iterator[None]:
    """Hold the flock of an application.

    The flock belongs to the open file: a forked child that outlives its
    parent keeps it until the child ends.

    Args:
        app: Name of the application.
        timeout: Seconds to wait for another holder.
        owner: The work of the holder, shown to runs that wait.

    Raises:
        DeadlineError: Another run still holds the flock; the text names
            this run.
        HostError: The directory or file of the flock is not as the
            collection makes it.
    """
    descriptor = _open(app)
    try:
        _acquire(descriptor, app, timeout)
        _write_owner(descriptor, owner)
        held.add(descriptor)
        yield
        # The text is out of date. The file stays: if it was unlinked,
        # one run could hold the old file and another the new file.
        os.ftruncate(descriptor, 0)
    finally:
        held.discard(descriptor)
        os.close(descriptor)


def _open(app: str) -> int:
    if not _NAME.fullmatch(app):
        raise errors.HostError(
            f"{app!r} is not the name of an application: write a lower-case "
            "letter and at most 30 lower-case letters, digits or hyphens"
        )
    files.ensure_directory(holder.DIRECTORY, mode=0o700)
    path = holder.path_of(app)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise errors.HostError(
            f"cannot open the flock {path}: {error.strerror}; move away "
            "what is there"
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise errors.HostError(
            f"the flock {path} is not a regular file; move it away"
        )
    return descriptor


def _acquire(descriptor: int, app: str, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        if time.monotonic() >= deadline:
            raise errors.DeadlineError(
                f"another run works on {app} on this host: "
                f"{holder.read(descriptor)}; waited {timeout:g} seconds for "
                "its flock. Wait for that run to end, then run again"
            )
        time.sleep(_POLL_SECONDS)


def _write_owner(descriptor: int, owner: str) -> None:
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    text = f"process {os.getpid()}, {owner}, since {since}"
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode()[: holder.MAX_BYTES], 0)
