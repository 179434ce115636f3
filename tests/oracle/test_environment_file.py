# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process gets from an environment file what we read in it.

Files are put together by chance from what has a meaning to systemd's
reader. PYFLEET_ORACLE_FILES is how many are read on each version, by
default 60.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from effort import SEED, amount
from fleet_hosts import HOSTS, run_python

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    environment_file,
)

Report = Callable[[str], None]
FILES = int(amount("FILES", 60, 1000))
PARTS = (
    "\nKA=", "\nKB=", "\nKC = ", "\nKD='", '\nKE="', "KA", "KB", "KC=1",
    "export KD=2", "K-E=3", "4K=5", "KF: 6", "=", "==", " ",
    "  ", "\t", "\n", "\n", "\n", "\r", "\r\n",
    "'", "'", '"', '"', "\\", "\\\n", "\\\"", "\\$", "\\n", "#", " # x", ";",
    "a", "b c", "$KA", "${KB}", "%n", "`", "\u00e4", "\ufeff", "\x01",
)  # fmt: skip

SCRIPT = r"""
import os, subprocess
path, unit = "/run/pyfleet-oracle.env", "pyfleet-oracle-env"
found = []
try:
    for text in given:
        with open(path, "wb") as stream:
            stream.write(text.encode("utf-8"))
        done = subprocess.run(
            ["systemd-run", "--quiet", "--wait", "--pipe", "--collect",
             "--unit", unit, "--property", "EnvironmentFile=" + path,
             "env", "-0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        words = done.stdout.decode("utf-8", "replace").split("\0")
        pairs = [word.split("=", 1) for word in words if "=" in word]
        found.append({n: v for n, v in pairs if n.startswith("K")})
finally:
    if os.path.exists(path):
        os.unlink(path)
print(json.dumps(found))
"""


def make(seed: int) -> str:
    """Return the text of one file."""
    chosen = random.Random(seed)
    return "".join(
        chosen.choice(PARTS) for _part in range(chosen.randint(1, 14))
    )


def expected(text: str, version: int) -> dict[str, str]:
    found = environment_file.parse(text, version=version)
    return {
        entry.name: entry.value
        for entry in found.entries
        # The process has other variables too.
        if entry.name.startswith("K")
    }


@pytest.mark.parametrize("host", HOSTS)
def test_a_process_gets_what_we_read(host: str, report: Report) -> None:
    texts = [make(SEED * 1_000_000 + number) for number in range(FILES)]

    got = run_python(host, SCRIPT, texts)

    ours = [expected(text, HOSTS[host]) for text in texts]
    differing = [
        (text, wanted, found)
        for text, wanted, found in zip(texts, ours, got, strict=True)
        if wanted != found
    ]
    report(
        f"environment files on systemd {HOSTS[host]}: {len(differing)} of "
        f"{len(texts)} read otherwise, {sum(map(bool, got))} with variables"
    )
    assert differing == []
    assert any(got)
