# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    remedies,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    journal,
    systemctl,
)

UNIT = "a.service"


def test_errors_of_the_program_name_the_need() -> None:
    lines = ["    os.nice(5)", "PermissionError: [Errno 1] Operation not "
             "permitted"]  # fmt: skip
    for properties in ({"Result": "exit-code", "ExecMainStatus": "1"}, {}):
        found = remedies.text(UNIT, properties, lines)
        assert found.startswith("\n  What may help:\n  - ")
        assert "`needs: [scheduling]`" in found


def test_nothing_is_said_where_nothing_is_known() -> None:
    ended = {"Result": "exit-code", "ExecMainStatus": "1"}
    assert remedies.text(UNIT, ended, ["ValueError: x"]) == ""


def test_the_audit_names_a_system_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def audit_lines(process: int) -> list[str]:
        assert process == 7
        return ["audit: type=1326 pid=7 sig=31 arch=c000003e syscall=92 x"]

    monkeypatch.setattr(
        systemctl,
        "show",
        lambda names, wanted: {UNIT: {"ExecMainPID": "7"}},
    )
    monkeypatch.setattr(journal, "audit_lines", audit_lines)
    ended = {"Result": "signal", "ExecMainStatus": "31"}
    assert "`needs: [chown]`" in remedies.text(UNIT, ended, [])


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("oom-kill", "  - Raise `resources.memory_max`"),
        ("watchdog", "  - Make the program send WATCHDOG=1"),
    ],
)
def test_some_results_name_their_remedy(result: str, words: str) -> None:
    ended = {"Result": result, "ExecMainStatus": "9"}
    assert words in remedies.text(UNIT, ended, [])


def test_remedies_that_are_known_come_first() -> None:
    ended = {"Result": "exit-code", "ExecMainStatus": "217"}
    found = remedies.text(UNIT, ended, [], more=["Do this."])
    assert found.splitlines()[2:] == [
        "  - Do this.",
        "  - The user of User= does not exist on this host: create it.",
    ]
