# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths, alone and in lists."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    paths,
    registry,
)

CASES: value_types.Cases = {
    "base64": (
        ("AAAA", "AA==", "AAAA BBBB", "BAQ="),
        ("AAA", "!!!!", "BAR=", "BB=="),
    ),
    "bind-paths": (
        (
            "/a", "/a:/b", "-/a:/b:rbind", "/a:/b:norbind /c", "/a:/b:",
            "/a:/b:", "/../a",
        ),
        (
            "a", "/a:b", "/a:/b:bind", "/a/../b", "/a:", "/a:/b:rbind:x",
            "/a:/b::",
        ),
    ),
    "colon-paths": (("/a:/b", "/a"), ("a:/b", "/a::/b")),
    "directories": (
        ("a", "a/b c", "a:b", "a:b:ro", "%p", r"a\:b", "foo:private"),
        (
            "/a", "../a", "private/x", "a:/b", "a:b:rw", ".", "private",
            "private/a", r"A=\xff", "A=\udcff",
        ),
    ),
    "environment-file": (("/a", "-/a", "/a b"), ("a", "-a", "/a/../b")),
    "namespace-paths": (("/a", "-/a +/b", "-+/a"), ("a", "+-/a", "/a/../b")),
    "path": (("/a", "/a b", "%t/x", "//"), ("a", "/a/../b", "%Q")),
    "path-each": (("/a", "%t/a"), ("a", "%Q")),
    "paths": (("/a /b", "'/a b'"), ("a", "/a b")),
    "pid-file": (
        ("/run/a", "a.pid", "/var/run/a", "/../a"),
        ("../a", "/proc/a", "/a/../b"),
    ),
    "reboot-parameter": (("a",), ("\xe4",)),
    "string": (("a b", "%n", "50%"), ("%5", "%Q")),
    "temporary-filesystems": (("/a", "/a:ro,size=1M /b"), ("a", "a:ro")),
    "working-directory": (
        ("/a", "-/a", "~", "-~", "%S/x"),
        ("a", "../a", "-a"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(paths) == set(CASES)


def test_a_path_is_text() -> None:
    assert value_types.is_accepted("bind-paths", r"/a\xc3\xa4:/b", 262)
    assert not value_types.is_accepted("bind-paths", r"/a\xff:/b", 262)


@pytest.mark.parametrize(
    ("kind", "value", "is_fatal"),
    [
        ("working-directory", "a", True),
        ("working-directory", "-a", False),
        ("pid-file", "../a", True),
        ("environment-file", "a", False),
    ],
)
def test_what_a_bad_path_does_to_the_unit(
    kind: str, value: str, is_fatal: bool
) -> None:
    context = contexts.Context(targets.Target(257), "a.service", "Service")
    with pytest.raises(contexts.BadValueError):
        registry.check_value(kind, value, context)
    assert context.is_fatal == is_fatal
