# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of agreement, printed when all tests have run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

_FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the list that the tests add to."""
    config.stash[_FIGURES] = []


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
