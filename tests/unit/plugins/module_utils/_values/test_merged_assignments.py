# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assignments of a unit that count in the end."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

TARGET = targets.Target(257)


def unit(*lines: str, name: str = "a.service") -> merged.MergedUnit:
    """Return a unit of lines such as `Service.Nice=5`."""
    triples = []
    for line in lines:
        place, _equals, value = line.partition("=")
        section, _dot, option = place.partition(".")
        triples.append((section, option, value))
    return merged.MergedUnit.of(triples, TARGET, name)


def test_the_last_assignment_counts() -> None:
    found = unit("Service.Nice=5", "Service.Nice=7")
    assert found.value("Service", "Nice") == "7"
    assert found.value("Service", "User", "root") == "root"
    assert [item.value for item in found.all("Service", "Nice")] == ["5", "7"]


def test_an_empty_assignment_resets_a_list() -> None:
    found = unit("Service.ExecStart=/a", "Service.ExecStart=")
    assert found.all("Service", "ExecStart") == []
    assert len(found.assigned) == 2


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("a.socket", "Socket.ListenStream=80", "Socket.ListenDatagram="),
        ("a.timer", "Timer.OnCalendar=daily", "Timer.OnBootSec="),
        ("a.path", "Path.PathExists=/a", "Path.PathChanged="),
    ],
)
def test_some_are_reset_together(name: str, first: str, second: str) -> None:
    section, _dot, option = first.partition("=")[0].partition(".")
    assert unit(first, name=name).last(section, option)
    assert unit(first, second, name=name).last(section, option) is None


def test_a_directive_that_the_target_does_not_have_does_not_count() -> None:
    found = merged.MergedUnit.of(
        [("Service", "MemoryKSM", "yes")], targets.Target(247)
    )
    assert found.assigned == []


def test_drop_ins_come_after_the_unit() -> None:
    documents = {
        "b.conf": syntax.parse("[Service]\nNice=2\n"),
        "": syntax.parse("[Service]\nNice=1\n"),
        "c.conf": syntax.parse("[Service]\nNice=3\n"),
    }
    found = merged.MergedUnit.read("a.service", documents, TARGET)
    last = found.last("Service", "Nice")
    assert last is not None
    assert (last.value, last.file) == ("3", "c.conf")
    assert [item.file for item in found.assigned] == ["", "b.conf", "c.conf"]
    assert [item.value for item in found.counting()] == ["3"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Service.ExecStart=/a",), "simple"),
        (("Service.ExecStart=/a", "Service.Type=notify"), "notify"),
        (("Service.ExecStart=/a", "Service.BusName=org.a"), "dbus"),
        (("Service.ExecStop=/a",), "oneshot"),
    ],
)
def test_the_type_of_a_service(lines: tuple[str, ...], expected: str) -> None:
    assert merged.service_type(unit(*lines)) == expected


def test_a_command_that_cannot_be_split_is_left_out() -> None:
    found = unit("Service.ExecStart='/a", "Service.ExecStart=/b c")
    (command,) = merged.commands(found.all("Service", "ExecStart"))
    assert command.argv == ("/b", "c")


@pytest.mark.parametrize(
    ("value", "expected"), [("yes", True), ("1", True), ("no", False)]
)
def test_a_boolean(value: str, expected: bool) -> None:
    found = unit(f"Service.PrivateTmp={value}")
    assert found.is_on("Service", "PrivateTmp") == expected
    assert not unit().is_on("Service", "PrivateTmp")
