# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell users what a deploy would do, or has done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    draft,
    observe,
    stops,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    syntax,
)


def summarise(drafted: draft.Draft) -> dict[str, Any]:
    """Return the report of module `release` about an application."""
    plan, found = drafted.plan, drafted.rendered
    return {
        "name": drafted.observed.layout.app,
        "changed": drafted.is_change,
        "action": plan.action,
        "environment": layouts.short(drafted.generation.environment),
        "code": layouts.short(drafted.generation.code or "") or None,
        "restarted": list(plan.restart),
        "stopped": list(plan.stop),
        "added": list(plan.add),
        "removed": list(plan.remove),
        "stops": stops.longest(drafted),
        "build": [unit.command for unit in found.builds],
        "notices": [
            notice
            for unit in (*found.services, *found.builds[:1])
            for notice in unit.notices
        ],
        "warnings": [
            *drafted.warnings,
            *observe.edits_in_words(drafted.observed),
            *observe.foreign_drop_ins(drafted.observed),
        ],
    }


def compare(drafted: draft.Draft) -> Iterator[dict[str, str]]:
    """Yield the unit files that differ, as diff mode shows them."""
    observed = drafted.observed
    wanted = {unit.name: unit.text for unit in drafted.rendered.services}
    for name in sorted({*wanted, *observed.units}):
        there = observed.units.get(name)
        before = syntax.decode(there.content or b"") if there else ""
        after = wanted.get(name, "")
        if before != after:
            header = observed.layout.unit_link(name)
            yield {
                "before": before,
                "after": after,
                "before_header": header,
                "after_header": header,
            }
