# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root runs no interpreter whose modules somebody else can write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lab import Lab, web_app

HOSTS = ["bookworm", "trixie"]
NAME = "it-evil-python"
PORT = 8602
PLACE = "/opt/it-python"
PWNED = "/root/it-evil-python"
# A Python of root's, with its library beside it.
SET_UP = f"""
set -e
real=$(readlink -f /usr/bin/python3)
rm -rf {PLACE} {PWNED}
mkdir -p {PLACE}/bin {PLACE}/lib
cp "$real" {PLACE}/bin/python3
cp -r "/usr/lib/$(basename "$real")" {PLACE}/lib/
"""
# One of its modules has code of user nobody.
EVIL = f"""
set -e
module=$(echo {PLACE}/lib/python3*/os.py)
echo 'open("{PWNED}", "w").write("pwned")' >> "$module"
chown nobody "$module"
"""


@pytest.mark.parametrize("is_evil", [True, False])
def test_modules_of_another_user(
    lab: Lab, claim: Callable[..., None], tmp_path: Path, is_evil: bool
) -> None:
    claim(HOSTS, NAME)
    lab.shells(HOSTS, SET_UP + (EVIL if is_evil else ""))
    app = web_app(NAME, PORT, tmp_path)
    app["python"] = f"{PLACE}/bin/python3"
    try:
        run = lab.deploy(HOSTS, app)
        found = lab.shells(HOSTS, f"ls {PWNED} 2>/dev/null || :")
    finally:
        lab.shells(HOSTS, f"rm -rf {PLACE} {PWNED}")
    assert set(found.values()) == {""}
    if is_evil:
        assert set(run.messages()) == set(HOSTS), run.output
        for said in run.messages().values():
            assert "part of the interpreter" in said
            assert f"{PLACE}/lib/python3" in said
    else:
        assert run.status == 0, run.output
