# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import ROOT, Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return the fleet; it is started where it is not up yet.

    PYFLEET_INVENTORY names the inventory of a fleet of your own.
    """
    given = os.environ.get("PYFLEET_INVENTORY")
    if not given:
        command = [sys.executable, ROOT / "tools" / "fleet.py", "up"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    default = ROOT / ".build" / "fleet" / "hosts.ini"
    folder = tmp_path_factory.mktemp("lab")
    return Lab(Path(given) if given else default, folder)


@pytest.fixture(scope="module")
def claim(lab: Lab) -> Iterator[Callable[..., None]]:
    """Let a test module say which applications it makes, and where.

    They are removed at once, since an earlier run may have died, and
    again when the module is done.
    """
    claimed: dict[str, set[str]] = {}

    def claim_apps(hosts: list[str], *apps: str) -> None:
        lab.purge(hosts, *apps)
        for app in apps:
            claimed.setdefault(app, set()).update(hosts)

    yield claim_apps
    for app, hosts in claimed.items():
        lab.purge(hosts, app)
