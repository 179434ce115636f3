# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that a service may not use: the advice fits the place.

The messages are those of real programs in the strict sandbox on systemd
252 and 257; tests/oracle/test_remedies.py tries the advice there.
"""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    diagnosis,
    places,
)

CODE = "/opt/shop/code/0123456789ab"
STATE = "$STATE_DIRECTORY (/var/lib/shop)"
LOGS = "$LOGS_DIRECTORY (/var/log/shop)"
CACHE = "$CACHE_DIRECTORY (/var/cache/shop)"
RUNTIME = "$RUNTIME_DIRECTORY (/run/shop/SERVICE)"
ROOTS = "the need `write` does not change its owner"


def explain(*lines: str) -> list[str]:
    """Return the advice for an application named shop."""
    return diagnosis.explain("exit-code", 1, lines, app="shop")


def only(*lines: str) -> str:
    """Return the one sentence of advice."""
    (found,) = explain(*lines)
    return found


def read_only(path: str) -> str:
    """Return the last line of a traceback about a path."""
    return f"OSError: [Errno 30] Read-only file system: {path!r}"


def denied(path: str) -> str:
    """Return the last line of a traceback about a path."""
    return f"PermissionError: [Errno 13] Permission denied: {path!r}"


@pytest.mark.parametrize(
    ("line", "place"),
    [
        pytest.param(read_only(f"{CODE}/debug.log"), LOGS, id="absolute"),
        pytest.param(read_only("debug.log"), LOGS, id="relative"),
        pytest.param(read_only("uploads"), STATE, id="makedirs"),
        pytest.param(read_only("./uploads/a"), STATE, id="dot"),
        pytest.param(
            "FileNotFoundError: [Errno 2] No such file or directory: "
            f"'{CODE}/logs/app.log'",
            LOGS,
            id="no-directory",
        ),
        pytest.param(read_only("celerybeat-schedule"), STATE, id="dbm"),
        pytest.param(read_only("gunicorn.ctl"), RUNTIME, id="gunicorn"),
        pytest.param(read_only("celeryd.pid"), RUNTIME, id="pid"),
        pytest.param(read_only(f"{CODE}/.cache/x"), CACHE, id="cache"),
        pytest.param(f"{read_only('a')} -> 'b'", STATE, id="rename"),
        pytest.param(denied("data.json"), STATE, id="file-of-the-release"),
        pytest.param(denied(f"{CODE}/data.json"), STATE, id="below-code"),
        pytest.param(
            read_only("/opt/shop/envs/0123456789ab/lib/x"),
            STATE,
            id="virtualenv",
        ),
        pytest.param(
            "sqlite3.OperationalError: unable to open database file",
            STATE,
            id="sqlite-new",
        ),
        pytest.param(
            "django.db.utils.OperationalError: attempt to write a readonly "
            "database",
            STATE,
            id="sqlite-old",
        ),
        pytest.param(
            "touch: cannot touch 'x': Read-only file system",
            STATE,
            id="shell",
        ),
        pytest.param(
            "[ERROR] beat raised exception <class 'OSError'>: "
            "OSError(30, 'Read-only file system')",
            STATE,
            id="repr",
        ),
    ],
)
def test_the_code_directory_is_not_to_be_opened(line: str, place: str) -> None:
    found = only("Traceback (most recent call last):", line)
    assert ROOTS in found
    assert place in found
    assert "needs:" not in found


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (read_only("/var/log/app.log"), LOGS),
        (denied("/run/app.pid"), RUNTIME),
        (denied("/var/run/app.pid"), RUNTIME),
        (read_only("/var/lib/x.db"), STATE),
        (read_only("/var/cache/x"), CACHE),
        (read_only("/usr/share/x"), STATE),
        (read_only("/etc/hosts"), STATE),
        (read_only("/data"), STATE),
    ],
)
def test_a_directory_of_the_system_is_not_to_be_opened(
    line: str, place: str
) -> None:
    found = only(line)
    assert f"below {place} instead" in found
    assert "needs:" not in found


@pytest.mark.parametrize(
    "path",
    [
        "/var/lib/shop/a",
        "/var/log/shop/a.log",
        "/var/cache/shop",
        "/run/shop/main/a",
    ],
)
def test_a_directory_of_the_service_is_not_the_sandbox(path: str) -> None:
    assert explain(read_only(path)) == explain(denied(path)) == []
    assert not places.is_in_sandbox(read_only(path), "shop")
    assert places.is_in_sandbox(read_only(path.replace("shop", "x")), "shop")


def test_the_temporary_files_are_the_service_s_own() -> None:
    for path in ("/tmp/a", "/var/tmp/a", "/dev/shm/a"):
        assert explain(read_only(path)) == []


def test_a_name_that_begins_alike_is_another_one() -> None:
    assert "write: [/var/lib/shop2]" in only(read_only("/var/lib/shop2/a"))


def test_without_a_name_of_the_application() -> None:
    found = places.advise(read_only("a"), "")
    assert "$STATE_DIRECTORY (/var/lib/NAME)" in found
    assert "the service's user" in places.advise(read_only("/srv/x/a"), "")


def test_write_comes_with_the_owner_that_it_takes() -> None:
    found = only(read_only("/srv/shop/a.db"))
    assert "add `needs: [{write: [/srv/shop]}]`" in found
    assert "/srv/shop belongs to the user shop" in found
    # The directory of the need is not the service's.
    assert "chown" in only(denied("/srv/shop/a.db"))


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        (
            read_only("celerybeat-schedule"),
            "`--schedule=${STATE_DIRECTORY}/celerybeat-schedule`",
        ),
        (
            read_only(f"{CODE}/twistd.pid"),
            "`--pidfile=${RUNTIME_DIRECTORY}/main.pid`",
        ),
        (
            read_only(f"{CODE}/.config/matplotlib"),
            "MPLCONFIGDIR: /var/lib/shop/matplotlib",
        ),
        (
            "RuntimeError: cannot cache function 'f': no locator available "
            f"for file '{CODE}/run.py'",
            "NUMBA_CACHE_DIR: /var/cache/shop/numba",
        ),
        (read_only("dask-scratch-space"), "DASK_TEMPORARY_DIRECTORY"),
        (read_only(f"{CODE}/.nicegui"), "NICEGUI_STORAGE_PATH"),
    ],
)
def test_a_known_program_is_told_its_setting(line: str, setting: str) -> None:
    assert setting in only(line)


@pytest.mark.parametrize(
    "line",
    [
        "OSError: [Errno 6] No such device or address: '/dev/stdout'",
        "OSError: [Errno 6] No such device or address: '/dev/stderr'",
        "OSError: [Errno 6] No such device or address: '/proc/self/fd/1'",
        "Error: '/dev/stdout' isn't writable [OSError(6, 'No such device or "
        "address')]",
    ],
)
def test_the_journal_is_no_file(line: str) -> None:
    found = only(line)
    assert "socket" in found
    assert "`-`" in found


def test_a_terminal_is_not_the_journal() -> None:
    line = "OSError: [Errno 6] No such device or address: '/dev/tty'"
    assert explain(line) == []


@pytest.mark.parametrize(
    ("lines", "name", "path"),
    [
        (
            # os.path.exists() tells no EACCES from an absent file.
            ['ValueError: certfile "/etc/ssl/private/a.key" does not exist'],
            "a.key",
            "/etc/ssl/private/a.key",
        ),
        (
            [denied("/etc/ssl/private/x.key")],
            "x.key",
            "/etc/ssl/private/x.key",
        ),
        ([denied("/root/.ssh/id_rsa")], "id_rsa", "/root/.ssh/id_rsa"),
        ([denied("/etc/shop/db.conf")], "db.conf", "/etc/shop/db.conf"),
        ([denied("/srv/tls/a b.pem")], "a-b.pem", "/srv/tls/a b.pem"),
        (
            [
                "    context.load_cert_chain(certfile, keyfile)",
                "PermissionError: [Errno 13] Permission denied",
            ],
            "key",
            "PATH",
        ),
    ],
)
def test_a_file_of_root_is_handed_over(
    lines: list[str], name: str, path: str
) -> None:
    found = only(*lines)
    assert f"`credentials: {{{name}: {{host_path: {path}}}}}`" in found
    assert f"${{CREDENTIALS_DIRECTORY}}/{name}" in found


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/dev/ttyUSB0", "dialout"),
        ("/dev/dri/renderD128", "render"),
        ("/dev/unheard", "GROUP"),
    ],
)
def test_a_device_that_is_there_has_a_group(path: str, group: str) -> None:
    assert f"`needs: [{{groups: [{group}]}}]`" in only(denied(path))


def test_a_device_that_is_not_there_is_opened() -> None:
    found = only(read_only("/dev/kmsg"))
    assert "`needs: [{devices: [/dev/kmsg]}]`" in found


@pytest.mark.parametrize(
    "line",
    [
        denied("/root/.cache"),
        denied("/home/app/.config/x"),
        read_only("/nonexistent"),
    ],
)
def test_a_cache_below_another_home(line: str) -> None:
    found = only(line)
    assert "HOME (/var/lib/shop)" in found
    assert "XDG_CACHE_HOME (/var/cache/shop)" in found


def test_a_directory_made_below_another_home() -> None:
    lines = ["    os.makedirs('/home/app/.cache')", denied("/home/app")]
    assert "HOME (/var/lib/shop)" in only(*lines)


UNIX = [
    "    server = await loop.create_unix_server(",
    "    sock = socket.socket(socket.AF_UNIX)",
    "    sock.bind(path)",
]
GUNICORN = "[2026-11-28 01:57:56 +0000] [3] [ERROR] connection to {} failed: "


@pytest.mark.parametrize(
    "lines",
    [
        [*UNIX, "PermissionError: [Errno 13] Permission denied"],
        [*UNIX, "OSError: [Errno 30] Read-only file system"],
        [GUNICORN.format("app.sock") + "[Errno 30] Read-only file system"],
    ],
)
def test_a_unix_socket_is_no_port(lines: list[str]) -> None:
    assert RUNTIME in only(*lines)


@pytest.mark.parametrize(
    ("line", "need"),
    [
        (
            GUNICORN.format("/run/shop/main/app.sock")
            + "[Errno 1] Operation not permitted: '/run/shop/main/app.sock'",
            "chown",
        ),
        (
            GUNICORN.format("('127.0.0.1', 80)")
            + "[Errno 13] Permission denied",
            "privileged-port",
        ),
    ],
)
def test_an_address_that_gunicorn_cannot_take(line: str, need: str) -> None:
    assert f"add `needs: [{need}]`" in only(line)


@pytest.mark.parametrize(
    ("line", "group"),
    [
        (
            "docker.errors.DockerException: Error while fetching server API "
            "version: ('Connection aborted.', PermissionError(13, "
            "'Permission denied'))",
            "docker",
        ),
        (
            "redis.exceptions.ConnectionError: Error 13 connecting to "
            "/run/redis.sock. Permission denied.",
            "GROUP",
        ),
    ],
)
def test_a_socket_of_others_has_a_group(line: str, group: str) -> None:
    assert f"needs: [{{groups: [{group}]}}]" in only(line)


def test_a_program_without_execute_bits() -> None:
    lines = [
        "    self._execute_child(args, executable, preexec_fn, close_fds,",
        denied("./tool.sh"),
    ]
    assert "./tool.sh may not be executed" in only(*lines)
    lines = [
        "    os.execv('./tool.sh', ['tool.sh'])",
        "PermissionError: [Errno 13] Permission denied",
    ]
    assert "The program may not be executed" in only(*lines)


def test_a_file_is_not_memory() -> None:
    lines = [
        '  File "/opt/shop/envs/0/lib/numba/core/caching.py", line 1, in x',
        denied(f"{CODE}/__pycache__/x"),
    ]
    assert STATE in only(*lines)
