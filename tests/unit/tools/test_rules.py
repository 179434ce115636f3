# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/rules.md names each rule with its level."""

from __future__ import annotations

import rules

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)


def test_a_rule_is_a_paragraph() -> None:
    rule = catalogue.Rule("a-code", "error", "A title", "word " * 40)
    text = rules.entry(rule)
    assert text.startswith("### `a-code`\n\nA title.\n\nword word")
    assert max(map(len, text.splitlines())) <= 76


def test_each_level_has_its_rules_in_order() -> None:
    parts = rules.make_page().split("\n## ")[1:]
    assert [part.splitlines()[0] for part in parts] == [
        "Errors",
        "Warnings",
        "Notices",
    ]
    found = [
        line.strip("# `")
        for part in parts
        for line in part.splitlines()
        if line.startswith("### ")
    ]
    assert sorted(found) == sorted(catalogue.RULES)
    assert len(found) == len(catalogue.RULES)
