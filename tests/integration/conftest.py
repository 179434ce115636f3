# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import Lab, fleet, inventory
from victim import Victim


def pytest_configure() -> None:
    """Give every worker but the first a fleet of its own."""
    if is_further():
        os.environ["PYFLEET_FLEET"] = os.environ["PYTEST_XDIST_WORKER"]


def is_further() -> bool:
    """Tell whether this is a worker that has a fleet of its own."""
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return the fleet; it is started where it is not up yet.

    PYFLEET_INVENTORY names the inventory of a fleet of your own.
    """
    given = os.environ.get("PYFLEET_INVENTORY")
    if not given:
        fleet("up")
    folder = tmp_path_factory.mktemp("lab")
    yield Lab(Path(given) if given else inventory("hosts"), folder)
    if is_further():
        fleet("down")


@pytest.fixture(scope="module")
def start_host(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Lab]]:
    """Let a test module start a host that is up by name only."""
    started = []

    def start(name: str) -> Lab:
        fleet("up", name)
        started.append(name)
        return Lab(inventory(name), tmp_path_factory.mktemp("lab"))

    yield start
    for name in started:
        fleet("down", name)


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


@pytest.fixture(scope="module")
def victim(
    request: pytest.FixtureRequest,
    lab: Lab,
    claim: Callable[..., None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Victim:
    """Return the application that the test module describes.

    Its host, name and port are the module's HOST, NAME and PORT.
    """
    module = request.module
    claim([module.HOST], module.NAME)
    folder = tmp_path_factory.mktemp("src")
    return Victim(lab, module.HOST, module.NAME, module.PORT, folder)
