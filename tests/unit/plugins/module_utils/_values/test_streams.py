# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard streams, logs and open files."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    streams,
)

CASES: value_types.Cases = {
    "fd-name": (("a b", "x"), ("a:b", "\xe4")),
    "fd-names": (
        ("a b", r"a\q"),
        ("a:b", "a*", "'a b'", "x x", r"x \x", r"a\\b", r"a\ b"),
    ),
    "log-fields": (
        (
            "FOO=bar", 'A=1 "B=2 3"', "%BA=x", "A%w%A%M%W=x",
            "A" * 64 + "%A=x", "A%U=x", r"A=\uffff", "A=%%A5",
        ),
        (
            "foo=bar", "FOO", "_A=b", "%A=x", "A%b=x", "A%m=x",
            "A" * 65 + "=x", "A%%A=x", "A%H=x", "A" * 64 + "%U=x",
            r"A=\U0010ffff", "A=%5",
        ),
    ),
    "log-namespace": (
        ("a", "a.b", "a" * 222),
        ("a/b", "a b", ".", "..", "a" * 223),
    ),
    "log-pattern": (("a.*", "~b", "[a-z]+"), ("~", "(a")),
    "open-file": (
        (
            "/a", "/a:b", "/a:b:read-only", "/a::append,graceful", "/a/../b",
            "/:a", "/a:b:", "/a:b:,", "/a:b:,read-only,,graceful,",
            "/a:b:read-only:", "/a/.", r"/a\s", "/\xfc:b", r"/a\xff:b",
            r"/a\ud800:b",
        ),
        (
            "a", "/a:b:x", "/", "/a/..", r"/a:b\x3a", "/a:\xfc", "/\xfc",
            r"/a\x3ab", r"/a\n", "/.", "/a::::", "/a:b:read-only,read-only",
            "/a:b:read-only,append", "/a:" + "x" * 256, "/" + "x" * 256 + ":a",
            "/x" * 2048 + "/:a", "/a:\xa0", r"/a\U0000d800:b",
        ),
    ),
    "standard-input": (
        ("null", "tty", "file:/a", "fd:x", "data"),
        ("file:a", "append:/a", "x"),
    ),
    "standard-output": (
        (
            "journal", "null", "file:/a", "append:/a", "truncate:/a", "fd:x",
            "syslog",
        ),
        ("journals", "file:a", "truncate:a"),
    ),
    "text": (
        (r"a\nb", "x", r"\x25i", r"\ufffe", r"\ud800", r"\\U0000d800"),
        (
            r"\q", "%5", r"\x255", r"%\x35", r"\x00", r"\U0000d800",
            r"\U0010ffff", r"\U0000fdd0",
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
    assert value_types.kinds_to_test(streams) == set(CASES)
