# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines whose last backslash does not do what the author meant."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    continuations,
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
    table,
    targets,
)

START = "[Service]\nExecStart=/bin/x\n"
CUT = "blank-behind-backslash"
STRAY = "backslash-at-end"
SWALLOWED = "swallowed-line"


def findings(text: str) -> list[tuple[str, int]]:
    """Return rule and line of each finding about a service."""
    found = validator.check(text, "a.service", targets.Target(257))
    return [(one.code, one.line) for one in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('Environment="A=1" \\ \n  "B=2"\nUser=a\n', [(CUT, 3)]),
        ("Environment=A=1 \\\t\n  B=2\n", [(CUT, 3)]),
        ("Environment=A=1 \\ \n", [(CUT, 3)]),
        ("ExecStartPre=/bin/y \\ \n  --port 80 \\\n  --all\n", [(CUT, 3)]),
        ("ExecStartPre=/bin/y 'a \\ \n  b'\n", [(CUT, 3)]),
        (
            "ExecStartPre=/bin/y \\\n  --port 80 \\ \n  --all\n",
            [(CUT, 4)],
        ),
        # Each blank needs its own remedy.
        (
            "ExecStartPre=/bin/y \\ \n  --port 80 \\ \n  --all\n",
            [(CUT, 3), (CUT, 4)],
        ),
        (
            "ExecStartPre=/bin/y \\ \n# why\n  --port 80\nUser=a\n",
            [(CUT, 3)],
        ),
        # Nothing is lost behind these.
        ("ExecStartPre=/bin/y \\ \nUser=a\n", [(STRAY, 3)]),
        ("ExecStartPre=/bin/y \\ \n\nUser=a\n", [(STRAY, 3)]),
        ("ExecStartPre=/bin/y \\ \n# why\nUser=a\n", [(STRAY, 3)]),
        (
            "ExecStartPre=/bin/y \\ \n[Install]\nWantedBy=a.target\n",
            [(STRAY, 3)],
        ),
        # systemd joins these, and knows no backslash in a comment.
        ('Environment="A=1" \\\n  "B=2"\n', []),
        ("# a comment \\ \nUser=a\n", []),
        ("ExecStartPre=/bin/y \\\\ \n", []),
    ],
)
def test_a_blank_behind_a_backslash(
    lines: str, expected: list[tuple[str, int]]
) -> None:
    assert findings(START + lines) == expected


def test_the_message_names_the_blank() -> None:
    text = f"{START}Environment=A=1 \\ \n  B=2\n"
    (one,) = validator.check(text, "a.service", targets.Target(257))
    assert one.message == (
        "the line of Environment= has a blank behind its last backslash, so"
        " that systemd does not join line 4 to it; remove the blank behind"
        " the backslash"
    )
    assert (one.option, one.value) == ("Environment", "A=1 \\")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Environment=A=1 \\\nUser=a\n", [(SWALLOWED, 4)]),
        ("Environment=A=1 \\\n# why\nUser=a\n", [(SWALLOWED, 5)]),
        ("Environment=A=1 \\\nB=2 \\\nUser = a\n", [(SWALLOWED, 5)]),
        ("  Environment=A=1 \\\n  User=a\n", [(SWALLOWED, 4)]),
        ("ExecStartPre=/bin/y \\\n[Install]\n", [(SWALLOWED, 4)]),
        ("ExecStartPre=/bin/y \\\nAfter=a.service\n", [(SWALLOWED, 4)]),
        # A line that goes on is indented, or cannot stand for itself.
        ("Environment=A=1 \\\n  User=a\n", []),
        ("Environment=A=1 \\\nB=2\n", []),
        ("ExecStartPre=/bin/y \\\n[a]\n", []),
        ("ExecStartPre=/bin/y \\\n--User=a\n", []),
        ("ExecStartPre=/bin/sh -c 'a \\\nUser=b; \\\n$User'\n", []),
    ],
)
def test_a_line_that_a_backslash_swallows(
    lines: str, expected: list[tuple[str, int]]
) -> None:
    assert findings(START + lines) == expected


def test_what_was_meant_to_be_joined() -> None:
    text = f"{START}Environment=A=1 \\ \n  B=2 \\\n  C=3\nUser=a\n"
    document = syntax.parse(text)
    (cut,) = continuations.cuts(document, table.SECTIONS["service"])
    assert (cut.line, list(cut.lost)) == (3, [4, 5])
    assert cut.item.name == "Environment"
