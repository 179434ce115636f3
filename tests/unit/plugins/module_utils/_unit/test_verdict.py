# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict joins findings, exposure and what is asked for."""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._unit.findings import (  # noqa: E501
    Finding,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.target import (  # noqa: E501
    Target,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.verdict import (  # noqa: E501
    Policy,
    judge,
)

SERVICE = "[Service]\nExecStart=/bin/x\n"


def test_a_valid_service() -> None:
    verdict = judge("a.service", SERVICE, {}, Target(257), Policy())
    assert verdict.is_valid
    told = verdict.as_dict()
    assert told["valid"] is True
    assert told["findings"] == []
    assert told["exposure"]["score"] > 9
    assert len(told["exposure"]["checks"]) > 70
    assert "checks" not in verdict.as_dict(with_checks=False)["exposure"]


def test_other_units_have_no_exposure() -> None:
    text = "[Timer]\nOnCalendar=daily\n"
    verdict = judge("a.timer", text, {}, Target(257), Policy(1.0))
    assert "exposure" not in verdict.as_dict()
    assert verdict.is_valid


def test_errors_are_problems_and_warnings_are_when_strict() -> None:
    text = SERVICE + "KillMode=none\n"
    target = Target(257)
    assert judge("a.service", text, {}, target, Policy()).is_valid
    strict = judge("a.service", text, {}, target, Policy(is_strict=True))
    assert "kill-mode-none" in strict.problems[0]
    wrong = judge("a.service", SERVICE + "Nice=99\n", {}, target, Policy())
    assert wrong.problems[0].startswith("a.service: error: line 3: Nice=99")


def test_exposure_above_the_limit() -> None:
    verdict = judge("a.service", SERVICE, {}, Target(257), Policy(5.0))
    (problem,) = verdict.problems
    assert "above exposure_max 5.0" in problem
    assert "what helps most" in problem
    assert judge("a.service", SERVICE, {}, Target(257), Policy(9.9)).is_valid


def test_drop_ins_count() -> None:
    drop_ins = {"a.conf": "[Service]\nPrivateNetwork=yes\n"}
    target = Target(257)
    alone = judge("a.service", SERVICE, {}, target, Policy())
    merged = judge("a.service", SERVICE, drop_ins, target, Policy())
    assert alone.exposure
    assert merged.exposure
    assert merged.exposure.score < alone.exposure.score


def test_the_host_is_consulted() -> None:
    asked = []

    def consult(*arguments: object) -> list[Finding]:
        asked.append(arguments[:2])
        return []

    text = SERVICE + "Nice=99\n"
    verdict = judge(
        "a.service", text, {}, Target(257), Policy(), consult=consult
    )
    assert verdict.is_valid
    assert asked == [("a.service", text)]


def test_odd_bytes_can_be_sent() -> None:
    """A file's name and its text may be no UTF-8."""
    drop_ins = {"\udcfe.conf": b"[Service]\nUser=\xff\n[\xff\n"}
    verdict = judge("a.service", SERVICE, drop_ins, Target(257), Policy())
    for text in (*verdict.problems, repr(verdict.as_dict())):
        text.encode()
    alone = judge("a.service", SERVICE + "X=\ud800", {}, Target(257), Policy())
    assert alone.as_dict()["findings"][0]["value"] == "X=\\ud800"
    assert "\\xfe.conf: line 2" in verdict.problems[0]
    assert verdict.as_dict()["findings"][0]["file"] == "\\xfe.conf"
