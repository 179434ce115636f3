# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""We find no error in a unit file that systemd loads without a word.

The files are those that Debian ships: people use them, and a validator
which refuses them is one that nobody believes. Each systemd of the
fleet loads the files of its own suite.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from fleet_hosts import HOSTS
from loading import load, shipped

from ansible_collections.pyfleet.services.plugins.module_utils._unit.check import (  # noqa: E501
    check_merged,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.findings import (  # noqa: E501
    Finding,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.target import (  # noqa: E501
    Target,
)

# What a drop-in is loaded with if its unit is of another package.
BASES = {
    "service": "[Service]\nExecStart=/bin/true\n",
    "socket": "[Socket]\nListenStream=/run/base.sock\nAccept=yes\n",
    "timer": "[Timer]\nOnCalendar=daily\n",
    "path": "[Path]\nPathExists=/run/base\n",
}


def parent_of(drop_in: str) -> str:
    """Return the unit that a drop-in belongs to.

    ``service.d`` is for all services and ``user-.slice.d`` for all
    slices whose name begins so: any such unit shows what it does.
    """
    unit = drop_in.rpartition("/")[0].removesuffix(".d")
    scope, _slash, name = unit.partition("/")
    stem, _dot, suffix = name.rpartition(".")
    stem = stem or "base"
    if stem.endswith("-"):
        stem += "base"
    return f"{scope}/{stem}.{suffix}"


def with_parents(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
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
            base = BASES.get(parent.rpartition(".")[2], "")
            units.setdefault(parent, {"": base})[name] = text
    return units


def judge(
    units: Mapping[str, Mapping[str, str]], target: Target
) -> dict[str, list[Finding]]:
    """Return {file: our findings} about units and their drop-ins."""
    found: dict[str, list[Finding]] = {}
    for name, parts in units.items():
        texts = {
            label: text.encode("utf-8", "surrogateescape")
            for label, text in parts.items()
        }
        main = texts.pop("")
        findings = check_merged(main, texts, name.rpartition("/")[2], target)
        for label in ("", *texts):
            found[label or name] = [
                finding
                for finding in findings
                if (finding.file or "") == label
            ]
    return found


@pytest.mark.parametrize("host", HOSTS)
def test_no_error_in_files_of_the_image(host: str) -> None:
    files = shipped(host)
    assert len(files) > 100
    units = with_parents(files)
    everything = {name: parts[""] for name, parts in units.items()} | files
    said = load(host, everything, units)
    findings = judge(units, Target(HOSTS[host]))
    wrong = [
        f"{name}: {finding}"
        for name in files
        if not said[name]
        for finding in findings[name]
        if finding.level == "error"
    ]
    assert not wrong, "\n".join(wrong)
