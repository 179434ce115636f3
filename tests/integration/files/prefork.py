# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker whose child process does the jobs, as celery's and rq's do.

The child has SIGTERM's default, which is to die. $STATE_DIRECTORY/jobs
notes when a job begins and when it is done. JOB: `none`; `running`, which
ends a second after the main process was told to stop; `endless`. MAIN:
`waits` for the child when it is told to stop, or `leaves` at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time

STATE = os.environ["STATE_DIRECTORY"]
VERSION = os.environ["VERSION"]
STOPPING = os.path.join(STATE, f"stopping-{VERSION}")


def note(text: str) -> None:
    """Add a line about the job."""
    with open(os.path.join(STATE, "jobs"), "a", encoding="utf-8") as file:
        file.write(f"{text} {VERSION}\n")


def work(job: str) -> None:
    """Do one job in the child."""
    note("began")
    while job == "endless" or (
        job == "running" and not os.path.exists(STOPPING)
    ):
        time.sleep(0.1)
    if job == "running":
        time.sleep(1)
    note("done")
    os._exit(0)


def main() -> None:
    child = os.fork()
    if child == 0:
        work(os.environ["JOB"])

    def stop(*_arguments: object) -> None:
        with open(STOPPING, "w", encoding="utf-8"):
            pass
        os.waitpid(child, 0)
        sys.exit(0)

    if os.environ["MAIN"] == "waits":
        signal.signal(signal.SIGTERM, stop)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
