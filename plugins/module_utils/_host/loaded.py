# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare a loaded unit with what its files ask for."""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.enums import (  # noqa: E501
    parse_boolean,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.findings import (  # noqa: E501
    Finding,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.rules import (  # noqa: E501
    RULES,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.text import (  # noqa: E501
    Assignment,
    Document,
)


def read_back(name: str, document: Document) -> list[Finding]:
    """Compare what a loaded unit has with what its file asks for.

    Only what can be compared is: booleans and words of closed lists,
    whose property has the directive's name.

    Args:
        name: A loaded unit.
        document: Its file.
    """
    asked = {
        item.name: item
        for item in document.assignments()
        if item.value and _is_comparable(item)
    }
    if not asked:
        return []
    shown = systemctl.show([name], list(asked))[name]
    return [
        _differs(item, shown[option])
        for option, item in asked.items()
        if shown.get(option) and not _is_same(item.value, shown[option])
    ]


def _is_comparable(item: Assignment) -> bool:
    directive = table.find(item.section, item.name)
    if directive is None or item.section == "Install":
        return False
    kinds = {form.kind.partition(":")[0] for _since, form in directive.forms}
    return kinds <= {"boolean", "boolean-fatal", "enum", "restart"}


def _is_same(asked: str, shown: str) -> bool:
    truth = parse_boolean(asked)
    if truth is not None and parse_boolean(shown) is not None:
        return truth == parse_boolean(shown)
    # A true value may be shown by the word it stands for.
    return asked == shown or truth is True


def _differs(item: Assignment, shown: str) -> Finding:
    return Finding(
        "host-differs",
        RULES["host-differs"].level,
        item.section,
        item.name,
        item.value,
        item.line,
        f"{item.name}={item.value} was asked for, and the loaded unit has"
        f" {shown!r}; look for a drop-in that overrides it"
        " (systemctl cat)",
    )
