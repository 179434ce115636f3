# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call several functions at once, each in a process of its own.

Threads do not suit: some functions give up root's rights, which only a
whole process can do, and a fork in a process with threads may hang.

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
# The longest answer in JSON is shorter. Only a foreign program that
# took over the process writes more.
_MAX_BYTES = 1 << 20
# Seconds that a child may take beyond its own deadline.
_MARGIN = 1.0


@dataclass(frozen=True)
class _Child:
    """A process and the reading end of the pipe for its answer."""

    pid: int
    reader: int


def gather(functions: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Call functions at the same time, each in a process of root's.

    Args:
        functions: The functions; each has a deadline of its own. A
            HostError of a function becomes the answer (False, text).

    Returns:
        The answers in the order of the functions.

    Raises:
        HostError: A process died without an answer.
    """
    started = [_start(function) for function in functions]
    return [_finish(child, None) for child in started]


def as_user(
    account: str, function: Callable[[], Answer], timeout: float
) -> Answer:
    """Call a function with the rights of a service's user alone.

    Root never follows a path that a service owns: the path of its
    socket may lead anywhere. The service may stop the process with a
    signal, so root itself watches the deadline.

    Args:
        account: Name of the user.
        function: The function to call.
        timeout: Seconds after which the process is killed.

    Raises:
        HostError: The user does not exist, or the process died.
    """
    try:
        user = pwd.getpwnam(account)
    except KeyError:
        raise errors.HostError(
            f"the account {account} is missing: a health check runs with its "
            "rights; deploy again"
        ) from None

    def work() -> Answer:
        os.chdir("/")
        # This limit ends the process even if root's process is stopped.
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
        _run_child(function, writer)
    os.close(writer)
    return _Child(pid, reader)


def _finish(child: _Child, deadline: float | None) -> Answer:
    """Read a child's answer, and kill the child at its deadline.

    SIGKILL also ends a process that another signal has stopped.
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
        return False, "the check gave no answer in time, and was killed"
    if deadline is not None and not data:
        # The service can end the process, since it has the same user.
        return (
            False,
            f"the check was ended before it answered (wait status {status})",
        )
    return _decode_answer(data, status)


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


def _decode_answer(data: bytes, status: int) -> Answer:
    try:
        is_ok, detail = json.loads(data)
    except ValueError:
        raise errors.HostError(
            f"a process of this run died without an answer (wait status "
            f"{status}); see the kernel's log for why, then run again"
        ) from None
    return bool(is_ok), str(detail)


def _run_child(function: Callable[[], Answer], writer: int) -> NoReturn:
    try:
        try:
            is_ok, detail = function()
        except errors.HostError as error:
            is_ok, detail = False, str(error)
        with open(writer, "w", encoding="utf-8") as pipe:
            json.dump([is_ok, detail[-_MAX_CHARACTERS:]], pipe)
    finally:
        # os._exit() leaves the caller's buffers alone: the caller
        # writes them itself.
        os._exit(0)
