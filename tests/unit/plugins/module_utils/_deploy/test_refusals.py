# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deploy is refused on this host before it changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
import rendering

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    refusals,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
)


@pytest.mark.parametrize("is_enforced", [True, False])
def test_a_limit_must_be_one_even_where_it_is_left_out(
    is_enforced: bool,
) -> None:
    void = frozenset() if is_enforced else frozenset({"memory"})
    context = replace(
        rendering.CONTEXT, weakness=sandbox.Weakness(frozenset(), void)
    )
    good = rendering.unit(context, resources={"memory_max": "64M"})
    refusals.invalid([good], rendering.CONTEXT.target)
    bad = rendering.unit(context, resources={"memory_max": "banana"})
    name = r"pyapp_services\.main\.resources\.memory_max: in hello\.service"
    with pytest.raises(errors.HostError, match=name):
        refusals.invalid([bad], rendering.CONTEXT.target)


def test_the_host_has_the_last_word() -> None:
    doubtful = rendering.unit(options={"Service": {"Personality": "arm64"}})
    where = "pyapp_services.main.options.Service.Personality: in hello.service"
    target = rendering.CONTEXT.target
    (warning,) = refusals.invalid([doubtful], target)
    assert warning.startswith(f"{where}, Personality= arm64 has an effect")

    asked = []

    def says(level: str) -> verdict.Consult:
        def consult(
            name: str, text: object, _drop_ins: object, _target: object,
            found: Iterable[report.Finding],
        ) -> list[report.Finding]:  # fmt: skip
            asked.append((name, text))
            return [replace(one, level=level) for one in found]

        return consult

    assert refusals.invalid([doubtful], target, says("notice")) == []
    assert asked == [("hello.service", doubtful.text)]
    with pytest.raises(errors.HostError, match=where):
        refusals.invalid([doubtful], target, says("error"))
