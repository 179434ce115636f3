# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands as argument lists, with known variables and a deadline.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

# The variables of the caller may have PYTHONPATH, PIP_INDEX_URL or
# LD_PRELOAD from the user who called sudo, so that commands inherit
# none of them.
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "C",
}
# A killed process in an uninterruptible sleep (a dead NFS server) may
# never end, so that the wait for it has an end.
_REAP_SECONDS = 5.0


class Completed(NamedTuple):
    """The exit status and the output of a command that ended."""

    status: int
    stdout: str
    stderr: str


def run(
    argv: Sequence[str],
    *,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    cwd: str = "/",
    check: bool = True,
    keep_open: Collection[int] = (),
    title: str = "",
) -> Completed:
    """Run a command, and wait until it ends or its time is up.

    Args:
        argv: The command and its arguments; no shell is involved.
        timeout: Seconds after which the command is killed, with the
            processes of its process group.
        environment: Variables in addition to `ENVIRONMENT`.
        cwd: The working directory.
        check: Whether another status than 0 is an error.
        keep_open: Descriptors that the command inherits.
        title: The name of the command in errors; by default all its
            arguments.

    Returns:
        The status, and the output decoded as UTF-8.

    Raises:
        CommandError: The command failed, and `check` is set.
        DeadlineError: The command took longer than `timeout`.
        HostError: The command could not be started.
    """
    variables = {**ENVIRONMENT, **(environment or {})}
    process = _start(list(argv), variables, cwd, keep_open)
    stdout, stderr = _wait(process, timeout, title or " ".join(argv))
    if check and process.returncode != 0:
        raise errors.CommandError(
            list(argv), process.returncode, stdout, stderr, title
        )
    return Completed(process.returncode, stdout, stderr)


def _wait(
    process: subprocess.Popen[str], timeout: float, title: str
) -> tuple[str, str]:
    """Return what a process printed, or kill it and raise an error."""
    try:
        return process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise errors.DeadlineError(
            f"{title} did not end within {timeout:g} seconds and was "
            "killed; see why the host is that slow, then run again"
        ) from None
    except BaseException:
        _kill(process)
        raise


def _start(
    argv: list[str],
    variables: dict[str, str],
    cwd: str,
    keep_open: Collection[int],
) -> subprocess.Popen[str]:
    try:
        # The core has no AnsibleModule, and its run_command() has no
        # deadline that ends a command's children too.
        # pylint: disable-next=ansible-bad-function
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables,
            cwd=cwd,
            pass_fds=tuple(keep_open),
            encoding="utf-8",
            errors="replace",
            # The command gets a process group of its own, so that the
            # deadline ends its children too: they keep the pipes open.
            start_new_session=True,
            # Services read the files that the command writes.
            umask=0o022,
        )
    except OSError as error:
        raise errors.HostError(
            f"{argv[0]} cannot be run: {error.strerror}; "
            "install it or repair it on the host"
        ) from error


def _kill(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    try:
        process.communicate(timeout=_REAP_SECONDS)
    except subprocess.TimeoutExpired:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
