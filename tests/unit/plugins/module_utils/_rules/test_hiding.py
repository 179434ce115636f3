# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that one directive needs and another one hides.

Each row was started by the PID 1 of systemd 247, 252, 257 and 262, and
a process looked whether it can read and write the path.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    hiding,
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

START = ("ExecStart=/bin/x",)
EXEC = "protect-home-exec"
DIRECTORY = "working-directory-hidden"
HIDDEN = "hidden-path"
UNUSED = "hidden-path-unused"
PID = "hidden-pid-file"
OVERRULED = "path-overruled"


def codes(*lines: str, start: tuple[str, ...] = START) -> list[str]:
    """Return the rules that lines of [Service] break."""
    triples = []
    for line in (*start, *lines):
        option, _equals, value = line.partition("=")
        triples.append(("Service", option, value))
    unit = merged.MergedUnit.of(triples, targets.Target(257))
    return [found.code for check in hiding.RULES for found in check(unit)]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        # systemd mounts nothing below what is closed.
        (("ProtectHome=yes", "ReadWritePaths=/home/x"), HIDDEN),
        (("ProtectHome=yes", "ReadWritePaths=/home"), HIDDEN),
        (("ProtectHome=yes", "ReadWritePaths=/srv /root/x"), HIDDEN),
        (("ProtectHome=true", "ReadWritePaths=//run//user/x"), HIDDEN),
        (("ProtectHome=yes", "BindPaths=/home/x"), HIDDEN),
        (("ProtectHome=yes", "BindPaths=/srv/x:/home/x"), HIDDEN),
        (("ProtectHome=yes", "BindReadOnlyPaths=/home/x"), HIDDEN),
        (("ProtectHome=yes", "ExecPaths=/home/x"), HIDDEN),
        (("ProtectHome=yes", "ReadWritePaths=-/home/x"), UNUSED),
        (("ProtectHome=yes", "BindPaths=-/home/x"), UNUSED),
        (("ProtectHome=yes", "ReadOnlyPaths=/home/x"), UNUSED),
        (("ProtectHome=yes", "TemporaryFileSystem=/home/x"), UNUSED),
        (("ProtectHome=yes", "TemporaryFileSystem=/home:ro"), UNUSED),
        (("ProtectHome=yes", "ExecStop=/home/a/b"), EXEC),
        (("ProtectHome=yes", "WorkingDirectory=/home/a"), DIRECTORY),
        (("InaccessiblePaths=/srv/x", "ReadWritePaths=/srv/x/d"), HIDDEN),
        (("InaccessiblePaths=-/srv/x", "ReadWritePaths=/srv/x"), HIDDEN),
        (("InaccessiblePaths=/srv/x", "BindPaths=/srv/x/d"), HIDDEN),
        (("InaccessiblePaths=/srv/x", "WorkingDirectory=/srv/x/d"), DIRECTORY),
        (("InaccessiblePaths=/srv/x", "ExecStop=/srv/x/p"), EXEC),
        (("InaccessiblePaths=/var/lib", "StateDirectory=a"), HIDDEN),
        (("InaccessiblePaths=/var/lib/a", "StateDirectory=a"), HIDDEN),
        (("InaccessiblePaths=/var/log", "LogsDirectory=a"), HIDDEN),
        (("InaccessiblePaths=/var", "CacheDirectory=a/b"), HIDDEN),
        (("InaccessiblePaths=/run/a", "RuntimeDirectory=a"), HIDDEN),
        (("InaccessiblePaths=/etc", "ConfigurationDirectory=a"), HIDDEN),
        # What is empty has what is mounted there, and nothing else.
        (("ProtectHome=tmpfs", "ReadWritePaths=/home/x"), HIDDEN),
        (("ProtectHome=tmpfs", "ReadOnlyPaths=/root/x"), HIDDEN),
        (("ProtectHome=tmpfs", "ExecPaths=/home/x"), HIDDEN),
        (("ProtectHome=tmpfs", "ReadWritePaths=-/home/x"), UNUSED),
        (("ProtectHome=tmpfs", "WorkingDirectory=/home/x"), DIRECTORY),
        (("ProtectHome=tmpfs", "ExecStop=/home/a/b"), EXEC),
        (("TemporaryFileSystem=/srv", "ReadWritePaths=/srv/x"), HIDDEN),
        (("TemporaryFileSystem=/srv:ro", "ExecStop=/srv/p"), EXEC),
        (("TemporaryFileSystem=/srv", "WorkingDirectory=/srv/x"), DIRECTORY),
        (("PrivateTmp=yes", "ReadWritePaths=/tmp/x"), HIDDEN),
        (("PrivateTmp=yes", "ReadWritePaths=/var/tmp/x"), HIDDEN),
        (("PrivateTmp=disconnected", "ReadWritePaths=/tmp/x"), HIDDEN),
        (("DynamicUser=yes", "ReadWritePaths=/tmp/x"), HIDDEN),
        (("PrivateTmp=yes", "WorkingDirectory=/tmp/x"), DIRECTORY),
        (("PrivateTmp=yes", "ExecStop=/tmp/p"), EXEC),
        (("PrivateDevices=yes", "ReadWritePaths=/dev/fuse"), HIDDEN),
    ],
)
def test_what_is_hidden(lines: tuple[str, ...], code: str) -> None:
    assert codes(*lines) == [code]
    # Each is harmless by itself.
    assert codes(lines[0]) == codes(lines[1]) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("ProtectHome=yes", "ExecStop=-/home/a/b"),
        ("ProtectHome=yes", "ExecStop=+/home/a/b"),
        ("ProtectHome=read-only", "ExecStop=/home/a/b"),
        ("ProtectHome=tmpfs", "BindPaths=/home/a", "ExecStop=/home/a/b"),
        ("ProtectHome=yes", "ExecStop=/homer/b"),
        ("ProtectHome=yes", "ReadWritePaths=/homer /run/users"),
        ("ProtectHome=no", "ReadWritePaths=/home/x"),
        ("ProtectHome=read-only", "ReadWritePaths=/home/x"),
        ("ProtectHome=read-only", "BindPaths=/home/x"),
        ("ProtectHome=yes", "BindPaths=/home/x:/srv/x"),
        ("ProtectHome=yes", "ReadOnlyPaths=/home"),
        ("ProtectHome=yes", "InaccessiblePaths=/home/x"),
        ("ProtectHome=yes", "ReadWritePaths=%h/x"),
        ("ProtectHome=yes", "EnvironmentFile=/home/x"),
        ("ProtectHome=yes", "StandardOutput=append:/home/x"),
        ("ProtectHome=yes", "LoadCredential=a:/home/x"),
        ("ProtectHome=yes", "WorkingDirectory=-/home/x"),
        ("ProtectHome=yes", "WorkingDirectory=/home"),
        ("ProtectHome=yes", "RootDirectory=/r", "ReadWritePaths=/home/x"),
        ("ProtectHome=tmpfs", "BindPaths=/home/x", "ReadWritePaths=/home/x/d"),
        ("ProtectHome=tmpfs", "BindPaths=/home/x", "WorkingDirectory=/home/x"),
        ("ProtectHome=tmpfs", "TemporaryFileSystem=/home/x"),
        ("ProtectHome=tmpfs", "WorkingDirectory=/home"),
        (
            "TemporaryFileSystem=/var/lib",
            "StateDirectory=a",
            "ReadWritePaths=/var/lib/a",
        ),
        ("TemporaryFileSystem=/var/lib", "StateDirectory=a"),
        ("TemporaryFileSystem=/a", "TemporaryFileSystem=/a/b"),
        (
            "TemporaryFileSystem=/a",
            "MountImages=/x.raw:/a/b",
            "ExecStop=/a/b/c",
        ),
        ("InaccessiblePaths=/srv/x", "ReadWritePaths=/srv"),
        ("PrivateTmp=yes", "ReadWritePaths=/tmp"),
        ("PrivateTmp=yes", "ReadOnlyPaths=/var/tmp"),
        ("PrivateTmp=yes", "BindPaths=/tmp", "ReadWritePaths=/tmp/x"),
        ("PrivateTmp=yes", "BindPaths=/tmp/x"),
        (
            "PrivateTmp=yes",
            "ExecStartPre=/bin/cp /x /tmp/p",
            "ExecStop=/tmp/p",
        ),
        ("PrivateTmp=no", "ReadWritePaths=/tmp/x"),
        ("PrivateDevices=yes", "ReadWritePaths=/dev/shm/x"),
        ("PrivateDevices=yes", "ReadWritePaths=/dev/null /dev"),
        ("PrivateDevices=yes", "BindPaths=/dev/fuse"),
        ("ProtectSystem=strict", "ReadWritePaths=/srv /etc /usr"),
        ("ProtectSystem=full", "ReadWritePaths=/etc/a /usr/lib"),
        ("ProtectSystem=yes", "ReadWritePaths=/etc"),
        ("ReadOnlyPaths=/srv", "ReadWritePaths=/srv/x"),
        ("ReadOnlyPaths=/var/lib/a", "StateDirectory=a"),
    ],
)
def test_what_is_not_hidden(lines: tuple[str, ...]) -> None:
    assert codes(*lines) == []


def test_the_innermost_directory_decides() -> None:
    lines = ("TemporaryFileSystem=/a /a/b", "BindPaths=/a/b/c")
    assert codes(*lines, "ReadWritePaths=/a/b /a/b/c") == [OVERRULED]
    assert codes(*lines, "ReadWritePaths=/a/b/d") == [HIDDEN]
    lines = ("TemporaryFileSystem=/a /a/b/c", "BindPaths=/a/b")
    assert codes(*lines, "ReadWritePaths=/a/b/d") == []
    assert codes(*lines, "ReadWritePaths=/a/b/c/d") == [HIDDEN]


@pytest.mark.parametrize(
    "lines",
    [
        ("ReadOnlyPaths=/srv", "ReadWritePaths=/srv"),
        ("ReadOnlyPaths=/srv", "ReadWritePaths=-/srv/"),
        ("BindReadOnlyPaths=/srv", "ReadWritePaths=/srv"),
        ("ProtectHome=read-only", "ReadWritePaths=/home"),
        ("ProtectSystem=strict", "ReadWritePaths=/"),
        ("ProtectSystem=full", "ReadWritePaths=/etc"),
        ("ProtectSystem=yes", "ReadWritePaths=/usr"),
        ("TemporaryFileSystem=/srv", "ReadWritePaths=/srv"),
        ("TemporaryFileSystem=/srv:ro", "ReadOnlyPaths=/srv"),
        ("ProtectHome=tmpfs", "ReadWritePaths=/home"),
    ],
)
def test_two_directives_for_one_path(lines: tuple[str, ...]) -> None:
    assert codes(*lines) == [OVERRULED]
    assert codes(lines[0]) == codes(lines[1]) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("PrivateTmp=yes", "PIDFile=/tmp/a"), [PID]),
        (("ProtectHome=yes", "PIDFile=/home/a"), [PID]),
        (("ProtectHome=tmpfs", "PIDFile=/home/a"), [PID]),
        (("PrivateTmp=no", "PIDFile=/tmp/a"), []),
        (("PrivateTmp=yes", "PIDFile=/run/a"), []),
        (("PrivateTmp=yes", "PIDFile=a"), []),
        (("ProtectHome=tmpfs", "BindPaths=/home/b", "PIDFile=/home/b/a"), []),
    ],
)
def test_the_pid_file_of_a_service_that_forks(
    lines: tuple[str, ...], expected: list[str]
) -> None:
    assert codes("Type=forking", *lines) == expected
    # systemd waits for the file of no other type.
    assert codes("Type=simple", *lines) == []


def test_the_message_has_the_remedy_of_the_host() -> None:
    text = (
        "[Service]\nExecStart=/bin/x\nProtectHome=yes\n"
        "ReadWritePaths=/home/x\nBindPaths=/root/y\n"
    )
    first, second = validator.check(text, "a.service", targets.Target(257))
    assert first.message == (
        "/home/x is below /home, which ProtectHome=yes hides, so that the"
        " service does not see the path, without a message; use a path"
        " elsewhere, or write ProtectHome=read-only"
    )
    assert second.message.endswith("write ProtectHome=tmpfs")


@pytest.mark.parametrize(
    "lines",
    [
        "PrivateTmp=yes\nReadWritePaths=/tmp/x",
        "InaccessiblePaths=/srv\nStateDirectory=a\nReadWritePaths=/srv/x",
        "TemporaryFileSystem=/srv\nWorkingDirectory=/srv/x",
        "ProtectSystem=full\nReadWritePaths=/var /etc",
        "PrivateDevices=yes\nReadWritePaths=/dev/fuse",
        "ReadOnlyPaths=/srv\nReadWritePaths=/srv",
    ],
)
def test_the_validator_asks_here(lines: str) -> None:
    """It imports the module for some lines only."""
    text = f"[Service]\nExecStart=/bin/x\n{lines}\n"
    found = validator.check(text, "a.service", targets.Target(257))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("word", "is_told"),
    [
        ("--bind=unix:/tmp/a", True),
        ("unix:///var/tmp/a", True),
        ("/tmp/a.sock", True),
        ("--socket=/tmp/a.socket", True),
        ("--pid=/tmp/a.pid", True),
        ("/tmp/a.log", False),
        ("--cache=/tmp/a", False),
        ("unix:/run/a", False),
        ("unix:/srv/tmp/a", False),
        ("/srv/tmp/a.sock", False),
    ],
)
def test_a_socket_that_no_other_service_finds(
    word: str, is_told: bool
) -> None:
    start = (f"ExecStart=/bin/x {word}",)
    told = ["private-socket"] if is_told else []
    assert codes("PrivateTmp=yes", start=start) == told
    assert codes("PrivateTmp=no", start=start) == []
    lines = ("PrivateTmp=yes", "BindPaths=/tmp /var/tmp")
    assert codes(*lines, start=start) == []
    assert codes("PrivateTmp=yes", start=(f"ExecStart=+/x {word}",)) == []


PATHS = [
    "/", "/home", "/home/a", "/home/a/b", "/home/ab", "/home/a-b",
    "/home/b", "/root", "/homework", "/home/a/b/c",
]  # fmt: skip


@pytest.mark.parametrize("asked", PATHS)
@given(known=st.lists(st.sampled_from(PATHS), max_size=4))
def test_a_tree_answers_as_a_look_at_every_path_does(
    asked: str, known: list[str]
) -> None:
    def is_below(path: str, top: str) -> bool:
        return path == top or path.startswith(f"{top.rstrip('/')}/")

    tree = hiding._Tree(known)
    assert tree.has_below(asked) == any(is_below(x, asked) for x in known)
    above = [x for x in hiding._upwards(asked) if x in tree]
    assert set(above) == {x for x in known if is_below(asked, x)}
