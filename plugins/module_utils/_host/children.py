# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do several things at once, each in a process of its own.

Not in threads: some of them give up root's rights, which a process does
as a whole, and a fork in a process with threads may hang for ever.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import json
import os
import pwd
import resource
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

Answer = tuple[bool, str]
_MAX_CHARACTERS = 16_000
# More than the longest answer in JSON; what is longer is none of ours.
_MAX_BYTES = 1 << 20
# What a child may take beyond its own deadline.
_MARGIN = 1.0


@dataclass(frozen=True)
class _Child:
    """A process, and the pipe that its answer comes from."""

    pid: int
    reader: int


def gather(functions: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Call functions at the same time, each in a process of root's.

    Args:
        functions: Each has a deadline of its own. A HostError that it
            raises is the answer (False, its text).

    Returns:
        What they returned, in their order.

    Raises:
        HostError: A process died without an answer.
    """
    started = [_start(function) for function in functions]
    return [_finish(child, None) for child in started]


def as_user(
    account: str, function: Callable[[], Answer], timeout: float
) -> Answer:
    """Call a function with a service user's rights, and no more.

    Root never follows what a service owns: the path of its socket may
    lead anywhere. The service may stop the process with a signal, so
    that the deadline is root's to keep.

    Args:
        account: Name of the user.
        function: The work.
        timeout: Seconds after which the process is killed.

    Raises:
        HostError: There is no such user, or the process died.
    """
    try:
        user = pwd.getpwnam(account)
    except KeyError:
        raise errors.HostError(
            f"the account {account} is missing, with whose rights a health "
            "check runs; deploy again"
        ) from None

    def work() -> Answer:
        os.chdir("/")
        # In case that root itself is stopped meanwhile.
        seconds = int(timeout + 2 * _MARGIN) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        if os.geteuid() != user.pw_uid:
            os.initgroups(user.pw_name, user.pw_gid)
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        return function()

    return _finish(_start(work), time.monotonic() + timeout + _MARGIN)


def _start(function: Callable[[], Answer]) -> _Child:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _be_the_child(function, writer)
    os.close(writer)
    return _Child(pid, reader)


def _finish(child: _Child, deadline: float | None) -> Answer:
    """Read a child's answer; kill it when its time is up.

    SIGKILL ends a process that another signal has stopped, too.
    """
    data: bytes | None = None
    try:
        data = _read(child.reader, deadline)
    except TimeoutError:
        pass
    finally:
        os.close(child.reader)
        if deadline is not None:
            os.kill(child.pid, signal.SIGKILL)
        status = os.waitpid(child.pid, 0)[1]
    if data is None:
        return False, "it gave no answer in time, and was ended"
    if deadline is not None and not data:
        # A process of the same user may end it, as the service may.
        return False, f"it was ended before it answered (status {status})"
    return _answer(data, status)


def _read(reader: int, deadline: float | None) -> bytes:
    """Read a pipe to its end.

    Raises:
        TimeoutError: The deadline has passed.
    """
    data = b""
    while len(data) < _MAX_BYTES:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        if not select.select([reader], [], [], left)[0]:
            continue
        piece = os.read(reader, 65536)
        if not piece:
            break
        data += piece
    return data


def _answer(data: bytes, status: int) -> Answer:
    try:
        is_ok, detail = json.loads(data)
    except ValueError:
        raise errors.HostError(
            f"a process of this run died without an answer (wait status "
            f"{status}); see the kernel's log for why, then run again"
        ) from None
    return bool(is_ok), str(detail)


def _be_the_child(function: Callable[[], Answer], writer: int) -> NoReturn:
    try:
        try:
            is_ok, detail = function()
        except errors.HostError as error:
            is_ok, detail = False, str(error)
        with open(writer, "w", encoding="utf-8") as pipe:
            json.dump([is_ok, detail[-_MAX_CHARACTERS:]], pipe)
    finally:
        # What the caller has buffered is the caller's to write.
        os._exit(0)
