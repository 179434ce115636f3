# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the probe's exit statuses mean, and when it is asked again.

tests/integration/test_confined.py runs it where little is enforced.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    enforcement,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

HOST = enforcement._Namespaces(1, 2, "0 0 4294967295")
MANAGER = systemctl.Manager(257, "257.13", frozenset({"+SECCOMP"}))


class Probe:
    """Stands for the service; gives a status for what was asked."""

    def __init__(self, answers: dict[str, int]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(
        self, kinds: Sequence[str], host: enforcement._Namespaces
    ) -> int:
        self.asked.append(" ".join(kinds))
        return self.answers.get(self.asked[-1], 64)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return where the result is kept."""
    path = tmp_path / "enforcement.json"
    monkeypatch.setattr(enforcement, "_CACHE", str(path))
    return path


STATUSES = [
    # All is enforced; then one bit for each kind that is not.
    ({}, set()),
    ({"mount user network seccomp": 64 + 0b0101}, {"mount", "network"}),
    ({"mount user network seccomp": 64 + 0b1111},
     {"mount", "user", "network", "seccomp"}),
    # The start failed: what is to blame is left out of the next try.
    ({"mount user network seccomp": 217}, {"user"}),
    ({"mount user network seccomp": 217, "mount network seccomp": 226,
      "network seccomp": 225}, {"user", "mount", "network"}),
    ({"mount user network seccomp": 217, "mount network seccomp": 217,
      "mount network": 64 + 0b10}, {"user", "seccomp", "network"}),
    # Nobody is to blame: nothing is known to be enforced.
    ({"mount user network seccomp": 1},
     {"mount", "user", "network", "seccomp"}),
    ({"mount user network seccomp": 0},
     {"mount", "user", "network", "seccomp"}),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "missing"), STATUSES)
def test_statuses_tell_what_is_missing(
    answers: dict[str, int],
    missing: set[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(enforcement, "_run", Probe(answers))
    assert enforcement._missing(enforcement._WITH_USER, HOST) == missing


def test_the_host_is_asked_once(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Probe({
        "mount user network seccomp": 64 + 0b0001,
        "mount network seccomp": 64 + 0b0100,
        "address bind memory cpu io tasks": 64 + 0b000010,
    })  # fmt: skip
    monkeypatch.setattr(enforcement, "_run", probe)
    expected = sandbox.Weakness(
        private=frozenset({"mount", "bind"}),
        shared=frozenset({"seccomp", "bind"}),
    )

    assert enforcement.weakness(MANAGER) == expected
    assert len(probe.asked) == 3
    assert kept.stat().st_mode & 0o777 == 0o600
    assert enforcement.weakness(MANAGER) == expected
    assert len(probe.asked) == 3


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"systemd": 1}'])
def test_a_broken_record_is_made_anew(
    content: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Probe({})
    monkeypatch.setattr(enforcement, "_run", probe)
    kept.write_text(content)

    assert enforcement.weakness(MANAGER) == sandbox.Weakness()
    assert probe.asked


def test_another_systemd_is_asked_again(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Probe({})
    monkeypatch.setattr(enforcement, "_run", probe)
    enforcement.weakness(MANAGER)
    upgraded = systemctl.Manager(257, "257.14", MANAGER.features)

    enforcement.weakness(upgraded)

    assert len(probe.asked) == 6


@pytest.mark.parametrize(
    "kinds",
    [enforcement._WITH_USER, enforcement._WITHOUT_USER, enforcement._REST],
)
def test_the_probe_is_a_unit_that_systemd_takes(kinds: list[str]) -> None:
    found = validator.check(
        enforcement._unit(kinds, HOST), "pyfleet-probe-1.service",
        targets.Target(257),
    )  # fmt: skip
    assert [one for one in found if one.level == "error"] == []
