# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that its sandbox stops: the error names the need to add."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab import DEPLOY, Lab, as_variables, web_app

HOSTS = ["bullseye", "sid"]
PORT = 8160
NAME = "it-remedy"


def test_the_error_names_the_need_and_the_need_cures(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    app = web_app(NAME, PORT, tmp_path / "code")
    serve = tmp_path / "code" / "serve.py"
    future = "from __future__ import annotations\n"
    serve.write_text(
        serve.read_text().replace(
            future,
            f"{future}import os\n"
            "os.sched_setaffinity(0, os.sched_getaffinity(0))\n",
        )
    )
    variables = as_variables(app)

    run = lab.play(DEPLOY, HOSTS, variables)

    assert set(run.messages()) == set(HOSTS)
    for message in run.messages().values():
        assert "What may help" in message, message
        assert "add `needs: [scheduling]`" in message

    app["services"]["main"]["needs"].append("scheduling")
    run = lab.play(DEPLOY, HOSTS, variables)

    assert run.status == 0, run.output
