# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values go through a real systemd and come back byte for byte.

A service is rendered with hostile texts as its environment and its
arguments, started, and what its process got is compared with what was
meant. PYFLEET_ORACLE_ROUNDS is how many services are run on each
version, by default 2; each has 40 variables and 40 arguments.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from effort import SEED, amount
from fleet_hosts import HOSTS, run_python

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    quoting,
    targets,
    writer,
)

Report = Callable[[str], None]
ROUNDS = int(amount("ROUNDS", 2, 25))
NAME = "pyfleet-oracle-trip.service"
COUNT = 40
# What has a meaning somewhere on the way: to the line splitter, to the
# word splitter, to specifiers, to variables and to shells.
HOSTILE = (
    "a\nUser=nobody", "a\rExecStartPre=+/bin/x", "a\\", "\\", "\\\\n",
    '"', "'", "'\"", "%", "%%", "%n", "%H", "50%", "a%20b", "$", "$$",
    "$HOME", "${HOME}", "a b=c", ";", "#", "; #", "[Service]", "\u2028",
    "\x85", "\t", " ", "", "\x01\x1f\x7f", "\ufeff", "\u00e4\U0001f600",
    "a;b", "\\;", "*", "~", "`id`", "$(id)", "|", ">", "&&", "-", "@x",
)  # fmt: skip

SCRIPT = r"""
import os, subprocess
path = "/run/systemd/system/" + given["name"]
out = given["out"]
def systemctl(*arguments):
    return subprocess.run(
        ("systemctl",) + arguments, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=120).stdout.decode(
            "utf-8", "replace")
try:
    with open(path, "wb") as stream:
        stream.write(given["text"].encode("utf-8"))
    systemctl("daemon-reload")
    said = systemctl("start", given["name"])
    user = systemctl("show", "-p", "User", "-p", "ExecStartPre",
                     given["name"])
    try:
        with open(out) as stream:
            got = json.load(stream)
    except OSError:
        got = said
finally:
    for one in (path, out):
        if os.path.exists(one):
            os.unlink(one)
    systemctl("reset-failed", given["name"])
    systemctl("daemon-reload")
print(json.dumps({"got": got, "user": user}))
"""
OUT = "/run/pyfleet-oracle-trip.json"
PROGRAM = (
    "import json, os, sys\n"
    "names = [n for n in os.environ if n.startswith('ORACLE_')]\n"
    f"with open({OUT!r}, 'w') as stream:\n"
    "    json.dump([{n: os.environ[n] for n in names}, sys.argv[1:]],"
    " stream)\n"
)


def texts(seed: int) -> list[str]:
    """Return as many texts as a service gets."""
    chosen = random.Random(seed)
    return [
        "".join(
            chosen.choice(HOSTILE) for _part in range(chosen.randint(1, 4))
        )
        for _text in range(COUNT)
    ]


@pytest.mark.parametrize("host", HOSTS)
def test_texts_come_back(host: str, report: Report) -> None:
    for number in range(ROUNDS):
        values = texts(SEED * 1000 + number)
        environment = {
            f"ORACLE_{index}": value for index, value in enumerate(values)
        }
        arguments = list(reversed(values))
        command = ["/usr/bin/python3", "-I", "-c", PROGRAM, *arguments]
        text = writer.render(
            {
                "Service": {
                    "Type": "oneshot",
                    "ExecStart": quoting.quote_exec(command),
                    "Environment": [
                        quoting.quote_environment(name, value)
                        for name, value in environment.items()
                    ],
                }
            }
        )
        found = validator.check(text, NAME, targets.Target.parse(HOSTS[host]))
        # A text may have a "$": this test shows that it comes back.
        assert [
            one for one in found if one.code != "environment-reference"
        ] == []
        answer = run_python(
            host, SCRIPT, {"name": NAME, "text": text, "out": OUT}
        )
        assert answer["got"] == [environment, arguments]
        assert answer["user"].split() in (
            ["User="],
            ["User=", "ExecStartPre="],
        )
    report(
        f"{host} ({HOSTS[host]}), round trip: {ROUNDS * COUNT * 2} texts"
        " through environment and arguments came back"
    )
