# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table has every directive of every dump and no more."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    registry,
)

ROOT = Path(__file__).resolve().parents[5]
SOURCE = json.loads(
    (ROOT / "tools" / "data" / "directives.json").read_text(encoding="utf-8")
)
# {Section.Directive: the versions whose dump names it}
DUMPS = json.loads(
    (ROOT / "tools" / "data" / "dumps.json").read_text(encoding="utf-8")
)
sys.path.insert(0, str(ROOT / "tools"))
DIRECTIVES = importlib.import_module("directives")
SINCE = DIRECTIVES.SINCE
# The text of a macro in upstream's parser table, no section.
MACRO = "type."
ENTRIES = {
    tuple(key.split(".")): entry
    for key, entry in SOURCE.items()
    if not key.startswith(MACRO)
}


@pytest.mark.parametrize(
    ("tool", "made"),
    [("directives", "_unit/_table"), ("names", "_values/_names")],
)
def test_the_generated_modules_are_what_the_tools_make(
    tool: str, made: str
) -> None:
    folder = ROOT / "plugins" / "module_utils"
    text = subprocess.check_output(
        [sys.executable, str(ROOT / "tools" / f"{tool}.py")], text=True
    )
    assert text == (folder / f"{made}.py").read_text(encoding="utf-8")


def test_every_directive_is_there_and_no_more() -> None:
    ours = {
        (section, name)
        for section in {section for section, _name in ENTRIES}
        for name in table.names(section)
    }
    assert ours == set(ENTRIES)


@pytest.mark.parametrize("version", range(239, 263))
def test_each_version_has_what_its_parser_table_has(version: int) -> None:
    target = targets.Target(version)
    for (section, name), entry in ENTRIES.items():
        directive = table.find(section, name)
        assert directive is not None
        known = SINCE.get(f"{section}.{name}") or SINCE.get(name)
        since = known[0] if known else entry["since"]
        is_parsed = since <= version <= max_version(entry)
        if is_dead(entry, version):
            assert directive.is_gone(target), (section, name)
        else:
            assert directive.is_in(target) == is_parsed, (section, name)


@pytest.mark.parametrize("version", [247, 252, 257, 262])
def test_the_dump_of_each_real_version(version: int) -> None:
    target = targets.Target(version)
    dumped = {
        tuple(key.split("."))
        for key, versions in DUMPS.items()
        if version in versions
    }
    ours = set()
    for section, name in ENTRIES:
        directive = table.find(section, name)
        assert directive is not None
        if directive.is_in(target):
            ours.add((section, name))
        elif directive.is_gone(target):
            # A dump may still name what does nothing.
            dumped.discard((section, name))
    # [Install] is read when a unit is enabled, and is in no dump of all.
    assert ours == dumped


def max_version(entry: dict[str, Any]) -> int:
    """Return the last version that parses a directive."""
    # The parser tables of 261 and 262 are not in the source.
    return 262 if entry["last"] >= 260 else int(entry["last"])


def is_dead(entry: dict[str, Any], version: int) -> bool:
    """Tell whether a version takes the directive and does nothing."""
    parser = entry.get("first_parser") or entry.get("parser")
    for since, changed in sorted(entry.get("parser_changed", {}).items()):
        if version >= int(since):
            parser = changed
    is_compat = parser == "config_parse_warn_compat"
    return bool(is_compat) or version > max_version(entry)


@pytest.mark.parametrize(("variant", "base"), [("el8", 239), ("el9", 252)])
def test_backports(variant: str, base: int) -> None:
    for (section, name), entry in ENTRIES.items():
        directive = table.find(section, name)
        assert directive is not None
        known = SINCE.get(f"{section}.{name}")
        since = known[0] if known else entry["since"]
        if entry.get(variant) and since > base:
            assert directive.is_in(targets.Target(base, variant)), (
                section,
                name,
            )
            assert not directive.is_in(targets.Target(base)), (section, name)


def test_every_type_of_the_table_is_known() -> None:
    for section, name in ENTRIES:
        directive = table.find(section, name)
        assert directive is not None
        for _since, form in directive.forms:
            if form.kind.startswith("enum:"):
                assert (
                    enums.members(form.kind[5:], targets.Target(262))
                    is not None
                )
            else:
                assert form.kind in registry.TYPES, (section, name)
            assert form.empty in ("reset", "value", "keep", "noop")


@pytest.mark.parametrize(
    ("section", "name", "expected"),
    [
        ("Service", "MemoryLimit", (258, "MemoryMax", "")),
        ("Service", "SocketBindDeny", (0, "", "BPF_FRAMEWORK")),
        ("Unit", "BindTo", (0, "BindsTo", "")),
        ("Service", "SystemCallFilter", (0, "", "SECCOMP")),
    ],
)
def test_what_is_told_of_a_directive(
    section: str, name: str, expected: tuple[int, str, str]
) -> None:
    found = table.find(section, name)
    assert found is not None
    assert (found.removed, found.replacement, found.feature) == expected


@pytest.mark.parametrize(
    ("section", "name", "manual"),
    [
        ("Service", "Type", "systemd.service(5)"),
        ("Service", "User", "systemd.exec(5)"),
        ("Service", "KillMode", "systemd.kill(5)"),
        ("Service", "MemoryMax", "systemd.resource-control(5)"),
        ("Unit", "After", "systemd.unit(5)"),
        ("Socket", "Backlog", "systemd.socket(5)"),
        ("Install", "Alias", "systemd.unit(5)"),
        ("Service", "TimeoutSec", "systemd.service(5)"),
        ("Socket", "TimeoutSec", "systemd.socket(5)"),
        ("Mount", "TimeoutSec", "systemd.mount(5)"),
        ("Swap", "TimeoutSec", "systemd.swap(5)"),
        ("Service", "StartLimitBurst", "systemd.unit(5)"),
        ("Service", "StartLimitInterval", "systemd.unit(5)"),
        ("Service", "FailureAction", "systemd.unit(5)"),
        ("Service", "StartLimitAction", "systemd.unit(5)"),
        ("Service", "RebootArgument", "systemd.unit(5)"),
        ("Timer", "Unit", "systemd.timer(5)"),
    ],
)
def test_manual_pages(section: str, name: str, manual: str) -> None:
    found = table.find(section, name)
    assert found is not None
    assert found.manual == manual


@pytest.mark.parametrize("name", ["OVERRIDES", "SINCE", "FEATURES", "MANUALS"])
def test_what_no_source_tells_has_a_reason(name: str) -> None:
    rows = getattr(DIRECTIVES, name)
    assert rows
    for key, row in rows.items():
        why = row.why if name == "OVERRIDES" else row[1]
        assert len(why.split()) > 2, key


def test_a_directive_is_read_as_its_version_reads_it() -> None:
    found = table.find("Service", "PrivateTmp")
    assert found is not None
    assert found.form(targets.Target(252)).kind == "boolean"
    assert found.form(targets.Target(257)).kind == "enum:private-tmp"
    assert found.form(targets.Target(257)).empty == "keep"


def test_what_is_not_there() -> None:
    assert table.find("Service", "ProtectSytem") is None
    assert table.find("Nothing", "User") is None
    assert table.names("Nothing") == []
