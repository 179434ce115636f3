# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""We flag what systemd ignores, drops or refuses; we accept the rest.

Each directive of each section is tried with values of every type, right
and wrong ones, on each systemd of the fleet. PYFLEET_ORACLE_SHARE is the
share of the cases that is tried, by default 0.01: about 1300 for each
version. Where systemd is silent and we are not, `DELIBERATE` says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from effort import SEED, amount
from fleet_hosts import HOSTS
from mutants import BASES, Case, all_cases
from verify import is_about_the_unit, verify

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)

Report = Callable[[str], None]
SHARE = amount("SHARE", 0.01, 1.0)


class Difference(NamedTuple):
    """A kind of case in which we say more than systemd.

    Attributes:
        applies: Tells whether a case is of this kind.
        why: The reason.
    """

    applies: Callable[[Case, report.Finding, int], bool]
    why: str


def _of_type(*kinds: str) -> Callable[[Case, report.Finding, int], bool]:
    return lambda case, _finding, _version: case.kind in kinds


def _of_rule(*codes: str) -> Callable[[Case, report.Finding, int], bool]:
    return lambda _case, finding, _version: finding.code in codes


DELIBERATE = (
    Difference(
        _of_type("capabilities", "secure-bits"),
        "unknown names are skipped without a message, so that the set is"
        " not what it says",
    ),
    Difference(
        _of_type("condition"),
        "any text is taken, and one that cannot be read makes the unit"
        " fail when it is started",
    ),
    Difference(
        _of_rule("shell-syntax"),
        "the program gets what was meant for a shell",
    ),
    Difference(
        _of_rule(
            "comma-list",
            "comment-in-value",
            "dynamic-user-overrides",
            "notify-access-none",
            "required-target-gone",
            "self-dependency",
        ),
        "what PID 1 does with the line tells test_levels.py",
    ),
    Difference(
        _of_rule("exec-no-program"),
        "any name of a file is taken, and the command fails when it is run",
    ),
    Difference(
        _of_type("image-policy"),
        "from 258 on a partition that does not exist is skipped without a"
        " message",
    ),
    Difference(
        _of_type("log-pattern"),
        "PCRE2 is loaded when it is needed, and a host without it compiles"
        " nothing",
    ),
    Difference(
        _of_type("service-unit"),
        "systemd loads a unit of that name and only tells that there is"
        " none, which the oracle takes for a fact of the host",
    ),
    Difference(
        lambda case, _finding, _version: (
            case.kind in ("cpu-set", "cpu-list", "cpu-affinity", "numa-mask")
            and case.value == "4294967295"
        ),
        "the number of the CPU wraps around, and nothing is set",
    ),
    Difference(
        lambda case, _finding, version: (
            case.kind == "directories"
            and (case.value.startswith(":") or case.value.count(":") > 1)
            and version < 257
        ),
        "what has no source, and a third part, is skipped without a message"
        " before 257",
    ),
    Difference(
        lambda case, _finding, version: (
            version < 252 and max(map(len, re.split("[/:]", case.value))) > 255
        ),
        "a part of a path may have 255 bytes, which the kernel tells when"
        " it is used and systemd from a later version on",
    ),
    Difference(
        lambda case, _finding, _version: case.option == "CPUSchedulingPolicy",
        "systemd takes it and says that it is not supported",
    ),
    Difference(
        lambda case, _finding, version: (
            case.kind == "syscalls" and ":" in case.value and version < 252
        ),
        "an error number in a list of allowed calls has no meaning, and"
        " later versions ignore the call with it",
    ),
    Difference(
        lambda case, _finding, version: (
            case.kind == "exec"
            and case.value.lstrip("@-:+!").startswith("|")
            and version < 258
        ),
        "before 258 the prefix | is the name of a command",
    ),
    Difference(
        lambda case, _finding, version: (
            "\\ud800" in case.value and version < 258
        ),
        "half of a character, which is handed on before 258",
    ),
)


def deliberate(case: Case, finding: report.Finding, version: int) -> bool:
    """Tell whether a difference has its reason."""
    return any(one.applies(case, finding, version) for one in DELIBERATE)


def neutral(text: str, name: str) -> str:
    """Take the number of a case out of a message."""
    number = re.sub(r"\D", "", name)
    return text.replace(number, "N")


def noise(host: str) -> dict[str, set[str]]:
    """Return what systemd says of the units without any mistake."""
    bases = {
        section: (name.format(n=9_000_000 + index), text)
        for index, (section, (name, text)) in enumerate(BASES.items())
    }
    said = verify(
        host,
        {
            name: text.format(n=re.sub(r"\D", "", name))
            for name, text in bases.values()
        },
    )
    return {
        section: {neutral(text, name) for _line, text in said[name]}
        for section, (name, _text) in bases.items()
    }


Said = dict[str, list[tuple[int, str]]]


def reasons(case: Case, said: Said, quiet: set[str]) -> list[str]:
    """Return what systemd says of a case and not of its base."""
    return [
        text
        for _line, text in said[case.name]
        if is_about_the_unit(text) and neutral(text, case.name) not in quiet
    ]


@pytest.mark.parametrize("host", HOSTS)
def test_agreement_on_generated_mistakes(host: str, report: Report) -> None:
    version = HOSTS[host]
    target = targets.Target.parse(version)
    cases = all_cases(target, SEED, SHARE)
    quiet = noise(host)
    found = {
        case.name: validator.check(case.text, case.name, target)
        for case in cases
    }
    said = verify(host, {case.name: case.text for case in cases})
    agreed, on_purpose, differing = 0, 0, []
    for case in cases:
        messages = reasons(case, said, quiet[case.section])
        findings = found[case.name]
        errors = [one for one in findings if one.level == "error"]
        flagged = [one for one in findings if one.level != "notice"]
        where = f"[{case.section}] {case.option}={case.value[:80]!r}"
        if messages and not flagged:
            differing.append(f"{where}: only systemd: {messages[0]}")
        elif not errors or messages:
            agreed += 1
        elif all(deliberate(case, one, version) for one in errors):
            on_purpose += 1
        else:
            differing.append(f"{where}: only we: {errors[0]}")
    report(
        f"{host} ({version}), verify: {len(cases)} cases, {agreed} agree,"
        f" {on_purpose} differ on purpose, {len(differing)} disagree"
    )
    assert not differing, "\n".join(differing)
