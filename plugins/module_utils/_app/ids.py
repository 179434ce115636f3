# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wanted state as it travels to the host, and its digests.

It travels as one base64 argument which the modules mark ``no_log``,
because ``no_log`` cannot reach the free-form keys of a dict.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

# Raised when the way an artifact is built changes what is in it.
ARTIFACT_SCHEMA = 2
_ABI = ("implementation", "version", "soabi", "platform_tag")
# How to run a deploy, not what is deployed: no digest covers these.
_POLICY = ("keep_releases", "retry_failed")


def encode(wanted: Mapping[str, Any]) -> str:
    """Pack the wanted state into one printable argument."""
    return base64.b64encode(canonical(wanted)).decode("ascii")


def decode(argument: str) -> dict[str, Any]:
    """Unpack what `encode` packed.

    Raises:
        ValueError: If it is not what `encode` makes.
    """
    wanted = json.loads(base64.b64decode(argument, validate=True))
    if not isinstance(wanted, dict):
        raise ValueError("the wanted state is not a mapping")
    return wanted


def canonical(value: object) -> bytes:
    """Return the one JSON form of a value, as UTF-8."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode("utf-8", "surrogateescape")


def digest(value: object) -> str:
    """Return the id of something that holds no secret."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sealed(key: bytes, value: object) -> str:
    """Return the id of something that may hold a secret.

    Names are readable by everybody, and a plain digest of a short
    secret can be guessed; the host's root-only key prevents that.
    """
    seal = hmac.new(key, canonical(value), hashlib.sha256)
    return seal.hexdigest()


def wanted_id(key: bytes, app: Mapping[str, Any]) -> str:
    """Return the id of all that a deploy of this app asks for."""
    return sealed(
        key, {name: app[name] for name in app if name not in _POLICY}
    )


def environment_id(
    wheels: Sequence[Mapping[str, str]], interpreter: Mapping[str, Any]
) -> str:
    """Return the id of a virtualenv.

    Args:
        wheels: The lock: name, version and sha256 of each wheel.
        interpreter: implementation, version (X.Y), soabi, platform_tag.

    Returns:
        A SHA-256. The Python patch level, the installer and the index
        are not part of it: they do not change the result.
    """
    return digest(
        {
            "schema": ARTIFACT_SCHEMA,
            "wheels": sorted(
                [wheel["name"], wheel["version"], wheel["sha256"]]
                for wheel in wheels
            ),
            "interpreter": [
                interpreter[name]
                for name in (
                    "implementation",
                    "version",
                    "soabi",
                    "platform_tag",
                )
            ],
            "compile": "unchecked-hash",
        }
    )


def code_id(entries: Sequence[Sequence[str]]) -> str:
    """Return the id of a code directory.

    Args:
        entries: Path, kind (``file``, ``exec`` or ``link``) and sha256
            of the content or target of the link, for each member.
    """
    return digest(
        {"schema": ARTIFACT_SCHEMA, "entries": sorted(map(list, entries))}
    )


def code_artifact(app: Mapping[str, Any], environment: str) -> str | None:
    """Return the id of the code directory that an application runs from.

    Args:
        app: The wanted application, whose code is named by its files.
        environment: Id of the virtualenv.

    Returns:
        That of the files, if nothing is built in them. What is built
        also depends on the commands, their environment, and on the
        programs and modules of the virtualenv; not on a deadline.
    """
    files: str | None = app.get("code")
    if not files or not app["build"]:
        return files
    return digest(
        {
            "schema": ARTIFACT_SCHEMA,
            "files": files,
            "environment": environment,
            "commands": [command["exec"] for command in app["build"]],
            "variables": app["environment"],
        }
    )
