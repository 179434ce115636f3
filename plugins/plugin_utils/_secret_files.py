# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find files that hold secrets among the files of an application.

A developer's directory has files that are for the developer alone, and
`files` would copy them to every host, into each release. Names decide
where a file of that name always holds a secret, and the content
decides elsewhere.
"""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    liberties,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    environment_file,
)

# Names, in lower case, and the last two parts of paths.
_BY_NAME = re.compile(
    r"id_(?:rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk)"
    r"|[._]netrc|\.pypirc|\.pgpass|\.my(?:login)?\.cnf|\.git-credentials"
    r"|\.dockercfg|\.dockerconfigjson|\.htpasswd|\.s3cfg|\.boto"
    r"|\.?vault[_-]pass(?:word)?(?:\.txt)?"
    r"|credentials\.json|client_secret.*\.json"
    r"|secrets\.(?:json|ya?ml|toml|ini)"
    r"|.*\.(?:p12|pfx|jks|keystore|kdbx|ppk)"
)
_BY_PATH = re.compile(
    r"(?:.*/)?(?:\.aws/credentials|\.docker/config\.json|\.kube/config)"
)
_VARIABLES = re.compile(r"\.env(?:rc|\..+)?")
_MAYBE_VARIABLES = re.compile(r".+\.env")
# A file that shows which variables there are, without their values.
_SAMPLE = re.compile(
    r"(?:.*[._-])?(?:examples?|samples?|templates?|tmpl|tpl|dist|defaults?"
    r"|schema)(?:[._-].*)?"
)
_MAYBE_KEY = re.compile(r".*\.(?:pem|key|p8|asc|gpg|crt|cer|json)")
_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY")
_SETTINGS = re.compile(
    r"\.npmrc|\.yarnrc(?:\.yml)?|pip\.(?:conf|ini)|\.gitconfig|\.gitmodules"
    r"|\.hgrc|\.condarc"
)
# A value in ${...} is the name of a variable.
_TOKEN = re.compile(
    rb"://[^/\s:@]*:[^/\s@$]+@|(?i:auth_?token|_password|_auth)[\"']?\s*[=:]"
    rb"\s*[\"']?[^\s$\"']"
)


def secret(path: str, content: bytes) -> str:
    """Tell why a file holds a secret.

    Args:
        path: Its path in the directory, with slashes.
        content: Its content.

    Returns:
        The reason, without the secret; empty if the file holds none
        that is known.
    """
    name = path.rsplit("/", 1)[-1].lower()
    if _BY_NAME.fullmatch(name) or _BY_PATH.fullmatch(path.lower()):
        return "is a file for secrets by its name"
    if _VARIABLES.fullmatch(name) and not _SAMPLE.fullmatch(name):
        return "is a file for secret variables by its name"
    return _inside(name, content)


def _inside(name: str, content: bytes) -> str:
    """Tell which secret a file holds whose name does not decide."""
    if _MAYBE_VARIABLES.fullmatch(name) and _has_secret_variable(content):
        return "sets a variable that looks like a secret"
    if _MAYBE_KEY.fullmatch(name) and _KEY.search(content):
        return "holds a private key"
    if _SETTINGS.fullmatch(name) and _TOKEN.search(content):
        return "holds a token or a password"
    return ""


def _has_secret_variable(content: bytes) -> bool:
    text = content.decode("utf-8", "replace")
    found = environment_file.parse(text, version=257)
    return any(
        entry.value and liberties.is_secret(entry.name, entry.value)
        for entry in found.entries
    )
