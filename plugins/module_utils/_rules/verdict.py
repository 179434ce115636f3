# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on a unit file, from its findings and its exposure."""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
)
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    exposure,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

# Judges what a unit names on its host; a drop-in may be asked about
# alone.
Look = Callable[[merged.MergedUnit, Collection[str]], list[report.Finding]]
# A unit file, parsed or not.
Text = Union[syntax.Document, str, bytes]
Consult = Callable[
    [
        str,
        str,
        Mapping[str, str],
        targets.Target,
        Iterable[report.Finding],
    ],
    list[report.Finding],
]


@dataclass(frozen=True)
class Policy:
    """The conditions that a unit has to satisfy.

    Attributes:
        exposure_max: The greatest exposure, 0 to 10; None for any.
        is_strict: Whether warnings fail too.
    """

    exposure_max: float | None = None
    is_strict: bool = False


@dataclass(frozen=True)
class Verdict:
    """The findings about one unit, and whether it passes.

    Attributes:
        name: The unit's name in the result.
        findings: The findings about it.
        rating: The score of a service; None for other units, for a
            mask and for drop-ins whose unit is not known.
        problems: Why the unit does not pass, one sentence each; empty
            if it does.
        unit: The unit with its drop-ins merged in.
    """

    name: str
    findings: tuple[report.Finding, ...]
    rating: exposure.Exposure | None
    problems: tuple[str, ...]
    unit: merged.MergedUnit

    @property
    def is_valid(self) -> bool:
        """Whether the unit passes."""
        return not self.problems

    def as_dict(
        self, *, with_checks: bool = True, limit: int = report.FINDINGS_MAX
    ) -> dict[str, Any]:
        """Return the verdict as modules return it.

        Args:
            with_checks: Whether the result has every check of the
                exposure, some eighty, and not only the score.
            limit: How many findings the result has at most; the worst
                stay.
        """
        shown, left_out = report.worst(self.findings, limit)
        found: dict[str, Any] = {
            "valid": self.is_valid,
            "findings": [finding.as_dict() for finding in shown],
        }
        if left_out:
            found["findings_left_out"] = left_out
        if self.rating is not None:
            found["exposure"] = {
                "score": self.rating.score,
                "level": self.rating.level,
            }
            if with_checks:
                found["exposure"]["checks"] = _rows(self.rating)
        return found


def _rows(score: exposure.Exposure) -> list[dict[str, Any]]:
    return [
        {
            "field": row.field,
            "option": row.option,
            "weight": row.weight,
            "range": row.scale,
            "badness": row.badness,
        }
        for row in score.checks
    ]


def judge(
    name: str,
    text: Text,
    drop_ins: Mapping[str, Text],
    target: targets.Target,
    policy: Policy,
    *,
    consult: Consult | None = None,
    look: Look | None = None,
    title: str = "",
    asked: Collection[str] = (),
) -> Verdict:
    """Validate a unit and its drop-ins, and score a service.

    Args:
        name: The unit's file name, such as ``hello.service``.
        text: The unit file, parsed or not.
        drop_ins: {file name: text}, merged in their names' order.
        target: The systemd that will read them.
        policy: The conditions that the unit has to satisfy.
        consult: Lets the host's systemd judge the findings; None if the
            host's systemd is not the target.
        look: Judges the files that the unit names; None as before.
        title: The unit's name in the result; by default its name.
        asked: The drop-ins that are asked about; by default everything.
    """
    parts = {label: validator.parsed(part) for label, part in drop_ins.items()}
    document = validator.parsed(text)
    findings = examine(name, document, parts, target, consult)
    if asked:
        rest = {k: part for k, part in parts.items() if k not in asked}
        others = examine(name, document, rest, target, consult)
        findings = list(_about(findings, asked, others))
    unit = merged.MergedUnit.read(name, {"": document, **parts}, target)
    if look:
        findings += look(unit, asked)
    score = _score(unit, document)
    shown = report.printable(title or name)
    problems = tuple(_problems(shown, findings, score, policy))
    return Verdict(shown, tuple(findings), score, problems, unit)


def _score(
    unit: merged.MergedUnit, document: syntax.Document
) -> exposure.Exposure | None:
    # A masked unit never runs, and the unit of a lone drop-in is not
    # known.
    is_known = unit.name.endswith(".service") and document.lines
    return exposure.exposure(unit) if is_known else None


def examine(
    name: str,
    text: Text,
    drop_ins: Mapping[str, Text],
    target: targets.Target,
    consult: Consult | None = None,
) -> list[report.Finding]:
    """Return the findings about a unit and its drop-ins.

    Args:
        name: The unit's file name, such as ``hello.service``.
        text: The unit file, parsed or not.
        drop_ins: {file name: text}, merged in their names' order.
        target: The systemd that will read them.
        consult: As for `judge`.
    """
    document = validator.parsed(text)
    parts = {label: validator.parsed(part) for label, part in drop_ins.items()}
    found = validator.check_merged(document, parts, name, target)
    if consult is None:
        return found
    texts = {label: part.render() for label, part in parts.items()}
    return consult(name, document.render(), texts, target, found)


def _about(
    findings: Iterable[report.Finding],
    asked: Collection[str],
    others: Collection[report.Finding],
) -> Iterator[report.Finding]:
    """Yield the findings that some drop-ins cause.

    They cause a finding about the unit as a whole if it is not found
    without them.
    """
    without = frozenset(others)
    for finding in findings:
        is_whole = finding.file is None and finding not in without
        if finding.file in asked or is_whole:
            yield finding


# A reader does not get to the end of a longer message.
_PROBLEMS_MAX = 100


def _problems(
    name: str,
    findings: list[report.Finding],
    score: exposure.Exposure | None,
    policy: Policy,
) -> list[str]:
    if not report.is_valid(findings, is_strict=policy.is_strict):
        return _tell(name, findings, policy)
    limit = policy.exposure_max
    if limit is None or score is None or score.score <= limit:
        return []
    gains = ", ".join(
        f"{gain.option} (-{gain.gain:.1f})" for gain in exposure.worst(score)
    )
    return [
        f"{name}: its exposure is {score.score:.1f} ({score.level}), above"
        f" exposure_max {limit:.1f}; these changes help most: {gains}"
    ]


def _tell(
    name: str, findings: list[report.Finding], policy: Policy
) -> list[str]:
    """Return the worst findings as sentences, and how many others."""
    failing = ("error", "warning") if policy.is_strict else ("error",)
    shown, left_out = report.worst(
        [finding for finding in findings if finding.level in failing],
        _PROBLEMS_MAX,
    )
    problems = [f"{name}: {finding}" for finding in shown]
    rest = [f"{count} of level {level}" for level, count in left_out.items()]
    if rest:
        problems.append(
            f"{name}: there are further findings, {' and '.join(rest)};"
            " correct the first ones, and validate again"
        )
    return problems
