# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which processes of a service get the signal that stops it.

systemd's own default, KillMode=control-group, sends SIGTERM to every
process of a service at once: systemd.kill(5). A program that hands its
work to child processes (celery, rq, gunicorn, dramatiq) expects the
signal in its main process alone, which then waits for the children. A
child that gets the signal as well dies in the middle of its job, or
takes a second SIGTERM for an order to end at once.

With KillMode=mixed, the main process alone gets SIGTERM. Once it has
ended, systemd sends SIGKILL to the processes that are left. So `mixed`
does not suit a main process that does not pass the signal on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from posixpath import basename

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    commands,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    exec_lines,
)

MIXED = "mixed"
EVERY_PROCESS = "control-group"

_SHELLS = frozenset(
    ("sh", "ash", "bash", "busybox", "dash", "fish", "ksh", "mksh", "zsh")
)
# Programs that start another one, wait for it, and die of SIGTERM.
_WAITING = frozenset(("flock", "script", "time", "xvfb-run"))
_SCRIPT = re.compile(r".+\.(sh|bash|ksh|zsh)")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
# A descriptor that is copied, as in `2>&1`: its "&" ends no command.
_COPIED = re.compile(r"[0-9]*[<>]&[0-9-]")
# The last command of a text for a shell, if the shell becomes it.
_LAST_EXEC = re.compile(r"(^|[;&\n])\s*exec\s+[^\s<>][^|&;\n]*\s*$")


def kill_mode(command: commands.Command) -> str:
    """Return the KillMode= that suits a command."""
    return EVERY_PROCESS if wrapper(command) else MIXED


def wrapper(command: commands.Command) -> str:
    """Name the program that keeps SIGTERM from a command.

    Args:
        command: A line in systemd's syntax, or literal arguments.

    Returns:
        The name of a shell, of its script, or of a program such as
        flock; empty if the main process becomes the program itself.
    """
    words = _program_words(_words(command))
    name = basename(words[0]) if words else ""
    if name in _SHELLS and not _becomes_its_program(words):
        return name
    is_wrapper = name in _WAITING or _SCRIPT.fullmatch(name)
    return name if is_wrapper else ""


def _words(command: commands.Command) -> Sequence[str]:
    if not isinstance(command, str):
        return command
    try:
        found = exec_lines.split_exec(command.strip())
    except splitting.WordError:
        # The validator refuses the line.
        return ()
    return found[0].argv if found else ()


def _program_words(words: Sequence[str]) -> Sequence[str]:
    """Leave out env(1), which becomes the program that it is given."""
    if not words or basename(words[0]) != "env":
        return words
    for index, word in enumerate(words[1:], start=1):
        if not word.startswith("-") and not _ASSIGNMENT.fullmatch(word):
            return words[index:]
    return ()


def _becomes_its_program(words: Sequence[str]) -> bool:
    """Tell whether a shell ends by `exec`, so that it is no parent.

    Some shells do the same for the only command that they are given,
    and others do not, so that nobody can rely on it.
    """
    text = next(
        (
            text
            for option, text in zip(words[1:], words[2:])
            if re.fullmatch(r"-[a-z]*c", option)
        ),
        "",
    )
    return bool(_LAST_EXEC.search(_COPIED.sub("", text)))
