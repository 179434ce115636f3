# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in processes of its own comes back in order, or as an error."""

from __future__ import annotations

import os
import pwd
import signal
import time

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    children,
    errors,
)

ME = pwd.getpwuid(os.geteuid()).pw_name


def slow() -> children.Answer:
    time.sleep(0.2)
    return True, "slow"


def die() -> children.Answer:
    os.kill(os.getpid(), signal.SIGKILL)
    return True, "never"


def refuse() -> children.Answer:
    raise errors.HostError("no such socket")


def test_answers_come_in_the_order_of_the_functions() -> None:
    found = children.gather([slow, lambda: (True, "fast"), refuse])
    assert found == [
        (True, "slow"),
        (True, "fast"),
        (False, "no such socket"),
    ]


def test_functions_run_at_the_same_time() -> None:
    begun = time.monotonic()
    children.gather([slow] * 10)
    assert time.monotonic() - begun < 1.8


def test_a_process_that_dies_is_an_error() -> None:
    with pytest.raises(errors.HostError, match=r"wait status 9\)"):
        children.gather([die])


def test_an_answer_is_cut_to_its_end() -> None:
    text = "x" * 20_000 + "end"
    ((is_ok, found),) = children.gather([lambda: (True, text)])
    assert is_ok
    assert len(found) == 16_000
    assert found.endswith("xend")


def test_an_account_that_is_missing() -> None:
    with pytest.raises(errors.HostError, match="no-such-user is missing"):
        children.as_user("no-such-user", slow, 1)


def test_work_of_a_user_ends_with_its_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hang() -> children.Answer:
        time.sleep(60)
        return True, "never"

    monkeypatch.setattr(children, "_MARGIN", 0.1)
    found = children.as_user(ME, hang, 0.1)
    assert found == (False, "the check gave no answer in time, and was killed")


def test_a_user_may_kill_its_own_work() -> None:
    found = children.as_user(ME, die, 5)
    assert not found[0]
    assert found[1].startswith("the check was ended before it answered (wait")


def test_work_of_a_user_begins_at_the_root() -> None:
    assert children.as_user(ME, lambda: (True, os.getcwd()), 5) == (True, "/")
