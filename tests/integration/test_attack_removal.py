# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application can be removed, with all that its service left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, web_app

HOSTS = ["bookworm", "trixie"]
NAME = "it-evil-removal"
UNIT = f"{NAME}.service"
STATE = f"/var/lib/{NAME}"
DEEP = f"""
runuser -u {NAME} -- python3 - <<'END'
import os
os.chdir({STATE!r})
os.mkdir("shut")
open("shut/x", "w").close()
os.chmod("shut", 0)
for _level in range(20_000):
    os.mkdir("d")
    os.chdir("d")
END
systemctl kill --signal=KILL {UNIT}
sleep 0.5
"""
LEFT = f"""
ls -d /opt/{NAME} {STATE} /var/cache/{NAME} /etc/pyfleet/{NAME} \\
    /etc/systemd/system/{UNIT} /run/systemd/system/*{NAME}* 2>/dev/null
getent passwd {NAME} _{NAME} || :
"""


@pytest.fixture(autouse=True)
def _deployed(lab: Lab, claim: Callable[..., None], tmp_path: Path) -> None:
    claim(HOSTS, NAME)
    app = web_app(NAME, 8621, tmp_path / "code", restart="no")
    run = lab.deploy(HOSTS, app)
    assert run.status == 0, run.output


def remove(lab: Lab, **options: Any) -> None:
    run = lab.deploy(HOSTS, {"name": NAME, "state": "absent", **options})
    assert run.status == 0, run.output


def test_a_failed_service_with_a_deep_tree(lab: Lab) -> None:
    lab.shells(HOSTS, DEEP)
    states = {lab.show(host, UNIT, "ActiveState") for host in HOSTS}
    assert states == {"failed"}
    remove(lab, remove_data=True)
    assert set(lab.shells(HOSTS, LEFT).values()) == {""}


def test_data_goes_after_all_else_is_gone(lab: Lab) -> None:
    remove(lab)
    kept = lab.shells(HOSTS, f"ls -d {STATE}")
    assert set(kept.values()) == {f"{STATE}\n"}
    remove(lab, remove_data=True)
    assert set(lab.shells(HOSTS, LEFT).values()) == {""}


def test_what_stays_is_told_and_the_next_run_goes_on(lab: Lab) -> None:
    place = f"{STATE}/mounted"
    lab.shells(HOSTS, f"mkdir {place} && mount -t tmpfs none {place}")
    try:
        run = lab.deploy(
            HOSTS, {"name": NAME, "state": "absent", "remove_data": True}
        )
    finally:
        lab.shells(HOSTS, f"umount {place}")
    assert set(run.messages()) == set(HOSTS), run.output
    for message in run.messages().values():
        assert f"{STATE} could not be removed" in message
    remove(lab, remove_data=True)
    assert set(lab.shells(HOSTS, LEFT).values()) == {""}
