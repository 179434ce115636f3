# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loaded unit is compared with its files by what systemd shows."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    read_back,
)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the properties that systemd knows, to be filled."""
    properties: dict[str, str] = {}

    def show(units: list[str], names: list[str]) -> dict[str, Any]:
        known = {name: properties.get(name) for name in names}
        return {units[0]: {k: v for k, v in known.items() if v is not None}}

    monkeypatch.setattr(systemctl, "show", show)
    return properties


def read_again(*lines: str, **drop_ins: str) -> list[report.Finding]:
    texts = {"": "[Service]\n" + "\n".join(lines) + "\n"}
    for name, line in drop_ins.items():
        texts[f"{name}.conf"] = f"[Service]\n{line}\n"
    documents = {label: syntax.parse(text) for label, text in texts.items()}
    unit = merged.MergedUnit.read("a.service", documents, targets.Target(257))
    return read_back.read_back(unit)


# As measured on 247, 252, 257 and 262.
SAME = [
    ("PrivateTmp=yes", {"PrivateTmp": "yes"}),
    ("PrivateTmp=1", {"PrivateTmp": "yes", "PrivateTmpEx": "connected"}),
    ("PrivateTmp=disconnected", {"PrivateTmp": "yes"}),
    (
        "PrivateTmp=disconnected",
        {"PrivateTmp": "yes", "PrivateTmpEx": "disconnected"},
    ),
    (
        "PrivateUsers=identity",
        {"PrivateUsers": "yes", "PrivateUsersEx": "identity"},
    ),
    (
        "ProtectControlGroups=strict",
        {"ProtectControlGroups": "yes", "ProtectControlGroupsEx": "strict"},
    ),
    ("ProtectSystem=strict", {"ProtectSystem": "strict"}),
    ("ProtectSystem=strict", {"ProtectSystem": ""}),
    ("ProtectSystem=strict", {}),
    ("ProtectHome=1", {"ProtectHome": "yes"}),
    ("IOSchedulingClass=idle", {"IOSchedulingClass": "3"}),
    ("CPUSchedulingPolicy=batch", {"CPUSchedulingPolicy": "3"}),
    ("SyslogFacility=local0", {"SyslogFacility": "128"}),
    ("Nice=+5", {"Nice": "5"}),
    ("OOMScoreAdjust=-100", {"OOMScoreAdjust": "-100"}),
    ("MemoryMax=100M", {"MemoryMax": "104857600"}),
    ("MemoryMax=1.5G", {"MemoryMax": "1610612736"}),
    ("MemoryMax=50%", {"MemoryMax": "8000000000"}),
    ("MemoryMax=infinity", {"MemoryMax": "infinity"}),
    ("TasksMax=infinity", {"TasksMax": "18446744073709551615"}),
    ("TasksMax=10%", {"TasksMax": "3276"}),
    ("CPUWeight=idle", {"CPUWeight": "0"}),
    ("TimeoutStartSec=90", {"TimeoutStartUSec": "1min 30s"}),
    ("TimeoutStartSec=0", {"TimeoutStartUSec": "infinity"}),
    ("RestartSec=250ms", {"RestartUSec": "250ms"}),
    ("UMask=077", {"UMask": "0077"}),
    ("User=hello", {"User": "hello"}),
    ("User=%i", {"User": "hello"}),
    ("Environment=A=b", {"Environment": "C=d"}),
    ("DevicePolicy=auto", {"DevicePolicy": "closed"}),
    ("User=", {"User": "hello"}),
]
DIFFERENT = [
    ("PrivateTmp=yes", {"PrivateTmp": "no"}),
    ("PrivateTmp=no", {"PrivateTmp": "yes"}),
    ("PrivateTmp=0", {"PrivateTmp": "yes", "PrivateTmpEx": "connected"}),
    ("PrivateTmp=1", {"PrivateTmp": "no", "PrivateTmpEx": "no"}),
    (
        "PrivateTmp=disconnected",
        {"PrivateTmp": "yes", "PrivateTmpEx": "connected"},
    ),
    ("ProtectSystem=strict", {"ProtectSystem": "full"}),
    ("ProtectSystem=strict", {"ProtectSystem": "no"}),
    ("Restart=always", {"Restart": "no"}),
    ("KillMode=mixed", {"KillMode": "control-group"}),
    ("Nice=5", {"Nice": "6"}),
    ("MemoryMax=100M", {"MemoryMax": "infinity"}),
    ("MemoryMax=100M", {"MemoryMax": "104857601"}),
    ("TasksMax=5", {"TasksMax": "18446744073709551615"}),
    ("TimeoutStartSec=90", {"TimeoutStartUSec": "1min"}),
    ("TimeoutStartSec=90", {"TimeoutStartUSec": "infinity"}),
    ("UMask=077", {"UMask": "0022"}),
    ("User=hello", {"User": "root"}),
    ("DynamicUser=yes", {"DynamicUser": "no"}),
]


@pytest.mark.parametrize(("line", "properties"), SAME)
def test_the_same(
    shown: dict[str, str], line: str, properties: dict[str, str]
) -> None:
    shown.update(properties)
    assert read_again(line) == []


@pytest.mark.parametrize(("line", "properties"), DIFFERENT)
def test_a_difference(
    shown: dict[str, str], line: str, properties: dict[str, str]
) -> None:
    shown.update(properties)
    (finding,) = read_again("ExecStart=/bin/x", line)
    assert (finding.code, finding.level) == ("host-differs", "warning")
    assert f"{finding.option}={finding.value}" == line
    assert finding.line == 3


def test_drop_ins_have_the_last_word(shown: dict[str, str]) -> None:
    shown.update(Nice="7", User="other")
    found = {"b": "Nice=7", "a": "Nice=6\nUser=\n"}
    assert read_again("Nice=5", "User=app", **found) == []
    shown.update(Nice="6")
    (finding,) = read_again("Nice=5", **found)
    assert (finding.value, finding.file) == ("7", "b.conf")


def test_an_empty_line_that_resets_nothing(shown: dict[str, str]) -> None:
    """UMask= keeps the value before it."""
    shown.update(UMask="0022")
    (finding,) = read_again("UMask=0077", a="UMask=")
    assert finding.value == "0077"


def test_one_directive_for_several(shown: dict[str, str]) -> None:
    """TimeoutSec= is for the start and the stop."""
    shown.update(TimeoutStartUSec="5s", TimeoutStopUSec="5s")
    assert read_again("TimeoutStartSec=9", "TimeoutSec=5") == []
    assert len(read_again("TimeoutSec=5", "TimeoutStartSec=9")) == 1


def test_what_a_dynamic_user_implies(shown: dict[str, str]) -> None:
    shown.update(ProtectSystem="strict", DynamicUser="yes")
    assert read_again("ProtectSystem=full", "DynamicUser=yes") == []
    shown.update(DynamicUser="no")
    assert len(read_again("ProtectSystem=full", "DynamicUser=no")) == 1
