# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A start that fails is explained alike, whatever the type of the unit.

One release has a service for each type and each kind of failure. Its
only deploy tells of all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lab import PACKAGES, Lab

HOSTS = ["bookworm", "trixie"]
NAME = "it-starts"
TYPES = ("simple", "exec", "notify")
SCRIPT = "/usr/local/bin/it-starts-script"
PYTHON = "/usr/bin/python3"
SLEEP = [PYTHON, "-c", "import time; time.sleep(3600)"]

# Options of a service, the words of its failure, and the remedy.
KINDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "namespace": (
        {"exec": SLEEP, "needs": [{"write": ["/srv/it-starts-none"]}]},
        "exited with status 226/NAMESPACE",
        "/srv/it-starts-none does not exist on this host: create it",
    ),
    "program": (
        {"exec": SCRIPT},
        "exited with status 203/EXEC",
        f"{SCRIPT}, or the interpreter its first line names, does not exist",
    ),
    "user": (
        {
            "exec": SLEEP,
            "allow": ["account"],
            "options": {"Service": {"User": "it-starts-nobody"}},
        },
        "exited with status 217/USER",
        "The user of User= does not exist on this host: create it",
    ),
    "directory": (
        {
            "exec": SLEEP,
            "allow": ["working-directory"],
            "options": {"Service": {"WorkingDirectory": "/srv/it-none"}},
        },
        "exited with status 200/CHDIR",
        "WorkingDirectory= is not a directory of this host",
    ),
    "status": (
        {"exec": [PYTHON, "-c", "raise OSError(30, 'x', '/srv/a/b')"]},
        "exited with status 1",
        "add `needs: [{write: [/srv/a]}]`",
    ),
    "signal": (
        {"exec": [PYTHON, "-c", "import os; os.abort()"]},
        "was killed by signal SIGABRT (6)",
        "",
    ),
}
READY: dict[str, tuple[dict[str, Any], str, str]] = {
    "silence": (
        {"exec": SLEEP, "start_timeout": "2s"},
        "it sent no READY=1, which type notify waits for, within "
        "start_timeout (2s)",
        "Set `type: exec`",
    ),
    "protocol": (
        {"exec": [PYTHON, "-c", "pass"]},
        "did not do what its Type= promises, such as READY=1",
        "Set `type: exec`",
    ),
}
CASES = {
    f"{type_}-{kind}": ({**main, "type": type_}, words, remedy)
    for type_ in TYPES
    for kind, (main, words, remedy) in {
        **KINDS,
        **(READY if type_ == "notify" else {}),
    }.items()
}


@pytest.fixture(scope="module")
def messages(
    lab: Lab, claim: Callable[..., None], tmp_path_factory: Any
) -> Mapping[str, Mapping[str, str]]:
    """Deploy once; return what is said of each unit, by host."""
    claim(HOSTS, NAME)
    lab.shells(
        HOSTS,
        f"printf '#!/srv/it-none\\n' >{SCRIPT}; chmod 755 {SCRIPT}",
    )
    folder: Path = tmp_path_factory.mktemp("src")
    (folder / "readme.txt").write_text("nothing", encoding="utf-8")
    app = {
        "name": NAME,
        "source": {"packages": PACKAGES, "files": str(folder)},
        "services": {
            # On a busy host a process may take seconds to fail.
            name: {**options, "health": {"settle": 15}}
            for name, (options, _words, _remedy) in CASES.items()
        },
    }
    run = lab.deploy(HOSTS, app)
    lab.shells(HOSTS, f"rm {SCRIPT}")
    assert run.status != 0, run.output
    return {
        host: _by_unit(message) for host, message in run.messages().items()
    }


def _by_unit(message: str) -> dict[str, str]:
    """Cut an error into the parts about each unit."""
    parts = re.split(rf"^{NAME}-([a-z-]+)\.service: ", message, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("host", HOSTS)
def test_the_reason_and_the_remedy(
    messages: Mapping[str, Mapping[str, str]], host: str, name: str
) -> None:
    _options, words, remedy = CASES[name]
    said = messages[host][name]
    assert words in said
    assert remedy in said
