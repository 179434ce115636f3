# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploy examples/applications and write docs/applications.md.

The page has the scores and answers that the host itself gives while the
applications run on it. At the end the tool removes the applications.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from testfleet.cli import INVENTORY, main as fleet
from testfleet.errors import FleetError
from testfleet.progress import exit_status, run, say, step

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples" / "applications"
PAGE = ROOT / "docs" / "applications.md"
LONGEST_ANSWER = 48
DEPLOY_SECONDS = 1800.0
SCORE = re.compile(r"Overall exposure level for \S+: ([0-9.]+)")
# This runs on the host, which then needs no curl.
ASK = """
import http.client, json, socket, sys
from urllib.parse import urlsplit
health = json.loads(sys.argv[1])
url = urlsplit(health["http"])
connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
if "socket" in health:
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(health["socket"])
connection.request("GET", f"{url.path}?{url.query}")
answer = connection.getresponse()
print(answer.status, answer.read().decode())
"""
# The command is split into words, as in the health check itself.
COMMAND = r"""
unit=$1.service
program=$(systemctl show -P ExecStart "$unit" |
    sed 's/.*path=\([^ ]*\) .*/\1/')
cd "$(systemctl show -P WorkingDirectory "$unit")"
exec runuser -u "$1" -- "$(dirname "$program")"/$2
"""
HEAD = """\
# Applications

<!-- Made by tools/applications.py; do not edit. -->

Applications from the package index, each deployed with the needs that
it names and nothing else open. Exposure is what `systemd-analyze
security` on the host says of the running service; the answer is what
the application then gave to its health check's question. The host is
{system}; `make applications` does it again. Each directory of
[`examples/applications`](../examples/applications) deploys by
`ansible-playbook -i inventory pyfleet.services.deploy -e @app.yml`.

| application | what it is | needs | exposure | asked | answer |
|---|---|---|---|---|---|
"""


def applications() -> dict[str, dict[str, Any]]:
    """Return the variables of each application, by its name."""
    found = {}
    for path in sorted(EXAMPLES.glob("*/app.yml")):
        app = yaml.safe_load(path.read_text(encoding="utf-8"))
        source = app["pyapp_source"]
        if "files" in source:
            source["files"] = str(path.parent / source["files"])
        found[app["pyapp_name"]] = app
    return found


def together(
    apps: Mapping[str, dict[str, Any]], **changes: Any
) -> dict[str, Any]:
    """Return applications as one `pyapp_apps`."""
    return {
        "pyapp_apps": {
            name: {
                **{key.removeprefix("pyapp_"): app[key] for key in app},
                **changes,
            }
            for name, app in apps.items()
        }
    }


def play(host: str, variables: dict[str, Any]) -> None:
    """Run the collection's playbook for a host.

    Raises:
        FleetError: The command failed.
    """
    for app in variables["pyapp_apps"].values():
        app.pop("name")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(variables, file)
        file.flush()
        command = ["ansible-playbook", f"--inventory={INVENTORY}"]
        command += [f"--limit={host}", f"--extra-vars=@{file.name}"]
        done = subprocess.run(
            [*command, "pyfleet.services.deploy"],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=DEPLOY_SECONDS,
        )
    if done.returncode:
        print(done.stdout)
        raise FleetError("the deploy failed: its output is above")


def on_host(host: str, *command: str) -> str:
    """Return the output of a command run on a host.

    Raises:
        FleetError: The command failed.
    """
    tool = [sys.executable, str(ROOT / "tools" / "fleet.py"), "exec", host]
    return run([*tool, *command]).strip()


def ask(host: str, name: str, health: Mapping[str, Any]) -> tuple[str, str]:
    """Return the question to an application, and its answer."""
    if "command" in health:
        asked = health["command"]
        shell = ("/bin/sh", "-euc", COMMAND, "sh")
        answer = on_host(host, *shell, name, asked)
    else:
        asked = health.get("socket") or health["http"]
        python = ("/usr/bin/python3", "-c", ASK)
        answer = on_host(host, *python, json.dumps(health))
    words = " ".join(answer.split())
    if len(words) > LONGEST_ANSWER:
        words = words[:LONGEST_ANSWER].rstrip() + " ..."
    return asked, words


def rows(host: str, apps: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the row of each application.

    Raises:
        FleetError: An application does not answer, or has no score.
    """
    for name, app in apps.items():
        main = app["pyapp_services"]["main"]
        report = on_host(
            host, "systemd-analyze", "--no-pager", "security", name
        )
        score = SCORE.search(report)
        if score is None:
            raise FleetError(f"{name}: no score in {report!r}")
        asked, answer = ask(host, name, main["health"])
        needs = ", ".join(f"`{need}`" for need in main["needs"]) or "none"
        say(f"{name}: exposure {score[1]}, {asked} answers {answer}")
        cells = (
            f"[{name}](../examples/applications/{name}/app.yml)",
            main["description"],
            needs,
            score[1],
            f"`{asked}`",
            f"`{answer}`",
        )
        yield f"| {' | '.join(c.replace('|', chr(92) + '|') for c in cells)} |"


def system(host: str) -> str:
    """Return the system of a host, in words."""
    script = ". /etc/os-release; echo $PRETTY_NAME; systemctl --version"
    name, version = on_host(host, "/bin/sh", "-c", script).splitlines()[:2]
    return f"{name} ({' '.join(version.split()[:2])})"


def make_page(host: str) -> None:
    """Deploy all of them, write the page, and remove them.

    Raises:
        FleetError: A part of it failed; the page is as it was.
    """
    apps = applications()
    if fleet(["up", host]):
        raise FleetError("the test host did not start")
    try:
        with step(f"deploying {len(apps)} applications"):
            play(host, together(apps))
        lines = "\n".join(rows(host, apps))
        text = HEAD.format(system=system(host)) + lines + "\n"
        PAGE.write_text(text, encoding="utf-8")
        say(f"written: {PAGE.relative_to(ROOT)}")
    finally:
        with step("removing them"):
            play(host, together(apps, state="absent", remove_data=True))


def main() -> int:
    """Make the page and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="trixie", help="host of the fleet")
    host = parser.parse_args().host
    return exit_status(lambda: make_page(host))


if __name__ == "__main__":
    sys.exit(main())
