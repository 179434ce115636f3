# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that tell their progress and how long they take."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from testfleet.errors import FleetError

HEARTBEAT = 15.0
_STARTED = time.monotonic()


def say(what: str) -> None:
    """Print one line of progress with the time since the start."""
    elapsed = time.monotonic() - _STARTED
    print(f"[{elapsed:6.1f} s] {what}", file=sys.stderr, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Tell the start of a long step, that it lasts, and its end."""
    say(f"{what} ...")
    ended = threading.Event()
    beat = threading.Thread(target=_beat, args=(what, ended), daemon=True)
    beat.start()
    begun = time.monotonic()
    try:
        yield
    finally:
        ended.set()
    say(f"{what}: done in {time.monotonic() - begun:.1f} s")


def _beat(what: str, ended: threading.Event) -> None:
    while not ended.wait(HEARTBEAT):
        say(f"{what}: still at it")


def run(
    command: Sequence[str],
    *,
    stdin: str = "",
    timeout: float = 60,
) -> str:
    """Run a short command and return its output.

    Raises:
        FleetError: The command failed or took too long.
    """
    try:
        done = subprocess.run(
            command,
            input=stdin,
            text=True,
            capture_output=True,
            timeout=timeout,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise FleetError(_complaint(command, error.stderr)) from error
    except subprocess.TimeoutExpired as error:
        said = f"no answer within {timeout:.0f} s"
        raise FleetError(_complaint(command, said)) from error
    except FileNotFoundError as error:
        raise FleetError(f"{command[0]} is not installed") from error
    return done.stdout


def run_logged(command: Sequence[str], log: Path) -> None:
    """Run a long command with its output in a file.

    Raises:
        FleetError: The command failed; the message names the file.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        code = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        text = log.read_text(encoding="utf-8", errors="replace")
        raise FleetError(f"{_complaint(command, text)} (see {log})")


def exit_status(work: Callable[[], None]) -> int:
    """Do work and return an exit status; an error is one line."""
    try:
        work()
    except FleetError as error:
        say(f"error: {error}")
        return 1
    return 0


def _complaint(command: Sequence[str], output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    last = lines[-1].strip() if lines else "no output"
    return f"{' '.join(command[:2])} failed: {last}"
