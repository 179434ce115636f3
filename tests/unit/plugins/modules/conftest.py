# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules are run in this process, and their results are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def call(
    request: pytest.FixtureRequest,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Call:
    """Return what runs MODULE of the test module, with its GIVEN."""
    module, given = request.module.MODULE, request.module.GIVEN
    # Ansible reports the same warning once per process.
    warnings: list[str] = []
    monkeypatch.setattr(
        basic.AnsibleModule, "warn", lambda _self, text: warnings.append(text)
    )

    def run(**arguments: Any) -> dict[str, Any]:
        warnings.clear()
        with (
            patch_module_args({**given, **arguments}),
            pytest.raises(SystemExit),
        ):
            module.main()
        result: dict[str, Any] = json.loads(capsysbinary.readouterr().out)
        return {**result, "warnings": list(warnings)}

    return run
