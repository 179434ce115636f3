# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ids of artifacts: of a virtualenv, and of a code directory."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    ids,
    model,
)

# Raise this number when a change of the build changes the content of
# artifacts.
ARTIFACT_SCHEMA = 2
_ABI = ("implementation", "version", "soabi", "platform_tag")


def environment_id(
    wheels: Sequence[model.Wheel], interpreter: model.Interpreter
) -> model.VirtualenvId:
    """Return the id of a virtualenv.

    Args:
        wheels: The lock: name, version and hash of each wheel.
        interpreter: The Python that runs from it.

    Returns:
        A SHA-256. The Python patch level, the installer and the index
        are not part of it: they do not change the result.
    """
    named = sorted([w.name, w.version, w.sha256] for w in wheels)
    return model.VirtualenvId(
        ids.digest(
            {
                "schema": ARTIFACT_SCHEMA,
                "wheels": named,
                "interpreter": [getattr(interpreter, name) for name in _ABI],
                "compile": "unchecked-hash",
            }
        )
    )


def code_id(entries: Sequence[Sequence[str]]) -> str:
    """Return the id of a code directory.

    Args:
        entries: Path, kind (``file``, ``exec`` or ``link``) and sha256
            of the content or target of the link, for each member.
    """
    return ids.digest(
        {"schema": ARTIFACT_SCHEMA, "entries": sorted(map(list, entries))}
    )


def code_artifact(app: model.App, environment: str) -> model.CodeId | None:
    """Return the id of the code directory that an application runs from.

    Args:
        app: The wanted application, whose code is named by its files.
        environment: Id of the virtualenv.

    Returns:
        The id of the files, if no command builds in them. The result of
        a build also depends on the commands, on their variables, and on
        the programs and modules of the virtualenv; not on a deadline.
    """
    if not app.code or not app.build:
        return model.CodeId(app.code) if app.code else None
    return model.CodeId(
        ids.digest(
            {
                "schema": ARTIFACT_SCHEMA,
                "files": app.code,
                "environment": environment,
                "commands": [command.exec for command in app.build],
                "variables": app.environment,
            }
        )
    )
