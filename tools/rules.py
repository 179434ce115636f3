# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make docs/rules.md, the list of the validator's rules.

Run from the root of the repository with the collection on the path:

    PYTHONPATH=.build/collections python tools/rules.py >docs/rules.md
"""

from __future__ import annotations

import sys
import textwrap

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)

_HEADER = """\
# The rules of `unit_validate`

Each finding of `unit_validate` and `unit` carries the id of its rule. An
**error** keeps the unit from starting, or is a line that systemd drops or
misreads, so that the unit does something else than its text says. A
**warning** is a line that works but is deprecated or does less than it seems.
A **notice** is advice.
Errors make a unit invalid; with `strict: true`, warnings do so as well.

The tool `tools/rules.py` makes this page from the code.
"""
_TITLES = {"error": "Errors", "warning": "Warnings", "notice": "Notices"}


def entry(rule: catalogue.Rule) -> str:
    """Return the paragraph of one rule."""
    text = textwrap.fill(
        rule.text, 76, break_long_words=False, break_on_hyphens=False
    )
    return f"### `{rule.code}`\n\n{rule.title}.\n\n{text}\n"


def make_page() -> str:
    """Return the whole page."""
    parts = [_HEADER]
    for level, title in _TITLES.items():
        rules = [
            rule for rule in catalogue.RULES.values() if rule.level == level
        ]
        parts.append(f"## {title}\n")
        parts += [entry(rule) for rule in sorted(rules)]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(make_page())
