# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Foreign text reaches a person without its powers."""

from __future__ import annotations

import json
import types

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    command,
    journal,
    printable,
)

RUN = "0" * 32


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("a\tb \u00e4 \u4e2d", "a\tb \u00e4 \u4e2d"),
        ("\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"),
        ("a\rok=99", "a\\rok=99"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("\u202egpj.exe\u200b\u2066", "\\u202egpj.exe\\u200b\\u2066"),
        ("a\nb\u2028c\x85", "a\\nb\\u2028c\\x85"),
        ("\udc9b", "\\udc9b"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_line(foreign: str, shown: str) -> None:
    """Each kind of letter that cannot be seen is an escape."""
    assert printable.line(foreign) == shown


@pytest.mark.parametrize(
    "message",
    ["\x1b[1Aok=99", ["first", "\x1b[1Aok=99"], [*b"\x1b[1Aok=99"]],
    ids=["text", "two fields of one name", "bytes"],
)
def test_a_journal_repaints_no_screen(
    message: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However a service has written its message."""
    entry = json.dumps({"INVOCATION_ID": RUN, "MESSAGE": message})
    monkeypatch.setattr(
        command,
        "run",
        lambda *_, **__: types.SimpleNamespace(stdout=entry),
    )
    lines = journal.last_lines("a.service", RUN)
    assert lines[-1] == "\\x1b[1Aok=99"
