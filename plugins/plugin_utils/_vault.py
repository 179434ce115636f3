# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep decrypted secrets out of files that everybody can read.

Every user of a host can read a unit, its record and a command line.
Ansible hands variables to a plugin in plain text, so this module looks
for the texts that were vaulted.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing import vault

# Variables that are not searched: those of other hosts, and those that
# Ansible sets itself.
_SKIPPED = ("hostvars", "vars", "groups", "ansible_facts")
# A shorter text would be found in other texts by chance.
_SHORTEST = 6
# The variables whose values only root and the service can read.
_PRIVATE = re.compile(
    r"(?:pyapp_|app\.|pyapp_apps\.[^.]+\.)"
    r"(?:config|source\.index"
    r"|services\.[^.]+\.(?:credentials|environment_files))"
)
_HEADER = b"$ANSIBLE_VAULT"


def exposed(
    app: Mapping[str, Any], prefix: str, *sources: Mapping[str, Any]
) -> Iterator[str]:
    """Yield a message for each vaulted text that everybody could read.

    Args:
        app: The application, as plain data.
        prefix: The start of the names of the user's variables.
        sources: The variables and options as Ansible has them.
    """
    secrets = {
        secret
        for source in sources
        for secret in _secrets(source)
        if len(secret) >= _SHORTEST
    }
    if not secrets:
        return
    for where, text in _public(_judged(app), prefix.rstrip(".")):
        if any(secret in text for secret in secrets):
            yield (
                f"{where}: holds a vaulted text, and every user of the host "
                "could read it there; move it to credentials, config, or a "
                "file of environment_files; if it is not a secret, add allow: "
                "[plain-secret]"
            )


def _judged(app: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an application without the services that allow secrets.

    A part that all services share is left out, too, if one service
    allows plain secrets.
    """
    services = app.get("services")
    if not isinstance(services, Mapping):
        return app
    strict = {
        key: service
        for key, service in services.items()
        if "plain-secret" not in service.get("allow", ())
    }
    if len(strict) == len(services):
        return app
    shared = ("environment", "build", "before_switch")
    kept = {name: app[name] for name in app if name not in shared}
    return {**kept, "services": strict}


def _public(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield the texts that end in a unit, a record or an argument."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            dot = "" if where.endswith("_") or not where else "."
            place = f"{where}{dot}{key}"
            if not _PRIVATE.fullmatch(place):
                yield from _public(item, place)
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _public(item, f"{where}[{number}]")


def _secrets(value: object) -> Iterator[str]:
    """Yield the decrypted texts of a variable that is vaulted."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _SKIPPED:
                yield from _secrets(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _secrets(item)
    elif _is_vaulted(value):
        # Without the password of the vault, Ansible cannot have put the
        # text into the application.
        with contextlib.suppress(AnsibleError):
            yield str(value)


def _is_vaulted(value: object) -> bool:
    """Tell whether a value was encrypted, alone or with its whole file."""
    if isinstance(value, vault.EncryptedString):
        return True
    if not isinstance(value, str):
        return False
    if vault.VaultHelper.get_ciphertext(value, with_tags=False):
        return True
    origin = vault.Origin.get_tag(value)
    path = getattr(origin, "path", None)
    return bool(path) and _is_vault(str(path))


@functools.lru_cache(maxsize=1024)
def _is_vault(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError:
        return False
