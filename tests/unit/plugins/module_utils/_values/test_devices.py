# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices, their limits, and images of file systems."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    devices,
)

CASES: value_types.Cases = {
    "device-allow": (
        (
            "/dev/null", "/dev/null rw", "char-pts rwm", "block-sd* r",
            "/dev/", "/dev", "/dev/x/", "/dev/%i", "//dev/null r",
            "/./dev//null", "/dev/./x",
        ),
        (
            "/etc/passwd", "/dev/null x", "dev/null", "/devx", "/dev/../x r",
            "%i r", "/",
        ),
    ),
    "device-bandwidth": (("/dev/sda 5M",), ("/dev/sda", "/dev/sda x")),
    "device-blkio-weight": (
        ("/dev/sda 10", "/a 0x20", "/a +50"),
        ("/dev/sda 5", "/dev/sda", "/a 1001", "/a 1x"),
    ),
    "device-latency": (("/dev/sda 5ms",), ("/dev/sda", "/dev/sda x")),
    "device-limit": (
        ("/dev/sda 5M", "/dev/sda infinity"),
        ("/dev/sda 0", "x"),
    ),
    "device-weight": (
        ("/dev/sda 100", "sda 5", "/ 5"),
        ("/dev/sda 0", "/dev/sda", "%i 5", "'' 5", ". 5", "./ 5", "/a/../b 5"),
    ),
    "extension-images": (
        ("/a", "-/a:ro", "/a:root:ro", "/a:%i"),
        ("a", "/a:bogus:ro", "/dev/a", "-/proc/a", "/a:%5", "/a:root:x:%5"),
    ),
    "image-options": (
        ("ro", "root:ro home:ro,noexec", r"root\:ro", "usr-verity-sig:ro"),
        ("bogus:ro", "a:b:c", "root-other:ro", "root-secondary:ro", "root:%5"),
    ),
    "image-policy": (
        (
            "*", "-", "root=verity+signed", "=absent", "root=-", "=",
            "root = verity", "root=verity:home=open", r"ro\ot=verity",
        ),
        (
            "root", "a=b", "root=verity:root=verity",
            "root=verity:root=signed", "=absent:=open", "root=verity++signed",
            "root=+verity", "root=verity:", "root=encryptedwithintegrity",
            "root\u3000=verity", "root=verity=signed", "root\\",
        ),
    ),
    "mount-images": (
        ("/a:/b", "-/a:/b:ro", "/a:/b:root:ro", "/dev/a:/b", "/a:/b:%i"),
        (
            "/a", "a:/b", "/a:b", "/a:/dev/b", "/a:/b:%5", "/a:/b:root:x:%5",
            "/a:/b:root-other:ro",
        ),
    ),
    "root-hash": (
        (
            "00112233445566778899aabbccddeeff", "/a",
            "0 011223344556677 8899aabbccddee\tff",
        ),
        (
            "00", "xyz", "00112233445566778899aabbccddeef f0",
            "0011223344556677\u30008899aabbccddeeff",
        ),
    ),
    "root-hash-signature": (("base64:AAAA", "/a"), ("AAAA", "base64:A")),
    "swap-priority": (("-1", "0", "32767"), ("-2", "32768")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(devices) == set(CASES)
