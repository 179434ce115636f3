# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that its sandbox stops: the error names what cures it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab import DEPLOY, Lab, as_variables, web_app

HOSTS = ["bullseye", "sid"]
PORT = 8160
NAME = "it-remedy"


FUTURE = "from __future__ import annotations\n"
# A host keeps the key of a certificate so.
KEY = "/etc/it-remedy-private/web.key"
MAKE_KEY = f"""
install -d -m 0710 "$(dirname {KEY})"
echo "$1" >{KEY}
chmod 600 {KEY}
"""


def app_that_begins(folder: Path, lines: str, **main: Any) -> dict[str, Any]:
    """Return the web service, with lines that run before it serves."""
    app = web_app(NAME, PORT, folder, **main)
    serve = folder / "serve.py"
    text = serve.read_text()
    serve.write_text(text.replace(FUTURE, f"{FUTURE}{lines}"))
    return app


def test_the_error_names_the_need_and_the_need_cures(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    app = app_that_begins(
        tmp_path / "code",
        "import os\nos.sched_setaffinity(0, os.sched_getaffinity(0))\n",
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


def test_the_error_names_the_directory_that_the_service_may_write(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    app = app_that_begins(
        tmp_path / "code",
        "import logging, sys\nlogging.basicConfig(filename=sys.argv[1])\n",
        exec="python serve.py debug.log",
    )

    run = lab.play(DEPLOY, HOSTS, as_variables(app))

    assert set(run.messages()) == set(HOSTS)
    for message in run.messages().values():
        assert f"$LOGS_DIRECTORY (/var/log/{NAME})" in message, message
        assert "write: [" not in message
        # The sandbox is the release's own: the host is not to blame.
        assert "may be to blame" not in message

    main = app["services"]["main"]
    main["exec"] = "python serve.py ${LOGS_DIRECTORY}/debug.log"
    run = lab.play(DEPLOY, HOSTS, as_variables(app))

    assert run.status == 0, run.output


def test_a_key_of_root_is_handed_over(
    lab: Lab, claim: Callable[..., None], tmp_path: Path
) -> None:
    claim(HOSTS, NAME)
    app = app_that_begins(
        tmp_path / "code",
        "import sys\nprint('KEY', open(sys.argv[1]).read(), flush=True)\n",
        exec=f"python serve.py {KEY}",
    )
    lab.shells(HOSTS, MAKE_KEY, "one")
    try:
        run = lab.play(DEPLOY, HOSTS, as_variables(app))
        for message in run.messages().values():
            advice = f"`credentials: {{web.key: {{host_path: {KEY}}}}}`"
            assert advice in message, message

        main = app["services"]["main"]
        main["exec"] = "python serve.py ${CREDENTIALS_DIRECTORY}/web.key"
        main["credentials"] = {"web.key": {"host_path": KEY}}
        run = lab.play(DEPLOY, HOSTS, as_variables(app))
        assert run.status == 0, run.output
        said = f"journalctl -q -ocat -u {NAME} | grep KEY | tail -1"
        assert set(lab.shells(HOSTS, said).values()) == {"KEY one\n"}

        lab.shells(HOSTS, MAKE_KEY, "two")
        run = lab.play(DEPLOY, HOSTS, as_variables(app))
        assert run.changed() == dict.fromkeys(HOSTS, 0), run.output
        # The user restarts the service where the key is renewed.
        lab.shells(HOSTS, f"systemctl restart {NAME}; sleep 1")
        assert set(lab.shells(HOSTS, said).values()) == {"KEY two\n"}

        before = lab.snapshot(HOSTS, NAME)
        main["credentials"]["web.key"]["host_path"] = f"{KEY}.none"
        run = lab.play(DEPLOY, HOSTS, as_variables(app))
        assert set(run.messages()) == set(HOSTS)
        for message in run.messages().values():
            place = "pyapp_services.main.credentials.web.key.host_path: "
            assert f"{place}{KEY}.none does not exist" in message
        assert lab.snapshot(HOSTS, NAME) == before
    finally:
        lab.shells(HOSTS, f"rm -rf $(dirname {KEY})")
