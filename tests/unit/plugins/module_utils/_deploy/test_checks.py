# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A health check is asked of the unit itself, and of nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
    model,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    checks,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    health,
    listen,
)

UNIT = "a.service"


def generation(
    check: model.Health, state: str = "started"
) -> records.Generation:
    """Return a generation of one unit with a health check."""
    unit = records.UnitRecord(model.ServiceKey("main"), "", state, True, check)
    return records.Generation(
        app="hello",
        sequence=3,
        created="",
        collection="",
        wanted="",
        digest="",
        source=model.Origin("", ""),
        environment="0",
        code=None,
        config=None,
        environment_files={},
        interpreter=pythons.PYTHON,
        systemd={},
        units={UNIT: unit},
    )


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (model.Health(), None),
        (
            model.Health(http="http://127.0.0.1:80/", status=204),
            health.Probe(
                "http",
                url="http://127.0.0.1:80/",
                status=(204, 204),
                account="hello",
            ),
        ),
        (
            model.Health(http="http://x/", socket="/run/x", match="ok"),
            health.Probe(
                "http",
                url="http://x/",
                status=(200, 299),
                match="ok",
                path="/run/x",
                account="hello",
            ),
        ),
        (
            model.Health(tcp="[::1]:80"),
            health.Probe("tcp", host="::1", port=80),
        ),
        (
            model.Health(unix="/run/x"),
            health.Probe("unix", path="/run/x", account="hello"),
        ),
    ],
    ids=["none", "http", "http by a socket", "tcp", "unix"],
)
def test_a_check_becomes_a_probe(
    layout: layouts.Layout,
    check: model.Health,
    expected: health.Probe | None,
) -> None:
    assert checks.probe_of(layout, generation(check), UNIT) == expected


@pytest.mark.parametrize("is_written", [True, False])
def test_a_command_is_run_by_the_job_of_its_generation(
    layout: layouts.Layout, is_written: bool
) -> None:
    job = Path(layout.probe(3, UNIT))
    if is_written:
        job.parent.mkdir(parents=True)
        job.write_text("[Service]\n")

    probe = checks.probe_of(
        layout, generation(model.Health(command="look")), UNIT
    )

    assert probe == health.Probe(
        "command",
        command="look",
        unit="[Service]\n" if is_written else "",
        account="hello",
    )


@pytest.mark.parametrize(
    ("check", "state", "active"),
    [
        (model.Health(), "started", "active"),
        (model.Health(tcp="127.0.0.1:1"), "stopped", "active"),
        (model.Health(tcp="127.0.0.1:1"), "started", "failed"),
    ],
)
def test_only_a_running_unit_with_a_check_is_asked(
    layout: layouts.Layout,
    monkeypatch: pytest.MonkeyPatch,
    check: model.Health,
    state: str,
    active: str,
) -> None:
    monkeypatch.delattr(health, "check_once")
    asked = generation(check, state)

    assert checks.sickness(layout, asked, UNIT, {"ActiveState": active}) == ""


def test_a_check_that_is_refused_is_no_reason_to_stop(
    layout: layouts.Layout,
) -> None:
    """The address of a check may have moved to another host meanwhile."""
    asked = generation(model.Health(tcp="192.0.2.1:80"))

    said = checks.sickness(layout, asked, UNIT, {"ActiveState": "active"})

    assert "not an address of this host" in said


@pytest.mark.parametrize(
    ("belongs", "said"), [(True, ""), (False, "is held by process 4242")]
)
def test_an_answer_of_another_process_is_drift(
    layout: layouts.Layout,
    monkeypatch: pytest.MonkeyPatch,
    belongs: bool,
    said: str,
) -> None:
    """Another program may listen on the very address, and answer well."""
    asked = generation(model.Health(http="http://127.0.0.1:80/"))
    listener = listen.Listener(
        "127.0.0.1", 80, 1, 4242, "evil", belongs, False
    )
    monkeypatch.setattr(
        health, "check_once", lambda _probe: health.Result(True, "")
    )
    monkeypatch.setattr(listen, "listeners", lambda *_a, **_k: [listener])
    shown = {"ActiveState": "active", "ControlGroup": "/x", "MainPID": "1"}

    assert said in checks.sickness(layout, asked, UNIT, shown)
    assert bool(checks.sickness(layout, asked, UNIT, shown)) is not belongs
