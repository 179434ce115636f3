# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole units, where right lines are wrong together: we and systemd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from fleet_hosts import HOSTS
from units import BASES, DROP_INS, UNITS
from verify import verify

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

# Our errors about which a version is silent, and why we keep them.
DELIBERATE = (
    (r"\ud800", "half of a character, which is handed on before 258"),
    ("WorkingDirectory=~", "a user without a home, refused from 253 on"),
)
# systemd-analyze is silent about these; test_levels.py asks PID 1.
BY_START = {"notify-access-none", "working-directory-hidden"}


class Whole(NamedTuple):
    """A unit and its drop-in.

    Attributes:
        name: Its file name.
        text: Its text.
        drop_in: The text of its drop-in; empty if it has none.
    """

    name: str
    text: str
    drop_in: str


def wholes() -> Iterator[Whole]:
    """Yield every unit, each under a name of its own."""
    number = 0
    for template, bodies in UNITS.items():
        for body in bodies:
            number += 1
            base = BASES.get(template.rpartition(".")[2], "")
            text = body if body.startswith("[") else base + body
            yield _whole(number, template, text, "")
    for template, bodies in DROP_INS.items():
        for body in bodies:
            number += 1
            base = BASES[template.rpartition(".")[2]]
            yield _whole(number, template, base, body)


def _whole(number: int, template: str, text: str, drop_in: str) -> Whole:
    token = f"w{number}"
    return Whole(
        template.replace("{n}", token),
        text.replace("{n}", token) + "\n",
        drop_in and drop_in + "\n",
    )


@pytest.mark.parametrize("host", HOSTS)
def test_agreement_on_whole_units(
    host: str, report: Callable[[str], None]
) -> None:
    version = HOSTS[host]
    target = targets.Target(version)
    units = list(wholes())
    said = verify(
        host,
        {unit.name: unit.text for unit in units},
        {
            f"{unit.name}.d/a.conf": unit.drop_in
            for unit in units
            if unit.drop_in
        },
    )
    agreed, on_purpose, differing = 0, 0, []
    for unit in units:
        drop_ins = {"a.conf": unit.drop_in} if unit.drop_in else {}
        findings = validator.check_merged(
            unit.text, drop_ins, unit.name, target
        )
        errors = [one for one in findings if one.level == "error"]
        flagged = [one for one in findings if one.level != "notice"]
        messages = [text for _line, text in said[unit.name]]
        where = f"{unit.name} {unit.text!r} {unit.drop_in!r}"
        if messages and not flagged:
            differing.append(f"{where}: only systemd: {messages[0]}")
        elif not errors or messages:
            agreed += 1
        elif {one.code for one in errors} <= BY_START or any(
            part in unit.text for part, _why in DELIBERATE
        ):
            on_purpose += 1
        else:
            differing.append(f"{where}: only we: {errors[0]}")
    report(
        f"{host} ({version}), whole units: {len(units)} cases, {agreed}"
        f" agree, {on_purpose} differ on purpose, {len(differing)} disagree"
    )
    assert not differing, "\n".join(differing)
