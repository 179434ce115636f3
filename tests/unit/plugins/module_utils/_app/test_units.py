# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A value stands in its own directive alone, or it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import rendering

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    sources,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ({"exec": "+/bin/touch x"}, "allow: [exec-prefix]"),
        ({"exec": "bin/x"}, "neither an absolute path"),
        ({"exec": "/bin/x \\"}, "trailing backslash"),
        ({"exec": "python x ; +/bin/sh -c id"}, "begins another command"),
        ({"options": {"Service": {"UMask": 18}}}, "in quotes"),
        ({"options": {"Service": {"RestartSec": 5}}}, "in quotes"),
        ({"options": {"Service": {"RestartSec": None}}}, "is null"),
        ({"options": {"Service": {"Nice": {}}}}, "a string, a boolean"),
        ({"options": {"Service": {"Nice": "1\nUser=root"}}}, "newline"),
        ({"options": {"Service": {"A": "1\rUser=root"}}}, "carriage return"),
        ({"options": {"Service": {"A": "1\\"}}}, "trailing backslash"),
        ({"options": {"Service": {"A": " 1"}}}, "white space"),
        ({"options": {"Service": {"A]\n[Unit": "1"}}}, "name of a directive"),
        ({"needs": ["netwrk"]}, "network"),
    ],
)
def test_what_would_be_misread_is_refused(
    main: dict[str, Any], said: str
) -> None:
    with pytest.raises(units.RenderError) as error:
        rendering.unit(**main)
    assert str(error.value).startswith("services.main")
    assert said in str(error.value)


@pytest.mark.parametrize(
    "value",
    [
        5, 0, -1, True, False, None, 1.5, [], ["a", 7, True], ["a", None],
        [["a"]], {"a": 1}, "", "5", "0640", "12:30", " a", "a\t", "a\\",
        "a\\\\", "a\nUser=root", "a\rb", "a\0b", "%n", "[Unit]", "#x",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("Service", "RestartSec"), ("Service", "UMask"), ("Service", "Nice"),
        ("Service", "StateDirectoryMode"), ("Service", "KillMode"),
        ("Service", "TimerSlackNSec"), ("Unit", "JobTimeoutSec"),
        ("Service", "OnCalendar"), ("Unit", "X-Own"), ("Service", "A=B"),
    ],
)  # fmt: skip
def test_role_and_module_give_options_one_answer(
    section: str, name: str, value: object
) -> None:
    options = {section: {name: value}}
    wanted, said_by_module = None, ""
    try:
        (source,) = sources.read_sources({"name": "x", "options": options})
        wanted = syntax.parse(source.text).values(section, name)
    except (errors.HostError, ValueError) as error:
        said_by_module = str(error)
    try:
        rendered = rendering.unit(options=options)
    except units.RenderError as error:
        assert str(error) == f"services.main.{said_by_module}"
    else:
        found = rendering.values(rendered, name)
        assert wanted == found[len(found) - len(wanted or []) :]


def test_comments_are_no_part_of_what_restarts() -> None:
    other = rendering.unit(replace(rendering.CONTEXT, collection="9.9.9"))
    assert other.text != rendering.unit().text
    assert other.assignments == rendering.unit().assignments
