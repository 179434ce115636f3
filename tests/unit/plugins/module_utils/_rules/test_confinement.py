# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directives of the sandbox that do not go together."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    confinement,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

START = ("ExecStart=/bin/x",)


def codes(*lines: str, version: int = 257) -> list[str]:
    """Return the rules that lines of [Service] break."""
    triples = []
    for line in (*START, *lines):
        option, _equals, value = line.partition("=")
        triples.append(("Service", option, value))
    unit = merged.MergedUnit.of(triples, targets.Target(version))
    return [found.code for check in confinement.RULES for found in check(unit)]


def test_a_plain_service_breaks_none() -> None:
    assert codes("PrivateTmp=yes", "ProtectSystem=strict", "User=a") == []


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("DynamicUser=yes", "WorkingDirectory=~"), "dynamic-user-home"),
        (("DynamicUser=yes", "PrivateTmp=no"), "dynamic-user-overrides"),
        (
            ("WorkingDirectory=/proc/1", "PrivateMounts=yes"),
            "api-working-directory",
        ),
        (("CapabilityBoundingSet=~",), "set-reset"),
        (("SystemCallFilter=~",), "set-reset"),
        (
            ("CapabilityBoundingSet=", "AmbientCapabilities=CAP_KILL"),
            "ambient-not-bounded",
        ),
    ],
)
def test_two_directives_that_do_not_go_together(
    lines: tuple[str, ...], code: str
) -> None:
    assert codes(*lines) == [code]
    # Each is harmless by itself.
    if len(lines) == 2:
        assert codes(lines[0]) == []


@pytest.mark.parametrize(
    ("lines", "versions"),
    [
        (("PrivatePIDs=yes", "PAMName=login"), [262]),
        (("PrivateUsers=managed", "User=a"), [262]),
        (("WorkingDirectory=/proc", "PrivateMounts=yes"), [257, 262]),
    ],
)
def test_what_newer_versions_refuse(
    lines: tuple[str, ...], versions: list[int]
) -> None:
    found = [v for v in (252, 257, 262) if codes(*lines, version=v)]
    assert found == versions
