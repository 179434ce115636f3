# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict joins findings, exposure and what is asked for."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    trees,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

SERVICE = "[Service]\nExecStart=/bin/x\n"


def test_a_valid_service() -> None:
    judged = verdict.judge(
        "a.service", SERVICE, {}, targets.Target(257), verdict.Policy()
    )
    assert judged.is_valid
    told = judged.as_dict()
    assert told["valid"] is True
    assert told["findings"] == []
    assert told["exposure"]["score"] > 9
    assert len(told["exposure"]["checks"]) > 70
    assert "checks" not in judged.as_dict(with_checks=False)["exposure"]


@pytest.mark.parametrize("asked", [(), ("b.conf",)])
def test_files_that_a_unit_names_are_judged(asked: tuple[str, ...]) -> None:
    given = []
    bad = report.Finding("a", "error", "", "", "", 1, "wrong", file="/a.env")

    def look(
        unit: merged.MergedUnit, about: Collection[str]
    ) -> list[report.Finding]:
        given.append((unit.value("Service", "Nice"), about))
        return [bad]

    judged = verdict.judge(
        "a.service",
        SERVICE,
        {"b.conf": "[Service]\nNice=5\n"},
        targets.Target(257),
        verdict.Policy(),
        look=look,
        asked=asked,
    )
    assert given == [("5", asked)]
    assert judged.findings == (bad,)
    assert "/a.env: line 1: wrong" in judged.problems[0]


def test_other_units_have_no_exposure() -> None:
    text = "[Timer]\nOnCalendar=daily\n"
    judged = verdict.judge(
        "a.timer", text, {}, targets.Target(257), verdict.Policy(1.0)
    )
    assert "exposure" not in judged.as_dict()
    assert judged.is_valid


def test_errors_are_problems_and_warnings_are_when_strict() -> None:
    text = SERVICE + "KillMode=none\n"
    target = targets.Target(257)
    assert verdict.judge(
        "a.service", text, {}, target, verdict.Policy()
    ).is_valid
    strict = verdict.judge(
        "a.service", text, {}, target, verdict.Policy(is_strict=True)
    )
    assert "kill-mode-none" in strict.problems[0]
    wrong = verdict.judge(
        "a.service", SERVICE + "Nice=99\n", {}, target, verdict.Policy()
    )
    assert wrong.problems[0].startswith("a.service: error: line 3: Nice=99")


def test_exposure_above_the_limit() -> None:
    judged = verdict.judge(
        "a.service", SERVICE, {}, targets.Target(257), verdict.Policy(5.0)
    )
    (problem,) = judged.problems
    assert "above exposure_max 5.0" in problem
    assert "these changes help most" in problem
    assert verdict.judge(
        "a.service", SERVICE, {}, targets.Target(257), verdict.Policy(9.9)
    ).is_valid


def test_drop_ins_count() -> None:
    drop_ins = {"a.conf": "[Service]\nPrivateNetwork=yes\n"}
    target = targets.Target(257)
    alone = verdict.judge("a.service", SERVICE, {}, target, verdict.Policy())
    together = verdict.judge(
        "a.service", SERVICE, drop_ins, target, verdict.Policy()
    )
    assert alone.rating
    assert together.rating
    assert together.rating.score < alone.rating.score


def test_the_host_is_consulted() -> None:
    asked = []

    def consult(*arguments: object) -> list[report.Finding]:
        asked.append(arguments[:2])
        return []

    text = SERVICE + "Nice=99\n"
    judged = verdict.judge(
        "a.service",
        text,
        {},
        targets.Target(257),
        verdict.Policy(),
        consult=consult,
    )
    assert judged.is_valid
    assert asked == [("a.service", text)]


def test_odd_bytes_can_be_sent() -> None:
    """A file's name and its text may be no UTF-8."""
    drop_ins = {"\udcfe.conf": b"[Service]\nUser=\xff\n[\xff\n"}
    judged = verdict.judge(
        "a.service", SERVICE, drop_ins, targets.Target(257), verdict.Policy()
    )
    for text in (*judged.problems, repr(judged.as_dict())):
        text.encode()
    alone = verdict.judge(
        "a.service",
        SERVICE + "X=\ud800",
        {},
        targets.Target(257),
        verdict.Policy(),
    )
    assert alone.as_dict()["findings"][0]["value"] == "X=\\ud800"
    assert "\\xfe.conf: line 2" in judged.problems[0]
    assert judged.as_dict()["findings"][0]["file"] == "\\xfe.conf"


def test_a_unit_and_its_drop_ins_are_parsed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed = []
    parse = syntax.parse

    def count(text: str | bytes) -> syntax.Document:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr(syntax, "parse", count)
    drop_ins = {"a.conf": "[Service]\nNice=1\n", "b.conf": "[Unit]\n"}
    source = trees.UnitSource(
        "a.service", "[Service]\nExecStart=/x\n", drop_ins
    )
    for _time in range(2):
        verdict.judge(
            source.name,
            source.document,
            source.drop_in_documents,
            targets.Target(257),
            verdict.Policy(5.0),
            consult=lambda _name, _text, _drop_ins, _target, found: [*found],
            asked=["a.conf"],
        )
    assert len(parsed) == 3


def test_the_host_is_asked_about_the_very_texts() -> None:
    asked = []

    def consult(
        name: str, text: str, drop_ins: object, _target: object, found: object
    ) -> list[report.Finding]:
        asked.append((name, text, drop_ins))
        return []

    text = b"[Service]\nExecStart=/\xff \\\n x\r\n"
    drop_ins = {"a.conf": "[Service]\n# no end"}
    target = targets.Target(257)
    assert verdict.examine("a.service", text, drop_ins, target, consult) == []
    ((name, shown, parts),) = asked
    assert (name, syntax.encode(shown), parts) == ("a.service", text, drop_ins)


def test_the_verdict_has_the_unit_with_its_drop_ins() -> None:
    judged = verdict.judge(
        "a.service",
        SERVICE + "Nice=1\n",
        {"a.conf": "[Service]\nNice=2\n"},
        targets.Target(257),
        verdict.Policy(),
    )
    assert judged.unit.name == "a.service"
    assert judged.unit.value("Service", "Nice") == "2"


def test_the_worst_findings_are_shown_and_the_others_counted() -> None:
    lines = "KillMode=none\n" * 800 + "Nice=99\n" * 600
    judged = verdict.judge(
        "a.service",
        SERVICE + lines,
        {},
        targets.Target(257),
        verdict.Policy(),
    )
    told = judged.as_dict()
    assert told["valid"] is False
    levels = [one["level"] for one in told["findings"]]
    assert (levels.count("error"), len(levels)) == (600, 1000)
    assert levels[0] == "warning"
    assert told["findings_left_out"] == {"warning": 400}
    assert len(judged.problems) == 101
    assert judged.problems[-1] == (
        "a.service: there are further findings, 500 of level error; correct"
        " the first ones, and validate again"
    )
    few = judged.as_dict(limit=5)
    assert len(few["findings"]) == 5
    assert few["findings_left_out"] == {"error": 595, "warning": 800}
