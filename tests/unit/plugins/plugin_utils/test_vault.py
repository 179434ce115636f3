# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vaulted values stay out of all that everybody can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.pyfleet.services.plugins.plugin_utils import (
    _vault,
)

SECRET = "hunter2-hunter2"
KEY = [("default", VaultSecret(b"key"))]


def encrypted(text: str) -> str:
    vaulted: bytes = VaultLib(KEY).encrypt(text)
    return vaulted.decode()


@pytest.fixture
def variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Return variables as Ansible has them: a vaulted text, one of a file."""
    lines = "".join(f"  {line}\n" for line in encrypted(SECRET).splitlines())
    inline = tmp_path / "inline.yml"
    inline.write_text(f"one: !vault |\n{lines}plain: {SECRET[:5]}\n")
    whole = tmp_path / "whole.yml"
    whole.write_text(encrypted("two: sesame-sesame\n"))
    monkeypatch.setattr(
        vault.VaultSecretsContext, "_current", vault.VaultSecretsContext(KEY)
    )
    loader = DataLoader()
    loader.set_vault_secrets(KEY)
    found: dict[str, Any] = {}
    for path in (inline, whole):
        found.update(loader.load_from_file(str(path)))
    return found


@pytest.mark.parametrize("secret", [SECRET, "sesame-sesame"])
@pytest.mark.parametrize(
    ("app", "where"),
    [
        ({"environment": {"A": "{}"}}, "pyapp_environment.A"),
        (
            {"services": {"main": {"environment": {"A": "x{}y"}}}},
            "pyapp_services.main.environment.A",
        ),
        (
            {"services": {"main": {"exec": ["python", "--key={}"]}}},
            "pyapp_services.main.exec[1]",
        ),
        (
            {"services": {"main": {"options": {"Unit": {"Wants": "{}"}}}}},
            "pyapp_services.main.options.Unit.Wants",
        ),
        ({"before_switch": [{"exec": "x {}"}]}, "pyapp_before_switch[0].exec"),
        ({"environment": {"config": "{}"}}, "pyapp_environment.config"),
        (
            {"services": {"index": {"exec": "x {}"}}},
            "pyapp_services.index.exec",
        ),
    ],
)
def test_it_is_found_where_it_would_be_seen(
    variables: dict[str, Any], app: dict[str, Any], where: str, secret: str
) -> None:
    (said,) = _vault.exposed(filled(app, secret), "pyapp_", variables)
    assert said.startswith(f"{where}: ")
    assert secret not in said


def filled(value: Any, secret: str) -> Any:
    if isinstance(value, dict):
        return {key: filled(item, secret) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, secret) for item in value]
    return value.replace("{}", secret)


@pytest.mark.parametrize(
    "app",
    [
        {"config": {"a.toml": SECRET}},
        {"services": {"main": {"credentials": {"key": SECRET}}}},
        {"source": {"index": {"url": f"https://u:{SECRET}@h/"}}},
        {"environment": {"A": SECRET[:5]}},
        {
            "environment": {"A": SECRET},
            "services": {
                "main": {"allow": ["plain-secret"], "exec": f"x {SECRET}"}
            },
        },
    ],
)
def test_it_may_be_where_others_cannot_see_it(
    variables: dict[str, Any], app: dict[str, Any]
) -> None:
    assert list(_vault.exposed(app, "pyapp_", variables)) == []
