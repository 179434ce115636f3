# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Health checks: whether a service answers.

Probes go to this host alone. They follow no redirect, since root's
network may reach places that the service cannot reach.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import os
import re
import socket
import time
from contextlib import suppress
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    printable,
)

_MAX_BYTES = 65536
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r\n]")
_LOCATION = re.compile(rb"\r?\nlocation:[ \t]*([^\r\n]{1,200})", re.IGNORECASE)
_PRINTABLE = re.compile(r"[!-~]+")


class Probe(NamedTuple):
    """One way to ask a service whether it is well.

    Args:
        kind: `http`, `tcp`, `unix` or `command`.
        url: For http: `http://`, a name or address of this host, a
            port, a path.
        host: For tcp: a name or address of this host.
        port: For tcp: 1 to 65535.
        status: For http: the lowest and highest status that is good.
        match: For http: a regular expression that the body must match,
            or "".
        path: For unix, and for http over a Unix socket: the socket.
        command: For command: the command, as messages show it.
        unit: For command: the unit file of a job that runs the command
            in the service's own sandbox.
        account: The service's user. Its rights are used to connect to a
            socket that the service owns and to read a foreign answer.
        timeout: Seconds for one attempt.
    """

    kind: str
    url: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    status: tuple[int, int] = (200, 299)
    match: str = ""
    path: str = ""
    command: str = ""
    unit: str = ""
    account: str = ""
    timeout: float = 5.0


class Result(NamedTuple):
    """Whether the service is well, and the observation in words."""

    ok: bool
    detail: str


def endpoint(probe: Probe) -> tuple[str, int]:
    """Find which host and port a probe asks.

    Raises:
        HostError: The kind, the URL or the port of the probe breaks a
            rule.
    """
    if probe.kind == "tcp":
        if not 0 < probe.port < 65536:
            raise errors.HostError(
                f"port {probe.port} of a tcp health check must be from 1 "
                "to 65535"
            )
        return probe.host, probe.port
    if probe.kind == "http":
        return _find_http_endpoint(probe.url)
    raise errors.HostError(
        f"health check of kind {probe.kind!r} asks no port; write http or tcp"
    )


def check_once(probe: Probe) -> Result:
    """Ask once, within the probe's timeout.

    Raises:
        HostError: The probe breaks a rule of `endpoint`, or leads to
            another host.
    """
    is_ok, detail = _run_probe(probe)
    return Result(is_ok, printable.line(detail))


def _run_probe(probe: Probe) -> tuple[bool, str]:
    if probe.kind == "command":
        return _run_command(probe)
    if probe.path or probe.match or not _is_numeric(probe):
        # Most probes ask a port of a numeric address, and need no
        # process of their own.
        from . import children  # noqa: PLC0415

        # A socket that the service owns, a pattern on its answer and a
        # name that others resolve may each take for ever.
        return children.as_user(
            probe.account, lambda: _ask(probe), probe.timeout
        )
    return _ask(probe)


def _is_numeric(probe: Probe) -> bool:
    """Tell whether a probe needs no name server to find its address."""
    host = endpoint(probe)[0]
    if host == "localhost":
        return True
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host)
            return True
    return False


def _run_command(probe: Probe) -> tuple[bool, str]:
    """Run a command whose exit status tells whether all is well."""
    # Few probes run a command, and the modules for it are large.
    from . import oneshot  # noqa: PLC0415

    if not probe.unit:
        raise errors.HostError(
            f"{probe.command} cannot be run: an older version of the "
            "collection deployed it without the sandbox of its check; "
            "deploy again"
        )
    # The name must be new: systemd may still know the unit of the last
    # check.
    name = f"pyfleet_{probe.account}_health_{os.getpid()}_"
    name += f"{time.monotonic_ns()}.service"
    ending = oneshot.run(name, probe.unit, timeout=probe.timeout)
    if ending.is_ok:
        return True, f"{probe.command} succeeded"
    said = " / ".join(ending.lines)[-500:]
    return False, f"{probe.command} {ending.words}: {said}"


def _ask(probe: Probe) -> tuple[bool, str]:
    """Connect, and for http ask, within the deadline."""
    deadline = time.monotonic() + probe.timeout
    where = probe.url or probe.path or "{} port {}".format(*endpoint(probe))
    try:
        with _open(probe, deadline) as connection:
            if probe.kind != "http":
                return True, f"{where} accepts connections"
            answer = _ask_http(
                connection, probe.url, deadline, has_body=bool(probe.match)
            )
    except (TimeoutError, socket.timeout):
        # Before Python 3.10 these are two classes.
        return (
            False,
            f"{where} did not answer within {probe.timeout:g} seconds",
        )
    except OSError as error:
        return False, f"{where}: {error.strerror or error}"
    except UnicodeError as error:
        # getaddrinfo() encodes names by IDNA and found an invalid name.
        return False, f"{where}: {error}"
    return _judge(where, answer, probe)


def _open(probe: Probe, deadline: float) -> socket.socket:
    if not probe.path:
        return _connect(*endpoint(probe), deadline)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_measure_left(deadline))
        connection.connect(probe.path)
    except OSError:
        connection.close()
        raise
    return connection


def _find_http_endpoint(url: str) -> tuple[str, int]:
    # Only a check by http needs this large module.
    from urllib.parse import urlsplit  # noqa: PLC0415

    problem = f"{url!r} is not a URL of a health check"
    if not _PRINTABLE.fullmatch(url):
        raise errors.HostError(
            f"{problem}: write spaces and characters beyond ASCII as %XX"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise errors.HostError(f"{problem}: {error}") from error
    if parts.scheme != "http":
        raise errors.HostError(f"{problem}: it must begin with http://")
    if parts.username is not None or parts.hostname is None:
        raise errors.HostError(
            f"{problem}: write a host, and no user or password"
        )
    if port == 0:
        raise errors.HostError(f"{problem}: write a port from 1 to 65535")
    return parts.hostname, port or 80


def _connect(host: str, port: int, deadline: float) -> socket.socket:
    """Connect to the first address of this host that accepts."""
    failure: OSError = ConnectionRefusedError(111, f"{host} has no address")
    for family, kind, _protocol, _name, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        if not _is_own_address(family, address):
            raise errors.HostError(
                f"health check of {host} ({address[0]}): this is not an "
                "address of this host; write one, such as 127.0.0.1"
            )
        connection = socket.socket(family, kind)
        try:
            connection.settimeout(_measure_left(deadline))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def _is_own_address(family: int, address: tuple[object, ...]) -> bool:
    """Tell whether an address is this host's, by binding it."""
    if str(address[0]) in ("0.0.0.0", "::"):  # noqa: S104
        return True
    with socket.socket(family, socket.SOCK_DGRAM) as attempt:
        try:
            attempt.bind((address[0], 0, *address[2:]))
        except OSError:
            return False
    return True


def _measure_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _ask_http(
    connection: socket.socket,
    url: str,
    deadline: float,
    *,
    has_body: bool,
) -> bytes:
    """Send a GET and read the answer, or its head alone: RFC 9112.

    http.client does not suit, since the deadline is for the whole
    answer: a server that sends a byte a second would never end it.
    """
    # Only a check by http needs this large module.
    from urllib.parse import urlsplit  # noqa: PLC0415

    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = (
        f"GET {target} HTTP/1.0\r\nHost: {parts.netloc}\r\n"
        "User-Agent: pyfleet-health\r\nAccept: */*\r\n"
        "Connection: close\r\n\r\n"
    )
    connection.settimeout(_measure_left(deadline))
    connection.sendall(request.encode("ascii"))
    answer = b""
    while len(answer) < _MAX_BYTES and (has_body or b"\r\n\r\n" not in answer):
        connection.settimeout(_measure_left(deadline))
        received = connection.recv(4096)
        if not received:
            break
        answer += received
    return answer


def _judge(where: str, answer: bytes, probe: Probe) -> tuple[bool, str]:
    head, _blank, body = answer.partition(b"\r\n\r\n")
    line = _STATUS_LINE.match(head + b"\r")
    if line is None:
        return False, f"{where} gave no HTTP answer, but {head[:60]!r}"
    number = int(line[1])
    lowest, highest = probe.status
    if lowest <= number <= highest:
        return _judge_body(f"{where} answered {number}", body, probe.match)
    expected = f"{lowest}" if lowest == highest else f"{lowest}-{highest}"
    location = _LOCATION.search(head)
    leads = ""
    if location:
        target = location[1].decode("ascii", errors="replace")
        leads = f" (a redirect to {target}, which is not followed)"
    return False, f"{where} answered {number}{leads}, not {expected}"


def _judge_body(said: str, body: bytes, match: str) -> tuple[bool, str]:
    if not match or re.search(match, body.decode(errors="replace")):
        return True, said
    return False, f"{said}, but its body does not match {match!r}"
