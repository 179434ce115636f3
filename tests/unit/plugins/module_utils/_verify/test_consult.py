# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's systemd confirms, overrules and adds to our findings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    directories,
    errors,
    files,
)
from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._verify import (
    analyze,
    consult,
)

TARGET = targets.Target(257)
DUMP = "[Service]\nExecStart=PATH\nBrandNew=BOOLEAN\n\n[Unit]\nAfter=UNIT\n"


class FakeHost:
    """A systemd that reads files to their end and says what it is told.

    Attributes:
        lines: What it says; /x is the private directory.
        unread: Parts of paths that it does not read to the end.
        asked: The paths it was asked about.
        written: {path in the private directory: text}.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.unread: list[str] = []
        self.asked: list[str] = []
        self.written: dict[str, str] = {}

    def run_modes(self, path: str, _target: targets.Target) -> Iterator[str]:
        self.asked.append(path)
        said = [line.replace("/x/", f"{self.folder}/") for line in self.lines]
        for file in sorted(self.folder.rglob("*")):
            if file.is_dir():
                continue
            text = file.read_text()
            self.written[str(file.relative_to(self.folder))] = text
            if not any(part in str(file) for part in self.unread):
                said.append(_unknown(str(file), text))
        yield "\n".join(said)
        yield "\n".join(said)


def _unknown(path: str, text: str) -> str:
    number = text.count("\n")
    last = text.splitlines()[-1].partition("=")[0]
    return f"{path}:{number}: Unknown key '{last}' in section [Unit], ignoring"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeHost:
    """Return a fake systemd with a private directory."""
    folder = tmp_path / "private"
    fake = FakeHost(folder)

    def make(_parent: str) -> str:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return str(folder)

    def write(path: str, data: bytes, **_options: Any) -> bool:
        Path(path).write_bytes(data)
        return True

    monkeypatch.setattr(analyze, "run_modes", fake.run_modes)
    monkeypatch.setattr(directories, "temporary_directory", make)
    monkeypatch.setattr(directories, "remove_tree", lambda _unused: None)
    monkeypatch.setattr(files, "write_atomic", write)
    monkeypatch.setattr(
        consult, "read_dump", lambda: set(consult._parse_dump(DUMP))
    )
    return fake


def ask(
    *lines: str, drop_ins: dict[str, str] | None = None
) -> list[report.Finding]:
    """Return what is found in a service after the host was asked."""
    text = "\n".join(("[Service]", "ExecStart=/bin/x", *lines, ""))
    return ask_about("a.service", text, drop_ins or {})


def ask_about(
    name: str, text: str, drop_ins: dict[str, str]
) -> list[report.Finding]:
    """Return what is found in a unit after the host was asked."""
    findings = validator.check_merged(text, drop_ins, name, TARGET)
    return consult.consult(name, text, drop_ins, TARGET, findings)


def codes(findings: list[report.Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_both_agree(host: FakeHost) -> None:
    host.lines.append(
        "/x/a.service:3: Nice priority out of range, ignoring: 99"
    )
    assert codes(ask("Nice=99")) == ["invalid-value"]


def test_what_the_host_takes_is_a_notice(host: FakeHost) -> None:
    (finding,) = ask("ProtectSystem=newer")
    assert (finding.code, finding.level) == ("host-accepts", "notice")


def test_what_systemd_never_tells_stays_an_error(host: FakeHost) -> None:
    assert codes(ask("CapabilityBoundingSet=CAP_FOO")) == ["invalid-value"]
    assert codes(ask("[Install]", "WantedBy=foo")) == ["invalid-value"]


def test_the_dump_knows_a_name(host: FakeHost) -> None:
    assert codes(ask("BrandNew=yes")) == ["host-accepts"]
    assert codes(ask("BrandOld=yes")) == ["unknown-directive"]


def test_what_only_the_host_says_is_an_error(host: FakeHost) -> None:
    host.lines.append(
        "\x1b[0;1;31m/x/a.service:3: Something new, ignoring\x1b[0m"
    )
    (finding,) = ask("Nice=5")
    assert finding.code == "host-refuses"
    assert (finding.option, finding.line) == ("Nice", 3)
    assert "Something new" in finding.message


def test_a_continued_line_is_found_by_its_last_one(host: FakeHost) -> None:
    host.lines.append("/x/a.service:4: Something new, ignoring")
    (finding,) = ask("Environment=A=b \\", "  C=d")
    assert (finding.option, finding.line) == ("Environment", 3)


def test_what_is_not_about_the_text_is_dropped(host: FakeHost) -> None:
    host.lines += [
        "a.service: Command /bin/x is not executable: No such file",
        "/usr/lib/systemd/system/b.service:3: Unknown key",
        "/x/other-a.service:3: Unknown key",
        "/etc/systemd/system/a.service:3: Unknown key",
        "/etc/systemd/system/c.service.d/b.conf:2: Unknown key",
        "other a.service: Unknown key",
        "Failed to open /dev/x",
        "a.service: Unit configuration has fatal error",
    ]
    drop_ins = {"b.conf": "[Service]\nNice=6\n"}
    assert ask("Nice=5", drop_ins=drop_ins) == []


def test_a_refusal_without_a_line(host: FakeHost) -> None:
    host.lines.append("a.service: Service is refused for a new reason.")
    (finding,) = ask("Nice=5")
    assert (finding.code, finding.line) == ("host-refuses", 0)


def test_drop_ins_are_named(host: FakeHost) -> None:
    host.lines.append("/x/a.service.d/000000.conf:2: Something new, ignoring")
    (finding,) = ask(drop_ins={"b.conf": "[Service]\nNice=5\n"})
    assert (finding.file, finding.option) == ("b.conf", "Nice")


def test_silence_about_a_line_that_was_not_read(host: FakeHost) -> None:
    """A mask, a fatal line and a missing unit end the reading."""
    bad = "[Service]\nProtectSystem=newer\n"
    host.unread = [".d/"]
    assert codes(ask(drop_ins={"b.conf": bad})) == ["invalid-value"]
    host.unread = []
    assert codes(ask(drop_ins={"b.conf": bad})) == ["host-accepts"]
    host.unread = ["a.service"]
    assert codes(ask("ProtectSystem=newer")) == ["invalid-value"]


def test_a_bad_line_that_goes_on(host: FakeHost) -> None:
    """systemd names the last line of an entry, and we the first one."""
    host.lines.append("/x/a.service:4: Failed to parse, ignoring: newer")
    found = ask("ProtectSystem=newer \\", "  and more")
    assert [(one.code, one.line) for one in found] == [("invalid-value", 3)]


@pytest.mark.parametrize("end", ["", "\n"])
def test_the_last_line_may_go_on(host: FakeHost, end: str) -> None:
    text = "[Service]\nExecStart=/bin/x\nProtectSystem=newer \\" + end
    host.lines.append("/x/a.service:4: Failed to parse, ignoring: newer")
    (finding,) = ask_about("a.service", text, {})
    assert finding.code == "invalid-value"
    last = syntax.parse(host.written["a.service"]).assignments()[-1]
    assert (last.section, last.value) == ("Unit", "yes")


def test_a_drop_in_alone(host: FakeHost) -> None:
    """Its unit is not known, so nothing is said of it as a whole."""
    host.lines += [
        "a.service: Service has no ExecStart=. Refusing.",
        "/x/a.service.d/000000.conf:3: Something new, ignoring",
    ]
    text = "[Service]\nProtectSystem=newer\nNice=5\n"
    found = ask_about("a.service", "", {"b.conf": text})
    assert codes(found) == ["host-accepts", "host-refuses"]
    assert host.written["a.service"].startswith("[Unit]\n")


def test_a_mask_is_not_asked_about(host: FakeHost) -> None:
    assert codes(ask_about("a.service", "", {})) == ["masked"]
    assert host.asked == []


def test_a_message_about_a_line_that_is_taken(host: FakeHost) -> None:
    """It is a notice, unless we have a warning about the line."""
    host.lines += [
        "/x/a.service:3: PIDFile= references a path below legacy directory"
        " /var/run/, updating /var/run/a → /run/a; please update the unit"
        " file accordingly.",
        "/x/a.service:4: Later= references a path below legacy directory"
        " /var/log/; please update the unit file accordingly.",
    ]
    text = "[Service]\nExecStart=/bin/x\nPIDFile=/var/run/a\nNice=5\n"
    found = ask_about("a.service", text, {})
    assert [(one.code, one.level, one.line) for one in found] == [
        ("var-run", "warning", 3),
        ("host-remarks", "notice", 4),
    ]


def test_a_line_that_a_blank_cut_off(host: FakeHost) -> None:
    """The host has a message about each of the lines, we have one."""
    host.lines += [
        "/x/a.service:3: Invalid syntax, ignoring: A=1 \\",
        "/x/a.service:4: Unknown key 'B' in section [Service], ignoring.",
    ]
    text = "[Service]\nExecStart=/bin/x\nEnvironment=A=1 \\ \n  B=2\n"
    found = ask_about("a.service", text, {})
    assert codes(found) == ["blank-behind-backslash"]


def test_a_template_is_tried_by_an_instance(host: FakeHost) -> None:
    host.lines += [
        "a@test_instance.service: Refused for a new reason.",
        "ba@i.service: Refused for a new reason.",
    ]
    text = "[Service]\nExecStart=/bin/x\n"
    assert codes(ask_about("a@.service", text, {})) == ["host-refuses"]


@pytest.mark.parametrize(
    "name", ["/x.service", "../a.service", "d/a.service", "a.servic", ""]
)
def test_a_name_that_is_no_units(
    host: FakeHost, tmp_path: Path, name: str
) -> None:
    """Nothing is written for it: joined to a directory, it leads away."""
    if name == "/x.service":
        name = f"{tmp_path}{name}"
    before = [report.Finding("invalid-value", "error", "", "", "", 2, "")]
    text = "[Service]\nExecStart=/bin/x\n"
    after = consult.consult(name, text, {"b.conf": ""}, TARGET, before)
    assert after == before
    assert list(tmp_path.rglob("*")) == []


def test_a_label_leads_nowhere(host: FakeHost, tmp_path: Path) -> None:
    for label in (f"{tmp_path}/x.conf", "../../x.conf", "b.conf\n", "\udcff"):
        host.lines = ["/x/a.service.d/000000.conf:2: Something new"]
        (finding,) = ask(drop_ins={label: "[Service]\nNice=5\n"})
        assert finding.file == label
        assert sorted(host.written) == [
            "a.service",
            "a.service.d/000000.conf",
        ]
        assert [one.name for one in tmp_path.iterdir()] == ["private"]


def test_the_user_may_not_ask(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_parent: str) -> str:
        raise errors.HostError("cannot create /run/x: Permission denied")

    monkeypatch.setattr(directories, "temporary_directory", refuse)
    with pytest.raises(errors.HostError, match=r"become: true.*verify: false"):
        ask("Nice=5")
