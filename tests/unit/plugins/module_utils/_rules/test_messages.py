# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directive or value that is not taken is told with its remedy."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    messages,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    registry,
)

SECTIONS = table.SECTIONS["service"]


def unusable(section: str, name: str, version: int = 257) -> report.Finding:
    """Return what is said of a directive that is not in a section."""
    item = syntax.Assignment(section, name, "x", 1, 1)
    return messages.unusable(
        item, table.find(section, name), SECTIONS, targets.Target(version)
    )


def bad_value(name: str, value: str, version: int = 257) -> report.Finding:
    """Return what is said of a value of [Service]."""
    item = syntax.Assignment("Service", name, value, 1, 1)
    directive = table.find("Service", name)
    assert directive is not None
    target = targets.Target(version)
    context = contexts.Context(target, "a.service", "Service", name)
    with pytest.raises(contexts.BadValueError) as caught:
        registry.check_value(directive.form(target).kind, value, context)
    return messages.bad_value(item, caught.value, directive, context)


def test_a_directive_of_another_section() -> None:
    found = unusable("Service", "WantedBy")
    assert found.code == "misplaced-directive"
    assert "[Install]" in found.message


def test_a_directive_that_nobody_knows_names_the_nearest() -> None:
    found = unusable("Service", "ProtectSytem")
    assert found.code == "unknown-directive"
    assert found.replacement == "ProtectSystem"


def test_a_directive_that_comes_later() -> None:
    found = unusable("Service", "PrivatePIDs", 252)
    assert (found.code, found.since) == ("directive-too-new", 257)


def test_a_directive_that_is_gone() -> None:
    found = unusable("Service", "MemoryLimit", 262)
    assert found.code == "directive-removed"
    assert found.replacement == "MemoryMax"


def test_a_bad_value_names_what_was_meant() -> None:
    found = bad_value("ProtectSystem", "strct")
    assert (found.code, found.replacement) == ("invalid-value", "strict")
    assert "strct" in found.message


def test_a_value_that_comes_later() -> None:
    found = bad_value("Type", "notify-reload", 252)
    assert (found.code, found.since) == ("value-too-new", 253)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Environment", "DB_PASSWORD=hunter2%5"),
        ("SetCredential", "a/b:hunter2"),
    ],
)
def test_a_secret_is_not_repeated(name: str, value: str) -> None:
    assert "hunter2" not in bad_value(name, value).message
