# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An order says where an application lives, and what its code is."""

from __future__ import annotations

from dataclasses import replace

import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    layouts,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    request,
)

ORDER = request.Request(
    model.App(model.AppName("hello")),
    model.Lock(model.VirtualenvId("0123"), pythons.PYTHON),
    "1",
    None,
)


def test_its_paths() -> None:
    assert ORDER.layout == layouts.Layout("hello")
    rooted = replace(ORDER, root="/x")
    assert rooted.layout == layouts.Layout("hello", "/x")


def test_its_code() -> None:
    """What is built depends on more than on its files."""
    assert ORDER.code is None
    plain = replace(ORDER.app, code="c0de")
    assert replace(ORDER, app=plain).code == "c0de"
    built = replace(plain, build=[model.BuildCommand("collect")])
    code = replace(ORDER, app=built).code
    assert code == artifact_ids.code_artifact(built, "0123") != "c0de"
