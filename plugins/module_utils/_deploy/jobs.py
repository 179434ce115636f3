# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the commands of a build and before the switch, each as a unit."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    remedies,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    oneshot,
    verbs,
)

# The job's own TimeoutStartSec= ends the job before this time.
_SECONDS = 86_400.0
# A later run begins jobs of these kinds anew, so it ends the jobs of a
# dead run.
_ENDED = "(?:build|install|health|clean)"


def stem(app: str, kind: str, *numbers: int) -> str:
    """Return the start of the names of a run's jobs.

    The names of applications and services have no underscore. So a job
    is never taken for the unit of a service, and a job of one
    application is never taken for a job of another.

    Args:
        app: Name of the application.
        kind: `build`, `install`, `clean` or `before`.
        numbers: Numbers that tell this run from all others.
    """
    return "_".join(["pyfleet", app, kind, *map(str, numbers)])


def run(
    stem: str,
    texts: Sequence[str],
    commands: Sequence[str],
    *,
    has_needs: bool = True,
) -> None:
    """Run jobs one after the other, and stop at the first that fails.

    Args:
        stem: The start of their names; no other run uses it.
        texts: Their unit files.
        commands: Their commands, for the error.
        has_needs: Whether the error may advise the user to open the
            sandbox by a need.

    Raises:
        HostError: A job failed; the text has its output.
    """
    for number, (text, command) in enumerate(zip(texts, commands), start=1):
        name = f"{stem}_{number}.service"
        ending = oneshot.run(name, text, timeout=_SECONDS)
        if not ending.is_ok:
            output = "\n".join(f"    {line}" for line in ending.lines)
            advice = ""
            if has_needs:
                app = stem.split("_")[1]
                advice = remedies.text(
                    name, ending.properties, ending.lines, app
                )
            raise errors.HostError(
                f"{command}: {ending.words}\n  Its output:\n{output}{advice}"
            )


def remove_dead(app: str) -> None:
    """Remove the jobs of a dead run, once they have ended.

    systemd runs the jobs, so that they outlive their run. A build is
    ended, since the next run begins it anew. A command before the
    switch, such as a migration, is awaited: it must not be broken off
    in the middle.
    """
    before = re.compile(rf"{stem(app, 'before')}[0-9_]+\.service")
    builds = re.compile(rf"{stem(app, _ENDED)}[0-9_]+\.service")
    try:
        found = os.listdir(oneshot.FOLDER)
    except FileNotFoundError:
        return
    stopped = [name for name in found if builds.fullmatch(name)]
    verbs.stop(stopped)
    awaited = [name for name in found if before.fullmatch(name)]
    if awaited:
        verbs.wait_jobs(awaited, timeout=_SECONDS)
    names = [*stopped, *awaited]
    for name in names:
        files.remove_file(f"{oneshot.FOLDER}/{name}")
    verbs.reset_failed(names)
