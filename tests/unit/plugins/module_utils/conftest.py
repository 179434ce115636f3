# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An application that lives below a temporary directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    jobs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    verbs,
)


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> layouts.Layout:
    """Return an application below a temporary directory, no systemd."""
    found = layouts.Layout("hello", str(tmp_path))
    for path in (found.wants, found.opt, found.probation_units):
        Path(path).mkdir(parents=True)
    for verb in ("stop", "reset_failed", "daemon_reload"):
        monkeypatch.setattr(verbs, verb, lambda *_args: None)
    monkeypatch.setattr(jobs, "remove_dead", lambda _app: None)
    return found
