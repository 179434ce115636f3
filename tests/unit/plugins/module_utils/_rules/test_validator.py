# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the validator says of whole unit files."""

from __future__ import annotations

import ast
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
    validator,
    verdict,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

ROOT = Path(__file__).resolve().parents[5]
GOOD = """\
[Unit]
Description=Hello
After=network.target

[Service]
Type=notify
ExecStart=/usr/bin/hello --port 80
User=hello
ProtectSystem=strict
CapabilityBoundingSet=
X-Own=anything

[X-Own]
foo

[Install]
WantedBy=multi-user.target
"""


def found(
    text: str,
    name: str = "hello.service",
    version: int = 257,
    features: frozenset[str] = frozenset(),
) -> list[report.Finding]:
    """Return the findings about a unit file."""
    return validator.check(text, name, targets.Target(version, "", features))


def codes(
    text: str, name: str = "hello.service", version: int = 257
) -> list[str]:
    """Return the rules that a unit file breaks."""
    return [finding.code for finding in found(text, name, version)]


def service(*lines: str) -> str:
    """Return a service with more lines in [Service]."""
    return "\n".join(("[Service]", "ExecStart=/bin/x", *lines, ""))


@pytest.mark.parametrize("version", [239, 247, 252, 257, 262])
def test_a_good_service(version: int) -> None:
    assert found(GOOD, version=version) == []


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("ProtectSytem=strict", "unknown-directive"),
        ("StartLimitIntervalSec=5", "misplaced-directive"),
        ("WantedBy=a.target", "misplaced-directive"),
        ("ProtectSystem=strct", "invalid-value"),
        ("ProtectSystem=", "empty-keeps"),
        ("PrivateTmp=yes # why", "invalid-value"),
        ("MemoryLimit=1G", "deprecated-directive"),
        ("StartLimitInterval=5", "deprecated-directive"),
        ("NetClass=1", "directive-removed"),
        ("RootMStack=/x", "directive-too-new"),
        ("ProtectHostname=private", "value-too-new"),
        ("OnCalendar=daily", "misplaced-directive"),
        ("WorkingDirectory=/srv # why", "comment-in-value"),
        ("EnvironmentFile=/etc/x ; why", "comment-in-value"),
        ("User=joe # why", "comment-in-value"),
        ("BindPaths=/a  /b", "blank-path"),
        ("SupplementaryGroups=joe # why", "comment-in-value"),
        ("[Unit]\nConditionPathExists=/x # why", "comment-in-value"),
        ("StandardError=file:/x # why", "trailing-comment"),
        ("ExecStop=/bin/x # why", "trailing-comment"),
        ("ExecStop=${HOME}x a", "exec-no-program"),
        ("ExecStop=A=b /bin/x", "exec-no-program"),
        ("ExecStop=/bin/x; /bin/y", "exec-no-program"),
        ("[Unit]\nConditionArchitecture=x86_64", "condition-never-true"),
        ("[Unit]\nConditionVirtualization=!yess", "condition-never-true"),
        ("[Unit]\nAssertSecurity=selinx", "condition-never-true"),
        ("PrivateUsers=full", "value-too-new"),
        ("Nice=1\nNice=2", "duplicate-directive"),
        ("ExecStart=/bin/y", "exec-multiple"),
        ("Type=oneshot\nRestart=always", "oneshot-restart"),
        ("Type=oneshot\nExitType=cgroup", "oneshot-exit-type"),
        ("Type=oneshot\nRuntimeMaxSec=5", "oneshot-runtime"),
        ("Type=dbus", "dbus-without-name"),
        ("Type=forking", "forking-without-pidfile"),
        ("Type=forking\nPIDFile=/run/x\nPrivatePIDs=yes", "forking-pids"),
        ("Type=notify\nNotifyAccess=none", "notify-access-none"),
        ("WatchdogSec=5", "watchdog-without-notify"),
        ("RestartSteps=5", "restart-no-limit"),
        ("RestartMaxDelaySec=5", "restart-no-limit"),
        ("RuntimeRandomizedExtraSec=5", "needs-companion"),
        ("Personality=arm64", "other-personality"),
        ("PAMName=login\nKillMode=process", "pam-kill-mode"),
        ("DynamicUser=yes\nWorkingDirectory=~", "dynamic-user-home"),
        ("DynamicUser=yes\nPrivateTmp=no", "dynamic-user-overrides"),
        ("WorkingDirectory=/proc\nPrivateMounts=yes", "api-working-directory"),
        (
            "ProtectHome=yes\nWorkingDirectory=/home/a",
            "working-directory-hidden",
        ),
        (
            "CapabilityBoundingSet=CAP_KILL\nCapabilityBoundingSet=~",
            "set-reset",
        ),
        ("KillMode=none", "kill-mode-none"),
        ("[Unit]\nBefore=dev-a.device", "invalid-value"),
        ("Environment=DB_PASSWORD=x", "environment-secret"),
        ("Environment=PATH=/opt/x/bin:$PATH", "environment-reference"),
        ('Environment="URL=http://h:${PORT}/"', "environment-reference"),
        (
            "CapabilityBoundingSet=CAP_KILL\nAmbientCapabilities=CAP_CHOWN",
            "ambient-not-bounded",
        ),
        ("[Unit]\nWants=a.service", "wants-without-after"),
        ("[Unit]\nAfter=syslog.target", "obsolete-target"),
        ("[Unit]\nBindsTo=syslog.target", "required-target-gone"),
        ("[Unit] # x", "invalid-header"),
        ("[Timer]\nOnCalendar=daily", "unknown-section"),
        ("[Servce]\nUser=a", "unknown-section"),
        ("just words", "not-an-assignment"),
        ("User=a\rUser=b", "line-separator"),
    ],
)
def test_one_mistake(lines: str, code: str) -> None:
    found_codes = codes(service(lines))
    assert code in found_codes
    assert catalogue.RULES[code]


@pytest.mark.parametrize(
    "lines",
    [
        "Type=oneshot\nExecStart=/bin/y",
        "ExecStart=\nExecStart=/bin/y",
        "Nice=1\nNice=",
        "Nice=1\nNice=1",
        "[Unit]\nAfter=",
        "Type=dbus\nBusName=a.b",
        "RestartSteps=5\nRestartMaxDelaySec=5",
        "ProtectHome=read-only\nWorkingDirectory=/home/a",
        "DynamicUser=yes\nPrivateTmp=yes",
        "[Unit]\nWants=a.service\nAfter=a.service",
        "[Unit]\nRequires=a.mount\nAfter=a.mount",
        "[Unit]\nAfter=dev-a.device",
        "ExecStop=/bin/sh -c 'a # b'",
        "ExecStop=/bin/x #fff",
        "ExecStop=/bin/x ; /bin/y",
        "ExecStop=/bin/x ${HOME} A=b",
        "WorkingDirectory=/srv/a#b",
        "[Unit]\nDescription=a # b",
        "[Unit]\nConditionVirtualization=!container",
        "[Unit]\nConditionArchitecture=|x86-64",
        "[Unit]\nConditionSecurity=!tpm2",
    ],
)
def test_no_mistake(lines: str) -> None:
    assert codes(service(lines)) == []


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.service", "[Service]\nUser=a\n", "no-exec"),
        ("a.service", "[Service]\nExecStop=/bin/x\n", "no-exec"),
        ("a.service", "[Service]\nType=exec\nExecStop=/bin/x\n", "no-exec"),
        (
            "a.service",
            "[Service]\nProtectHome=yes\nExecStart=/home/a/b\n",
            "protect-home-exec",
        ),
        ("a.socket", "[Socket]\nBacklog=5\n", "socket-no-listen"),
        (
            "a.socket",
            "[Socket]\nListenStream=80\nListenDatagram=\n",
            "socket-no-listen",
        ),
        (
            "a.socket",
            "[Socket]\nListenStream=80\nAccept=yes\nService=b.service\n",
            "socket-accept-service",
        ),
        (
            "a.socket",
            "[Socket]\nListenStream=80\nMaxConnections=0\n",
            "socket-max-connections",
        ),
        (
            "a.socket",
            "[Socket]\nListenStream=80\nDelegate=yes\n",
            "unsupported-directive",
        ),
        ("a.timer", "[Timer]\nUnit=b.service\n", "timer-no-time"),
        (
            "a.timer",
            "[Timer]\nOnCalendar=daily\nOnBootSec=\n",
            "timer-no-time",
        ),
        ("a.timer", "[Timer]\nOnUnitActiveSec=5\n", "timer-never-starts"),
        (
            "a.timer",
            "[Timer]\nOnBootSec=5\nPersistent=yes\n",
            "timer-persistent",
        ),
        ("a.path", "[Path]\nUnit=b.service\n", "path-no-path"),
        ("a.mount", "[Mount]\nWhere=/b\nWhat=/dev/x\n", "mount-name"),
        ("a.mount", "[Mount]\nWhere=/a\n", "mount-no-what"),
        ("run.mount", "[Mount]\nWhere=/run/\nWhat=x\n", "mount-api"),
        (
            "sys-fs-cgroup-cpu.mount",
            "[Mount]\nWhere=/sys/fs/cgroup/cpu\nWhat=x\n",
            "mount-api",
        ),
        ("-.automount", "[Automount]\nWhere=/\n", "automount-root"),
        ("a.automount", "[Automount]\nWhere=/b\n", "mount-name"),
        ("a.swap", "[Swap]\nWhat=/dev/b\n", "swap-name"),
        ("a.conf", "[Service]\n", "unknown-unit-type"),
        ("a b.service", "[Service]\nExecStart=/x\n", "invalid-unit-name"),
        ("@a.service", "[Service]\nExecStart=/x\n", "invalid-unit-name"),
        ("a.target", "[Service]\nUser=a\n", "unknown-section"),
        ("a.service", "User=a\n[Service]\nExecStart=/x\n", "outside-section"),
    ],
)
def test_units_as_a_whole(name: str, text: str, code: str) -> None:
    assert code in codes(text, name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.service",
            "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStop=/bin/x\n",
        ),
        ("a@.service", "[Service]\nExecStart=/bin/x %i\n"),
        ("a.socket", "[Socket]\nListenStream=80\n"),
        ("a.timer", "[Timer]\nOnCalendar=daily\n"),
        ("a.timer", "[Timer]\nOnClockChange=yes\n"),
        ("a.path", "[Path]\nPathExists=/x\n"),
        ("a-b.mount", "[Mount]\nWhere=/a/b\nWhat=/dev/x\n"),
        ("a\\x2db.mount", "[Mount]\nWhere=/a-b/\nWhat=tmpfs\n"),
        ("-.mount", "[Mount]\nWhere=/\nWhat=/dev/x\n"),
        ("run-lock.mount", "[Mount]\nWhere=/run/lock\nWhat=tmpfs\n"),
        ("proc.automount", "[Automount]\nWhere=/proc\n"),
        ("dev-b.swap", "[Swap]\nWhat=/dev/b\n"),
        ("a.target", "[Unit]\nDescription=x\n"),
        ("a.slice", "[Slice]\nMemoryMax=1G\n"),
        ("a.scope", "[Scope]\nDelegate=yes\n"),
        ("a.device", "[Unit]\nDescription=x\n[Device]\n"),
    ],
)
def test_good_units(name: str, text: str) -> None:
    assert codes(text, name) == []


@pytest.mark.parametrize(
    ("line", "first", "before"),
    [
        ("PrivateTmp=disconnected", 257, 252),
        ("ProtectHostname=private", 258, 257),
        ("MemoryMax=50%", 239, None),
        ("RestrictSUIDSGID=yes", 242, 241),
        ("Type=notify-reload", 253, 252),
        ("CPUWeight=idle", 252, 247),
    ],
)
def test_versions(line: str, first: int, before: int | None) -> None:
    assert codes(service(line), version=first) == []
    if before:
        assert not report.is_valid(found(service(line), version=before))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Type=oneshot\nType=none\nExecStart=/bin/y", []),
        ("Type=oneshot\nType=none\nRestart=always", ["oneshot-restart"]),
        ("Type=none\nType=exec", []),
        (
            "NotifyAccess=none\nNotifyAccess=x\nType=notify",
            ["notify-access-none"],
        ),
        ("Restart=always\nRestart=x\nType=oneshot", ["oneshot-restart"]),
        ("Nice=99\nNice=5", []),
    ],
)
def test_a_value_that_cannot_be_read_leaves_the_one_before(
    lines: str, expected: list[str]
) -> None:
    assert sorted(codes(service(lines))) == sorted(
        [*expected, "invalid-value"]
    )


@pytest.mark.parametrize(
    ("code", "name", "text", "passes", "fails"),
    [
        (
            "oneshot-force-restart",
            "a.service",
            service("Type=oneshot", "RestartForceExitStatus=3"),
            256,
            255,
        ),
        (
            "pam-kill-mode",
            "a.socket",
            "[Socket]\nListenStream=80\nPAMName=login\nKillMode=mixed\n",
            257,
            256,
        ),
        (
            "socket-max-connections",
            "a.socket",
            "[Socket]\nListenFIFO=/a\nMaxConnections=0\n",
            256,
            257,
        ),
        (
            "mount-api",
            "run-credentials-a.mount",
            "[Mount]\nWhat=tmpfs\n",
            253,
            254,
        ),
        (
            "invalid-value",
            "a.service",
            service("ReadWritePaths=/../x"),
            255,
            254,
        ),
        (
            "directive-too-new",
            "a.service",
            service("[Unit]", "ConditionCPUs=>= 2"),
            246,
            245,
        ),
    ],
)
def test_a_rule_has_the_date_of_the_source(
    code: str, name: str, text: str, passes: int, fails: int
) -> None:
    assert codes(text, name, passes) == []
    assert codes(text, name, fails) == [code]


def test_a_secret_is_not_repeated() -> None:
    (finding,) = found(service("Environment=API_KEY=hunter2"))
    assert "hunter2" not in str(finding.as_dict())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("CPUSchedulingPriority=1", ["priority-without-policy"]),
        ("CPUSchedulingPriority=0", []),
        ("CPUSchedulingPolicy=fifo\nCPUSchedulingPriority=1", []),
    ],
)
def test_cpu_priority_before_252(lines: str, expected: list[str]) -> None:
    assert codes(service(lines), version=247) == expected
    assert codes(service(lines), version=251) == expected
    assert codes(service(lines), version=252) == []


def test_variants() -> None:
    text = service("RestrictSUIDSGID=yes")
    assert not report.is_valid(
        validator.check(text, "a.service", targets.Target(239))
    )
    assert validator.check(text, "a.service", targets.Target(239, "el8")) == []


def test_a_build_without_the_feature() -> None:
    text = service("SocketBindDeny=any")
    without = found(text, features=frozenset(("-BPF_FRAMEWORK",)))
    assert [finding.code for finding in without] == ["feature-missing"]
    assert found(text) == []


def test_a_finding_tells_all() -> None:
    (finding,) = found(service("ProtectSytem=strict"))
    assert finding.as_dict() == {
        "code": "unknown-directive",
        "level": "error",
        "section": "Service",
        "option": "ProtectSytem",
        "value": "strict",
        "line": 3,
        "message": (
            "ProtectSytem= is not a directive of [Service], systemd ignores"
            " it; did you mean ProtectSystem=?"
        ),
        "replacement": "ProtectSystem",
    }


def test_since_and_removed_are_told() -> None:
    (newer,) = found(service("RootMStack=/x"))
    assert newer.as_dict()["since"] == 260
    (older,) = found(service("MemoryLimit=1G"), version=262)
    assert older.as_dict()["removed"] == 258
    assert older.replacement == "MemoryMax"
    assert "replacement" not in found(service("Nice=99"))[0].as_dict()


def test_an_empty_value_that_resets_nothing_names_what_stays() -> None:
    finding = found(service("ProtectSystem=strict", "ProtectSystem="))[0]
    assert finding.code == "empty-keeps"
    assert "'strict' of line 3 stays" in finding.message


def test_an_empty_dependency_list_after_another() -> None:
    text = "[Unit]\nAfter=a.service\nAfter=\n[Service]\nExecStart=/x\n"
    assert codes(text) == ["empty-keeps"]


def test_long_values_are_cut_in_messages() -> None:
    (finding,) = found(service("Nice=" + "9" * 500))
    assert len(finding.message) < 250


def test_drop_ins_are_merged() -> None:
    target = targets.Target(257)
    drop_ins = {
        "20.conf": "[Service]\nExecStart=\nExecStart=/bin/y\nUser=b\n",
        "10.conf": "[Service]\nNice=99\n",
    }
    unit = service("User=a")
    findings = validator.check_merged(unit, drop_ins, "a.service", target)
    assert [(one.code, one.file) for one in findings] == [
        ("invalid-value", "10.conf")
    ]
    without = {"20.conf": "[Service]\nExecStart=/bin/y\n"}
    findings = validator.check_merged(unit, without, "a.service", target)
    assert [one.code for one in findings] == ["exec-multiple"]


def test_an_empty_file_masks_the_unit() -> None:
    assert codes("") == ["masked"]
    assert codes("# a comment\n") == ["no-exec"]


def test_a_drop_in_without_its_unit() -> None:
    drop_ins = {"a.conf": "[Service]\nNice=99\n"}
    findings = validator.check_merged(
        "", drop_ins, "a.service", targets.Target(257)
    )
    assert [finding.code for finding in findings] == ["invalid-value"]


def test_levels() -> None:
    warning = found(service("KillMode=none"))
    assert report.is_valid(warning)
    assert not report.is_valid(warning, is_strict=True)
    notice = found(service("Type=forking"))
    assert report.is_valid(notice, is_strict=True)


def test_findings_read_well() -> None:
    (finding,) = found(service("Nice=99"))
    assert str(finding) == (
        "error: line 3: Nice=99: is out of range: -20 to 19 (systemd"
        " ignores it) [invalid-value]"
    )
    (fatal,) = found(service("User=a:b"))
    assert "systemd refuses the unit" in fatal.message
    (harmless,) = found(service("ExecStartPre=-bin/x"))
    assert "systemd ignores it" in harmless.message


def test_the_page_of_the_rules_is_what_the_tool_makes() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert (
        runpy.run_path(str(ROOT / "tools" / "rules.py"))["make_page"]() == page
    )


SOURCES = {
    path: path.read_text(encoding="utf-8")
    for path in (ROOT / "plugins" / "module_utils").glob("*/*.py")
    if path.name != "catalogue.py"
}
# These give a finding its code.
EMITTERS = ("finding", "retold", "remark", "_mistake", "_add")


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield the name of what is called, and the call, of all our code."""
    for path, text in SOURCES.items():
        for node in ast.walk(ast.parse(text, str(path))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, (ast.Attribute, ast.Name)):
                func = node.func
                name = func.id if isinstance(func, ast.Name) else func.attr
                yield name, node


def test_every_rule_is_used() -> None:
    sources = "".join(SOURCES.values())
    assert [
        code for code in catalogue.RULES if f'"{code}"' not in sources
    ] == []


def test_every_code_that_is_emitted_is_in_the_catalogue() -> None:
    codes = {
        part.value
        for name, node in calls()
        if name in EMITTERS
        for part in ast.walk(node.args[0])
        if isinstance(part, ast.Constant)
    }
    assert codes == set(catalogue.RULES)


def test_the_catalogue_alone_gives_a_finding_its_level() -> None:
    for name, node in calls():
        assert name not in ("Finding", "RULES"), ast.unparse(node)
        keywords = {keyword.arg for keyword in node.keywords}
        assert name != "replace" or not keywords & {"code", "level"}
    assert not [path for path, text in SOURCES.items() if ".RULES[" in text]


@pytest.mark.parametrize(
    ("lines", "code", "level"),
    [
        ("User=nobody", "user-nobody", "warning"),
        ("PIDFile=/var/run/a", "var-run", "warning"),
        ("ExecStart=/bin/a > b", "shell-syntax", "error"),
        ("ExecStart=/bin/a $(b)", "shell-substitution", "warning"),
        ("just words", "not-an-assignment", "error"),
    ],
)
def test_a_finding_has_the_level_of_its_rule(
    lines: str, code: str, level: str
) -> None:
    assert catalogue.RULES[code].level == level
    levels = [one.level for one in found(service(lines)) if one.code == code]
    assert levels == [level]


@pytest.mark.parametrize(
    ("lines", "is_told"),
    [
        ("RefreshOnReload=credentials", True),
        ("RefreshOnReload=~credentials", True),
        ("RefreshOnReload=credentials\nLoadCredential=a", False),
        ("RefreshOnReload=~credentials\nExtensionDirectories=/a.v", False),
        ("RefreshOnReload=yes", False),
    ],
)
def test_what_is_refreshed_has_to_be_there(lines: str, is_told: bool) -> None:
    found_codes = codes(service(lines), version=262)
    assert ("needs-companion" in found_codes) is is_told


def test_rules_are_complete() -> None:
    for rule in catalogue.RULES.values():
        assert rule.level in ("error", "warning", "notice")
        assert rule.title
        assert rule.text.endswith((".", ")"))


@pytest.mark.parametrize("kind", ["service", "socket", "slice"])
@pytest.mark.parametrize(
    "value",
    [
        "9" * 5000, "9" * 5000 + "K", "9" * 5000 + "%", "9" * 40 + "!",
        "0x" + "f" * 5000, "/x " + "9" * 5000, "RTMIN+" + "9" * 5000,
        "\u00b2", "\u0663", "/x \u00b2", "\udcff", "\ud800",
    ],
    ids=lambda value: ascii(value)[:9],
)  # fmt: skip
def test_no_value_of_any_directive_explodes(kind: str, value: str) -> None:
    """Python makes no number of 5000 digits, and no bytes of \\ud800."""
    lines = [
        line
        for section in table.SECTIONS[kind]
        for line in (
            f"[{section}]",
            *[f"{name}={value}" for name in table.names(section)],
        )
    ]
    assert validator.check("\n".join(lines), f"x.{kind}", targets.Target(257))


def test_what_is_ignored_needs_no_form() -> None:
    # systemd names the section alone.
    assert codes(service("[Nonsense]", "just words")) == ["unknown-section"]


@pytest.mark.parametrize(
    ("line", "version", "since"),
    [
        ("PrivateTmp=disconnected", 252, 257),
        ("ProtectHostname=private", 257, 258),
        ("PrivateUsers=managed", 252, 260),
        ("CPUWeight=idle", 247, 252),
    ],
)
def test_a_value_that_a_later_reading_knows(
    line: str, version: int, since: int
) -> None:
    (finding,) = found(service(line), version=version)
    assert (finding.code, finding.since) == ("value-too-new", since)


@pytest.mark.parametrize(
    ("line", "replacement"),
    [
        ("MemoryLimt=1", "MemoryMax"),
        ("MemoryMax=512m", "512M"),
        ("MemoryHigh=2GiB", "2G"),
        ("RestartSec=5 mins", "5 min"),
        ("Slice=apps", "apps.slice"),
        ("Sockets=a", "a.socket"),
        ("OnCalendar=daily", "[Timer] OnCalendar="),
        ("[Unit]\nAfter=network-online", "network-online.target"),
        ("[Unit]\nAfter=postgresql", "postgresql.service"),
        ("[Install]\nWantedBy=multi-user", "multi-user.target"),
        ("[Unit]\nConditionArchitecture=x86_64", "x86-64"),
    ],
)
def test_suggestion(line: str, replacement: str) -> None:
    (finding,) = found(service(line))
    assert finding.replacement == replacement


@pytest.mark.parametrize(
    "line",
    ["Environment=DB_PASSWORD=s3cret word", r"SetCredential=pw:s3cret\q"],
)
def test_no_secret_is_shown(line: str) -> None:
    findings = found(service(line))
    assert "invalid-value" in [finding.code for finding in findings]
    assert "s3cret" not in repr(findings)


def test_drop_ins_are_named() -> None:
    unit = service("Type=oneshot", "ProtectSystem=strict")
    drop_in = "[Service]\n\n\n\nProtectSystem=\nRestart=always\n"
    findings = validator.check_merged(
        unit, {"10.conf": drop_in}, "a.service", targets.Target(257)
    )
    assert [(one.file, one.line, one.code) for one in findings] == [
        ("10.conf", 5, "empty-keeps"),
        ("10.conf", 6, "oneshot-restart"),
    ]
    assert "line 4 of a.service" in findings[0].message


def test_findings_are_in_the_order_of_lines() -> None:
    text = service("Restart=always", "Type=oneshot", "Nice=99")
    lines = [finding.line for finding in found(text)]
    assert lines == sorted(lines) == [3, 5]


def test_a_value_that_a_variant_has_sooner() -> None:
    text = service("Type=exec", "FailureAction=exit").replace(
        "FailureAction", "[Unit]\nFailureAction"
    )
    assert validator.check(text, "a.service", targets.Target(239, "el8")) == []
    assert [one.since for one in found(text, version=239)] == [240, 240]


@pytest.mark.parametrize(
    ("name", "line", "is_taken"),
    [
        ("a.service", "Alias=b.service", True),
        ("a.service", 'Alias="b.service"', True),
        ("a.service", "Alias=b@.service", False),
        ("a.service", "Alias=b.socket", False),
        ("a@.service", "Alias=b@.service", True),
        ("a@.service", "Alias=b@c.service", True),
        ("a@.service", "Alias=b.service", False),
        ("a@c.service", "Alias=b@c.service", True),
        ("a@c.service", "Alias=b@d.service", False),
        ("a.slice", "Alias=b.slice", False),
        ("a.service", 'WantedBy="b.target"', True),
        ("a.service", "DefaultInstance=b", False),
        ("a@.service", "DefaultInstance=b", True),
    ],
)
def test_install(name: str, line: str, is_taken: bool) -> None:
    sections = service() if name.endswith("service") else ""
    found_codes = codes(f"{sections}[Install]\n{line}\n", name)
    assert ("invalid-value" not in found_codes) is is_taken


@pytest.mark.parametrize(
    "name", ["a@b.slice", "a--b.slice", "-a.slice", "a-.slice", "a@b.mount"]
)
def test_a_name_that_its_type_cannot_have(name: str) -> None:
    assert "invalid-unit-name" in codes("[Unit]\nDescription=a\n", name)


def test_deprecated_specifier() -> None:
    found_codes = codes(service("Environment=A=%c B=%c"))
    assert found_codes == ["deprecated-specifier"]


@pytest.mark.parametrize("letter", "hsuUgG")
@pytest.mark.parametrize(
    "line",
    [
        "ExecStartPre=/bin/celery -n worker1@%{}",
        'Environment="A=b%{}c"',
        "ReadWritePaths=/srv/%{}",
    ],
)
def test_a_specifier_of_root(letter: str, line: str) -> None:
    given = line.format(letter)
    for user in ("User=a", "User=1000", "Group=a", "DynamicUser=yes"):
        (one,) = found(service(given, user))
        assert (one.code, one.level) == ("user-specifier", "notice")
        assert f"write %%{letter} if" in one.message
    # It is that of the service, or reaches the program as it is.
    for user in ("Nice=1", "User=root", "User=0", "DynamicUser=no"):
        assert codes(service(given, user)) == []
    assert codes(service(given.replace("%", "%%"), "User=a")) == []


def test_an_instance_that_is_no_path() -> None:
    text = service("ReadWritePaths=%f")
    assert codes(text, r"a@\x2fb.service") == ["invalid-value"]
    assert codes(text, "a@srv-b.service") == []


@pytest.mark.parametrize("char", ["\uffff", "\ufdd0", "\U0001fffe"])
def test_a_character_that_unicode_leaves_out(char: str) -> None:
    assert codes(service(f"Nice=1 {char}"))[0] == "invalid-utf8"


@pytest.mark.parametrize("value", ["pa$word", "$", "5$", "$$", "a$1", "$x"])
def test_a_dollar_in_a_password_is_not_a_reference(value: str) -> None:
    assert "environment-reference" not in codes(
        service(f"Environment=A={value}")
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Alias", "b@.service"),
        ("WantedBy", "a.target"),
        ("RequiredBy", "a.target"),
        ("UpheldBy", "a.target"),
        ("DefaultInstance", "one"),
    ],
)
def test_an_empty_list_of_install_resets_it(name: str, value: str) -> None:
    """It is how a drop-in takes a unit out of a target."""
    lines = f"[Install]\n{name}={value}\n{name}=\n"
    findings = validator.check(
        f"{service('')}{lines}", "a@.service", targets.Target(257)
    )
    assert findings == []
    unit = merged.MergedUnit.of(
        [("Install", name, value), ("Install", name, "")], targets.Target(257)
    )
    assert unit.all("Install", name) == []


@pytest.mark.parametrize("version", [247, 262])
@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("Alias", "b@.service", "c@.service"),
        ("WantedBy", "a.target", "b.target"),
        ("RequiredBy", "a.target", "b.target"),
        ("DefaultInstance", "one", "two"),
    ],
)
def test_a_drop_in_resets_a_list_of_install(
    name: str, first: str, second: str, version: int
) -> None:
    """`systemctl enable` of 247 and 262 links by the last one alone."""
    target = targets.Target(version)
    text = f"{service('')}[Install]\n{name}={first}\n"
    drop_ins = {
        "1.conf": f"[Install]\n{name}=\n",
        "2.conf": f"[Install]\n{name}={second}\n",
    }
    judged = verdict.judge(
        "a@.service", text, drop_ins, target, verdict.Policy()
    )
    assert judged.findings == ()
    counting = [item.value for item in judged.unit.all("Install", name)]
    assert counting == [second]


def test_a_drop_in_does_not_reset_also() -> None:
    told = validator.check_merged(
        f"{service('')}[Install]\nAlso=b.service\n",
        {"1.conf": "[Install]\nAlso=\nAlso=c.service\n"},
        "a.service",
        targets.Target(262),
    )
    assert [(one.code, one.file) for one in told] == [
        ("empty-keeps", "1.conf")
    ]


def test_an_empty_also_keeps_what_was_said() -> None:
    lines = "[Install]\nAlso=a.service\nAlso=\n"
    assert "empty-keeps" in codes(f"{service('')}{lines}")


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        ("ExecStart=/x && /y", "a second Exec line"),
        ("ExecStart=/x || /y", "/bin/sh -c"),
        ("ExecStart=/x | /y", "/bin/sh -c"),
        ("ExecStart=/x >> /y", "StandardOutput=append:PATH"),
        ("ExecStart=/x 2>&1", "StandardOutput=append:PATH"),
        ("ExecStart=/x < /y", "StandardInput=file:PATH"),
        ("StandardOutput=/var/log/x", "append:/var/log/x"),
        ("StandardInput=/etc/x", "file:/etc/x"),
        ("[Install]\nAlias=other", "other.service"),
        ("[Install]\nWantedBy=other", "other.target"),
    ],
)
def test_the_remedy_fits_the_mistake(lines: str, advice: str) -> None:
    messages = [one.message for one in found(service(lines))]
    assert any(advice in message for message in messages), messages


def operations(text: str) -> int:
    """Return how many calls the verdict on a unit takes."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        verdict.judge(
            "hello.service",
            text,
            {},
            targets.Target(247),
            verdict.Policy(),
        )
    finally:
        sys.setprofile(None)
    return count


# Each gives a unit of so many lines or words.
UNITS: dict[str, Callable[[int], str]] = {
    "lines that are joined": lambda n: "Environment=A=b " + "\\\n c=d" * n,
    "sections": lambda n: "[Service]\n[Sevice]\n" * n,
    "lines that are not assignments": lambda n: "a\n" * n,
    "unknown directives": lambda n: "".join(f"Usr{i}=a\n" for i in range(n)),
    "commands below bound paths": lambda n: (
        "ProtectHome=tmpfs\nDynamicUser=yes\n"
        + "".join(f"ExecStart=/home/x/{i}\n" for i in range(n))
        + "".join(f"BindPaths=/home/y/{i}\n" for i in range(n))
    ),
    "networks": lambda n: (
        "IPAddressDeny=any\n"
        + "".join(f"IPAddressAllow=10.{i}.0.0 10.{i}.1.1\n" for i in range(n))
    ),
    "system calls": lambda n: "".join(
        f"SystemCallFilter=call{i} ~read\n" for i in range(n)
    ),
    "paths of mounts": lambda n: (
        "[Unit]\nWants=a.service\nRequiresMountsFor=/" + "directory/" * n
    ),
    "dots in paths of mounts": lambda n: (
        "[Unit]\nWants=a.service\nRequiresMountsFor=/" + "./" * n
    ),
    "dependencies": lambda n: (
        "[Unit]\n" + "".join(f"Wants=a{i}.service\n" for i in range(n))
    ),
    "remarks": lambda n: (
        "ExecStart=/bin/x " + " ".join(f">a{i} $(a{i})" for i in range(n))
    ),
    "words": lambda n: "ExecStart=/bin/x " + '"a b" ; /bin/y ' * n,
    "secrets": lambda n: "Environment=" + "A_TOKEN=x B_SECRET=y " * n,
    "capabilities": lambda n: (
        "CapabilityBoundingSet=CAP_CHOWN\nAmbientCapabilities=~\n" * n
    ),
}


@pytest.mark.parametrize("name", UNITS)
def test_the_work_grows_as_the_unit_does(name: str) -> None:
    def unit(size: int) -> str:
        return f"{service()}\n{UNITS[name](size)}\n"

    operations(unit(160))  # Imports and caches are filled.
    first, second, third = (operations(unit(size)) for size in (40, 80, 160))
    # Twice as much is linear; four times as much is the square.
    assert third - second <= 2.5 * (second - first)


def test_errors_behind_very_many_are_not_looked_at() -> None:
    text = service() + "Usr=a\n" * 12_000 + "Type=forking\nNice=99\n"
    told = found(text)
    assert sum(one.code == "unknown-directive" for one in told) == 10_000
    (cut,) = [one for one in told if one.code == "too-many-errors"]
    assert cut.line == max(
        one.line for one in told if one.code == "unknown-directive"
    )
    assert "invalid-value" not in {one.code for one in told}
    # The rules across directives know the lines behind it.
    assert "forking-without-pidfile" in {one.code for one in told}


def test_warnings_do_not_keep_an_error_from_being_found() -> None:
    text = "\r" * 10_500 + service() + "\nNice=99\n"
    assert {one.code for one in found(text)} == {
        "line-separator",
        "invalid-value",
    }


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"OnCalendar=Mon{' ' * 50_000}x", id="blanks"),
        pytest.param(f"Nice={' #' * 20_000}", id="comments"),
        pytest.param(f"Environment={'_PASSWORD' * 20_000}", id="names"),
        pytest.param(f"LogFilterPatterns={'a(b|c' * 20_000}", id="brackets"),
        pytest.param(f"LimitFSIZE={'0' * 50_000}1x", id="zeros"),
        pytest.param(f"CPUQuota={'1' * 50_000}\u2031", id="digits"),
        pytest.param(f"Nice=0x{'f' * 50_000}", id="hexadecimal digits"),
    ],
)
def test_a_long_value_is_judged(line: str) -> None:
    section = "Timer" if line.startswith("On") else "Service"
    name = f"a.{section.lower()}"
    told = found(f"[{section}]\n{line}\n", name)
    assert {"invalid-value", "no-exec", "timer-no-time"} & {
        one.code for one in told
    }
    assert all(len(one.message) < 1000 for one in told)
