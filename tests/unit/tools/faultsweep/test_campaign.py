# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A campaign goes on until no run reaches its point any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from faultsweep import campaign, invariant, tracer


def state(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "release_name": name,
        "info": f"/{name}/info",
        "release": f"/{name}/release",
        "ports": {"hello.service": 1, f"hello-{name}.service": 2},
    }


PLAN = {"app": "hello", "keep": 1, "states": [state("a"), state("b")]}


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Stand in for a host on which every run has two points."""
    runs: list[tuple[str, int]] = []

    def run(
        argv: Sequence[str],
        fault: tracer.Fault,
        _is_counted: Callable[[str], bool],
    ) -> tracer.Outcome:
        runs.append((argv[1], fault.at))
        hit = f"point {fault.at}" if 0 < fault.at <= 2 else None
        return tracer.Outcome(["one", "two"], hit, '{"msg": "it failed"}')

    def payload(path: str) -> dict[str, Any]:
        if path.endswith("info"):
            return {"apps": {"hello": {"converged": False}}}
        return {"changed": True}

    monkeypatch.setattr(tracer, "run", run)
    monkeypatch.setattr(campaign, "_payload", payload)
    monkeypatch.setattr(invariant, "faults_now", lambda _app, _ports: [])
    monkeypatch.setattr(invariant, "faults_settled", lambda *_unused: ["left"])
    return runs


def test_states_take_turns_until_no_run_is_hit(
    traced: list[tuple[str, int]],
) -> None:
    found = list(campaign.Campaign(PLAN).run())
    assert traced == [
        (f"/{name}/release", at) for at in (1, 2, 3) for name in ("a", "b")
    ]
    assert [one["hit"] for one in found[::2]] == ["point 1", "point 2", None]
    assert found[0]["said"] == "it failed"
    assert found[0]["settled"] == ["left"]
    assert found[0]["rerun"] == ""


def test_a_part_of_the_points(traced: list[tuple[str, int]]) -> None:
    plan = {**PLAN, "first": 2, "step": 5, "last": 4}
    list(campaign.Campaign(plan).run())
    assert traced == [("/a/release", 2), ("/b/release", 2)]


def test_the_reference_is_undisturbed(traced: list[tuple[str, int]]) -> None:
    found = campaign.Campaign(PLAN).reference()
    assert found == {"a": ["one", "two"], "b": ["one", "two"]}
    assert {at for _path, at in traced} == {0}


@pytest.mark.parametrize(
    ("output", "said", "bad"),
    [
        ('{"msg": "no space"}', "no space", ""),
        ('{"changed": true}', "succeeded", ""),
        ("Traceback: x", "Traceback: x", "Traceback"),
        ("", "", ""),
    ],
)
def test_what_a_run_said(output: str, said: str, bad: str) -> None:
    assert campaign._message(output) == said
    assert campaign._bad_words(output) == bad


def test_ansible_around_the_module_does_not_count() -> None:
    found = campaign.Campaign({**PLAN, "only": "/opt/"})
    assert not found._is_counted("mkdir /opt/hello")
    assert not found._is_counted("open /run/pyfleet/hello.lock")
    assert found._is_counted("mkdir /opt/hello")
    assert not found._is_counted("mkdir /etc/hello")
    assert not found._is_counted("write /tmp/ansible_x/opt/")
