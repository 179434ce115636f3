# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relative paths, from each of the three entry points."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import (
    DEPLOY,
    PACKAGES,
    ROLE_PLAYBOOK,
    Lab,
    Run,
    as_variables,
    code,
    web_app,
)

HOST = "sid"
PORT = 8150
NAME = "it-paths"
INCLUDING = """
- hosts: all
  become: true
  gather_facts: false
  roles:
    - role: shop
"""
ROLE = """
- name: Deploy the shop
  ansible.builtin.include_role:
    name: pyfleet.services.pyapp
"""


@pytest.fixture(scope="module", autouse=True)
def claimed(claim: Callable[..., None]) -> None:
    claim([HOST], NAME)


def described(tmp_path: Path) -> dict[str, Any]:
    """Return variables whose paths are all relative."""
    app = web_app(NAME, PORT, tmp_path / "unused")
    app["source"] = {"requirements": "requirements.txt", "files": "src"}
    app["services"]["main"]["environment_files"] = ["shop.env"]
    return as_variables(app)


def lay_down(folder: Path, marker: str) -> None:
    """Write what the variables name; the marker tells it from others."""
    (code(folder / "src") / marker).touch()
    requirements = folder / "requirements.txt"
    requirements.write_text("\n".join(PACKAGES), encoding="utf-8")
    (folder / "shop.env").write_text(f"GREETING={marker}\n", encoding="utf-8")


def assert_serves(lab: Lab, run: Run, marker: str) -> None:
    assert run.status == 0, run.output
    answer = lab.get(HOST, PORT)
    assert marker in answer["files"]
    assert answer["environment"]["GREETING"] == marker


@pytest.mark.parametrize("folder", [".", "files"])
def test_beside_own_playbook(lab: Lab, tmp_path: Path, folder: str) -> None:
    playbook = tmp_path / "site.yml"
    playbook.write_text(ROLE_PLAYBOOK, encoding="utf-8")
    marker = f"playbook-{folder.strip('.')}"
    lay_down(tmp_path / folder, marker)

    run = lab.play(playbook, [HOST], described(tmp_path))

    assert_serves(lab, run, marker)


def test_in_including_role(lab: Lab, tmp_path: Path) -> None:
    playbook = tmp_path / "site.yml"
    playbook.write_text(INCLUDING, encoding="utf-8")
    role = tmp_path / "roles" / "shop"
    (role / "tasks").mkdir(parents=True)
    (role / "tasks" / "main.yml").write_text(ROLE, encoding="utf-8")
    lay_down(role / "files", "role")
    # The role's own files come before those of the playbook.
    lay_down(tmp_path / "files", "playbook")

    run = lab.play(playbook, [HOST], described(tmp_path))

    assert_serves(lab, run, "role")


def test_in_working_directory(lab: Lab, tmp_path: Path) -> None:
    lay_down(tmp_path, "cwd")
    variables = json.dumps(described(tmp_path))
    (tmp_path / "app.yml").write_text(variables, encoding="utf-8")

    run = lab.play(DEPLOY, [HOST], None, "-e", "@app.yml", cwd=tmp_path)

    assert_serves(lab, run, "cwd")


def test_not_found_tells_where_it_looked(lab: Lab, tmp_path: Path) -> None:
    playbook = tmp_path / "site.yml"
    playbook.write_text(INCLUDING, encoding="utf-8")
    tasks = tmp_path / "roles" / "shop" / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "main.yml").write_text(ROLE, encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    run = lab.play(playbook, [HOST], described(tmp_path), cwd=elsewhere)

    assert run.status != 0
    message = run.messages()[HOST]
    assert "pyapp_source.requirements: 'requirements.txt'" in message
    for folder in (
        tmp_path / "roles" / "shop" / "files",
        tmp_path / "roles" / "shop",
        tmp_path / "files",
        tmp_path,
        elsewhere,
    ):
        assert f"  - {folder}/requirements.txt\n" in f"{message}\n"
    # Our own collection is not searched for files of the user.
    assert "pyfleet/services" not in message
