# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All units of a deploy are rendered before any is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    enforcement,
    rendered,
    request,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    systemctl,
)

KEY = b"key"
CODE = "c0de" * 16


def render(order: request.Request) -> rendered.Rendered:
    return rendered.render(order, KEY, systemctl.manager())


@pytest.fixture
def order(host: Any) -> request.Request:
    """Return an order with a build, a migration and a check."""
    found: request.Request = host.order(
        build=["hello-collect"],
        before_switch=["hello-migrate", {"exec": "hello-once", "once": True}],
        services={
            "main": {
                "exec": "hello-serve",
                "health": {"command": "hello-check"},
            },
            "worker": {"exec": "hello-work"},
        },
        source={"packages": ["a==1"], "files": "src"},
    )
    return replace(found, app=replace(found.app, code=CODE))


def test_every_unit(order: request.Request) -> None:
    found = render(order)
    names = [unit.name for unit in found.services]
    assert names == ["hello.service", "hello-worker.service"]
    assert [unit.command for unit in found.builds] == ["hello-collect"]
    assert [unit.command for unit in found.jobs] == [
        "hello-migrate",
        "hello-once",
    ]
    assert [unit.key for unit in found.probes] == ["main"]
    assert len(found.all) == 6


def test_a_command_that_runs_once_runs_on_the_first_host(
    order: request.Request,
) -> None:
    found = render(replace(order, is_first=False))
    assert [unit.command for unit in found.jobs] == ["hello-migrate"]


def test_code_that_is_there_is_not_built(order: request.Request) -> None:
    path = order.layout.code(order.code or "")
    Path(path).mkdir(parents=True)
    header = f"pyfleet 2 {order.code} {'0' * 64}\n"
    Path(artifact.manifest_path(path)).write_text(header)
    assert render(order).builds == []


def test_no_code_is_not_built(order: request.Request) -> None:
    app = replace(order.app, code=None)
    assert render(replace(order, app=app)).builds == []


def test_what_the_host_knows(
    order: request.Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = sandbox.Weakness(frozenset({"mount"}), frozenset())
    monkeypatch.setattr(enforcement, "weakness", lambda _unused: weak)
    facts = render(order).facts
    assert facts.target.version == 252
    assert facts.environment == order.lock.environment
    assert facts.code == order.code
    assert facts.weakness == weak


def test_a_unit_that_cannot_be_written(order: request.Request) -> None:
    main = model.ServiceKey("main")
    odd = replace(order.app.services[main], exec="hello '")
    app = replace(order.app, services={**order.app.services, main: odd})
    with pytest.raises(errors.HostError, match=r"pyapp_services\.main"):
        render(replace(order, app=app))
