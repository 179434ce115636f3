# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as Ansible Galaxy would install it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab import DEPLOY, ROOT, Lab, as_variables, environment, web_app

PORT = 8120
HOSTS = ["bookworm"]


def galaxy(*arguments: str | Path, cwd: Path) -> None:
    """Run ansible-galaxy, without any collection at hand."""
    settings = environment()
    del settings["ANSIBLE_COLLECTIONS_PATH"]
    done = subprocess.run(
        ["ansible-galaxy", "collection", *arguments],
        cwd=cwd,
        env=settings,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_built_and_installed(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, "it-galaxy")
    installed = tmp_path / "collections"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    galaxy("build", "--output-path", tmp_path, cwd=ROOT)
    (archive,) = tmp_path.glob("pyfleet-services-*.tar.gz")
    galaxy(
        *("install", archive, "--offline"),
        *("--collections-path", installed),
        cwd=elsewhere,
    )
    app = web_app("it-galaxy", PORT, elsewhere / "src")
    app["source"]["files"] = "src"
    variables = as_variables(app)
    (elsewhere / "app.yml").write_text(json.dumps(variables), encoding="utf-8")

    run = lab.play(
        DEPLOY,
        HOSTS,
        None,
        "-vv",
        *("-e", "@app.yml"),
        cwd=elsewhere,
        ANSIBLE_COLLECTIONS_PATH=str(installed),
    )

    assert run.status == 0, run.output
    # It is the installed collection that ran, and no other.
    assert f"task path: {installed}/" in run.output
    assert f"task path: {ROOT}/" not in run.output
    answer = lab.get("bookworm", PORT)
    assert answer["environment"]["HOME"] == "/var/lib/it-galaxy"
