# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands as argument lists, in a known environment, with a deadline.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

# The caller's environment may carry PYTHONPATH, PIP_INDEX_URL or
# LD_PRELOAD of whoever called sudo: commands of ours inherit none of
# it.
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "C",
}
# A killed process that sleeps uninterruptibly (a dead NFS server)
# never goes away: it is left behind rather than waited for.
_REAP_SECONDS = 5.0


@dataclass(frozen=True)
class Completed:
    """How a command ended: its exit status and what it wrote."""

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
    """Run a command and wait for it, but not for ever.

    Args:
        argv: The command and its arguments; no shell is involved.
        timeout: Seconds after which it is killed, with all that it
            started and that stayed in its process group.
        environment: Added to `ENVIRONMENT`.
        cwd: Its working directory.
        check: Whether another status than 0 is an error.
        keep_open: Descriptors that it inherits.
        title: What to call it in errors, if not by all its arguments.

    Returns:
        Its status and output, the latter decoded as UTF-8.

    Raises:
        CommandError: It failed, and `check` is set.
        DeadlineError: It took longer than `timeout`.
        HostError: It could not be started.
    """
    full = {**ENVIRONMENT, **(environment or {})}
    process = _start(list(argv), full, cwd, keep_open)
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise errors.DeadlineError(
            f"{title or ' '.join(argv)} did not end within {timeout:g} "
            "seconds and was killed; see why the host is that slow, then "
            "run again"
        ) from None
    except BaseException:
        _kill(process)
        raise
    if check and process.returncode != 0:
        raise errors.CommandError(
            list(argv), process.returncode, stdout, stderr, title
        )
    return Completed(process.returncode, stdout, stderr)


def _start(
    argv: list[str],
    environment: dict[str, str],
    cwd: str,
    keep_open: Collection[int],
) -> subprocess.Popen[str]:
    try:
        # run_command() is a method of AnsibleModule, which is not known
        # here, and has no deadline that ends a command's children too.
        # pylint: disable-next=ansible-bad-function
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=cwd,
            pass_fds=tuple(keep_open),
            encoding="utf-8",
            errors="replace",
            # A group of its own, so that a deadline ends the command's
            # children too, which would keep the pipes open.
            start_new_session=True,
            # What it writes is read by services.
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
