# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that failed after its deploy is told of."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    aftermath,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    journal,
)

RUN = "0" * 32
# libzmq's last words, in a server that made its first socket.
LINES = ["Operation not permitted (src/thread.cpp:281)"]


@pytest.fixture(autouse=True)
def journal_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "last_failed_run", lambda _unit: RUN)
    monkeypatch.setattr(
        journal, "exit_of", {RUN: "was killed by signal SIGABRT (6)"}.get
    )
    monkeypatch.setattr(
        journal, "last_lines", lambda _unit, run, _count: LINES * bool(run)
    )


def test_the_failure_and_its_last_words() -> None:
    found = aftermath.warning("lab", "lab.service", 3)
    assert found.startswith(
        "lab.service: systemd has restarted it 3 times since its last "
        "start; the last failed run of lab was killed by signal SIGABRT (6) "
    )
    assert found.endswith(f":\n    {LINES[0]}")
    assert "docs/needs.md" in found


def test_a_failure_that_the_journal_has_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal, "last_failed_run", lambda _unit: "")
    assert aftermath.warning("lab", "lab.service", 1) == (
        "lab.service: systemd has restarted it once since its last start"
    )
