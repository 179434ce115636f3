# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exceptions of the host's part, which modules report.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import signal

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    printable,
)


class HostError(Exception):
    """A host cannot do, or must not do, the work that was asked of it.

    The text names the value, the rule that it breaks and the remedy.
    Users see the text as it is, so that it never holds a secret.
    """


def message(error: HostError | OSError, app: str = "") -> str:
    """Return the text of an error for the user.

    Args:
        error: The error; refusals of the kernel are put into words.
        app: The application, if the run has several.
    """
    text = in_words(error) if isinstance(error, OSError) else str(error)
    return printable.block(f"{app}: {text}" if app else text)


def in_words(error: OSError) -> str:
    """Put a refusal of the kernel into words."""
    name = f"{error.filename}: " if error.filename else ""
    return (
        f"the host failed: {name}{error.strerror or error}; see whether "
        "its disk is full, broken or read-only, then run again"
    )


class CommandError(HostError):
    """A command ended with another status than 0.

    Args:
        argv: The command with its arguments.
        status: The exit status; the negated signal if it was killed.
        stdout: The text of its standard output.
        stderr: The text of its standard error.
        title: The name of the command; by default all its arguments.
    """

    def __init__(
        self,
        argv: list[str],
        status: int,
        stdout: str,
        stderr: str,
        title: str = "",
    ) -> None:
        self.argv = argv
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        said = (stderr.strip() or stdout.strip() or "it said nothing")[-4000:]
        # The indentation shows that these lines are the command's.
        said = "\n    ".join(map(printable.line, said.splitlines()))
        name = title or " ".join(argv)
        super().__init__(f"{name} {_describe_ending(status)}: {said}")


def _describe_ending(status: int) -> str:
    if status >= 0:
        return f"exited with status {status}"
    is_kill = status == -signal.SIGKILL
    hint = " (as the kernel does where memory runs out)" if is_kill else ""
    return f"was killed by signal {-status}{hint}"


class DeadlineError(HostError):
    """Something took longer than its deadline allows."""
