# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parser splits lines as systemd does."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)

LIMIT = 1024 * 1024


def assigned(text: str) -> list[tuple[object, ...]]:
    """Return what is assigned, without the last line."""
    return [item[:4] for item in syntax.parse(text).assignments()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Service]\nUser=a\n", [("Service", "User", "a", 2)]),
        ("[Service]\nUser = a \t\n", [("Service", "User", "a", 2)]),
        ("[Service]\r\nUser=a\r\n", [("Service", "User", "a", 2)]),
        ("[S]\nA=1 \\\n  2\n", [("S", "A", "1    2", 2)]),
        (
            "[S]\nA=1 \\\n# no\n 2\nB=3\n",
            [("S", "A", "1   2", 2), ("S", "B", "3", 5)],
        ),
        (
            "[S]\nA=1 \\\n; no\n\nB=3\n",
            [("S", "A", "1", 2), ("S", "B", "3", 5)],
        ),
        ("[S]\nA=1\\\\\nB=2\n", [("S", "A", "1\\\\", 2), ("S", "B", "2", 3)]),
        ("[S]\nA=b\rB=c\n", [("S", "A", "b", 2), ("S", "B", "c", 3)]),
        ("[S]\nA=b\0B=c\n", [("S", "A", "b", 2), ("S", "B", "c", 3)]),
        ("[S]\nA=b\u2028B=c\n", [("S", "A", "b\u2028B=c", 2)]),
        ("[S]\nA=b\x85B=c\n", [("S", "A", "b\x85B=c", 2)]),
        ("[S]\nA=b\x0bB=c\n", [("S", "A", "b\x0bB=c", 2)]),
        ("[S]\nA=\n", [("S", "A", "", 2)]),
        ("[S]\nA=b=c\n", [("S", "A", "b=c", 2)]),
        ("[S]\n #A=b\n\t;A=c\n", []),
        ("\ufeff[S]\nA=b\n", [("S", "A", "b", 2)]),
        ("[S]\nA=b", [("S", "A", "b", 2)]),
        ("[S]\nA=b \\", [("S", "A", "b", 2)]),
        (
            "[S]\nA=1\n[T]\nB=2\n[S]\nA=3\n",
            [("S", "A", "1", 2), ("T", "B", "2", 4), ("S", "A", "3", 6)],
        ),
    ],
)
def test_assignments(text: str, expected: list[tuple[object, ...]]) -> None:
    assert assigned(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("A=b\n", "outside-section", 1),
        ("[S] # why\n", "invalid-header", 1),
        ("[S\n", "invalid-header", 1),
        ("[S]\nA\n", "not-an-assignment", 2),
        ("[S]\n=b\n", "not-an-assignment", 2),
        ("[S]\nA=b\rB=c\n", "line-separator", 2),
        ("[S]\nA=b\0\n", "line-separator", 2),
        pytest.param(
            "[S]\nA=" + "x" * (LIMIT - 2) + "\nB=c\n",
            "line-too-long",
            2,
            id="a line that reaches the limit",
        ),
        pytest.param(
            "[S]\nA=" + "\u00e4" * (LIMIT // 2 - 1) + "\n",
            "line-too-long",
            2,
            id="a line that reaches it in bytes",
        ),
        pytest.param(
            "[S]\n#" + "x" * LIMIT + "\nA=b\n",
            "line-too-long",
            2,
            id="a comment",
        ),
        pytest.param(
            "[S]\nA=b\\\n" + f"{'x' * 9999}\\\n" * 105 + "\nB=c\n",
            "line-too-long",
            2,
            id="joined lines",
        ),
    ],
)
def test_mistakes(text: str, code: str, line: int) -> None:
    found = syntax.parse(text).mistakes
    assert [(one.code, one.line) for one in found][:1] == [(code, line)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[S]\nA=" + "x" * (LIMIT - 3) + "\n", id="one line"),
        pytest.param(
            "[S]\nA=\\\n" + "x" * (LIMIT - 3) + "\n", id="joined lines"
        ),
    ],
)
def test_a_line_within_the_limit(text: str) -> None:
    document = syntax.parse(text)
    assert document.mistakes == []
    (item,) = document.assignments()
    assert len(item.value) == LIMIT - 3


def test_a_line_that_is_too_long_is_not_read() -> None:
    text = "[S]\nA=" + "x" * LIMIT + "\nB=c\n"
    document = syntax.parse(text)
    assert [item.name for item in document.assignments()] == ["B"]
    assert document.render() == text


def test_bytes_that_are_not_utf8_are_kept_and_reported() -> None:
    data = b"[S]\nA=\xff\xfe\n"
    document = syntax.parse(data)
    assert syntax.encode(document.render()) == data
    assert [one.code for one in document.mistakes] == ["invalid-utf8"]


def test_no_mistake_in_a_plain_file() -> None:
    assert syntax.parse("# x\n[S]\nA=b\n\n[X-Own]\nany=thing\n").mistakes == []


def test_a_continued_line_knows_both_ends() -> None:
    (item,) = syntax.parse("[S]\nA=1 \\\n 2 \\\n 3\n").assignments()
    assert (item.line, item.end) == (2, 4)


@given(
    st.text(
        alphabet=st.sampled_from("[]S=a#; \\\n\r\0\t\"'\u2028\x85"),
        max_size=60,
    )
)
def test_rendering_a_document_is_the_identity(text: str) -> None:
    assert syntax.parse(text).render() == text


@given(st.binary(max_size=60))
def test_rendering_is_the_identity_for_any_bytes(data: bytes) -> None:
    assert syntax.encode(syntax.parse(data).render()) == data
