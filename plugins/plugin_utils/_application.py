# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the files of the controller that an application names."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    liberties,
    model,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _environment,
    _errors,
    _index,
    _requirements,
    _sources,
)


@dataclass(frozen=True)
class Application:
    """One application, as the controller sees it.

    Attributes:
        wanted: The part that travels to the host.
        requirements: The packages to install.
        index: The package index that has them.
        code: The code directory, if there is one.
        environment_files: The environment files of all services.
    """

    wanted: model.App
    requirements: list[str]
    index: _index.Index
    code: _sources.Code | None
    environment_files: tuple[_environment.EnvironmentFile, ...] = ()

    @property
    def where(self) -> str:
        """The user's name for the source, for messages."""
        return f"{self.wanted.prefix}source"


def read(
    app: model.App, finder: _sources.Finder, *, is_named: bool = False
) -> Application:
    """Read the files that an application names.

    Args:
        app: The application, as the variables describe it.
        finder: Finds paths on the controller.
        is_named: Whether a deployed application is meant by its name,
            so that nothing is read.

    Raises:
        ControllerError: A file is missing or wrong.
    """
    if is_named or not app.is_wanted or app.source is None:
        return _by_name(app)
    source, where = app.source, f"{app.prefix}source"
    requirements = read_source(source, finder, f"{where}.")
    code = _read_code(source, where, finder)
    files = _environment_files(app, finder)
    wanted = replace(
        app,
        source=None,
        origin=model.Origin(_label(source), ids.digest(sorted(requirements))),
        code=code.id if code else None,
        services={
            key: _with_texts(
                service, files[key], f"{app.prefix}services.{key}", finder
            )
            for key, service in app.services.items()
        },
    )
    index = _index.Index(source.index_url)
    every = tuple(itertools.chain(*files.values()))
    return Application(wanted, requirements, index, code, every)


def _read_code(
    source: model.Source, where: str, finder: _sources.Finder
) -> _sources.Code | None:
    if not source.files:
        return None
    return finder.digest_tree(
        source.files, source.exclude, f"{where}.files", source.allow
    )


def _by_name(app: model.App) -> Application:
    wanted = model.App(
        name=app.name,
        prefix=app.prefix,
        state=app.state,
        remove_data=app.remove_data,
    )
    return Application(wanted, [], _index.Index(None), None)


def read_source(
    source: model.Source, finder: _sources.Finder, prefix: str
) -> list[str]:
    """Return the requirements that a source names."""
    if source.packages is not None:
        return _requirements.check_packages(
            source.packages, f"{prefix}packages"
        )
    name = f"{prefix}requirements"
    return _requirements.read_requirements(
        finder.read_text(source.requirements or "", name), name
    )


def _label(source: model.Source) -> str:
    if source.packages is not None:
        return f"packages: {', '.join(source.packages) or 'none'}"
    return f"requirements: {os.path.basename(source.requirements or '')}"


def _environment_files(
    app: model.App, finder: _sources.Finder
) -> dict[str, list[_environment.EnvironmentFile]]:
    """Read the environment files of each service."""
    return {
        key: [
            _read_environment(
                path,
                f"{app.prefix}services.{key}.environment_files[{number}]",
                service.allow,
                finder,
            )
            for number, path in enumerate(service.environment_files)
        ]
        for key, service in app.services.items()
    }


def _read_environment(
    path: str, place: str, allow: Sequence[str], finder: _sources.Finder
) -> _environment.EnvironmentFile:
    text = finder.read_text(path, place)
    refused = list(liberties.of_environment_file(text, allow))
    if refused:
        raise _errors.ControllerError(f"{place}: {refused[0]}")
    return _environment.EnvironmentFile(place, path, text)


def _with_texts(
    service: model.Service,
    environment: Sequence[_environment.EnvironmentFile],
    where: str,
    finder: _sources.Finder,
) -> model.Service:
    """Return a service with the contents of its files, without paths."""
    read_credentials = {
        name: finder.read_text(path, f"{where}.credentials.{name}")
        for name, path in service.credential_files.items()
    }
    return replace(
        service,
        environment_files=(),
        environment_texts=[file.text for file in environment],
        credential_files={},
        credentials={**service.credentials, **read_credentials},
    )
