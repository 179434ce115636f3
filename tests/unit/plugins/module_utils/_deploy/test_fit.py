# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy begins only on a host as the controller knows it."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pythons

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    fit,
    request,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    interpreter,
)

PYTHON = pythons.PYTHON
ENVIRONMENT = "0123" * 16
CODE = "c0de" * 16


def seal(path: str, digest: str) -> None:
    """Make an artifact complete."""
    Path(path, "bin").mkdir(parents=True)
    Path(path, "bin", "python").symlink_to("/proc/self/exe")
    header = f"pyfleet 2 {digest} {'0' * 64}\n"
    Path(artifact.manifest_path(path)).write_text(header)


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> request.Request:
    """Return an order for a host that has all that it needs."""
    monkeypatch.setattr(interpreter, "find", lambda _unused: PYTHON)
    found = request.Request(
        model.App(model.AppName("hello"), code=CODE),
        model.Lock(model.VirtualenvId(ENVIRONMENT), PYTHON),
        "1",
        None,
        root=str(tmp_path),
    )
    assert found.code == artifact_ids.code_artifact(found.app, ENVIRONMENT)
    seal(found.layout.environment(ENVIRONMENT), ENVIRONMENT)
    seal(found.layout.code(found.code or ""), found.code or "")
    return found


def remove(path: str) -> None:
    os.remove(artifact.manifest_path(path))


def test_a_host_as_it_was_read(order: request.Request) -> None:
    assert fit.misfit(order) == ""


def test_another_python(
    order: request.Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = replace(PYTHON, patch="3.11.9")
    monkeypatch.setattr(interpreter, "find", lambda _unused: newer)
    assert fit.misfit(order) == "its Python is 3.11.9, and was 3.11.2"


def test_the_wanted_python_is_the_one_that_is_looked_for(
    order: request.Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(wanted: str) -> model.Interpreter:
        assert wanted == "3.11"
        return PYTHON

    monkeypatch.setattr(interpreter, "find", find)
    wanted = replace(order, app=replace(order.app, python="3.11"))
    assert fit.misfit(wanted) == ""


PLACES: dict[str, Callable[[request.Request], str]] = {
    "envs": lambda order: order.layout.environment(ENVIRONMENT),
    "code": lambda order: order.layout.code(order.code or ""),
}


@pytest.mark.parametrize("kind", PLACES)
def test_an_artifact_that_went(order: request.Request, kind: str) -> None:
    path = PLACES[kind](order)
    remove(path)
    assert fit.misfit(order) == f"{path} was whole, and is not any more"


def test_an_artifact_that_was_shipped(
    order: request.Request, tmp_path: Path
) -> None:
    for place in PLACES.values():
        remove(place(order))
    with tarfile.open(tmp_path / "bundle.tar", "w") as tar:
        tar.add("/dev/null", f"{CODE}.tar")
    shipped = replace(
        order,
        lock=replace(order.lock, wheels=[]),
        bundle=str(tmp_path / "bundle.tar"),
    )
    assert fit.misfit(shipped) == ""


def test_a_bundle_without_the_code(
    order: request.Request, tmp_path: Path
) -> None:
    remove(PLACES["code"](order))
    with tarfile.open(tmp_path / "bundle.tar", "w") as tar:
        tar.add("/dev/null", "other.tar")
    shipped = replace(order, bundle=str(tmp_path / "bundle.tar"))
    assert "was whole" in fit.misfit(shipped)


def test_a_bundle_that_did_not_arrive(
    order: request.Request, tmp_path: Path
) -> None:
    remove(PLACES["code"](order))
    broken = tmp_path / "bundle.tar"
    broken.write_bytes(b"x" * 700)
    with pytest.raises(errors.HostError, match="did not arrive whole"):
        fit.misfit(replace(order, bundle=str(broken)))


def test_no_code_at_all(order: request.Request) -> None:
    assert fit.misfit(replace(order, app=replace(order.app, code=None))) == ""
