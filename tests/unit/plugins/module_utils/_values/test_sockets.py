# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and options of sockets."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    registry,
    sockets,
)

CASES: value_types.Cases = {
    "ip-tos": (("low-delay", "0", "255"), ("256", "fast")),
    "listen": (
        (
            "80", "+80", "127.0.0.1:80", "[::1]:80", "/run/a", "@a",
            "vsock:2:1234", "%t/a", "vsock::1", "vsock: 0x2: 010",
            "vsock:4294967295:1", "vsock-stream:2:80", "vsock-dgram::80",
            "vsock-seqpacket:2:80", "1.2.3.4:80%%lo", "[::1]:80%%eth0.5",
            "[::1]:80%%1", "[::ffff:1.2.3.4]:0x50",
        ),
        (
            "0", "65536", "1.2.3.4", "1.2.3.4:0", "a", "[::1]", "/", "vsock:a",
            ":::1", "::1:80", "[1.2.3.4]:80", "127.0.0.1: 80", "[::1]: 80",
            "1.2.3.4%%lo:80", "[::1%%lo]:80", "1.2.3.4:80%%",
            "1.2.3.4:80%%a/b", "[::1]:80%%0", "80%%lo", "vsock:4294967296:1",
            "vsock:1:4294967296", "vsock:1:4294967295", "vsock:1:-1",
            "vsock:-1:1", "vsock:1:", "vsock:2 :80", "vsock-foo:1:1",
            "vsock:2:80:1", "vsock-:2:80", "vsock:\u0661:1", "\u0661",
            "8\u0661", "127.0.0.1:\u0661", "[::1]:\u30001", "127.0.0.1:\xa080",
            "08",
        ),
    ),
    "listen-netlink": (
        (
            "route", "kobject-uevent 1", "5", "route -0", "route 4294967295",
            "route 0x5",
        ),
        (
            "bogus", "route x", "route -1", "route 4294967296", "route 5 6",
            "route \u0661", "\u0661", "2147483648",
        ),
    ),
    "listen-path": (("/run/a",), ("a", "/proc/x")),
    "size-long": (("1", "7E", "5 K"), ("8E", "-1", "0x1f")),
    "xattr": (
        (
            "user.a=b", "user.a=b c", "user.a=~'", "user.=x", r"user.a=\q",
            "user.%i=b",
        ),
        ("a=b", "user.a", '"user.a=b c"', "'user.a=b'", "user.a=%5"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(sockets) == set(CASES)


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("/run/a", True),
        ("@a", True),
        ("vsock:2:80", False),
        ("vsock-seqpacket:2:80", False),
        ("[::1]:80", False),
        ("80", False),
    ],
)
def test_sequential_packets(value: str, accepted: bool) -> None:
    context = contexts.Context(
        targets.Target(257), "a.socket", "Socket", "ListenSequentialPacket"
    )
    assert value_types.is_accepted_in(value, "listen", context) == accepted


@pytest.mark.parametrize(
    ("kind", "option", "codes"),
    [
        ("listen", "ListenStream", ["var-run"]),
        ("listen", "ListenDatagram", ["var-run"]),
        ("listen-path", "ListenFIFO", ["var-run"]),
        # systemd leaves these as they are.
        ("listen-path", "ListenSpecial", []),
        ("listen-path", "ListenMessageQueue", []),
    ],
)
def test_a_path_below_var_run(
    kind: str, option: str, codes: list[str]
) -> None:
    context = contexts.Context(
        targets.Target(257), "a.socket", "Socket", option
    )
    registry.check_value(kind, "/var/run/a", context)
    assert [remark.code for remark in context.remarks] == codes
