# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy may be killed, or refused by the kernel, at any point.

Here at a few points of each kind, spread over the whole of a deploy;
`make sweep` takes every one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from faultsweep import report
from faultsweep.stage import ROTATED, Stage
from lab import Lab

HOST = "trixie"
APP = "it-sweep"
POINTS = 8


@pytest.fixture(scope="module")
def stage(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    made = Stage(lab, HOST, APP, 8240, tmp_path_factory.mktemp("code"))
    yield made
    made.clear()


@pytest.fixture(scope="module")
def plan(stage: Stage) -> dict[str, Any]:
    return stage.prepare()


@pytest.fixture(scope="module")
def reference(stage: Stage, plan: dict[str, Any]) -> list[list[str]]:
    """Return the points of two deploys that are left alone."""
    (answer,) = stage.campaign({**plan, "reference": True})
    return list(answer["reference"].values())


def test_a_deploy_has_points_at_every_step(
    reference: list[list[str]],
) -> None:
    for points in reference:
        text = "\n".join(points)
        for part in (
            "openat /etc/pyfleet/it-sweep/transaction.json",
            ".manifest",
            "/etc/pyfleet/it-sweep/current",
            "/run/systemd/system.control/it-sweep.service",
            "daemon-reload",
            "fsync /etc/pyfleet/it-sweep",
            "end of systemctl --no-pager --no-ask-password restart",
        ):
            assert part in text
        assert points[-1].startswith("ftruncate /run/pyfleet")


def test_no_power_loss_leaves_half_a_file(
    reference: list[list[str]],
) -> None:
    """Content is on the disk before it is renamed, its name after."""
    renames = 0
    for points in reference:
        steps = [point.split() for point in points]
        for before, this, after in zip(steps, steps[1:], steps[2:]):
            if this[0] != "renameat" or ".pyfleet-tmp-" not in this[1]:
                continue
            renames += 1
            assert after == ["fsync", os.path.dirname(this[2])]
            assert before[0] == "symlinkat" or before == ["fsync", this[1]]
    assert renames > 2 * POINTS


@pytest.mark.parametrize(
    ("fault", "offset"),
    [({}, 1), ({"alone": True}, 3), ({"error": "ENOSPC"}, 5)],
)
def test_it_converges_after(
    stage: Stage,
    plan: dict[str, Any],
    reference: list[list[str]],
    fault: dict[str, Any],
    offset: int,
) -> None:
    total = min(map(len, reference))
    step = max(total // POINTS, 1)
    points = {"first": offset, "step": step, "last": total}

    lines = list(stage.campaign({**plan, **fault, **points}))

    hits = [line["hit"] for line in lines if line["hit"]]
    assert len(hits) >= POINTS
    assert [text for line in lines for text in report.violations(line)] == []


def test_it_converges_after_a_heal_was_killed(stage: Stage) -> None:
    """A credential is rotated: the release stays, its user restarts."""
    plan = {**stage.prepare((ROTATED, "a")), "only": "systemctl "}

    lines = list(stage.campaign(plan))

    assert len([line for line in lines if line["hit"]]) >= POINTS
    assert [text for line in lines for text in report.violations(line)] == []


def test_the_check_sees_what_is_wrong(
    stage: Stage, plan: dict[str, Any]
) -> None:
    """A sweep that could not fail would prove nothing."""
    wanted = {
        "ports": stage.ports("a"),
        "wanted": {"VERSION": "a"},
        "keep": 1,
    }
    stage.deploy("a")
    assert stage.check("faults_settled", **wanted) == []
    script = """
    touch /etc/pyfleet/$1/config/.pyfleet-tmp-0123
    mkdir /opt/$1/code/012345678901 /etc/pyfleet/$1/99
    ln -s /etc/pyfleet/$1/current/$1.service \
        /run/systemd/system.control/$1.service
    systemctl stop $1-old.service
    echo another >/etc/pyfleet/$1/credentials/aux/token
    """
    stage.lab.shell(HOST, script, APP)

    found = "\n".join(stage.check("faults_settled", **wanted))

    for part in (
        "config/.pyfleet-tmp-0123 is left",
        "/opt/it-sweep/code/012345678901 is not complete",
        "/etc/pyfleet/it-sweep/99 has no record",
        "/run/systemd/system.control/it-sweep.service is left",
        "it-sweep-old.service does not answer",
        "it-sweep-aux.service has another credential token",
    ):
        assert part in found
