# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the environment files of an application for a host's systemd.

Messages name variables and lines, never values: such files hold
secrets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    environment_file,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _errors,
)


@dataclass(frozen=True)
class EnvironmentFile:
    """One file of the controller.

    Attributes:
        variable: The variable that names it.
        path: Its path, as the user wrote it.
        text: Its content.
    """

    variable: str
    path: str
    text: str = field(repr=False)


def judge(files: Iterable[EnvironmentFile], version: int) -> list[str]:
    """Refuse files of which systemd drops a line; return warnings.

    Args:
        files: The environment files of an application.
        version: The version of the host's systemd.

    Raises:
        RefusedError: Systemd drops or misreads a line.
    """
    errors: list[str] = []
    warnings: list[str] = []
    target = targets.Target(version)
    for file in files:
        for found in environment_file.check(file.text.encode(), target):
            kept = errors if found.level == "error" else warnings
            kept.append(
                f"{file.variable}: {file.path}, line {found.line}: "
                f"{found.message} [{found.code}]"
            )
    if errors:
        raise _errors.RefusedError(errors)
    return warnings
