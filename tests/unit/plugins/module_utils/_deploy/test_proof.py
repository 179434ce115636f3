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


def ended(status: str, **more: str) -> dict[str, str]:
    """Return the end of a run, as systemd or the journal tells it."""
    return {
        "Result": "exit-code",
        "ExecMainCode": "1",
        "ExecMainStatus": status,
        **more,
    }


AGAIN = {"ActiveState": "activating", "SubState": "auto-restart"}


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
    monkeypatch.setattr(journal, "last_ended", lambda _unused: "0")
    monkeypatch.setattr(
        journal, "exit_record", lambda run: ended("4") if run == "0" else {}
    )
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
        (
            [ended("3", ActiveState="failed")],
            "it did not start; exited with status 3",
        ),
        (
            [ended("3", **AGAIN)],
            "it did not start; exited with status 3",
        ),
        # The old run, before systemd has begun the new one.
        (
            [ended("3", **AGAIN, Job="7"), ended("5", ActiveState="failed")],
            "it did not start; exited with status 5",
        ),
        # systemd began a third run after the end of the second was seen.
        (
            [ended("3", **AGAIN), {"InvocationID": "2"}],
            "it did not start; exited with status 3",
        ),
        ([{"ActiveState": "activating"}], "did not start within 0.5 seconds"),
        # systemd has started it anew: the words are of the run before,
        # and not of the run that was stopped to start the first.
        (
            [
                {"ActiveState": "deactivating", "InvocationID": "old"},
                {"ActiveState": "activating", "NRestarts": "1"},
            ],
            "it ended while it started; exited with status 4",
        ),
        (
            [{}, {"NRestarts": "1", "InvocationID": "2"}],
            "it ended while it was watched\n",
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


@pytest.mark.parametrize("type_", ["simple", "exec", "notify"])
@pytest.mark.parametrize(
    ("states", "help_"),
    [
        ([ended("226", **AGAIN)], "/srv/none does not exist on this host"),
        (
            [{"ActiveState": "activating", "NRestarts": "1"}],
            "/srv/none does not exist on this host",
        ),
    ],
)
def test_the_remedy_does_not_depend_on_the_type(
    systemd: Systemd,
    prove: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    states: list[dict[str, str]],
    help_: str,
    type_: str,
) -> None:
    line = "mount namespacing: /srv/none: No such file or directory"
    monkeypatch.setattr(journal, "last_lines", lambda *_unused: [line])
    monkeypatch.setattr(journal, "exit_record", lambda _unused: ended("226"))
    systemd.states[UNIT] = [{**state, "Type": type_} for state in states]
    with pytest.raises(errors.HostError, match=help_):
        prove()


def test_a_unit_that_is_never_ready(
    systemd: Systemd, prove: Callable[..., None]
) -> None:
    late = {"Result": "timeout", "ExecMainCode": "2", "ExecMainStatus": "15"}
    spent = {"Type": "notify", "TimeoutStartUSec": "2s"}
    systemd.states[UNIT] = [{**AGAIN, **late, **spent}]
    with pytest.raises(proof.UnprovenError) as found:
        prove()
    assert "it sent no READY=1" in str(found.value)
    assert "  - Set `type: exec`" in str(found.value)


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
