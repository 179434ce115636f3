# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host below a temporary directory, with a systemd that obeys."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    contract,
    layouts,
    model,
    plans,
    records,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    enforcement,
    inputs,
    observe,
    proof,
    request,
    switch,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    journal,
    systemctl,
    verbs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    consult,
)

ENVIRONMENT = "0123" * 16
UNIT = "hello.service"
MANAGER = systemctl.Manager(252, "252.39", frozenset({"+SECCOMP"}))


def make_generation(**traits: Any) -> records.Generation:
    """Return a generation with nothing in it, but for some traits."""
    empty: dict[str, Any] = {
        "app": "hello",
        "sequence": 1,
        "created": "",
        "collection": "1",
        "wanted": "",
        "digest": "",
        "source": model.Origin("packages: a", "0"),
        "environment": ENVIRONMENT,
        "code": None,
        "config": None,
        "environment_files": {},
        "interpreter": pythons.PYTHON,
        "systemd": {},
        "units": {},
    }
    return records.Generation(**{**empty, **traits})


@pytest.fixture
def generation_of() -> Callable[..., records.Generation]:
    """Return a maker of generations: see `make_generation`."""
    return make_generation


class Host:
    """A host whose systemd starts and stops what it is told to.

    Attributes:
        layout: Paths of the application.
        calls: The verbs of systemctl that were run, with their units.
        active: The units that run.
        starts: How often any unit was started.
        faults: Why units do not prove themselves, by name.
    """

    def __init__(self, layout: layouts.Layout) -> None:
        self.layout = layout
        self.calls: list[tuple[str, ...]] = []
        self.active: set[str] = set()
        self.starts = 0
        self.faults: dict[str, str] = {}

    def order(self, **options: Any) -> request.Request:
        """Return an order for the application, with some options."""
        app = {
            "name": "hello",
            "source": {"packages": ["a==1"]},
            "services": {"main": {"exec": "hello-serve"}},
            **options,
        }
        assert contract.check_app(app, "pyapp_") == []
        wanted = replace(
            contract.normalise_app(app),
            source=None,
            origin=model.Origin("packages: a==1", "0"),
        )
        python = replace(
            pythons.PYTHON, real_path=str(Path(self.layout.python))
        )
        lock = model.Lock(model.VirtualenvId(ENVIRONMENT), python)
        return request.Request(wanted, lock, "1", None, root=self.layout.root)

    def build(self) -> None:
        """Make the virtualenv complete."""
        path = Path(self.layout.environment(ENVIRONMENT))
        program = path / "bin" / "hello-serve"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(0o755)
        if not (path / "bin" / "python").exists():
            (path / "bin" / "python").symlink_to("/proc/self/exe")
        header = f"pyfleet 2 {ENVIRONMENT} {'0' * 64}\n"
        Path(artifact.manifest_path(str(path))).write_text(header)

    def show(
        self, units: Sequence[str], _names: Sequence[str]
    ) -> dict[str, dict[str, str]]:
        return {unit: self._shown(unit) for unit in units}

    def restart(self, units: Sequence[str], **_options: object) -> None:
        self.calls.append(("restart", *units))
        self.starts += 1
        self.active |= set(units)

    def stop(self, units: Sequence[str], **_options: object) -> None:
        self.calls.append(("stop", *units))
        self.active -= set(units)

    def prove(
        self, _layout: object, _generation: object, units: Sequence[str]
    ) -> None:
        self.calls.append(("prove", *units))
        for unit in units:
            if unit in self.faults:
                raise proof.UnprovenError(self.faults[unit])

    def lay_down(
        self, order: request.Request, **_options: object
    ) -> list[str]:
        """Stand in for the build of a virtualenv."""
        path = self.layout.environment(order.lock.environment)
        made = [] if artifact.is_complete(path) else [path]
        self.build()
        return made

    def _shown(self, unit: str) -> dict[str, str]:
        probation = self.layout.probation_link(unit)
        link = self.layout.unit_link(unit)
        path = probation if os.path.islink(probation) else link
        return {
            "ActiveState": "active" if unit in self.active else "inactive",
            "FragmentPath": path,
            "InvocationID": str(self.starts),
            "LoadState": "loaded" if os.path.exists(path) else "not-found",
            "NeedDaemonReload": "no",
        }


@pytest.fixture
def host(layout: layouts.Layout, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Return a host on which the application is not deployed yet."""
    found = Host(layout)
    os.rmdir(layout.opt)
    monkeypatch.setattr(systemctl, "show", found.show)
    monkeypatch.setattr(verbs, "restart", found.restart)
    monkeypatch.setattr(verbs, "stop", found.stop)
    monkeypatch.setattr(systemctl, "manager", lambda: MANAGER)
    monkeypatch.setattr(
        enforcement,
        "weakness",
        lambda _unused: sandbox.Weakness(frozenset(), frozenset()),
    )
    monkeypatch.setattr(
        consult, "consult", lambda _name, _text, _more, _target, said: said
    )
    monkeypatch.setattr(proof, "prove", found.prove)
    monkeypatch.setattr(inputs, "lay_down", found.lay_down)
    monkeypatch.setattr(inputs, "ensure_account", lambda _unused: 0)
    # The manifest of its virtualenv names no file.
    monkeypatch.setattr(artifact, "verify", lambda _unused: [])
    monkeypatch.setattr(accounts, "lookup", lambda _unused: None)
    monkeypatch.setattr(claims, "is_known", lambda *_unused: False)
    return found


class FakeSystemd:
    """A systemd whose units hit their start limits, and die.

    Attributes:
        limited: Units that refuse every start until they are reset.
        failed: Units that are listed as failed.
        lives: How many seconds the next start of a unit lasts.
    """

    def __init__(self) -> None:
        self.limited: set[str] = set()
        self.failed: set[str] = set()
        self.lives = 3600.0
        self._until: dict[str, float] = {}
        self._starts = 0

    def restart(self, units: Sequence[str], **_options: object) -> None:
        for unit in units:
            self._starts += 1
            if unit in self.limited:
                self.failed.add(unit)
            else:
                self._until[unit] = time.monotonic() + self.lives

    def stop(self, units: Sequence[str], **_options: object) -> None:
        for unit in units:
            if self._until.pop(unit, None) and self._ended(unit):
                self.failed.add(unit)

    def reset_failed(self, units: Sequence[str]) -> None:
        self.limited -= set(units)
        self.failed -= set(units)

    def show(
        self, units: Sequence[str], _names: Sequence[str]
    ) -> dict[str, dict[str, str]]:
        return {unit: self._shown(unit) for unit in units}

    def _ended(self, unit: str) -> bool:
        return self._until.get(unit, 0) < time.monotonic()

    def _shown(self, unit: str) -> dict[str, str]:
        state = "failed" if self._ended(unit) else "active"
        known = {
            "ActiveState": state,
            "InvocationID": str(self._starts),
            "NRestarts": "0",
        }
        return {name: known.get(name, "") for name in observe.PROPERTIES}


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> FakeSystemd:
    fake = FakeSystemd()
    monkeypatch.setattr(systemctl, "show", fake.show)
    for name in ("restart", "stop", "reset_failed"):
        monkeypatch.setattr(verbs, name, getattr(fake, name))
    monkeypatch.setattr(journal, "last_lines", lambda *_unused: [])
    monkeypatch.setattr(journal, "exit_in_words", lambda _unused: "")
    return fake


@pytest.fixture
def make_way(layout: layouts.Layout) -> Callable[..., switch.Switch]:
    """Return a maker of ways from the first generation to the second."""

    def make(layout: layouts.Layout, settle: float = 0) -> switch.Switch:
        Path(layout.etc).mkdir(parents=True)
        os.symlink("1", layout.current)
        return switch.Switch(
            layout=layout,
            new=make_generation(sequence=2, units={UNIT: _watched(settle)}),
            old=make_generation(sequence=1, units={UNIT: _watched(0)}),
            plan=plans.Plan(plans.ACTIVATE, restart=(UNIT,)),
        )

    return make


def _watched(settle: float) -> records.UnitRecord:
    check = model.Health(
        timeout=5, interval=0.05, consecutive=1, settle=settle
    )
    return records.UnitRecord(
        model.ServiceKey("main"), "", "started", True, check
    )
