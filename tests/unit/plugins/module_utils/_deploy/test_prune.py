# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nobody but us and the service keeps an artifact from being pruned."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    prune,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="it changes users")

PATH = "/opt/no-such-application/envs/0123456789ab"
NOBODY = 65534


@pytest.mark.parametrize(
    ("real", "effective", "is_used"),
    [(0, 0, True), (NOBODY, NOBODY, False), (NOBODY, 0, False)],
    ids=["root", "a user", "a user by a program like su"],
)
def test_whose_command_line_counts(
    real: int, effective: int, is_used: bool
) -> None:
    """A command line is what its user made it."""
    code = (
        f"import os; os.setresuid({real}, {effective}, {effective}); "
        "print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-I", "-c", code, PATH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert prune._is_in_use(PATH, {0}) == is_used
        process.communicate(b"\n")
