# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe tells by its exit status which protections are void.

tests/integration/test_confined.py runs it where little is enforced.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    enforcement,
    enforcement_job,
)

LIMITS = [
    ("0::/a.service", {"a.service/memory.max": "67108864"}, True),
    ("0::/a.service", {"a.service/memory.max": "max"}, False),
    ("0::/a.service", {}, False),
    ("0::/other", {"a.service/memory.max": "67108864"}, False),
    ("4:memory:/a", {"memory/a/memory.limit_in_bytes": "67108864"}, True),
    ("4:memory:/a", {"memory/a/memory.limit_in_bytes": "9" * 19}, False),
    ("4:pids:/a", {"memory/a/memory.limit_in_bytes": "67108864"}, False),
    ("3:cpu,memory:/a\n0::/a",
     {"memory/a/memory.limit_in_bytes": "67108864"}, True),
    # A file of another place is not the service's.
    ("0::/a", {"a/memory.max": "max", "memory/a/memory.max": "1"}, False),
    ("0::/b\n0::/a", {"a/memory.max": "67108864"}, True),
    ("4:memory:/a\n0::/a", {"a/memory.max": "67108864"}, True),
    ("0::/a", {"a/memory.max": "-1"}, False),
    ("0::/a", {"a/memory.max": "100"}, False),
    ("0::/a", {"a/memory.max": "default 500"}, False),
    ("", {"memory.max": "67108864"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("groups", "tree", "limited"), LIMITS)
def test_a_control_group_tells_whether_it_limits(
    groups: str, tree: dict[str, str], limited: bool, tmp_path: Path
) -> None:
    for name, value in tree.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{value}\n")
    names: dict[str, Any] = {}
    exec(enforcement_job.IS_LIMITED, names)

    found = names["is_limited"](
        str(tmp_path), groups.splitlines(keepends=True),
        "memory", ["memory.max"], ["memory.limit_in_bytes"],
    )  # fmt: skip

    assert found is limited


@pytest.mark.parametrize(
    # This very process may be limited by somebody else.
    "kinds",
    [enforcement._WITH_USER, ("address", "bind", "tasks")],
)
def test_the_program_sees_that_nothing_is_shut_here(
    kinds: Sequence[str],
) -> None:
    users = Path("/proc/self/uid_map").read_text().split()
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            enforcement_job.PROGRAM,
            str(os.stat("/proc/self/ns/mnt").st_ino),
            str(os.stat("/proc/self/ns/net").st_ino),
            " ".join(users),
            *kinds,
        ],
        check=False,
        timeout=30,
    )
    assert done.returncode == 64 + (1 << len(kinds)) - 1


def run_program(*words: str) -> int:
    """Return the exit status of the program, as a service runs it."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", enforcement_job.PROGRAM, *words],
        check=False,
        timeout=30,
    )
    return done.returncode


HERE = os.stat("/proc/self/ns/net").st_ino


@pytest.mark.parametrize(
    ("network", "kinds", "bits"),
    [
        (HERE, (), 0b0),
        (HERE, ("network",), 0b1),
        # A service with a namespace of its own has another inode.
        (HERE + 1, ("network",), 0b0),
        (HERE + 1, ("network", "seccomp"), 0b10),
        (HERE + 1, ("seccomp", "network"), 0b01),
        (HERE, ("seccomp", "network"), 0b11),
    ],
)
def test_each_kind_has_a_bit_at_its_place(
    network: int, kinds: Sequence[str], bits: int
) -> None:
    status = run_program("0", str(network), "", *kinds)
    assert status == enforcement_job.BASE + bits


@pytest.mark.parametrize("kinds", [("no-such-kind",), ("network", "x")])
def test_a_kind_that_it_does_not_know_is_not_a_result(
    kinds: Sequence[str],
) -> None:
    assert run_program("0", str(HERE), "", *kinds) == 1


def test_the_statuses_are_between_those_of_python_and_systemd() -> None:
    most = max(len(enforcement._WITH_USER), len(enforcement._REST))
    assert enforcement_job.BASE > 2
    assert enforcement_job.BASE + (1 << most) - 1 < 200
