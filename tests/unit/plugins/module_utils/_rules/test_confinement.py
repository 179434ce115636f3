# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directives of the sandbox that do not go together."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

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
        (("ProtectHome=yes", "ExecStop=/home/a/b"), "protect-home-exec"),
        (
            ("ProtectHome=yes", "WorkingDirectory=/home/a"),
            "working-directory-hidden",
        ),
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


@pytest.mark.parametrize(
    "lines",
    [
        ("ProtectHome=yes", "ExecStop=-/home/a/b"),
        ("ProtectHome=yes", "ExecStop=+/home/a/b"),
        ("ProtectHome=read-only", "ExecStop=/home/a/b"),
        ("ProtectHome=tmpfs", "BindPaths=/home/a", "ExecStop=/home/a/b"),
        ("ProtectHome=yes", "ExecStop=/homer/b"),
    ],
)
def test_what_is_not_hidden(lines: tuple[str, ...]) -> None:
    assert codes(*lines) == []


PATHS = [
    "/", "/home", "/home/a", "/home/a/b", "/home/ab", "/home/a-b",
    "/home/b", "/root", "/homework", "/home/a/b/c",
]  # fmt: skip


@pytest.mark.parametrize("asked", PATHS)
@given(binds=st.lists(st.sampled_from(PATHS), max_size=4))
def test_a_tree_answers_as_a_look_at_every_path_does(
    asked: str, binds: list[str]
) -> None:
    def is_below(path: str, top: str) -> bool:
        return path == top or path.startswith(f"{top.rstrip('/')}/")

    expected = any(
        is_below(asked, bind) or is_below(bind, asked) for bind in binds
    )
    tree = confinement._Tree(binds)
    assert tree.meets(asked) == expected


def test_a_specifier_may_be_any_path() -> None:
    assert confinement._Tree(["%h/bin"]).meets("/home/a")
