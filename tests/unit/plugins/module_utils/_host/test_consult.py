# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's systemd confirms, overrules and adds to our findings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    consult,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.check import (  # noqa: E501
    check,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.findings import (  # noqa: E501
    Finding,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.target import (  # noqa: E501
    Target,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.text import (  # noqa: E501
    parse,
)

TARGET = Target(257)
DUMP = "[Service]\nExecStart=PATH\nBrandNew=BOOLEAN\n\n[Unit]\nAfter=UNIT\n"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let systemd say the lines of the list that is returned."""
    lines: list[str] = []
    monkeypatch.setattr(
        consult, "_run_modes", lambda *_arguments: ["\n".join(lines)] * 2
    )
    monkeypatch.setattr(
        consult.files, "temporary_directory", lambda _unused: "/x"
    )
    monkeypatch.setattr(consult.files, "remove_tree", lambda _unused: None)
    monkeypatch.setattr(consult, "_write", lambda *_arguments: None)
    monkeypatch.setattr(consult.os, "mkdir", lambda *_arguments: None)
    monkeypatch.setattr(
        consult, "read_dump", lambda: set(consult._parse_dump(DUMP))
    )
    yield lines


def ask(*lines: str, drop_ins: dict[str, str] | None = None) -> list[Finding]:
    """Return what is found in a service after the host was asked."""
    text = "\n".join(("[Service]", "ExecStart=/bin/x", *lines, ""))
    findings = check(text, "a.service", TARGET)
    return consult.consult("a.service", text, drop_ins or {}, TARGET, findings)


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_both_agree(host: list[str]) -> None:
    host.append("/x/a.service:3: Nice priority out of range, ignoring: 99")
    assert codes(ask("Nice=99")) == ["invalid-value"]


def test_what_the_host_takes_is_a_notice(host: list[str]) -> None:
    (finding,) = ask("ProtectSystem=newer")
    assert (finding.code, finding.level) == ("host-accepts", "notice")


def test_what_systemd_never_tells_stays_an_error(host: list[str]) -> None:
    assert codes(ask("CapabilityBoundingSet=CAP_FOO")) == ["invalid-value"]
    assert codes(ask("[Install]", "WantedBy=foo")) == ["invalid-value"]


def test_the_dump_knows_a_name(host: list[str]) -> None:
    assert codes(ask("BrandNew=yes")) == ["host-accepts"]
    assert codes(ask("BrandOld=yes")) == ["unknown-directive"]


def test_what_only_the_host_says_is_an_error(host: list[str]) -> None:
    host.append("\x1b[0;1;31m/x/a.service:3: Something new, ignoring\x1b[0m")
    (finding,) = ask("Nice=5")
    assert finding.code == "host-refuses"
    assert (finding.option, finding.line) == ("Nice", 3)
    assert "Something new" in finding.message


def test_a_continued_line_is_found_by_its_last_one(host: list[str]) -> None:
    host.append("/x/a.service:4: Something new, ignoring")
    (finding,) = ask("Environment=A=b \\", "  C=d")
    assert (finding.option, finding.line) == ("Environment", 3)


def test_what_is_not_about_the_text_is_dropped(host: list[str]) -> None:
    host += [
        "a.service: Command /bin/x is not executable: No such file",
        "/usr/lib/systemd/system/b.service:3: Unknown key",
        "/x/other-a.service:3: Unknown key",
        "Failed to open /dev/x",
        "a.service: Unit configuration has fatal error",
    ]
    assert ask("Nice=5") == []


def test_a_refusal_without_a_line(host: list[str]) -> None:
    host.append("a.service: Service is refused for a new reason.")
    (finding,) = ask("Nice=5")
    assert (finding.code, finding.line) == ("host-refuses", 0)


def test_drop_ins_are_named(host: list[str]) -> None:
    host.append("/x/a.service.d/b.conf:2: Something new, ignoring")
    (finding,) = ask(drop_ins={"b.conf": "[Service]\nNice=5\n"})
    assert (finding.file, finding.option) == ("b.conf", "Nice")


@pytest.mark.parametrize(
    ("line", "shown", "expected"),
    [
        ("PrivateTmp=yes", "yes", []),
        ("PrivateTmp=true", "yes", []),
        ("PrivateTmp=1", "connected", []),
        ("PrivateTmp=yes", "no", ["host-differs"]),
        ("ProtectSystem=strict", "strict", []),
        ("ProtectSystem=strict", "full", ["host-differs"]),
        ("Environment=A=b", "", []),
        ("ProtectSystem=strict", "", []),
    ],
)
def test_read_back(
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    shown: str,
    expected: list[str],
) -> None:
    option = line.partition("=")[0]
    monkeypatch.setattr(
        systemctl, "show", lambda units, _unused: {units[0]: {option: shown}}
    )
    document = parse(f"[Service]\n{line}\n")
    assert codes(consult.read_back("a.service", document)) == expected
