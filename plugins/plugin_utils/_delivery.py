# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what each host installs, and which files must be shipped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _application,
    _errors,
    _index,
    _sources,
    _wheels,
)


@dataclass(frozen=True)
class Delivery:
    """The lock of one host, and the files that the host lacks.

    Attributes:
        lock: The part that travels as an argument.
        wheels: The wheels to ship.
        code: The code to ship.
    """

    lock: model.Lock
    wheels: tuple[_wheels.Wheel, ...]
    code: _sources.Code | None


def decide(
    app: _application.Application, found: Mapping[str, Any]
) -> Delivery:
    """Decide what one host installs, and which files must be shipped.

    Args:
        app: The application.
        found: The facts for a deploy that `app_info` returned.
    """
    delivery = _lock(app, found)
    code = ids.code_artifact(app.wanted, delivery.lock.environment)
    is_there = code in found["codes"]
    return Delivery(
        delivery.lock, delivery.wheels, None if is_there else app.code
    )


def _lock(app: _application.Application, found: Mapping[str, Any]) -> Delivery:
    interpreter, origin = found["interpreter"], app.wanted.origin
    # For the same requirements, the host keeps the virtualenv that it
    # has: another resolution could choose other wheels.
    is_known = (
        origin is not None
        and found["source"].get("inputs") == origin.inputs
        and _without_patch(found["made_with"]) == _without_patch(interpreter)
        and found["environment"] in found["environments"]
    )
    if is_known:
        lock = model.Lock(found["environment"], interpreter)
        return Delivery(lock, (), None)
    with named(app.where):
        return lock_for(
            app.requirements, app.index, interpreter, found["environments"]
        )


def _without_patch(interpreter: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a Python that decide which wheels suit it."""
    return {name: interpreter[name] for name in interpreter if name != "patch"}


@contextmanager
def named(where: str) -> Iterator[None]:
    """Begin an error with the name of the user's variable."""
    try:
        yield
    except _errors.RefusedError:
        raise
    except _errors.ControllerError as error:
        raise _errors.ControllerError(f"{where}: {error}") from None


def lock_for(
    requirements: Sequence[str],
    index: _index.Index,
    interpreter: Mapping[str, Any],
    present: Collection[str],
) -> Delivery:
    """Resolve for one host, and decide which wheels it needs.

    Args:
        requirements: The packages to install.
        index: The package index that has them.
        interpreter: Facts of the host's Python.
        present: Ids of the virtualenvs that are complete there.
    """
    wheels = index.lock(requirements, interpreter)
    locked = [wheel.locked() for wheel in wheels]
    environment = ids.environment_id(locked, interpreter)
    if environment in present:
        return Delivery(model.Lock(environment, interpreter), (), None)
    shipped = (*wheels, index.installer(interpreter))
    return Delivery(
        model.Lock(environment, interpreter, locked), shipped, None
    )
