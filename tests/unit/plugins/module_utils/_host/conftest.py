# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    errors,
)

Fake = Callable[..., list[list[str]]]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Answer systemctl calls in turn; the list holds their arguments."""

    def install(*answers: tuple[int, str, str]) -> list[list[str]]:
        calls: list[list[str]] = []
        pending = list(answers)

        def run(
            argv: list[str], *, timeout: float, check: bool = True
        ) -> command.Completed:
            calls.append(argv[3:])
            status, stdout, stderr = pending.pop(0)
            if check and status:
                raise errors.CommandError(argv, status, stdout, stderr)
            return command.Completed(status, stdout, stderr)

        monkeypatch.setattr(command, "run", run)
        return calls

    return install
