# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loaded unit is not reported to differ from its own files.

Every unit of a host is compared with what is loaded, and services with
one assignment each of all directives that are compared. None of them
may differ, as nothing overrides them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fleet_hosts import HOSTS, run_python

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    merged,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    read_back,
)

# A value or two of each form; what a directive does not take is left out.
VALUES = contexts.words_of(
    "yes no 0 1 7 99 -5 1000 0x10 077 0755 infinity 50% 100M 1.5G 1h 250ms"
    " idle root nosuch"
)
TYPES = {
    "service": "[Service]\nExecStart=/bin/true\n",
    "timer": "[Timer]\nOnBootSec=1d\n",
    "socket": "[Socket]\nListenStream=/run/{name}\n",
    "path": "[Path]\nPathExists=/{name}\n",
}
PREFIX = "pyfleet-readback-"

# Prints [[name, {property: value}, {drop-in or "": text}], ...].
SCRIPT = r"""
import glob, os, subprocess
directory = "/run/systemd/system"
def systemctl(*words):
    return subprocess.run(
        ("systemctl", "--no-pager") + words, stdout=subprocess.PIPE,
        timeout=300).stdout.decode("utf-8", "surrogateescape")
def read(path):
    with open(path, "rb") as stream:
        return stream.read().decode("utf-8", "surrogateescape")
def show(names):
    for start in range(0, len(names), 100):
        text = systemctl("show", "--all", "--", *names[start:start + 100])
        for block in text.split("\n\n"):
            found = {}
            for line in block.splitlines():
                key, equals, value = line.partition("=")
                found.setdefault(key, value)
            yield found
try:
    for name, text in given.items():
        with open(os.path.join(directory, name), "w") as stream:
            stream.write(text)
    systemctl("daemon-reload")
    names = list(given)
    if not names:
        listed = systemctl("list-unit-files", "--no-legend", "--plain")
        names = [line.split()[0] for line in listed.splitlines() if line]
        names = [name for name in names if "@." not in name]
    answer = []
    for found in show(names):
        path = found.get("FragmentPath")
        if found.get("LoadState") == "loaded" and path:
            drop_ins = found.get("DropInPaths", "").split()
            texts = {os.path.basename(one): read(one) for one in drop_ins}
            texts[""] = read(path)
            answer.append([found["Id"], found, texts])
finally:
    for name in given:
        os.unlink(os.path.join(directory, name))
    systemctl("daemon-reload")
print(json.dumps(answer))
"""


def differences(
    units: list[Any], target: targets.Target, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, report.Finding]]:
    """Yield what is found to differ in units, as SCRIPT prints them."""
    for name, shown, texts in units:
        monkeypatch.setattr(
            systemctl, "show", lambda units, _names, s=shown: {units[0]: s}
        )
        documents = {
            label: syntax.parse(text) for label, text in texts.items()
        }
        unit = merged.MergedUnit.read(name, documents, target)
        for finding in read_back.read_back(unit):
            yield name, finding


def variants(target: targets.Target) -> Iterator[tuple[str, str]]:
    """Yield units with one assignment that the target takes."""
    number = 0
    for suffix, base in TYPES.items():
        section = suffix.capitalize()
        for name, form in forms(section, target):
            for value in (*VALUES, *words(form, target)):
                number += 1
                unit = f"{PREFIX}{number}.{suffix}"
                text = base.format(name=unit) + f"{name}={value}\n"
                if is_compared(text, unit, target) and is_taken(
                    text, unit, target
                ):
                    yield unit, text


def forms(
    section: str, target: targets.Target
) -> Iterator[tuple[str, table.Form]]:
    """Yield the directives that a version has in a section."""
    for name in table.names(section):
        directive = table.find(section, name)
        if directive is not None and directive.is_in(target):
            yield name, directive.form(target)


def words(form: table.Form, target: targets.Target) -> list[str]:
    """Return the words that an enum has in this version."""
    kind, _colon, name = form.kind.partition(":")
    if kind in ("restart", "kill-mode"):
        name = kind
    is_enum = kind in ("enum", "restart", "kill-mode")
    known = enums.members(name, target) if is_enum else {}
    return [word for word, later in known.items() if not later]


def is_compared(text: str, unit: str, target: targets.Target) -> bool:
    whole = merged.MergedUnit.read(unit, {"": syntax.parse(text)}, target)
    return bool(list(read_back._asked(whole)))


def is_taken(text: str, unit: str, target: targets.Target) -> bool:
    found = validator.check(text, unit, target)
    return all(finding.level != "error" for finding in found)


@pytest.mark.parametrize("host", HOSTS)
def test_units_of_the_host(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    units = run_python(host, SCRIPT, {})
    assert len(units) > 100
    target = targets.Target(HOSTS[host])
    assert list(differences(units, target, monkeypatch)) == []


@pytest.mark.parametrize("host", HOSTS)
def test_every_directive(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = targets.Target(HOSTS[host])
    wanted = dict(variants(target))
    units = run_python(host, SCRIPT, wanted)
    assert len(units) > len(wanted) * 0.9
    assert list(differences(units, target, monkeypatch)) == []


def test_a_difference_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values that nobody asked for are found on a host."""
    text = "[Service]\nExecStart=/bin/true\nNice=5\n"
    name = f"{PREFIX}0.service"
    ((_name, shown, texts),) = run_python("trixie", SCRIPT, {name: text})
    texts[""] = texts[""].replace("Nice=5", "Nice=6")
    target = targets.Target(HOSTS["trixie"])
    (found,) = differences([(name, shown, texts)], target, monkeypatch)
    assert found[1].option == "Nice"
