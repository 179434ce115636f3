# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit is proven by its own run, or the text says why it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    checks,
    observe,
    proof,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    health,
    journal,
    listen,
    systemctl,
    verbs,
    watch,
)

UNIT, OTHER = "a.service", "b.service"
CHECK = model.Health(timeout=5, interval=0.01, consecutive=1, settle=0)
UP = {
    **dict.fromkeys(observe.PROPERTIES, ""),
    "ActiveState": "active",
    "InvocationID": "1",
    "NRestarts": "0",
}
Maker = Callable[..., records.Generation]


class Systemd:
    """Answers with the states that a test lists, the last for ever."""

    def __init__(self) -> None:
        self.states: dict[str, list[dict[str, str]]] = {}

    def show(
        self, units: list[str], _names: object
    ) -> dict[str, dict[str, str]]:
        return {unit: self._next(unit) for unit in units}

    def _next(self, unit: str) -> dict[str, str]:
        states = self.states.get(unit, [{}])
        state = states.pop(0) if len(states) > 1 else states[0]
        return {**UP, **state}


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> Systemd:
    fake = Systemd()
    monkeypatch.setattr(systemctl, "show", fake.show)
    monkeypatch.setattr(verbs, "patience", lambda _unused: 0.5)
    monkeypatch.setattr(journal, "last_lines", lambda *_unused: ["a line"])
    monkeypatch.setattr(journal, "exit_in_words", lambda _unused: "exit 1")
    monkeypatch.setattr(journal, "exit_of", lambda _unused: "exit 2")
    monkeypatch.setattr(journal, "exit_record", lambda _unused: {})
    return fake


@pytest.fixture
def prove(layout: layouts.Layout, generation_of: Maker) -> Callable[..., None]:
    """Return a proof of units, by default of one without a check."""

    def run(*names: str, **check: Any) -> None:
        units = {
            name: records.UnitRecord(
                model.ServiceKey("main"),
                "",
                "started",
                True,
                replace(CHECK, **check),
            )
            for name in names or (UNIT,)
        }
        proof.prove(layout, generation_of(units=units), list(units))

    return run


def test_a_unit_that_starts_and_stays(
    systemd: Systemd, prove: Callable[..., None]
) -> None:
    systemd.states[UNIT] = [{"ActiveState": "activating", "Job": "7"}, {}]
    prove()


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([{"ActiveState": "failed"}], "it did not start; exit 1"),
        ([{"ActiveState": "activating"}], "did not start within 0.5 seconds"),
        (
            [
                {"ActiveState": "activating"},
                {"ActiveState": "activating", "NRestarts": "1"},
            ],
            "it ended while it started; exit 1",
        ),
        # systemd has started it anew: the words are of the run before.
        (
            [
                {"ActiveState": "activating", "InvocationID": "0"},
                {"ActiveState": "activating", "NRestarts": "1"},
            ],
            "it ended while it started; exit 2",
        ),
        ([{}, {"ActiveState": "failed"}], "it ended while it was watched"),
        ([{}, {"NRestarts": "1"}], "it ended while it was watched"),
        ([{}, {"InvocationID": "2"}], "it ended while it was watched"),
    ],
)
def test_a_unit_that_does_not(
    systemd: Systemd,
    prove: Callable[..., None],
    states: list[dict[str, str]],
    words: str,
) -> None:
    systemd.states[UNIT] = states
    with pytest.raises(proof.UnprovenError, match=words) as found:
        prove()
    assert str(found.value).startswith(f"{UNIT}: ")
    assert "    a line" in str(found.value)


def test_an_answer_of_another_process_is_no_proof(
    systemd: Systemd,
    prove: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        watch, "wait_healthy", lambda *_a, **_k: health.Result(True, "")
    )
    problem = "127.0.0.1:80 is open to nobody"
    monkeypatch.setattr(checks, "listener_problem", lambda *_unused: problem)
    with pytest.raises(proof.UnprovenError, match="was not answered by"):
        prove(tcp="127.0.0.1:80")


def test_a_port_that_is_held_is_the_fault_of_the_host(
    systemd: Systemd,
    prove: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    systemd.states[UNIT] = [{"ActiveState": "failed"}]
    holder = "127.0.0.1:80 is held by process 4242"
    monkeypatch.setattr(checks, "listener_problem", lambda *_unused: holder)
    with pytest.raises(errors.HostError) as found:
        prove(tcp="127.0.0.1:80")
    assert not isinstance(found.value, proof.UnprovenError)
    assert holder in str(found.value)
    assert "The host may be to blame" in str(found.value)
    assert "\0" not in str(found.value)


def test_a_port_where_nobody_listens_is_not_named(
    systemd: Systemd,
    prove: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    systemd.states[UNIT] = [{"ActiveState": "failed"}]
    monkeypatch.setattr(listen, "listeners", lambda *_a, **_k: [])
    systemd.states[UNIT][0]["MainPID"] = "0"
    with pytest.raises(proof.UnprovenError) as found:
        prove(tcp="127.0.0.1:80")
    assert "nothing listens" not in str(found.value)


@pytest.mark.parametrize("is_other_bad", [True, False])
def test_the_release_is_to_blame_if_one_unit_is(
    systemd: Systemd,
    prove: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    is_other_bad: bool,
) -> None:
    """Of one unit the host says nothing; another one has ended."""
    systemd.states[OTHER] = [{"ActiveState": "failed"} if is_other_bad else {}]

    def patience(names: list[str]) -> float:
        if names == [UNIT]:
            raise errors.HostError("systemd does not answer")
        return 0.5

    monkeypatch.setattr(verbs, "patience", patience)
    with pytest.raises(errors.HostError, match="does not answer") as found:
        prove(UNIT, OTHER)
    assert isinstance(found.value, proof.UnprovenError) is is_other_bad


def test_nothing_to_prove(
    systemd: Systemd, layout: layouts.Layout, generation_of: Maker
) -> None:
    proof.prove(layout, generation_of(), [])
