# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that does not prove itself leaves the old one serving."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, Run, port_holder, web_app

HOST = "trixie"
NAME = "it-prove"
PORT = 8170
TAKEN_PORT = 8171
UNIT = f"{NAME}.service"
HOLDER = port_holder("it-holder", TAKEN_PORT)
LEFT = f"""
find /etc/systemd/system /run/systemd/system.control -name "{NAME}*"
find /etc/pyfleet/{NAME} -mindepth 1 -maxdepth 1 -name "[0-9]*"
systemctl list-units --all --plain --no-legend "{NAME}*"
"""


@pytest.fixture(scope="module")
def app(
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Any]:
    """Return the application whose release is to stay."""
    claim([HOST], NAME)
    return web_app(
        NAME,
        PORT,
        tmp_path_factory.mktemp("src"),
        environment={"GREETING": "the old one"},
        restart_sec="100ms",
    )


@pytest.fixture
def serving(lab: Lab, app: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the application, deployed and serving."""
    run = lab.deploy([HOST], app)
    assert run.status == 0, run.output
    return app


@pytest.fixture
def holder(lab: Lab) -> Any:
    lab.shell(HOST, HOLDER)
    yield
    lab.shell(HOST, "systemctl stop it-holder.service")


def changed(app: Mapping[str, Any], **environment: str) -> dict[str, Any]:
    """Return an application with other settings of its service."""
    new = copy.deepcopy(dict(app))
    new["services"]["main"]["environment"].update(environment)
    return new


def current(lab: Lab) -> str:
    """Return the number of the current release."""
    return lab.shell(HOST, f"readlink /etc/pyfleet/{NAME}/current").strip()


def fails(lab: Lab, app: Mapping[str, Any]) -> str:
    """Deploy what must fail; return the message."""
    run = lab.deploy([HOST], app)
    assert run.status != 0, run.output
    assert "Traceback" not in run.output
    return run.messages()[HOST]


def assert_old_serves(lab: Lab, release: str) -> None:
    answer = lab.get(HOST, PORT)
    assert answer["environment"]["GREETING"] == "the old one"
    assert current(lab) == release
    assert lab.show(HOST, UNIT, "ActiveState") == "active"
    fragment = lab.show(HOST, UNIT, "FragmentPath")
    assert fragment == f"/etc/systemd/system/{UNIT}"
    assert lab.show(HOST, UNIT, "NeedDaemonReload") == "no"
    found = lab.shell(
        HOST, f"find /run/systemd/system.control -name '{NAME}*'"
    )
    assert found == ""


def test_first_deploy_that_fails_leaves_nothing(
    lab: Lab, app: Mapping[str, Any]
) -> None:
    message = fails(lab, changed(app, MODE="exit"))

    assert "There was no release before it" in message
    assert lab.shell(HOST, LEFT) == ""

    # Another release is wanted now, so nothing is in its way.
    assert lab.deploy([HOST], app).status == 0


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (
            {"MODE": "exit"},
            ["status 3", "there is no such table"],
        ),
        (
            {"MODE": "late", "SECONDS": "1.5"},
            ["status 4", "serving with"],
        ),
        (
            {"STATUS": "503"},
            ["503", "serving with"],
        ),
        (
            {"MODE": "mute"},
            [f"127.0.0.1:{PORT}"],
        ),
    ],
    ids=["exits at start", "exits later", "never healthy", "never listens"],
)
def test_rolled_back(
    lab: Lab,
    serving: Mapping[str, Any],
    case: dict[str, str],
    words: list[str],
) -> None:
    release = current(lab)
    new = changed(serving, **case, GREETING="a new one")
    new["services"]["main"]["health"].update(settle=3, timeout=4)

    message = fails(lab, new)

    assert "Step: prove that the new services work." in message
    assert f"Rolled back to release {release}, which serves again." in message
    assert f"{UNIT}: " in message
    for word in words:
        assert word in message
    assert_old_serves(lab, release)


@pytest.mark.usefixtures("holder")
@pytest.mark.parametrize("mode", ["serve", "mute"])
def test_port_of_somebody_else(
    lab: Lab, serving: Mapping[str, Any], mode: str
) -> None:
    release = current(lab)
    new = changed(serving, PORT=str(TAKEN_PORT), MODE=mode)
    url = f"http://127.0.0.1:{TAKEN_PORT}/health"
    new["services"]["main"]["health"]["http"] = url

    message = fails(lab, new)

    # Whether it dies of the taken port or lives beside it, the answer
    # of the holder is not its own, and the holder is named.
    pid = lab.show(HOST, "it-holder.service", "MainPID")
    assert pid in message
    assert str(TAKEN_PORT) in message
    assert f"Rolled back to release {release}" in message
    assert_old_serves(lab, release)


def test_failed_release_is_refused_until_something_changes(
    lab: Lab, serving: Mapping[str, Any], tmp_path: Path
) -> None:
    release = current(lab)
    bad = changed(serving, MODE="exit", GREETING="refused later")
    fails(lab, bad)
    invocation = lab.show(HOST, UNIT, "InvocationID")

    message = fails(lab, bad)

    assert "failed its proof on this host" in message
    assert "pyapp_retry_failed: true" in message
    assert lab.show(HOST, UNIT, "InvocationID") == invocation
    # Before any other host is changed, that is.
    planned = lab.deploy([HOST], bad, "--check")
    assert "failed its proof on this host" in planned.messages()[HOST]

    message = fails(lab, {**bad, "retry_failed": True})

    assert "Step: prove that the new services work." in message
    assert_old_serves(lab, release)

    # The same settings with code that is mended are another release.
    mended = web_app(NAME, PORT, tmp_path / "src")
    text = (tmp_path / "src" / "serve.py").read_text(encoding="utf-8")
    text = text.replace('mode == "exit"', 'mode == "never"')
    (tmp_path / "src" / "serve.py").write_text(text, encoding="utf-8")
    run = lab.deploy([HOST], {**bad, "source": mended["source"]})
    assert run.status == 0, run.output
    assert lab.get(HOST, PORT)["environment"]["GREETING"] == "refused later"
    restore(lab, serving)


def restore(lab: Lab, app: Mapping[str, Any]) -> Run:
    run = lab.deploy([HOST], app)
    assert run.status == 0, run.output
    return run
