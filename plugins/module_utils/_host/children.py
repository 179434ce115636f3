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
from collections.abc import Callable, Sequence
from typing import NoReturn

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

Answer = tuple[bool, str]
_MAX_CHARACTERS = 16_000


def gather(functions: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Call functions at the same time.

    Args:
        functions: Each has a deadline of its own. A HostError that it
            raises is the answer (False, its text).

    Returns:
        What they returned, in their order.

    Raises:
        HostError: A process died without an answer.
    """
    started = [_start(function) for function in functions]
    return [_finish(child, reader) for child, reader in started]


def as_user(account: str, function: Callable[[], Answer]) -> Answer:
    """Call a function with a service user's rights, and no more.

    Root never follows what a service owns: the path of its socket may
    lead anywhere.

    Args:
        account: Name of the user.
        function: The work; it has a deadline of its own.

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
        if os.geteuid() != user.pw_uid:
            os.initgroups(user.pw_name, user.pw_gid)
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        return function()

    return gather([work])[0]


def _start(function: Callable[[], Answer]) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _be_the_child(function, writer)
    os.close(writer)
    return child, reader


def _finish(child: int, reader: int) -> Answer:
    with open(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    status = os.waitpid(child, 0)[1]
    if not text:
        raise errors.HostError(
            f"a process of this run died without an answer (wait status "
            f"{status}); see the kernel's log for why, then run again"
        )
    is_ok, detail = json.loads(text)
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
