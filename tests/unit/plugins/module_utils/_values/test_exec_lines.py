# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of ExecStart= and its like."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    exec_lines,
    registry,
)

CASES: value_types.Cases = {
    "exec": (
        (
            "/bin/x", "-/bin/x a", "+/bin/x", "!/bin/x", "!!/bin/x",
            "@/bin/x y", ":/bin/x", "x", "/bin/x ; /bin/y", "/bin/x '>' b",
            "/bin/x $A ${B} %n", "-@/bin/x y", r"/bin/x \u00e4",
            r"/bin/x \xff", r"/bin/x \q", r"/bin/x \ud800",
        ),
        (
            "bin/x", "./x", "/bin/", "'/bin/x", "/bin/x 'a", "/bin/x %5",
            "-", "@/bin/x", "++/bin/x", '/a"b', "..", "/bin/../",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(exec_lines) == set(CASES)


@pytest.mark.parametrize(
    "value",
    [
        "/bin/x ' > '",
        "/bin/x a>b",
        "/bin/sh -c 'a > b $(date)'",
        "/bin/x -c ${A:-b}",
    ],
)
def test_no_remark(value: str) -> None:
    context = contexts.Context(
        targets.Target(257), "hello.service", "Service", "ExecStart"
    )
    registry.check_value("exec", value, context)
    assert context.remarks == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "/bin/x a 'b c'",
            [exec_lines.ExecCommand("", ("/bin/x", "a", "b c"))],
        ),
        ("-+/bin/x", [exec_lines.ExecCommand("-+", ("/bin/x",))]),
        (
            "/bin/x a ; /bin/y",
            [
                exec_lines.ExecCommand("", ("/bin/x", "a")),
                exec_lines.ExecCommand("", ("/bin/y",)),
            ],
        ),
        ("/bin/x ';' b", [exec_lines.ExecCommand("", ("/bin/x", ";", "b"))]),
        (r"x '\.\n'", [exec_lines.ExecCommand("", ("x", "\\.\n"))]),
        ("x \\", [exec_lines.ExecCommand("", ("x", "\\"))]),
        ("/bin/x \\; b", [exec_lines.ExecCommand("", ("/bin/x", ";", "b"))]),
        ("/bin/x a;b", [exec_lines.ExecCommand("", ("/bin/x", "a;b"))]),
        ("", []),
    ],
)
def test_split_exec(
    value: str, expected: list[exec_lines.ExecCommand]
) -> None:
    assert exec_lines.split_exec(value) == expected
