# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what to install in place of a package without a wheel."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    addresses,
)
from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _packaging,
)

# As uv names a package that it would have to build.
_NAMED = re.compile(r"[Ww]heels are required for [`']([A-Za-z0-9._-]+)[`']")
# Packages that are published as source alone, and what has wheels.
_INSTEAD = {
    "mod-wsgi": "gunicorn, or another server that a unit can start",
    "mysqlclient": "PyMySQL or mysql-connector-python",
    "psycopg-c": "psycopg[binary] in place of psycopg[c]",
    "psycopg2": "psycopg2-binary, which has the same modules, or "
    "psycopg[binary]",
    "pycrypto": "pycryptodome, which has the same modules",
    "python-ldap": "ldap3",
    "sklearn": "scikit-learn",
    "uwsgi": "pyuwsgi, which has the same program uwsgi",
}


def refusals(said: str, requirements: Sequence[str]) -> list[str]:
    """Return one line for each package that has no wheel.

    Args:
        said: The message of uv.
        requirements: The requirements that uv was asked for.
    """
    asked = {
        _packaging.canonicalize_name(
            _packaging.Requirement(spec).name
        ): spec.strip()
        for line in requirements
        for spec in [line.split(" --hash")[0]]
    }
    return [
        _refusal(name, asked.get(name))
        for name in dict.fromkeys(
            _packaging.canonicalize_name(name) for name in _NAMED.findall(said)
        )
    ]


def _refusal(name: str, asked: str | None) -> str:
    which = asked or f"{name}, which another package needs,"
    instead = _INSTEAD.get(name)
    remedy = f"write {instead}" if instead else "take a version that has one"
    return (
        f"{which} has no wheel for this Python, and only wheels are "
        f"installed; {remedy}, or build the wheel on a machine like the "
        f"host (python3 -m pip wheel --no-deps {name}) and {addresses.SERVE}"
    )
