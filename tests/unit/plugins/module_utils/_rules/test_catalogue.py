# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue has each rule once, and findings carry its level."""

from __future__ import annotations

import re

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)


@pytest.mark.parametrize(
    "rule", catalogue.RULES.values(), ids=lambda r: r.code
)
def test_a_rule_is_complete(rule: catalogue.Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.code)
    assert rule.level in ("error", "warning", "notice")
    assert rule.title[-1] not in ".:"
    assert rule.text.endswith(".")


def test_every_head_is_a_rule_of_its_own() -> None:
    lines = catalogue._RULES.splitlines()
    heads = [line for line in lines if not line.startswith("  ")]
    assert len(catalogue.RULES) == len(heads)


def test_lines_of_a_text_are_joined() -> None:
    assert catalogue.RULES["trailing-comment"].text == (
        "systemd knows comments only on lines of their own: this comment is "
        "part of the value, or an argument of the command "
        "(systemd.syntax(7))."
    )


def test_a_finding_of_an_assignment() -> None:
    item = syntax.Assignment("Service", "Nice", "50", 3, 4, "a.conf")
    found = catalogue.finding("invalid-value", item, "50 is too large")
    assert (found.level, found.section, found.option) == (
        "error",
        "Service",
        "Nice",
    )
    assert (found.value, found.line, found.file) == ("50", 3, "a.conf")
    assert found.message == "50 is too large"


def test_a_finding_of_the_unit_as_a_whole() -> None:
    found = catalogue.finding("masked", None, "the file is empty")
    assert (found.level, found.section, found.line) == ("notice", "", 0)
    assert found.file is None


def test_a_finding_of_no_rule_is_a_defect() -> None:
    with pytest.raises(KeyError):
        catalogue.finding("no-such-rule", None, "")
