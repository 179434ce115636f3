# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A removal takes nothing from under what it does not stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    observe,
    removal,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

UNIT = "hello.service"


@pytest.mark.parametrize("kind", ["file", "mask"])
def test_a_unit_that_was_replaced_stops_the_removal(
    layout: layouts.Layout,
    kind: str,
) -> None:
    folder = Path(layout.system_units)
    if kind == "file":
        (folder / UNIT).write_text("[Service]\n")
    else:
        (folder / UNIT).symlink_to("/dev/null")
    Path(layout.etc).mkdir(parents=True)
    state = observe.UnitState({}, None, (), "")
    observed = observe.Observed(layout, True, b"", None, {UNIT: state})

    with pytest.raises(errors.HostError, match="nothing was removed"):
        removal.remove(observed, is_data=True)

    assert Path(layout.etc).exists()
