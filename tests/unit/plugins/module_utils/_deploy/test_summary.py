# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users are told what a draft would do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    draft,
    observe,
    phases,
    refusals,
    summary,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "hello.service"


@pytest.fixture
def drafted(host: Any, monkeypatch: pytest.MonkeyPatch) -> draft.Draft:
    """Return a draft that replaces one service by another."""
    monkeypatch.setattr(refusals, "missing_programs", lambda *_unused: None)
    old = {"main": {"exec": "hello-serve"}, "old": {"exec": "hello-serve"}}
    new = {"main": {"exec": "hello-serve"}, "new": {"exec": "hello-serve"}}
    phases.activate(host.order(services=old))
    observed = observe.read_one(host.layout)
    return draft.make(host.order(services=new), observed)


def test_a_summary(drafted: draft.Draft) -> None:
    found = summary.summarise(drafted)
    assert found["name"] == "hello"
    assert found["action"] == "activate"
    assert found["changed"] is True
    assert found["environment"] == "012301230123"
    assert found["code"] is None
    assert found["added"] == found["restarted"] == ["hello-new.service"]
    assert found["removed"] == found["stopped"] == ["hello-old.service"]
    assert found["build"] == []


def test_a_comparison(drafted: draft.Draft) -> None:
    """What is equal is left out; what is new or goes has one side."""
    new, old = summary.compare(drafted)
    for side in ("before_header", "after_header"):
        assert Path(new[side]).name == "hello-new.service"
        assert Path(old[side]).name == "hello-old.service"
    assert new["before"] == old["after"] == ""
    assert "ExecStart=" in new["after"]
    assert "ExecStart=" in old["before"]
