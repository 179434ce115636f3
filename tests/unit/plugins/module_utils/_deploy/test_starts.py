# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A start that no exit status explains is explained by the unit."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    starts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)

STATES = {"up.service": "active", "down.service": "failed"}
NOTIFY = {"Type": "notify", "TimeoutStartUSec": "1min 30s"}
LATE = {"Result": "timeout", "ExecMainCode": "2", "ExecMainStatus": "15"}
NEVER = {"Result": "success", "ExecMainCode": "0"}
UNREADY = "it sent no READY=1, which type notify waits for, within "


@pytest.fixture(autouse=True)
def _systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        systemctl,
        "show",
        lambda names, _wanted: {n: {"ActiveState": STATES[n]} for n in names},
    )


@pytest.mark.parametrize(
    ("ended", "unit", "words"),
    [
        (LATE, NOTIFY, UNREADY + "start_timeout (1min 30s)"),
        # Our own patience ended first.
        (
            NEVER,
            {**NOTIFY, "ActiveState": "activating", "SubState": "start"},
            UNREADY,
        ),
        # A command beside it took too long.
        (LATE, {"Type": "exec"}, ""),
        ({"Result": "exit-code", "ExecMainCode": "1"}, NOTIFY, ""),
        ({}, {}, ""),
        (
            NEVER,
            {"Requires": "up.service", "BindsTo": "down.service"},
            "a unit that it requires does not run: down.service (failed)",
        ),
        (
            NEVER,
            {"Requires": "up.service", "BindsTo": ""},
            "",
        ),
        (
            NEVER,
            {"ConditionResult": "no", "ConditionTimestampMonotonic": "7"},
            "a check of Condition...= in its section [Unit] is not met",
        ),
        (
            NEVER,
            {"AssertResult": "no", "AssertTimestampMonotonic": "7"},
            "a check of Assert...= in its section [Unit] is not met",
        ),
        # systemd says "no" of a check that it never made.
        (
            NEVER,
            {"ConditionResult": "no", "ConditionTimestampMonotonic": "0"},
            "",
        ),
    ],
)
def test_words(
    ended: dict[str, str], unit: dict[str, str], words: str
) -> None:
    found = starts.in_words(ended, unit)
    assert found.startswith(words)
    assert bool(found) == bool(words)


@pytest.mark.parametrize(
    ("ended", "unit", "is_known"),
    [
        (LATE, NOTIFY, True),
        ({"Result": "protocol"}, NOTIFY, True),
        ({"Result": "protocol"}, {"Type": "exec"}, False),
        (LATE, {"Type": "exec"}, False),
        ({"Result": "exit-code"}, NOTIFY, False),
    ],
)
def test_remedies(
    ended: dict[str, str], unit: dict[str, str], is_known: bool
) -> None:
    found = " ".join(starts.remedies(ended, unit))
    assert ("Set `type: exec`" in found) is is_known
    assert ("sd_notify(3)" in found) is is_known
