# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make docs/rules.md, the list of the validator's rules.

Run from the root of the repository with the collection on the path:
``PYTHONPATH=.build/collections python tools/rules.py``. With ``--check``
nothing is written and a difference is an error.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

from ansible_collections.pyfleet.services.plugins.module_utils._unit.rules import (  # noqa: E501
    RULES,
    Rule,
)

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "docs" / "rules.md"

_HEADER = """\
# The rules of `unit_validate`

Each finding of `unit_validate` and `unit` carries the id of its rule. An
**error** is what systemd refuses, ignores, drops or misreads, so that the
unit does not do what its text says; a **warning** is what works but is
deprecated or does less than it seems; a **notice** is advice. Errors make a
unit invalid, with `strict: true` warnings do as well.

This page is made from the code by `tools/rules.py`.
"""
_TITLES = {"error": "Errors", "warning": "Warnings", "notice": "Notices"}


def entry(rule: Rule) -> str:
    """Return the paragraph of one rule."""
    text = textwrap.fill(
        rule.text, 76, break_long_words=False, break_on_hyphens=False
    )
    return f"### `{rule.code}`\n\n{rule.title}.\n\n{text}\n"


def make_page() -> str:
    """Return the whole page."""
    parts = [_HEADER]
    for level, title in _TITLES.items():
        rules = [rule for rule in RULES.values() if rule.level == level]
        parts.append(f"## {title}\n")
        parts += [entry(rule) for rule in sorted(rules)]
    return "\n".join(parts)


def main() -> int:
    """Write the page, or compare it with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    text = make_page()
    if not arguments.check:
        RESULT.write_text(text, encoding="utf-8")
    elif RESULT.read_text(encoding="utf-8") != text:
        print(f"{RESULT.name} is not what tools/rules.py makes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
