# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of agreement, printed when all tests have run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fleet_hosts import HOSTS, run_python

_VERSION = """
import re, subprocess
text = subprocess.check_output(["systemctl", "--version"]).decode()
print(re.search("[0-9]+", text).group())
"""
_FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the list that the tests add to."""
    config.stash[_FIGURES] = []


@pytest.fixture(scope="session", autouse=True)
def versions() -> None:
    """Stop where a host boots another systemd than the tests know.

    Debian's sid goes on: an image that is built later may have a newer
    one.
    """
    for host, version in HOSTS.items():
        found = run_python(host, _VERSION, None)
        if found != version:
            pytest.exit(
                f"{host} boots systemd {found}, and the tests know {version}:"
                " take an image with that one (PYFLEET_IMAGE_..., see "
                "CONTRIBUTING.md), or bring the tables up to date "
                "(tools/directives.py)",
                returncode=1,
            )


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return what adds a line to the closing figures."""
    return request.config.stash[_FIGURES].append


def pytest_terminal_summary(
    terminalreporter: Any, config: pytest.Config
) -> None:
    """Print the figures."""
    figures = config.stash[_FIGURES]
    if figures:
        terminalreporter.section("agreement with real systemd")
        for line in figures:
            terminalreporter.write_line(line)
