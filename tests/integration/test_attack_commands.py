# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No command of a user's runs with more rights than its service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, web_app

HOSTS = ["bookworm", "trixie"]
NAME = "it-evil-command"
PWNED = "/root/it-evil-command"
AS_ROOT = f"python -c pass ; +/usr/bin/touch {PWNED}"

PLACES = [
    pytest.param(
        {"before_switch": [AS_ROOT]}, "before_switch[0]", id="before"
    ),
    pytest.param(
        {"before_switch": [f"+/usr/bin/touch {PWNED}"]},
        "before_switch[0]",
        id="before-prefix",
    ),
    pytest.param({"build": [AS_ROOT]}, "build[0]", id="build"),
    pytest.param({"exec": AS_ROOT}, "services.main.exec", id="exec"),
]
OPTIONS = {
    "Service": {
        "User": "root",
        "ExecStartPre": f"+/usr/bin/touch {PWNED}",
        "StateDirectory": "dpkg",
        "LoadCredential": "x:/etc/shadow",
        "EnvironmentFile": "/etc/shadow",
        "BindPaths": "/root",
        "StandardOutput": f"truncate:{PWNED}",
        "SupplementaryGroups": "shadow",
        "Environment": "LD_PRELOAD=/x.so",
    },
    "Install": {"Alias": "ssh.service"},
}
LEFT = f"ls -d {PWNED} /opt/{NAME} 2>/dev/null || :"


@pytest.fixture(scope="module")
def folder(
    lab: Lab, claim: Callable[..., None], tmp_path_factory: Any
) -> Path:
    claim(HOSTS, NAME)
    lab.shells(HOSTS, f"rm -f {PWNED}")
    path: Path = tmp_path_factory.mktemp("code")
    return path


@pytest.mark.parametrize(("given", "where"), PLACES)
def test_a_second_command_or_a_prefix_is_refused(
    lab: Lab, folder: Path, given: dict[str, Any], where: str
) -> None:
    app = web_app(NAME, 8611, folder)
    for name, value in given.items():
        is_apps = name in ("build", "before_switch")
        (app if is_apps else app["services"]["main"])[name] = value
    run = lab.deploy(HOSTS, app)
    assert set(run.messages()) == set(HOSTS), run.output
    for message in run.messages().values():
        assert f"pyapp_{where}: " in message
    assert set(lab.shells(HOSTS, LEFT).values()) == {""}


def test_raw_options_take_nothing_without_a_word(
    lab: Lab, folder: Path
) -> None:
    run = lab.deploy(HOSTS, web_app(NAME, 8611, folder, options=OPTIONS))
    assert set(run.messages()) == set(HOSTS), run.output
    for message in run.messages().values():
        for section, directives in OPTIONS.items():
            for name in directives:
                place = f"pyapp_services.main.options.{section}.{name}: "
                assert place in message
    assert set(lab.shells(HOSTS, LEFT).values()) == {""}
    owners = lab.shells(HOSTS, "stat -c %U /var/lib/dpkg")
    assert set(owners.values()) == {"root\n"}
