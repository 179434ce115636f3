# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what each host installs, and which files must be shipped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
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
    wheels: tuple[_wheels.IndexedWheel, ...]
    code: _sources.Code | None


@dataclass(frozen=True)
class Found:
    """The state of a host that decides what it is sent.

    Attributes:
        interpreter: The Python that the application would use now.
        environment: Id of the current virtualenv, if there is one.
        environments: Ids of the virtualenvs that are complete.
        codes: Ids of the code directories that are complete.
        inputs: Digest of the requirements of the current release.
        made_with: The Python of the current release, if there is one.
    """

    interpreter: model.Interpreter
    environment: str | None
    environments: Collection[str]
    codes: Collection[str]
    inputs: str | None
    made_with: model.Interpreter | None

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Found:
        """Read the part of an answer of `app_info` about a deploy."""
        made_with = data["made_with"]
        return cls(
            interpreter=model.load_interpreter(data["interpreter"]),
            environment=data["environment"],
            environments=data["environments"],
            codes=data["codes"],
            inputs=data["source"].get("inputs"),
            made_with=made_with and model.load_interpreter(made_with),
        )


def decide(app: _application.Application, found: Found) -> Delivery:
    """Decide what one host installs, and which files must be shipped.

    Args:
        app: The application.
        found: The state of the host.
    """
    delivery = _lock(app, found)
    code = artifact_ids.code_artifact(app.wanted, delivery.lock.environment)
    is_there = code in found.codes
    return replace(delivery, code=None if is_there else app.code)


def _lock(app: _application.Application, found: Found) -> Delivery:
    # For the same requirements, the host keeps the virtualenv that it
    # has: another resolution could choose other wheels.
    if found.environment and _is_same_question(app, found):
        environment = model.VirtualenvId(found.environment)
        lock = model.Lock(environment, found.interpreter)
        return Delivery(lock, (), None)
    with named(app.where):
        return lock_for(
            app.requirements,
            app.index,
            found.interpreter,
            found.environments,
        )


def _is_same_question(app: _application.Application, found: Found) -> bool:
    """Tell whether the current virtualenv is for the same inputs."""
    origin, made_with = app.wanted.origin, found.made_with
    return (
        origin is not None
        and made_with is not None
        and found.inputs == origin.inputs
        # A patch release of Python needs no other wheels.
        and replace(made_with, patch="")
        == replace(found.interpreter, patch="")
        and found.environment in found.environments
    )


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
    interpreter: model.Interpreter,
    present: Collection[str],
) -> Delivery:
    """Resolve for one host, and decide which wheels it needs.

    Args:
        requirements: The packages to install.
        index: The package index that has them.
        interpreter: The host's Python.
        present: Ids of the virtualenvs that are complete there.
    """
    wheels = index.lock(requirements, interpreter)
    locked = [wheel.locked() for wheel in wheels]
    environment = artifact_ids.environment_id(locked, interpreter)
    if environment in present:
        return Delivery(model.Lock(environment, interpreter), (), None)
    # Without wheels, nothing is installed.
    installers = [index.installer(interpreter)] if wheels else []
    shipped = (*wheels, *installers)
    return Delivery(
        model.Lock(environment, interpreter, locked), shipped, None
    )
