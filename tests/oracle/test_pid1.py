# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""We flag what a running PID 1 swallows, with a message or without.

Units with one mutated assignment are loaded into PID 1, and their
properties are compared with those of the unmutated twin. An assignment
that changes nothing, neither on its own nor behind another one of that
directive, was swallowed. PYFLEET_ORACLE_PID1 is how many assignments are
tried for each version, by default 150.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from effort import SEED, amount
from fleet_hosts import HOSTS, run_python
from mutants import COMMON, POOL, directives, make_case
from test_verify import deliberate

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
    targets,
)

Report = Callable[[str], None]
COUNT = int(amount("PID1", 150, 4000))
ORACLES = [host for host, version in HOSTS.items() if version >= 252]

# Prints {unit: [load state, digest of its properties]}.
SCRIPT = r"""
import glob, hashlib, os, re, subprocess
directory = "/run/systemd/system"
prefix = "pyfleet-oracle-"
ignored = re.compile(
    r"(Id|Names|FragmentPath|InvocationID|.*Timestamp.*|SourcePath"
    r"|NeedDaemonReload|LoadError|CanStart|CanStop|CanReload"
    r"|MemoryAvailable|MemoryCurrent|MemoryPeak|CPUUsageNSec)=")
def clear():
    for path in glob.glob("%s/%s*" % (directory, prefix)):
        os.unlink(path)
def reload():
    subprocess.run(["systemctl", "daemon-reload"], timeout=300, check=True)
clear()
try:
    for name, text in given.items():
        with open(os.path.join(directory, prefix + name), "wb") as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
    reload()
    found = {}
    names = sorted(given)
    for start in range(0, len(names), 100):
        some = names[start:start + 100]
        shown = subprocess.run(
            ["systemctl", "show", "--no-pager", "--"]
            + [prefix + name for name in some],
            stdout=subprocess.PIPE, timeout=300,
        ).stdout.decode("utf-8", "surrogateescape")
        for block in re.split(r"\n\n(?=[A-Z]\w+=)", shown):
            match = re.search(r"^Id=%s(.*)$" % prefix, block, re.M)
            if not match:
                continue
            name = match.group(1)
            number = re.sub(r"\D", "", name)
            # Dependencies are shown in the order of a hash table.
            lines = sorted(
                " ".join(sorted(line.replace("=", "= ", 1).split(" ")))
                for line in block.splitlines()
                if not ignored.match(line))
            text = "\n".join(lines).replace(number, "N")
            state = re.search(r"^LoadState=(.*)$", block, re.M).group(1)
            found[name] = [
                state, hashlib.sha1(
                    text.encode("utf-8", "surrogateescape")).hexdigest()]
finally:
    clear()
    reload()
print(json.dumps(found))
"""


class Trial(NamedTuple):
    """One assignment, alone and behind another one.

    Attributes:
        option: The directive.
        value: What is assigned.
        kind: Its value type.
        section: Its section.
    """

    section: str
    option: str
    value: str
    kind: str

    @property
    def is_list(self) -> bool:
        """Whether assignments add up."""
        found = table.find(self.section, self.option)
        return found is not None and found.forms[-1][1].is_list


def trials(target: targets.Target) -> list[Trial]:
    """Return the assignments that are tried."""
    every = [
        Trial(section, option, value, kind)
        for section, option, kind in directives(target)
        if section in ("Service", "Unit")
        for value in dict.fromkeys((*COMMON, *POOL[::7]))
    ]
    return random.Random(SEED).sample(every, min(COUNT, len(every)))


def unit(number: int, lines: list[tuple[str, str, str]]) -> tuple[str, str]:
    """Return name and text of a service with these assignments."""
    text = "[Service]\nExecStart=/bin/true\n"
    for section, option, value in lines:
        text += f"[{section}]\n{option}={value}\n"
    return f"{number:07d}.service", text


def load(host: str, units: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Load units into PID 1, some hundreds at a time."""
    found = {}
    names = sorted(units)
    for start in range(0, len(names), 900):
        some = {name: units[name] for name in names[start : start + 900]}
        found.update(run_python(host, SCRIPT, some))
    return {name: (state, digest) for name, (state, digest) in found.items()}


def good_values(target: targets.Target) -> Iterator[Trial]:
    """Yield a value for each directive that we take to be right."""
    for section, option, kind in directives(target):
        if section not in ("Service", "Unit"):
            continue
        taken = 0
        for value in POOL:
            if not value or taken == 2:
                continue
            case = make_case(1, section, option, value, kind)
            if not validator.check(case.text, case.name, target):
                taken += 1
                yield Trial(section, option, value, kind)


@pytest.mark.parametrize("host", ORACLES)
def test_no_swallow_is_missed(host: str, report: Report) -> None:
    version = HOSTS[host]
    target = targets.Target.parse(version)
    tried = trials(target)
    names = {(one.section, one.option) for one in tried}
    earlier: dict[tuple[str, str], list[str]] = defaultdict(list)
    for good in good_values(target):
        if (good.section, good.option) in names:
            earlier[good.section, good.option].append(good.value)
    units: dict[str, str] = {}

    def add(*lines: tuple[str, str, str]) -> str:
        name, text = unit(len(units) + 1, list(lines))
        units[name] = text
        return name

    plain = add()
    twins = {
        (section, option, value): add((section, option, value))
        for (section, option), values in earlier.items()
        for value in values
    }
    loaded = []
    for one in tried:
        alone = add((one.section, one.option, one.value))
        behind = {
            value: add(
                (one.section, one.option, value),
                (one.section, one.option, one.value),
            )
            for value in earlier[one.section, one.option]
        }
        loaded.append((one, alone, behind))
    shown = load(host, units)
    agreed, on_purpose, unseen, differing = 0, 0, 0, []
    for one, alone, behind in loaded:
        key = (one.section, one.option)
        is_seen = any(
            shown[twins[(*key, value)]] != shown[plain]
            for value in earlier[key]
        )
        is_refused = shown[alone][0] != "loaded"
        has_effect = shown[alone] != shown[plain] or any(
            shown[name] != shown[twins[(*key, value)]]
            for value, name in behind.items()
        )
        case = make_case(1, *one)
        findings = validator.check(units[alone], "m1.service", target)
        errors = [f for f in findings if f.level == "error"]
        # An empty value is a mistake where there is something to reset.
        told = any(
            finding.level != "notice"
            for name in (alone, *behind.values())
            for finding in validator.check(units[name], "m1.service", target)
        )
        where = f"[{one.section}] {one.option}={one.value[:80]!r}"
        if not is_seen and not is_refused:
            unseen += 1
        elif (is_refused or not has_effect) and not told:
            differing.append(f"{where}: PID 1 swallows or refuses it")
        elif not has_effect or is_refused or not errors or one.is_list:
            # Of a list systemd drops a word and keeps the others.
            agreed += 1
        elif all(deliberate(case, f, version) for f in errors):
            on_purpose += 1
        else:
            differing.append(f"{where}: it has an effect, and {errors[0]}")
    report(
        f"{host} ({version}), PID 1: {len(tried)} assignments, {agreed}"
        f" agree, {on_purpose} differ on purpose, {unseen} cannot be seen,"
        f" {len(differing)} disagree"
    )
    assert not differing, "\n".join(differing)
