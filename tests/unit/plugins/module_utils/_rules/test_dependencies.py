# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dependencies that do less than they seem to."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    dependencies,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)


def codes(
    *lines: str, name: str = "a.service", version: int = 257
) -> list[str]:
    """Return the rules that lines such as `Unit.After=b` break."""
    triples = []
    for line in lines:
        place, _equals, value = line.partition("=")
        section, _dot, option = place.partition(".")
        triples.append((section, option, value))
    unit = merged.MergedUnit.of(triples, targets.Target(version), name)
    return [
        found.code for check in dependencies.RULES for found in check(unit)
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Unit.Wants=b.service",), 1),
        (("Unit.Wants=b.service c.service",), 2),
        (("Unit.Wants=b.service", "Unit.After=b.service"), 0),
        (("Unit.Requires=b.service", "Unit.Before=b.service"), 0),
        (("Unit.Requires=basic.target",), 0),
        (("Unit.Requires=basic.target", "Unit.DefaultDependencies=no"), 1),
        (("Unit.Requires=system.slice",), 0),
        (("Unit.BindsTo=a.socket",), 0),
        (("Unit.Requires=dbus.socket", "Service.BusName=org.a"), 0),
        (("Unit.Wants=srv.mount", "Unit.RequiresMountsFor=/srv/a"), 0),
    ],
)
def test_who_is_wanted_but_not_waited_for(
    lines: tuple[str, ...], expected: int
) -> None:
    assert codes(*lines) == ["wants-without-after"] * expected


def test_a_target_waits_by_itself() -> None:
    lines = ("Unit.Wants=b.service",)
    assert codes(*lines, name="a.target") == []


@pytest.mark.parametrize(
    ("lines", "is_found"),
    [
        (("OnFailure=b.service c.service", "OnFailureJobMode=isolate"), True),
        (("OnFailure=b.service c.service", "OnFailureIsolate=yes"), True),
        (("OnFailure=b.service", "OnFailureJobMode=isolate"), False),
        (("OnFailure=b.service c.service", "OnFailureJobMode=fail"), False),
        (("OnFailure=a.service b.service", "OnFailureJobMode=isolate"), False),
    ],
)
def test_one_unit_can_be_isolated(
    lines: tuple[str, ...], is_found: bool
) -> None:
    found = codes(*(f"Unit.{line}" for line in lines))
    assert ("isolate-several" in found) == is_found


@pytest.mark.parametrize(
    ("running", "total", "is_found"),
    [("10s", "5s", True), ("5s", "10s", False), ("10s", "0", False)],
)
def test_a_timeout_that_comes_too_late(
    running: str, total: str, is_found: bool
) -> None:
    lines = (
        f"Unit.JobRunningTimeoutSec={running}",
        f"Unit.JobTimeoutSec={total}",
    )
    assert ("job-timeout" in codes(*lines)) == is_found


@pytest.mark.parametrize(
    ("word", "versions"),
    [
        ("syslog.target", [247, 257, 262]),
        ("runlevel3.target", [262]),
        ("multi-user.target", []),
    ],
)
def test_targets_that_are_gone(word: str, versions: list[int]) -> None:
    line = f"Unit.After={word}"
    found = [v for v in (247, 257, 262) if codes(line, version=v)]
    assert found == versions


def test_a_description_may_name_any_target() -> None:
    assert codes("Unit.Description=after syslog.target") == []
