# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run that holds the flock of an application on a host, if any.

`lock` tells what the flock is for.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import fcntl
import os

DIRECTORY = "/run/pyfleet"
# Seconds that a deploy waits for another run.
SECONDS = 300.0
# The longest text that a holder writes about itself.
MAX_BYTES = 400


def path_of(app: str) -> str:
    """Return the path of an application's flock."""
    return os.path.join(DIRECTORY, f"{app}.lock")


def find(app: str) -> str:
    """Return the text of a flock's holder; empty if no run holds it.

    The function does not wait. It takes the flock for a moment, which
    makes other runs wait for that moment.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        descriptor = os.open(path_of(app), flags)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return read(descriptor)
    finally:
        os.close(descriptor)
    return ""


def read(descriptor: int) -> str:
    """Return the text that the holder of an open flock wrote."""
    text = os.pread(descriptor, MAX_BYTES, 0)
    return text.decode(errors="replace") or "a process without a text"
