# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""We find no error in a unit file that systemd loads without a word.

The files are those that Debian ships, in the images of the fleet and in
more packages with daemons: people use them, and a validator which
refuses them is one that nobody believes. Each systemd of the fleet
loads the files of its own suite. What it has a message about, we must
find as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations

import pytest
from corpus import fetch_all, packages
from fleet_hosts import HOSTS, IS_FULL
from loading import Said, features, load, shipped

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    targets,
)

# What a drop-in is loaded with if its unit is of no package here.
BASES = {
    "service": "[Service]\nExecStart=/bin/true\n",
    "socket": "[Socket]\nListenStream=/run/base.sock\nAccept=yes\n",
    "timer": "[Timer]\nOnCalendar=daily\n",
    "path": "[Path]\nPathExists=/run/base\n",
    "slice": "[Slice]\n",
    "target": "[Unit]\n",
}

# Or the files are not where they are looked for.
FEWEST = 100

Files = Mapping[str, str]


@dataclass
class Tally:
    """What became of the files of one version.

    Attributes:
        packages: How many packages beside the image have any.
        files: How many there are.
        complained: How many systemd has a message about.
        false_errors: Where systemd is silent and we have an error.
        misses: Where systemd has a message and we have no finding.
    """

    packages: int = 0
    files: int = 0
    complained: int = 0
    false_errors: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        agreed = self.files - len(
            {
                line.partition(": ")[0]
                for line in (*self.false_errors, *self.misses)
            }
        )
        return (
            f"{self.files} files of the image and {self.packages} packages,"
            f" {agreed} agreements,"
            f" {len(self.false_errors)} false errors,"
            f" {self.complained} with a message of systemd,"
            f" {len(self.misses)} misses"
        )


def parent_of(drop_in: str) -> str:
    """Return a unit that a drop-in is for.

    ``service.d`` is for all services and ``user-.slice.d`` for all
    slices whose name begins so: any such unit shows what it does.
    ``-.slice`` is a name of its own.
    """
    unit = drop_in.rpartition("/")[0].removesuffix(".d")
    scope, _slash, name = unit.partition("/")
    stem, _dot, suffix = name.rpartition(".")
    if stem != "-" and (not stem or stem.endswith("-")):
        stem += "base"
    return f"{scope}/{stem}.{suffix}"


def by_unit(files: Files) -> dict[str, dict[str, str]]:
    """Return {unit: {name of the drop-in: text}} of all files.

    The text of the unit itself is that of the empty name.
    """
    units: dict[str, dict[str, str]] = {
        name: {"": text}
        for name, text in files.items()
        if not name.endswith(".conf")
    }
    for name, text in files.items():
        if name.endswith(".conf"):
            parent = parent_of(name)
            base = BASES[parent.rpartition(".")[2]]
            units.setdefault(parent, {"": base})[name] = text
    return units


def findings_about(
    units: Mapping[str, Files], target: targets.Target
) -> dict[str, list[report.Finding]]:
    """Return {file: our findings} about units and their drop-ins."""
    found: dict[str, list[report.Finding]] = {}
    for name, parts in units.items():
        texts = {
            label: text.encode("utf-8", "surrogateescape")
            for label, text in parts.items()
        }
        main = texts.pop("")
        findings = validator.check_merged(
            main, texts, name.rpartition("/")[2], target
        )
        for label in ("", *texts):
            found[label or name] = [
                finding
                for finding in findings
                if (finding.file or "") == label
            ]
    return found


def is_about(
    said: Said, finding: report.Finding, ends: Mapping[int, int]
) -> bool:
    """Tell whether a message and a finding can be of the same thing.

    systemd counts an assignment by its last line, we by its first. A
    message without a line is about the unit as a whole.
    """
    if said.section:
        return said.section == finding.section
    if not said.line or not finding.line:
        return True
    return said.line in (finding.line, ends.get(finding.line))


def compare(
    name: str,
    text: str,
    said: list[Said],
    findings: list[report.Finding],
    tally: Tally,
) -> None:
    """Add one file to the tally."""
    document = syntax.parse(text.encode("utf-8", "surrogateescape"))
    ends = {item.line: item.end for item in document.assignments()}
    tally.files += 1
    tally.complained += bool(said)
    for one in said:
        if not any(is_about(one, finding, ends) for finding in findings):
            tally.misses.append(f"{name}: {one.line}: {one.text}")
    for finding in findings:
        if finding.level != "error":
            continue
        if any(is_about(one, finding, ends) for one in said):
            continue
        tally.false_errors.append(f"{name}: {finding}")


def layers(packages_of_suite: Mapping[str, Files]) -> Iterator[Files]:
    """Yield the packages' files, no two of one name at the same time.

    Packages that cannot be installed together ship files of one name.
    """
    pending = dict(packages_of_suite)
    while pending:
        layer: dict[str, str] = {}
        for package, files in list(pending.items()):
            if not layer.keys() & files.keys():
                layer |= files
                del pending[package]
        yield layer


def enabled_by(files: Files) -> list[str]:
    """Return the units that can be enabled, of the system's manager."""
    return [
        name
        for name, text in files.items()
        if name.startswith("system/")
        and not name.endswith(".conf")
        and "\n[Install]" in text
    ]


@lru_cache(maxsize=1)
def fetched() -> dict[str, dict[str, dict[str, str]]]:
    """Return {host: {package: its files}}, fetched once for all tests."""
    return fetch_all(list(HOSTS), packages(few=not IS_FULL))


def tally_of(suite: str, host: str) -> Tally:
    """Compare all files of a suite with the systemd of a host."""
    target = targets.Target.parse(HOSTS[host], features(host))
    own = shipped(suite)
    others = {
        package: {n: text for n, text in files.items() if own.get(n) != text}
        for package, files in fetched()[suite].items()
    }
    tally = Tally(packages=sum(map(bool, fetched()[suite].values())))
    for layer in layers({"image": own, **others}):
        units = by_unit({**own, **layer})
        findings = findings_about(units, target)
        said = load(host, units, enabled_by(layer))
        for name, text in layer.items():
            compare(name, text, said[name], findings[name], tally)
    return tally


@pytest.mark.parametrize("host", HOSTS)
def test_verdict_is_that_of_systemd(
    host: str, report: Callable[[str], None]
) -> None:
    tally = tally_of(host, host)
    report(f"{host} ({HOSTS[host]}), corpus: {tally}")
    assert tally.packages >= (60 if IS_FULL else 20)
    assert tally.files >= FEWEST
    wrong = tally.false_errors + tally.misses
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("suite", "host"),
    list(permutations(HOSTS, 2)) if IS_FULL else [("sid", "bullseye")],
)
def test_verdict_on_files_of_another_suite(
    suite: str, host: str, report: Callable[[str], None]
) -> None:
    """What is too new or gone here is in files that people wrote."""
    tally = tally_of(suite, host)
    report(f"{suite}'s on {host} ({HOSTS[host]}), corpus: {tally}")
    assert tally.files >= FEWEST
    wrong = tally.false_errors + tally.misses
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("host", HOSTS)
def test_a_mistake_in_any_file_is_seen_by_both(host: str) -> None:
    """Every file is really read, and what is said is told apart."""
    broken = {
        name: f"{text}\n[Unit]\nMistaken=yes\n"
        for name, text in shipped(host).items()
    }
    assert len(broken) >= FEWEST
    units = by_unit(broken)
    said = load(host, units)
    findings = findings_about(units, targets.Target(HOSTS[host]))
    for name, text in broken.items():
        line = text.count("\n")
        assert line in {one.line for one in said[name]}, name
        assert line in {one.line for one in findings[name]}, name


@pytest.mark.parametrize("host", HOSTS)
def test_a_mistake_in_install_is_seen_by_both(host: str) -> None:
    name = "system/corpus.service"
    text = f"{BASES['service']}[Install]\nAlias=corpus.socket\n"
    units = {name: {"": text}}
    assert [one.section for one in load(host, units, units)[name]] == [
        "Install"
    ]
    findings = findings_about(units, targets.Target(HOSTS[host]))[name]
    assert [(one.section, one.level) for one in findings] == [
        ("Install", "error")
    ]
