# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that hold secrets are known by their names or their content."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _secret_files,
)

KEY = b"-----BEGIN RSA PRIVATE KEY-----\nhunter2\n"
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nhunter2\n"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".env", b""),
        ("deep/down/.env", b"A=1\n"),
        (".env.production", b""),
        (".env.local", b""),
        (".ENV", b""),
        (".envrc", b""),
        ("prod.env", b"DB_PASSWORD=hunter2\n"),
        ("id_rsa", b""),
        ("keys/id_ed25519", b""),
        ("tls.pem", KEY),
        ("tls.key", b"-----BEGIN PRIVATE KEY-----\n"),
        ("tls.key", CERTIFICATE + KEY),
        ("me.asc", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"),
        ("robot.json", b'{"private_key": "-----BEGIN PRIVATE KEY-----"}'),
        ("store.p12", b"\0"),
        (".netrc", b""),
        (".pypirc", b""),
        (".pgpass", b""),
        (".git-credentials", b""),
        ("credentials.json", b"{}"),
        ("client_secret_42.apps.json", b"{}"),
        (".streamlit/secrets.toml", b""),
        (".aws/credentials", b""),
        ("home/.docker/config.json", b"{}"),
        (".vault_pass", b""),
        (".npmrc", b"//registry.example/:_authToken=hunter2\n"),
        ("pip.conf", b"[global]\nindex-url = https://me:hunter2@x/\n"),
        (".gitmodules", b"url = https://me:hunter2@example.org/x\n"),
    ],
)
def test_a_secret(path: str, content: bytes) -> None:
    reason = _secret_files.secret(path, content)
    assert reason
    assert "hunter2" not in reason


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("app.py", KEY),
        ("README.md", b""),
        (".env.example", b""),
        (".env.production.example", b""),
        (".env.sample", b""),
        (".env.dist", b""),
        (".env.template", b""),
        ("env.py", b""),
        ("environment", b""),
        ("prod.env", b"DEBUG=1\nPASSWORD=\nPASSWORD_FILE=/run/secrets/a\n"),
        ("id_rsa.pub", b""),
        ("tls.pem", CERTIFICATE),
        ("cacert.pem", b""),
        ("tls.key", b"-----BEGIN PUBLIC KEY-----\n"),
        ("data.json", b"{}"),
        ("credentials.py", b""),
        ("secrets.py", b""),
        ("credentials", b""),
        ("config.json", b"{}"),
        (".npmrc", b"//registry.example/:_authToken=${TOKEN}\n"),
        ("pip.conf", b"[global]\nindex-url = https://x.example/\n"),
        (".gitmodules", b"url = https://example.org/x\n"),
    ],
)
def test_a_file_without_a_secret(path: str, content: bytes) -> None:
    assert _secret_files.secret(path, content) == ""
