# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The renderer lets no value begin a directive of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
    writer,
)


def test_render() -> None:
    text = writer.render(
        {
            "Unit": {"Description": "x", "After": ["a.service", "b.service"]},
            "Service": {"ExecStart": "", "User": []},
        }
    )
    assert text == (
        "[Unit]\nDescription=x\nAfter=a.service\nAfter=b.service\n"
        "\n[Service]\nExecStart=\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        "a\nUser=root",
        "a\rExecStartPre=+/bin/touch x",
        "a\0b",
        "a\\",
        "a\\\\\\",
        " a",
        "a ",
        "a\t",
        "\ud800",
        "x" * 1024 * 1024,
        None,
        True,
        5,
        1.5,
    ],
)
def test_render_refuses(value: object) -> None:
    values: Any = [value]
    with pytest.raises(writer.WriteError):
        writer.render({"Service": {"Environment": values}})


@pytest.mark.parametrize(
    "name", ["", "A=B", "A\nB", " A", "#A", ";A", "[A", "\u0410", 5, None]
)
def test_render_refuses_names(name: str) -> None:
    with pytest.raises(writer.WriteError):
        writer.render({"Service": {name: "x"}})
    with pytest.raises(writer.WriteError):
        writer.render({f"{name}]" if name else "": {"User": "x"}})


@given(st.text(max_size=40))
def test_what_is_rendered_comes_back(value: str) -> None:
    try:
        text = writer.render({"Service": {"Environment": value, "User": "a"}})
    except writer.WriteError:
        return
    assert [item[:3] for item in syntax.parse(text).assignments()] == [
        ("Service", "Environment", value),
        ("Service", "User", "a"),
    ]
