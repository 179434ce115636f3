# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code is built by a user who owns it for that time alone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    code_tree,
    handover,
    venv,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    code_build,
    jobs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)

WORKSHOP = venv.Workshop("_hello", lambda _argv, _writable: None)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the steps that were taken, in order."""
    found: list[str] = []
    for place, name in (
        (handover, "give"),
        (jobs, "run"),
        (venv, "compile_code"),
        (handover, "take_back"),
        (code_tree, "check_links"),
    ):

        def note(*_unused: Any, step: str = name, **_: Any) -> None:
            found.append(step)

        monkeypatch.setattr(place, name, note)
    monkeypatch.setattr(handover, "builder", lambda _unused: None)
    return found


def build(layout: layouts.Layout) -> None:
    code_build.run(
        layout.code("0"),
        prefix="pyapp_apps.hello.",
        layout=layout,
        builds=[("hello-collect", "[Service]\n")],
        python="/usr/bin/python3",
        workshop=WORKSHOP,
    )


def test_root_looks_at_it_only_when_it_is_back(
    layout: layouts.Layout, steps: list[str]
) -> None:
    build(layout)
    assert steps == [
        "give",
        "run",
        "compile_code",
        "take_back",
        "check_links",
    ]


def test_a_command_that_fails_is_named(
    layout: layouts.Layout,
    steps: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_unused: Any, **_: Any) -> None:
        raise errors.HostError("hello-collect: exit 1")

    monkeypatch.setattr(jobs, "run", fail)
    with pytest.raises(
        errors.HostError, match=r"pyapp_apps\.hello\.build as _hello"
    ) as said:
        build(layout)
    assert "hello-collect: exit 1" in str(said.value)
    assert "what served before serves on" in str(said.value)
    assert steps == ["give"]
