# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signal that stops a service reaches the program that it is for.

The verdicts were measured with a program that ends its job on SIGTERM,
on systemd 252 and 257, with the shells of Debian 12 and 13.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    stopping,
)


@pytest.mark.parametrize(
    "command",
    [
        "celery -A hello worker",
        "gunicorn --bind 127.0.0.1:8000 hello:app",
        "python -m hello.worker",
        ["python", "manage.py", "rqworker"],
        "/usr/bin/env python worker.py",
        "/usr/bin/env -i A=b rq worker",
        "/usr/bin/timeout 1h celery worker",
        # The shell becomes the program.
        "/bin/sh -c 'exec celery -A hello worker'",
        "/bin/sh -c 'cd /srv; exec rq worker >log 2>&1'",
        ["/bin/bash", "-ec", "cd /srv && exec rq worker"],
        ["/bin/bash", "-lc", "cd /srv\nexec rq worker\n"],
        "/usr/bin/env bash -c 'exec rq worker'",
        # Names that only look like shells.
        "push",
        "python start.sh.py",
        # Lines that the validator refuses.
        "",
        "python 'x",
    ],
)
def test_the_main_process_alone_gets_the_signal(
    command: str | Sequence[str],
) -> None:
    assert stopping.wrapper(command) == ""
    assert stopping.kill_mode(command) == "mixed"


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/bin/sh -c 'celery -A hello worker'", "sh"),
        ("/bin/sh -c 'cd /srv && rq worker'", "sh"),
        (["/bin/bash", "-c", "rq worker; true"], "bash"),
        # A pipe has processes of its own.
        (["/bin/sh", "-c", "exec rq worker | cat"], "sh"),
        (["/bin/sh", "-c", "exec rq worker & wait"], "sh"),
        # This one opens a file, and runs no program.
        (["/bin/sh", "-c", "exec >/tmp/log; rq worker"], "sh"),
        (["/bin/sh", "-c", "rq worker; exec >/tmp/log"], "sh"),
        (["/bin/sh", "-c", "echo exec rq worker"], "sh"),
        ("/bin/bash start", "bash"),
        ("/usr/bin/env sh start", "sh"),
        ("/usr/bin/busybox sh -c 'rq worker'", "busybox"),
        ("-/bin/sh -c 'rq worker'", "sh"),
        ("/opt/hello/start.sh --fast", "start.sh"),
        ("/usr/bin/flock /run/hello/x rq worker", "flock"),
    ],
)
def test_every_process_gets_it_where_the_main_one_keeps_it(
    command: str | Sequence[str], name: str
) -> None:
    assert stopping.wrapper(command) == name
    assert stopping.kill_mode(command) == "control-group"
