# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Health is what is seen several times and for long enough."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    health,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def server(*answers: bytes, drip: float = 0) -> Iterator[int]:
    """Answer connections in turn, byte by byte if `drip` is set."""
    listening = socket.create_server(("127.0.0.1", 0))
    requests.clear()

    def serve() -> None:
        for answer in answers:
            try:
                connection, _unused = listening.accept()
            except OSError:
                return
            with connection:
                requests.append(connection.recv(4096))
                try:
                    if drip:
                        for byte in answer:
                            connection.sendall(bytes([byte]))
                            time.sleep(drip)
                    else:
                        connection.sendall(answer)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


requests: list[bytes] = []


def http(port: int, path: str = "/health", **more: Any) -> health.Probe:
    url = f"http://127.0.0.1:{port}{path}"
    return health.Probe(kind="http", url=url, **more)


class TestHttp:
    def test_well(self) -> None:
        with server(OK) as port:
            result = health.check_once(http(port, "/a?b=c"))
        assert result == health.Result(
            True, f"http://127.0.0.1:{port}/a?b=c answered 200"
        )
        head = requests[0].decode()
        assert head.startswith("GET /a?b=c HTTP/1.0\r\n")
        assert f"\r\nHost: 127.0.0.1:{port}\r\n" in head
        assert "\r\nConnection: close\r\n" in head

    def test_name_of_this_host(self) -> None:
        with server(OK) as port:
            url = f"http://localhost:{port}"
            probe = health.Probe(kind="http", url=url)
            assert health.check_once(probe).ok
        assert requests[0].startswith(b"GET / HTTP")

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (b"HTTP/1.1 503 Unavailable\r\n\r\n", "answered 503, not 200-299"),
            (b"HTTP/1.0 199 x\r\n\r\n", "answered 199, not"),
            (b"HTTP/1.0 300 x\r\n\r\n", "answered 300, not"),
            (b"SSH-2.0-OpenSSH\r\n", "no HTTP answer, but b'SSH-2.0"),
            (b"", "no HTTP answer, but b''"),
            (
                b"HTTP/1.1 302 Found\r\nLocation: http://evil/\r\n\r\n",
                "answered 302 (a redirect to http://evil/, which is not",
            ),
        ],
    )
    def test_unwell(self, answer: bytes, said: str) -> None:
        with server(answer) as port:
            result = health.check_once(http(port))
        assert not result.ok
        assert said in result.detail

    @pytest.mark.parametrize(
        ("status", "ok"), [((503, 503), True), ((200, 200), False)]
    )
    def test_expected_status(self, status: tuple[int, int], ok: bool) -> None:
        with server(b"HTTP/1.1 503 x\r\n\r\n") as port:
            result = health.check_once(http(port, status=status))
        assert result.ok is ok

    @pytest.mark.parametrize("drip", [0.05, 0])
    def test_deadline_is_for_the_whole_answer(self, drip: float) -> None:
        answers = [OK * 10] if drip else []
        began = time.monotonic()
        with server(*answers, drip=drip) as port:
            result = health.check_once(http(port, timeout=0.4))
        assert result.ok is False
        assert "did not answer within 0.4 seconds" in result.detail
        assert time.monotonic() - began < 2

    def test_nobody_there(self) -> None:
        with server() as port:
            pass
        result = health.check_once(http(port))
        assert (result.ok, "refused" in result.detail) == (False, True)


class TestTcp:
    def test_well_and_unwell(self) -> None:
        with server(b"") as port:
            probe = health.Probe(kind="tcp", port=port)
            assert health.check_once(probe).ok
        assert not health.check_once(probe).ok


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "https://127.0.0.1/",
        "ftp://127.0.0.1/",
        "127.0.0.1:80",
        "//127.0.0.1/",
        "http:///x",
        "http://user:password@127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:70000/",
        "http://127.0.0.1:80a/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\r\nX: y",
        "http://127.0.0.1/ä",
        "http://[::1/",
        "",
    ],
)
def test_refused_urls(url: str) -> None:
    with pytest.raises(errors.HostError, match="is not a URL of a health"):
        health.check_once(health.Probe(kind="http", url=url))


@pytest.mark.parametrize(
    "probe",
    [
        health.Probe(kind="tcp", port=0),
        health.Probe(kind="tcp", port=65536),
        health.Probe(kind="dns"),
    ],
)
def test_refused_probes(probe: health.Probe) -> None:
    with pytest.raises(errors.HostError):
        health.endpoint(probe)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost/", ("localhost", 80)),
        ("http://[::1]:8000/x", ("::1", 8000)),
        ("http://127.0.0.1:65535", ("127.0.0.1", 65535)),
    ],
)
def test_endpoints(url: str, expected: tuple[str, int]) -> None:
    probe = health.Probe(kind="http", url=url)
    assert health.endpoint(probe) == expected


@pytest.mark.parametrize("host", ["192.0.2.1", "198.51.100.7"])
def test_other_hosts_are_not_asked(host: str) -> None:
    for probe in (
        health.Probe(kind="http", url=f"http://{host}/"),
        health.Probe(kind="tcp", host=host, port=80),
    ):
        with pytest.raises(errors.HostError, match="not an address of this"):
            health.check_once(probe)
