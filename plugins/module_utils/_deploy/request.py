# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order to deploy one application, as the controller sends it."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    layouts,
    model,
)


@dataclass(frozen=True)
class Request:
    """The order of the controller to deploy one application.

    Attributes:
        app: The wanted application, checked and with defaults.
        lock: Ids, wheels, installer and interpreter.
        collection: Version of the collection.
        bundle: Path of the shipped tar file, if anything was shipped.
        is_first: Whether this host runs the commands that run once in
            the fleet.
        is_full: Whether every file of the artifacts is compared.
        root: A directory in place of `/`, for tests.
    """

    app: model.App
    lock: model.Lock
    collection: str
    bundle: str | None
    is_first: bool = True
    is_full: bool = False
    root: str = ""

    @property
    def layout(self) -> layouts.Layout:
        """Paths of the application."""
        return layouts.Layout(self.app.name, self.root)

    @property
    def code(self) -> str | None:
        """Id of the code directory, if there is one."""
        return artifact_ids.code_artifact(self.app, self.lock.environment)
