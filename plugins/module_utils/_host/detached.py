# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that goes on when the connection to the host is lost.

Without pipelining, as by default, Ansible gives the module a terminal.
The loss of this terminal sends SIGHUP to the session. So the work runs
in a session of its own, and writes its result to a file.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import json
import os
import select
import signal
import traceback
from collections.abc import Callable, Mapping
from typing import NoReturn

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)


def run(
    function: Callable[[], Mapping[str, object]],
    *,
    result_path: str,
    timeout: float,
) -> dict[str, object]:
    """Run a function in a process of its own session, and wait.

    The child goes on when the time is up or the caller dies: it
    finishes or rolls back, and each of its steps has a deadline.

    Args:
        function: The work; it returns values of JSON's types.
        result_path: A file for root alone; see `read_result`.
        timeout: Seconds to wait.

    Returns:
        The value that the function returned.

    Raises:
        DeadlineError: The work goes on.
        HostError: The work failed, or its process was killed.
    """
    result = _open_result(result_path)
    ended, alive = os.pipe()
    # The kernel closes the child's end of the pipe when the child ends,
    # even if it is killed.
    child = os.fork()
    if child == 0:
        os.close(ended)
        _run_child(function, result)
    os.close(alive)
    os.close(result)
    if not _has_ended(ended, timeout):
        raise errors.DeadlineError(
            f"process {child} still works after {timeout:g} seconds; its "
            f"result will be in {result_path}. Wait for it, then run again"
        )
    status = os.waitpid(child, 0)[1]
    return _take_result(result_path, status)


def _has_ended(pipe: int, timeout: float) -> bool:
    """Wait for the end of the process that holds the pipe's other end."""
    try:
        return bool(select.select([pipe], [], [], timeout)[0])
    finally:
        os.close(pipe)


def read_result(path: str) -> dict[str, object] | None:
    """Read the result of a detached process.

    Returns:
        `{"value": ...}` or `{"error": text}`; None if there is no
        whole result.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _open_result(path: str) -> int:
    """Empty the file of the result.

    The file is written in place, so that a killed process leaves no
    other file; `read_result` accepts only a whole result.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    try:
        return os.open(path, flags | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise errors.HostError(
            f"cannot open {path}: {error.strerror}; nothing was changed; "
            "move away what is there, then run again"
        ) from error


def _run_child(
    function: Callable[[], Mapping[str, object]], result: int
) -> NoReturn:
    """Work, write the result, and end without the caller's clean-up.

    os._exit() leaves the caller's buffers alone: the caller writes them
    itself.
    """
    status = 1
    try:
        _leave_session()
        text = _collect_outcome(function)
        with open(result, "w", encoding="utf-8") as stream:
            stream.write(text)
        status = 0
    finally:
        os._exit(status)


def _leave_session() -> None:
    os.setsid()
    # Commands that the child starts ignore the signal too: execve(2).
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


def _collect_outcome(
    function: Callable[[], Mapping[str, object]],
) -> str:
    try:
        return json.dumps({"value": dict(function())})
    except errors.HostError as error:
        return json.dumps({"error": str(error)})
    except OSError as error:
        return json.dumps({"error": errors.in_words(error)})
    # The file of the result is the only place where a user can see it.
    except BaseException:
        trace = traceback.format_exc(limit=-5)
        text = f"a defect of the collection, please report it: {trace}"
        return json.dumps({"error": text})


def _take_result(path: str, status: int) -> dict[str, object]:
    found = read_result(path)
    if found is None:
        signal_number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        ending = (
            f"was killed by signal {signal_number}"
            if signal_number
            else "could not write its result"
        )
        raise errors.HostError(
            f"the process that does the work {ending}; see whether the host "
            "lacks memory or disk space, then run again"
        )
    if "error" in found:
        raise errors.HostError(str(found["error"]))
    value = found.get("value")
    return value if isinstance(value, dict) else {}
