# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of words that the kernel or libseccomp knows."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    lists,
)

CASES: value_types.Cases = {
    "address-families": (
        (
            "AF_INET", "AF_INET AF_INET6", "~AF_UNIX", "none", "af_inet",
            "AF_decnet",
        ),
        (
            "AF_INTE", "INET", "AF_INET,AF_UNIX", "none AF_INET", "'AF_INET",
            "inet",
        ),
    ),
    "architectures": (("native", "x86-64 x86"), ("nativ", "amd64")),
    "capabilities": (
        ("CAP_KILL", "cap_chown CAP_KILL", "~CAP_SYS_ADMIN", "12", "~"),
        ("CAP_NOPE", "CAP_KILL CAP_KIL", "KILL", "CAP_KILL,CAP_CHOWN", "64"),
    ),
    "coredump-filter": (
        ("default", "0x33", "private-anonymous 33"),
        ("elf", "xyz"),
    ),
    "exit-statuses": (
        ("0 1 SIGKILL", "TEMPFAIL", "SIGRTMIN+3", "250"),
        ("256", "SIGFOO", "-1", "FOO"),
    ),
    "filesystems": (("ext4", "~@network", "@basic-api tmpfs"), ("@bogus",)),
    "namespaces": (("yes", "no", "net user", "~ipc"), ("usr", "net,user")),
    "secure-bits": (
        ("keep-caps", "noroot noroot-locked"),
        ("keep-cap", "root"),
    ),
    "syscalls": (
        (
            "read", "@system-service write", "~@mount", "~read:EPERM",
            "~@mount:kill", "~read:0", "~read:eperm",
        ),
        (
            "reed", "@mont", "read:EPERM", "~read:EFOO", "read, write",
            "~read:ENOPE", "~read:9999",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(lists) == set(CASES)
