# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on a unit file: findings, exposure, and both together."""

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

Consult = Callable[
    [
        str,
        Union[str, bytes],
        Mapping[str, Union[str, bytes]],
        targets.Target,
        Iterable[report.Finding],
    ],
    list[report.Finding],
]


@dataclass(frozen=True)
class Policy:
    """What a unit has to satisfy.

    Attributes:
        exposure_max: The greatest exposure, 0 to 10; None for any.
        is_strict: Whether warnings fail too.
    """

    exposure_max: float | None = None
    is_strict: bool = False


@dataclass(frozen=True)
class Verdict:
    """What was found about one unit.

    Attributes:
        name: What the unit is called.
        findings: What the validator found.
        rating: The score of a service; None for other units, for a
            mask and for drop-ins whose unit is not known.
        problems: Why the unit does not pass, one sentence each; empty
            if it does.
    """

    name: str
    findings: tuple[report.Finding, ...]
    rating: exposure.Exposure | None
    problems: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether the unit passes."""
        return not self.problems

    def as_dict(self, *, with_checks: bool = True) -> dict[str, Any]:
        """Return the verdict as modules return it.

        Args:
            with_checks: Whether every check of the exposure is told,
                some eighty of them, or the score alone.
        """
        found: dict[str, Any] = {
            "valid": self.is_valid,
            "findings": [finding.as_dict() for finding in self.findings],
        }
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
    text: str | bytes,
    drop_ins: Mapping[str, str | bytes],
    target: targets.Target,
    policy: Policy,
    *,
    consult: Consult | None = None,
    title: str = "",
    asked: Collection[str] = (),
) -> Verdict:
    """Validate a unit and its drop-ins, and score a service.

    Args:
        name: The unit's file name, such as ``hello.service``.
        text: The unit file.
        drop_ins: {file name: text}, merged in their names' order.
        target: The systemd that will read them.
        policy: What the unit has to satisfy.
        consult: Asks the host's systemd to confirm, overrule or add to
            the findings; None where it is not the target.
        title: What the unit is called; by default its name.
        asked: The drop-ins that are asked about; by default everything.
    """
    document = syntax.parse(text)
    parsed = {label: syntax.parse(part) for label, part in drop_ins.items()}

    def find(labels: Iterable[str]) -> list[report.Finding]:
        some = {label: parsed[label] for label in labels}
        found = validator.check_merged(document, some, name, target)
        if consult is None:
            return found
        texts = {label: drop_ins[label] for label in some}
        return consult(name, text, texts, target, found)

    findings = find(parsed)
    if asked:
        others = find(label for label in parsed if label not in asked)
        findings = list(_about(findings, asked, others))
    score = None
    # What is masked never runs, and what the unit of a drop-in says
    # may be anything.
    if name.endswith(".service") and document.lines:
        parts = {"": document, **parsed}
        score = exposure.exposure(merged.MergedUnit.read(name, parts, target))
    shown = report.printable(title or name)
    return Verdict(
        shown,
        tuple(findings),
        score,
        tuple(_problems(shown, findings, score, policy)),
    )


def _about(
    findings: Iterable[report.Finding],
    asked: Collection[str],
    others: Collection[report.Finding],
) -> Iterator[report.Finding]:
    """Yield the findings that some drop-ins are the reason of.

    What is about the unit as a whole is their doing if it is not found
    without them.
    """
    for finding in findings:
        is_whole = finding.file is None and finding not in others
        if finding.file in asked or is_whole:
            yield finding


def _problems(
    name: str,
    findings: list[report.Finding],
    score: exposure.Exposure | None,
    policy: Policy,
) -> list[str]:
    if not report.is_valid(findings, is_strict=policy.is_strict):
        failing = ("error", "warning") if policy.is_strict else ("error",)
        return [
            f"{name}: {finding}"
            for finding in findings
            if finding.level in failing
        ]
    limit = policy.exposure_max
    if limit is None or score is None or score.score <= limit:
        return []
    gains = ", ".join(
        f"{gain.option} (-{gain.gain:.1f})" for gain in exposure.worst(score)
    )
    return [
        f"{name}: its exposure is {score.score:.1f} ({score.level}), above"
        f" exposure_max {limit:.1f}; what helps most: {gains}"
    ]
