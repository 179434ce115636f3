# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listening sockets are found with the process that holds them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    listen,
)

HOLD = """
import socket, sys
one = socket.create_server((sys.argv[1], 0), family=int(sys.argv[2]))
print(one.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["127.0.0.1", "::1"])
def holder(request: pytest.FixtureRequest) -> Iterator[tuple[str, int, int]]:
    """Let another process listen: its address, port and pid."""
    host = request.param
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, host, str(int(family))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield host, int(process.stdout.readline()), process.pid
        process.stdin.close()


def test_process_of_the_unit(
    holder: tuple[str, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port, pid = holder
    monkeypatch.setattr(listen, "cgroup_pids", lambda cgroup: [pid])
    (found,) = listen.listeners(port, "/system.slice/a.service")
    assert (found.address, found.pid, found.port) == (host, pid, port)
    assert (found.belongs, found.is_held) == (True, False)
    assert listen.listeners(port, "/x", pid=pid) == [found]
    problem = listen.ownership_problem(
        [found], host, port, has_socket_unit=False
    )
    assert problem is None


def test_process_of_somebody_else(
    holder: tuple[str, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port, pid = holder
    monkeypatch.setattr(listen, "cgroup_pids", lambda cgroup: [os.getpid()])
    (found,) = listen.listeners(port, "/system.slice/a.service")
    assert (found.belongs, found.is_held, found.pid) == (False, False, pid)
    problem = listen.ownership_problem(
        [found], host, port, has_socket_unit=True
    )
    assert f"held by process {pid}" in str(problem)
    assert "import socket" in str(problem)


def test_connections_do_not_listen(holder: tuple[str, int, int]) -> None:
    host, port, _unused = holder
    with socket.create_connection((host, port)):
        assert len(listen.listeners(port, "/x")) == 1


def test_what_a_unit_listens_on(
    holder: tuple[str, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port, pid = holder
    monkeypatch.setattr(listen, "cgroup_pids", lambda cgroup: [pid])
    assert listen.bound("/system.slice/a.service", pid=pid) == [(host, port)]
    assert listen.is_loopback(host)
    monkeypatch.setattr(listen, "cgroup_pids", lambda cgroup: [os.getpid()])
    assert listen.bound("/system.slice/a.service", pid=pid) == []


@pytest.mark.parametrize(
    ("address", "is_inner"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("2001:db8::1", False),
        ("::ffff:192.0.2.1", False),
    ],
)
def test_addresses_of_this_host_alone(address: str, is_inner: bool) -> None:
    assert listen.is_loopback(address) is is_inner


def test_nobody() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        assert listen.listeners(port, "/system.slice") == []
    problem = listen.ownership_problem(
        [], "127.0.0.1", port, has_socket_unit=True
    )
    assert problem is not None
    assert problem.startswith(f"no process listens on 127.0.0.1 port {port};")


def one(
    address: str, belongs: bool = True, is_held: bool = False
) -> listen.Listener:
    return listen.Listener(address, 80, 1, 7, "nginx", belongs, is_held)


@pytest.mark.parametrize(
    ("found", "host", "is_fine"),
    [
        ([one("127.0.0.1")], "127.0.0.1", True),
        ([one("0.0.0.0")], "127.0.0.1", True),
        ([one("::")], "127.0.0.1", True),
        ([one("::ffff:127.0.0.1")], "127.0.0.1", True),
        ([one("::1")], "127.0.0.1", False),
        ([one("127.0.0.2")], "127.0.0.1", False),
        ([one("0.0.0.0")], "::1", False),
        ([one("127.0.0.1", belongs=False)], "127.0.0.1", False),
        # The more exact socket gets the connection.
        ([one("127.0.0.1"), one("0.0.0.0", belongs=False)], "127.0.0.1", True),
        (
            [one("127.0.0.1", belongs=False), one("0.0.0.0")],
            "127.0.0.1",
            False,
        ),
        # With SO_REUSEPORT, both sockets may get the connection.
        ([one("0.0.0.0"), one("0.0.0.0", belongs=False)], "127.0.0.1", False),
        ([one("127.0.0.1"), one("::1", belongs=False)], "127.0.0.1", True),
    ],
)
def test_ownership(
    found: list[listen.Listener], host: str, is_fine: bool
) -> None:
    problem = listen.ownership_problem(found, host, 80, has_socket_unit=False)
    assert (problem is None) is is_fine


@pytest.mark.parametrize("has_socket_unit", [True, False])
def test_socket_held_by_systemd(has_socket_unit: bool) -> None:
    held = [one("127.0.0.1", belongs=False, is_held=True)]
    problem = listen.ownership_problem(
        held, "127.0.0.1", 80, has_socket_unit=has_socket_unit
    )
    assert (problem is None) is has_socket_unit


@pytest.mark.skipif(sys.byteorder != "little", reason="as on x86 and ARM")
@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0100007F", "127.0.0.1"),
        ("00000000", "0.0.0.0"),
        ("0A0200C0", "192.0.2.10"),
        ("0" * 32, "::"),
        ("0" * 24 + "01000000", "::1"),
        ("0000000000000000FFFF00000100007F", "::ffff:127.0.0.1"),
        ("B80D0120000000000000000001000000", "2001:db8::1"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert listen.parse_address(text) == address


def test_unknown_host() -> None:
    with pytest.raises(
        errors.HostError, match="not a name or address of this host"
    ):
        listen.ownership_problem([], "host.invalid", 80, has_socket_unit=False)


class TestControlGroup:
    @pytest.mark.parametrize("cgroup", ["", "/", "x"])
    def test_none(self, cgroup: str) -> None:
        assert listen.cgroup_pids(cgroup) == []

    def test_tree(
        self, tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        top = os.path.join(tmp_path, "unified")
        below = os.path.join(top, "system.slice", "a.service", "sub")
        os.makedirs(below)
        for place, text in (
            (os.path.dirname(below), "11\n12\n"),
            (below, "13\n"),
            (os.path.dirname(os.path.dirname(below)), "99\n"),
        ):
            with open(os.path.join(place, "cgroup.procs"), "w") as stream:
                stream.write(text)
        places = (os.path.join(tmp_path, "missing"), top)
        monkeypatch.setattr(listen, "_HIERARCHIES", places)
        pids = listen.cgroup_pids("/system.slice/a.service")
        assert sorted(pids) == [11, 12, 13]

    def test_hierarchy_elsewhere(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        texts = {
            "/proc/7/cgroup": "0::/system.slice/a.service\n",
            "/proc/8/cgroup": "0::/system.slice/b.service\n",
        }
        monkeypatch.setattr(listen, "_HIERARCHIES", ())
        monkeypatch.setattr(listen, "_list_pids", lambda: [7, 8])
        monkeypatch.setattr(listen, "_read", texts.__getitem__)
        assert listen.cgroup_pids("/system.slice/a.service") == [7]

    @pytest.mark.parametrize(
        ("text", "is_member"),
        [
            ("0::/system.slice/a.service\n", True),
            ("0::/system.slice/a.service/sub\n", True),
            ("1:name=systemd:/system.slice/a.service\n0::/\n", True),
            ("0::/system.slice/a.services\n", False),
            ("0::/other/system.slice/a.service\n", False),
            ("", False),
        ],
    )
    def test_membership(
        self, monkeypatch: pytest.MonkeyPatch, text: str, is_member: bool
    ) -> None:
        monkeypatch.setattr(listen, "_read", lambda path: text)
        group = "/system.slice/a.service"
        assert listen._is_member(1, group) is is_member
