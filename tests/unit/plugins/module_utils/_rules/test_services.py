# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules across directives, each by what breaks it and what does not.

The versions are those on which real systemd was asked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
    services,
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)

ALL = (247, 252, 257, 262)
START = "[Service]\nExecStart=/bin/x\n"
# One unit for each rule; a bare text is a service's.
CASES: dict[str, str | tuple[str, str]] = {
    "ambient-not-bounded": (
        f"{START}CapabilityBoundingSet=\nAmbientCapabilities=CAP_KILL\n"
    ),
    "api-working-directory": (
        f"{START}WorkingDirectory=/proc\nPrivateMounts=yes\n"
    ),
    "automount-options": ("a.automount", "[Automount]\nExtraOptions=fd=3\n"),
    "automount-root": ("-.automount", "[Automount]\nWhere=/\n"),
    "blank-path": f"{START}BindPaths=/a  /b\n",
    "comment-in-value": f"{START}User=a # why\n",
    "condition-never-true": f"[Unit]\nConditionArchitecture=x86_64\n{START}",
    "dbus-without-name": f"{START}Type=dbus\n",
    "deprecated-directive": f"{START}PermissionsStartOnly=yes\n",
    "deprecated-specifier": f"{START}Environment=A=%c\n",
    "directive-removed": f"{START}NetClass=1\n",
    "directive-too-new": f"{START}RootMStack=/x\n",
    "duplicate-directive": f"{START}Nice=1\nNice=2\n",
    "dynamic-user-home": f"{START}DynamicUser=yes\nWorkingDirectory=~\n",
    "dynamic-user-overrides": f"{START}DynamicUser=yes\nPrivateTmp=no\n",
    "empty-keeps": f"{START}ProtectSystem=\n",
    "environment-reference": f"{START}Environment=PATH=/x:$PATH\n",
    "environment-secret": f"{START}Environment=DB_PASSWORD=x\n",
    "exec-multiple": f"{START}ExecStart=/bin/y\n",
    "exec-no-program": "[Service]\nExecStart=A=b /bin/x\n",
    "exec-prefix-gone": "[Service]\nExecStart=!!/bin/x\n",
    "feature-missing": f"{START}SocketBindDeny=any\n",
    "forking-pids": f"{START}Type=forking\nPrivatePIDs=yes\n",
    "forking-without-pidfile": f"{START}Type=forking\n",
    "comma-in-word": f"{START}StateDirectory=a,b\n",
    "comma-list": f"{START}SupplementaryGroups=a,b\n",
    "hidden-path": f"{START}ProtectHome=yes\nReadWritePaths=/home/a\n",
    "hidden-path-unused": (
        f"{START}ProtectHome=yes\nReadWritePaths=-/home/a\n"
    ),
    "hidden-pid-file": (
        f"{START}Type=forking\nPrivateTmp=yes\nPIDFile=/tmp/a\n"
    ),
    "private-socket": (
        "[Service]\nExecStart=/bin/x --bind unix:/tmp/a\nPrivateTmp=yes\n"
    ),
    "path-overruled": f"{START}ReadOnlyPaths=/a\nReadWritePaths=/a\n",
    "invalid-header": f"{START}[Unit] # x\n",
    "invalid-unit-name": ("a b.service", START),
    "invalid-utf8": f"{START}User=\udcff\n",
    "invalid-value": f"{START}ProtectSystem=strct\n",
    "isolate-several": (
        "[Unit]\nOnFailureJobMode=isolate\nOnFailure=a.service b.service\n"
        f"{START}"
    ),
    "job-timeout": (
        f"[Unit]\nJobTimeoutSec=5\nJobRunningTimeoutSec=10\n{START}"
    ),
    "kill-mode-none": f"{START}KillMode=none\n",
    "line-separator": f"{START}User=a\rUser=b\n",
    "line-too-long": f"{START}User={'a' * 2**20}\n",
    "managed-users": f"{START}PrivateUsers=managed\nUser=a\n",
    "masked": "",
    "misplaced-directive": f"{START}WantedBy=a.target\n",
    "mount-api": ("proc.mount", "[Mount]\nWhere=/proc\nWhat=x\n"),
    "mount-name": ("a.mount", "[Mount]\nWhere=/b\nWhat=x\n"),
    "mount-no-what": ("a.mount", "[Mount]\nWhere=/a\n"),
    "needs-companion": f"{START}RuntimeRandomizedExtraSec=5\n",
    "no-exec": "[Service]\nUser=a\n",
    "not-an-assignment": f"{START}just words\n",
    "notify-access-none": f"{START}Type=notify\nNotifyAccess=none\n",
    "obsolete-output": f"{START}StandardOutput=syslog\n",
    "obsolete-target": f"[Unit]\nAfter=dbus.target\n{START}",
    "odd-user-name": f"{START}User=a.b\n",
    "oneshot-exit-type": f"{START}Type=oneshot\nExitType=cgroup\n",
    "oneshot-force-restart": (
        f"{START}Type=oneshot\nRestartForceExitStatus=3\n"
    ),
    "oneshot-restart": f"{START}Type=oneshot\nRestart=always\n",
    "oneshot-runtime": f"{START}Type=oneshot\nRuntimeMaxSec=5\n",
    "other-personality": f"{START}Personality=arm64\n",
    "outside-section": f"User=a\n{START}",
    "pam-kill-mode": f"{START}PAMName=login\nKillMode=process\n",
    "pam-private-pids": f"{START}PAMName=login\nPrivatePIDs=yes\n",
    "path-no-path": ("a.path", "[Path]\nUnit=b.service\n"),
    "priority-without-policy": f"{START}CPUSchedulingPriority=1\n",
    "protect-home-exec": "[Service]\nProtectHome=yes\nExecStart=/home/a/b\n",
    "required-target-gone": f"[Unit]\nRequires=dbus.target\n{START}",
    "restart-delay": (
        f"{START}RestartSec=5\nRestartSteps=3\nRestartMaxDelaySec=1\n"
    ),
    "backslash-at-end": f"[Unit]\nDescription=a \\ \n{START}",
    "blank-behind-backslash": f"{START}Environment=A=1 \\ \n  B=2\n",
    "swallowed-line": f"{START}Environment=A=1 \\\nUser=a\n",
    "restart-no-limit": f"{START}RestartSteps=5\n",
    "self-dependency": f"[Unit]\nWants=hello.service\n{START}",
    "set-reset": f"{START}SystemCallFilter=~\n",
    "shell-substitution": "[Service]\nExecStart=/bin/x $(date)\n",
    "shell-syntax": "[Service]\nExecStart=/bin/x > /y\n",
    "socket-accept-defer": (
        "a.socket",
        "[Socket]\nListenStream=80\nAccept=yes\nDeferTrigger=yes\n",
    ),
    "socket-accept-listen": (
        "a.socket",
        "[Socket]\nListenDatagram=80\nAccept=yes\n",
    ),
    "socket-accept-service": (
        "a.socket",
        "[Socket]\nListenStream=80\nAccept=yes\nService=b.service\n",
    ),
    "socket-max-connections": (
        "a.socket",
        "[Socket]\nListenStream=80\nMaxConnections=0\n",
    ),
    "socket-no-listen": ("a.socket", "[Socket]\nBacklog=5\n"),
    "socket-symlinks": (
        "a.socket",
        "[Socket]\nListenStream=80\nSymlinks=/b\n",
    ),
    "swap-name": ("a.swap", "[Swap]\nWhat=/dev/b\n"),
    "timer-never-starts": ("a.timer", "[Timer]\nOnUnitActiveSec=5\n"),
    "trigger-device": ("a.timer", "[Timer]\nOnBootSec=1\nUnit=a.device\n"),
    "trigger-twice": (
        "a.path",
        "[Path]\nPathExists=/a\nUnit=a.service\nUnit=b.service\n",
    ),
    "timer-no-time": ("a.timer", "[Timer]\nUnit=b.service\n"),
    "timer-persistent": ("a.timer", "[Timer]\nOnBootSec=5\nPersistent=yes\n"),
    "too-many-errors": START + "Usr=a\n" * 10_000,
    "trailing-comment": "[Service]\nExecStart=/bin/x # why\n",
    "unknown-directive": f"{START}ProtectSytem=strict\n",
    "unknown-escape": "[Service]\nExecStart=/bin/grep \\.x\n",
    "unknown-section": f"{START}[Servce]\nUser=a\n",
    "unknown-unit-type": ("a.conf", START),
    "unsupported-directive": (
        "a.socket",
        "[Socket]\nListenStream=80\nDelegate=yes\n",
    ),
    "user-namespace-twice": f"{START}PrivateUsers=yes\nUserNamespacePath=/x\n",
    "user-specifier": f"{START}User=a\nEnvironment=A=%h\n",
    "user-nobody": f"{START}User=nobody\n",
    "value-too-new": f"{START}PrivateUsers=full\n",
    "var-run": f"{START}PIDFile=/var/run/a.pid\n",
    "version-unknown": START,
    "wants-without-after": f"[Unit]\nWants=a.service\n{START}",
    "watchdog-without-notify": f"{START}WatchdogSec=5\n",
    "working-directory-hidden": (
        f"{START}ProtectHome=yes\nWorkingDirectory=/home/a\n"
    ),
}
# Of these only the host can tell: the layer above yields them.
OF_THE_HOST = {
    "host-accepts",
    "host-differs",
    "host-refuses",
    "host-remarks",
}
# They are about environment files: test_environment_file.py.
OF_OTHER_FILES = {
    "environment-line-dropped",
    "environment-not-utf8",
    "environment-open-quote",
}
# Where 257 is not the version to ask.
VERSIONS = {
    "exec-prefix-gone": 262,
    "managed-users": 262,
    "oneshot-force-restart": 252,
    "pam-private-pids": 262,
    "priority-without-policy": 247,
    "socket-accept-defer": 262,
    "user-namespace-twice": 262,
    "version-unknown": 263,
}


def found(
    text: str, name: str = "hello.service", version: int = 257
) -> list[report.Finding]:
    """Return the findings about a unit, in a build without BPF."""
    target = targets.Target(version, "", frozenset(("-BPF_FRAMEWORK",)))
    return validator.check(
        text.encode("utf-8", "surrogateescape"), name, target
    )


def codes(
    text: str, name: str = "hello.service", version: int = 257
) -> list[str]:
    """Return the rules that a unit breaks."""
    return [finding.code for finding in found(text, name, version)]


def refused_in(code: str, text: str, name: str) -> list[int]:
    """Return the versions in which a unit breaks a rule."""
    return [v for v in ALL if code in codes(text, name, v)]


def test_every_rule_has_a_case() -> None:
    others = OF_THE_HOST | OF_OTHER_FILES
    assert set(CASES) | others == set(catalogue.RULES)
    assert not set(CASES) & others


@pytest.mark.parametrize("code", CASES)
def test_every_rule_is_triggered(code: str) -> None:
    case = CASES[code]
    name, text = ("hello.service", case) if isinstance(case, str) else case
    findings = found(text, name, VERSIONS.get(code, 257))
    assert code in [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("lines", "path", "is_hidden"),
    [
        ("ProtectHome=yes", "/home/a/x", True),
        ("ProtectHome=yes", "/run/user/1/x", True),
        ("ProtectHome=yes", "//root/x", True),
        ("ProtectHome=yes", "/homes/x", False),
        ("ProtectHome=read-only", "/home/a/x", False),
        # What is inaccessible takes no mounts below it.
        ("ProtectHome=yes\nBindPaths=/home/a", "/home/a/x", True),
        (
            "ProtectHome=yes\nTemporaryFileSystem=/home\nBindPaths=/home/a",
            "/home/a/x",
            True,
        ),
        ("ProtectHome=tmpfs", "/home/a/x", True),
        ("ProtectHome=tmpfs\nBindPaths=/home/a", "/home/a/x", False),
        ("ProtectHome=tmpfs\nBindPaths=/home/a/x", "/home/a/x", False),
        ("ProtectHome=tmpfs\nBindPaths=/home", "/home/a/x", False),
        (
            "ProtectHome=tmpfs\nBindReadOnlyPaths=/opt:/home/a:rbind",
            "/home/a/x",
            False,
        ),
        ("ProtectHome=tmpfs\nBindReadOnlyPaths=-/home/a", "/home/a/x", False),
        ("ProtectHome=tmpfs\nBindReadOnlyPaths=%h/x", "/root/x/y", False),
        (
            "ProtectHome=tmpfs\nBindReadOnlyPaths=/home/a:/opt",
            "/home/a/x",
            True,
        ),
        ("ProtectHome=tmpfs\nBindPaths=/home/ab", "/home/a/x", True),
        ("TemporaryFileSystem=/home:ro", "/home/a/x", True),
        (
            "TemporaryFileSystem=/home:ro\nBindReadOnlyPaths=/home/a",
            "/home/a/x",
            False,
        ),
        ("TemporaryFileSystem=/opt", "/home/a/x", False),
    ],
)
def test_what_protect_home_hides(
    lines: str, path: str, is_hidden: bool
) -> None:
    text = f"[Service]\nExecStart={path}\nWorkingDirectory={path}\n{lines}\n"
    expected = ["protect-home-exec", "working-directory-hidden"]
    # What is bound below a closed directory has a finding of its own.
    found = [code for code in codes(text) if "hidden-path" not in code]
    assert found == (expected if is_hidden else [])


@pytest.mark.parametrize(
    ("line", "is_hidden"),
    [
        ("ExecStartPre=/home/a/x", True),
        ("ExecStartPost=/home/a/x", True),
        ("ExecCondition=/home/a/x", True),
        ("ExecReload=/home/a/x", True),
        ("ExecStop=/home/a/x", True),
        ("ExecStopPost=/bin/y ; /home/a/x", True),
        ("ExecStopPost=!/home/a/x", True),
        ("ExecStartPre=-/home/a/x", False),
        ("ExecStop=+/home/a/x", False),
        ("ExecStop=@-/home/a/x y", False),
        ("ExecStop=/bin/y /home/a/x", False),
    ],
)
def test_all_exec_lines_are_looked_at(line: str, is_hidden: bool) -> None:
    text = f"{START}ProtectHome=yes\n{line}\n"
    assert ("protect-home-exec" in codes(text)) is is_hidden
    no_sandbox = f"{text}PermissionsStartOnly=yes\n"
    assert "protect-home-exec" not in codes(no_sandbox)


@pytest.mark.parametrize(
    ("lines", "is_hidden"),
    [
        ("ProtectHome=yes\nWorkingDirectory=-/home/a", False),
        ("ProtectHome=yes\nWorkingDirectory=/home", False),
        ("ProtectHome=yes\nWorkingDirectory=/home\nUser=root", False),
        ("ProtectHome=yes\nWorkingDirectory=/home\nUser=a", True),
        ("ProtectHome=tmpfs\nWorkingDirectory=/home\nUser=a", False),
        (
            "ProtectHome=tmpfs\nWorkingDirectory=/home/a\nBindPaths=/home/a/b",
            False,
        ),
    ],
)
def test_a_directory_of_a_hidden_home(lines: str, is_hidden: bool) -> None:
    found_codes = codes(f"{START}{lines}\n")
    assert ("working-directory-hidden" in found_codes) is is_hidden


@pytest.mark.parametrize(
    ("name", "text", "is_told"),
    [
        ("a.target", "[Unit]\nWants=b.service\n", False),
        ("a.target", "[Unit]\nRequires=b.service\n", False),
        (
            "a.target",
            "[Unit]\nDefaultDependencies=no\nWants=b.service\n",
            True,
        ),
        ("a.service", f"[Unit]\nWants=network-online.target\n{START}", True),
        (
            "a.service",
            "[Unit]\nWants=network-online.target\n"
            f"After=network-online.target\n{START}",
            False,
        ),
        ("a.service", f"[Unit]\nRequires=b.mount\n{START}", True),
        (
            "a.service",
            f"[Unit]\nRequires=b-c.mount\nRequiresMountsFor=/b/c/d\n{START}",
            False,
        ),
        (
            "a.service",
            f"[Unit]\nRequires=b-e.mount\nRequiresMountsFor=/b/c/d\n{START}",
            True,
        ),
        (
            "a.service",
            f"[Unit]\nRequires=tmp.mount\n{START}PrivateTmp=yes\n",
            False,
        ),
        ("a.service", f"[Unit]\nRequires=b.slice\n{START}", False),
        (
            "a.service",
            f"[Unit]\nRequires=basic.target sysinit.target\n{START}",
            False,
        ),
        (
            "a.service",
            "[Unit]\nDefaultDependencies=no\nRequires=sysinit.target\n"
            f"{START}",
            True,
        ),
        ("a.service", f"[Unit]\nRequires=a.socket\n{START}", False),
        ("a.service", f"[Unit]\nRequires=b.socket\n{START}", True),
        (
            "a.service",
            f"[Unit]\nRequires=b.socket\n{START}Sockets=b.socket\n",
            False,
        ),
        (
            "a.service",
            f"[Unit]\nRequires=dbus.socket\n{START}Type=dbus\nBusName=a.b\n",
            False,
        ),
        ("a.service", f"[Unit]\nWants=a.timer\n{START}", False),
        ("a.service", f"[Unit]\nBindsTo=dev-a.device\n{START}", True),
        (
            "a.service",
            f"[Unit]\nWants=b.service\nBefore=b.service\n{START}",
            False,
        ),
        (
            "a.timer",
            "[Unit]\nRequires=a.service\n[Timer]\nOnCalendar=daily\n",
            False,
        ),
        (
            "a.timer",
            "[Unit]\nRequires=b.service\n[Timer]\nOnCalendar=daily\n"
            "Unit=b.service\n",
            False,
        ),
        (
            "a.timer",
            "[Unit]\nRequires=b.service\n[Timer]\nOnCalendar=daily\n",
            True,
        ),
        (
            "a.socket",
            "[Unit]\nRequires=b.service\n[Socket]\nListenStream=80\n"
            "Service=b.service\n",
            False,
        ),
        (
            "a.mount",
            "[Unit]\nRequires=dev-b.device\n[Mount]\nWhat=/dev/b\n",
            False,
        ),
        (
            "a.automount",
            "[Unit]\nRequires=a.mount\n[Automount]\nWhere=/a\n",
            False,
        ),
    ],
)
def test_what_systemd_orders_by_itself(
    name: str, text: str, is_told: bool
) -> None:
    """As `systemctl show -p After -p Before` has it on all four."""
    for version in ALL:
        found_codes = codes(text, name, version)
        assert found_codes == (["wants-without-after"] if is_told else [])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("WatchdogSec=5", ["watchdog-without-notify"]),
        ("WatchdogSec=1min 30s", ["watchdog-without-notify"]),
        ("WatchdogSec=0", []),
        ("WatchdogSec=0s", []),
        ("WatchdogSec=0min 0s", []),
        ("WatchdogSec=infinity", []),
        ("WatchdogSec=5\nNotifyAccess=main", []),
        ("WatchdogSec=5\nType=notify", []),
        (
            "WatchdogSec=5\nNotifyAccess=none",
            ["notify-access-none", "watchdog-without-notify"],
        ),
        ("WatchdogSec=0\nNotifyAccess=none", []),
        ("WatchdogSec=infinity\nNotifyAccess=none", ["notify-access-none"]),
        (
            "FileDescriptorStoreMax=5\nNotifyAccess=none",
            ["notify-access-none"],
        ),
        ("FileDescriptorStoreMax=0\nNotifyAccess=none", []),
        ("Type=notify\nNotifyAccess=none", ["notify-access-none"]),
        ("Type=notify\nNotifyAccess=exec", []),
        ("NotifyAccess=none", []),
    ],
)
def test_messages_of_a_service(lines: str, expected: list[str]) -> None:
    for version in ALL:
        found_codes = codes(f"{START}{lines}\n", version=version)
        assert sorted(found_codes) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("RestartSteps=3", ["restart-no-limit"]),
        ("RestartMaxDelaySec=5", ["restart-no-limit"]),
        ("RestartSteps=0", []),
        ("RestartMaxDelaySec=infinity", []),
        ("RestartSteps=0\nRestartMaxDelaySec=5", ["restart-no-limit"]),
        ("RestartSteps=3\nRestartMaxDelaySec=infinity", ["restart-no-limit"]),
        ("RestartSteps=3\nRestartMaxDelaySec=5", []),
        ("RestartSteps=3\nRestartMaxDelaySec=5\nRestartSec=5", []),
        (
            "RestartSteps=3\nRestartMaxDelaySec=5\nRestartSec=6",
            ["restart-delay"],
        ),
        ("RestartSteps=3\nRestartMaxDelaySec=50ms", ["restart-delay"]),
        ("RuntimeRandomizedExtraSec=5", ["needs-companion"]),
        ("RuntimeRandomizedExtraSec=0", []),
        ("RuntimeRandomizedExtraSec=5\nRuntimeMaxSec=5", []),
        (
            "RuntimeRandomizedExtraSec=5\nRuntimeMaxSec=infinity",
            ["needs-companion"],
        ),
        ("USBFunctionStrings=/a", ["needs-companion"]),
        ("USBFunctionStrings=/a\nUSBFunctionDescriptors=/b", []),
    ],
)
def test_what_does_nothing_alone(lines: str, expected: list[str]) -> None:
    for version in (257, 262):
        assert codes(f"{START}{lines}\n", version=version) == expected


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ("CapabilityBoundingSet=\nAmbientCapabilities=CAP_KILL", "CAP_KILL"),
        ("AmbientCapabilities=CAP_KILL\nCapabilityBoundingSet=", "CAP_KILL"),
        (
            "CapabilityBoundingSet=\nCapabilityBoundingSet=CAP_KILL\n"
            "AmbientCapabilities=CAP_KILL",
            "",
        ),
        (
            "CapabilityBoundingSet=CAP_KILL\nCapabilityBoundingSet=\n"
            "AmbientCapabilities=CAP_KILL",
            "CAP_KILL",
        ),
        (
            "CapabilityBoundingSet=CAP_KILL CAP_CHOWN\n"
            "CapabilityBoundingSet=~CAP_KILL\n"
            "AmbientCapabilities=CAP_KILL CAP_CHOWN",
            "CAP_KILL",
        ),
        (
            "CapabilityBoundingSet=~CAP_KILL\nAmbientCapabilities=CAP_KILL",
            "CAP_KILL",
        ),
        ("CapabilityBoundingSet=~CAP_KILL\nAmbientCapabilities=CAP_CHOWN", ""),
        (
            "CapabilityBoundingSet=~CAP_KILL\n"
            "CapabilityBoundingSet=CAP_KILL\nAmbientCapabilities=CAP_KILL",
            "",
        ),
        ("CapabilityBoundingSet=cap_kill\nAmbientCapabilities=CAP_KILL", ""),
        (
            "CapabilityBoundingSet=CAP_CHOWN\nAmbientCapabilities=CAP_KILL",
            "CAP_KILL",
        ),
        ("CapabilityBoundingSet=\nAmbientCapabilities=", ""),
        (
            "CapabilityBoundingSet=\nAmbientCapabilities=CAP_KILL\n"
            "AmbientCapabilities=",
            "",
        ),
        ("AmbientCapabilities=CAP_KILL", ""),
    ],
)
def test_ambient_capabilities_are_bounded(lines: str, lost: str) -> None:
    findings = found(f"{START}{lines}\n")
    assert [finding.code for finding in findings] == (
        ["ambient-not-bounded"] if lost else []
    )
    assert all(one.message.startswith(f"{lost} is") for one in findings)


def test_a_set_of_no_known_capability_is_all() -> None:
    lines = "CapabilityBoundingSet=CAP_KILL\nCapabilityBoundingSet=~CAP_KIL\n"
    text = f"{START}{lines}AmbientCapabilities=CAP_CHOWN\n"
    assert codes(text) == ["invalid-value"]


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("CapabilityBoundingSet=~", 1),
        ("CapabilityBoundingSet=\nCapabilityBoundingSet=~", 1),
        ("CapabilityBoundingSet=CAP_KILL\nCapabilityBoundingSet=~", 1),
        ("AmbientCapabilities=~", 1),
        ("RestrictNamespaces=~", 1),
        ("RestrictAddressFamilies=~", 1),
        ("SystemCallFilter=~", 1),
        ("SystemCallFilter=read\nSystemCallFilter=~", 1),
        ("RestrictNetworkInterfaces=~", 1),
        ("RestrictFileSystems=~", 1),
        ("CapabilityBoundingSet=~CAP_KILL", 0),
        ("RestrictNamespaces=~user", 0),
        ("WorkingDirectory=~", 0),
        ("Environment=A=~", 0),
    ],
)
def test_a_tilde_alone(lines: str, count: int) -> None:
    findings = [
        finding
        for finding in validator.check(
            f"{START}{lines}\n", "a.service", targets.Target(257)
        )
        if finding.code == "set-reset"
    ]
    assert len(findings) == count
    assert all(finding.level == "warning" for finding in findings)


def test_a_tilde_names_what_it_forgets() -> None:
    lines = "CapabilityBoundingSet=CAP_KILL\nCapabilityBoundingSet=~\n"
    (finding,) = found(START + lines)
    assert "whatever line 3 of hello.service says" in finding.message


@pytest.mark.parametrize(
    ("line", "versions"),
    [
        ("PrivateTmp=yes", [262]),
        ("PrivateTmp=no", []),
        ("PrivateTmp=disconnected", [257, 262]),
        *[
            (line, [257, 262])
            for line in (
                "PrivateDevices=yes", "PrivateMounts=yes", "PrivateIPC=yes",
                "PrivateNetwork=yes", "PrivatePIDs=yes", "DynamicUser=yes",
                "MountAPIVFS=yes", "BindLogSockets=yes",
                "ProtectSystem=strict", "ProtectHome=tmpfs",
                "ProtectKernelModules=yes", "ProtectKernelLogs=yes",
                "ProtectKernelTunables=yes", "ProtectControlGroups=yes",
                "ProtectProc=invisible", "ProcSubset=pid",
                "ReadOnlyPaths=/a", "ReadWritePaths=/a", "ExecPaths=/a",
                "NoExecPaths=/a", "InaccessiblePaths=/a", "BindPaths=/a",
                "BindReadOnlyPaths=/a", "TemporaryFileSystem=/a",
                "RootDirectory=/a", "RootImage=/a", "MountImages=/a:/b",
                "ExtensionImages=/a", "ExtensionDirectories=/a",
                "IPCNamespacePath=/a", "NetworkNamespacePath=/a",
                "LogNamespace=a", "MountFlags=slave",
                "RuntimeDirectory=a:b:ro",
            )
        ],
        ("PrivateBPF=yes", [262]),
        ("RootMStack=/a", [262]),
        *[
            (line, [])
            for line in (
                "ProtectSystem=no", "ProtectProc=default", "ProcSubset=all",
                "MountFlags=shared", "RootDirectory=/", "MountAPIVFS=no",
                "PrivateUsers=yes", "ProtectClock=yes", "StateDirectory=a:b",
                "ProtectHostname=yes", "PAMName=login", "PrivateIPC=no",
            )
        ],
    ],
)  # fmt: skip
def test_what_needs_a_mount_namespace(line: str, versions: list[int]) -> None:
    for directory in ("/proc/sys", "-/sys", "//dev/shm"):
        text = f"{START}WorkingDirectory={directory}\n{line}\n"
        name = "api-working-directory"
        assert refused_in(name, text, "a.service") == versions
    text = f"{START}WorkingDirectory=/procs\n{line}\n"
    assert refused_in("api-working-directory", text, "a.service") == []


@pytest.mark.parametrize(
    ("code", "name", "text", "versions"),
    [
        (
            "oneshot-force-restart",
            "a.service",
            f"{START}Type=oneshot\nRestartForceExitStatus=3\n",
            [247, 252],
        ),
        (
            "oneshot-force-restart",
            "a.service",
            f"{START}Type=oneshot\nRestartForceExitStatus=3\n"
            "RestartForceExitStatus=\n",
            [],
        ),
        (
            "oneshot-force-restart",
            "a.service",
            f"{START}RestartForceExitStatus=3\n",
            [],
        ),
        (
            "oneshot-restart",
            "a.service",
            f"{START}Type=oneshot\nRestart=on-abort\n",
            [],
        ),
        (
            "dynamic-user-home",
            "a.service",
            f"{START}DynamicUser=yes\nWorkingDirectory=~\n",
            [247, 252, 257, 262],
        ),
        (
            "dynamic-user-home",
            "a.service",
            f"{START}DynamicUser=yes\nWorkingDirectory=-~\n",
            [257, 262],
        ),
        (
            "pam-private-pids",
            "a.service",
            f"{START}PAMName=login\nPrivatePIDs=yes\n",
            [262],
        ),
        (
            "pam-private-pids",
            "a.service",
            f"{START}PAMName=login\nPrivatePIDs=no\n",
            [],
        ),
        (
            "user-namespace-twice",
            "a.service",
            f"{START}UserNamespacePath=/a\nPrivateUsers=identity\n",
            [262],
        ),
        (
            "user-namespace-twice",
            "a.service",
            f"{START}UserNamespacePath=/a\nPrivateUsers=no\n",
            [],
        ),
        *[
            (
                "managed-users",
                "a.service",
                f"{START}PrivateUsers=managed\n{line}\n",
                versions,
            )
            for line, versions in (
                ("User=a", [262]),
                ("Group=a", [262]),
                ("PAMName=a", [262]),
                ("DynamicUser=yes", [262]),
                ("DynamicUser=no", []),
                ("SupplementaryGroups=a", []),
                ("Nice=1", []),
            )
        ],
        (
            "managed-users",
            "a.service",
            f"{START}PrivateUsers=yes\nDynamicUser=yes\n",
            [],
        ),
        (
            "unsupported-directive",
            "a-b.slice",
            "[Slice]\nSlice=a.slice\n",
            [247, 252, 257, 262],
        ),
        ("unsupported-directive", "a.service", f"{START}Slice=a.slice\n", []),
        (
            "api-working-directory",
            "a.socket",
            "[Socket]\nListenStream=80\nWorkingDirectory=/proc\n"
            "PrivateMounts=yes\n",
            [257, 262],
        ),
        (
            "isolate-several",
            "a.service",
            "[Unit]\nOnFailureJobMode=isolate\n"
            f"OnFailure=a.service b.service\nOnFailure=c.service\n{START}",
            [247, 252, 257, 262],
        ),
        (
            "isolate-several",
            "a.service",
            "[Unit]\nOnFailureIsolate=yes\nOnFailure=b.service c.service\n"
            f"{START}",
            [247, 252, 257, 262],
        ),
        (
            "isolate-several",
            "a.service",
            "[Unit]\nOnFailureIsolate=yes\nOnFailureJobMode=replace\n"
            f"OnFailure=b.service c.service\n{START}",
            [],
        ),
        (
            "isolate-several",
            "a.service",
            "[Unit]\nOnFailureJobMode=isolate\n"
            f"OnFailure=b.service b.service a.service\n{START}",
            [],
        ),
        (
            "isolate-several",
            "a.service",
            "[Unit]\nOnSuccessJobMode=isolate\n"
            f"OnSuccess=b.service c.service\n{START}",
            [252, 257, 262],
        ),
        (
            "job-timeout",
            "a.service",
            f"[Unit]\nJobTimeoutSec=5\nJobRunningTimeoutSec=6\n{START}",
            [247, 252, 257, 262],
        ),
        (
            "job-timeout",
            "a.service",
            f"[Unit]\nJobTimeoutSec=5\nJobRunningTimeoutSec=5\n{START}",
            [],
        ),
        (
            "job-timeout",
            "a.service",
            f"[Unit]\nJobTimeoutSec=0\nJobRunningTimeoutSec=5\n{START}",
            [],
        ),
        (
            "job-timeout",
            "a.service",
            f"[Unit]\nJobTimeoutSec=5\nJobRunningTimeoutSec=infinity\n{START}",
            [],
        ),
        (
            "pam-kill-mode",
            "a.service",
            f"{START}PAMName=login\nKillMode=mixed\n",
            [],
        ),
        (
            "required-target-gone",
            "a.service",
            f"[Unit]\nRequires=dbus.target\n{START}",
            [247, 252, 257, 262],
        ),
        (
            "required-target-gone",
            "a.service",
            f"[Unit]\nWants=dbus.target\n{START}",
            [],
        ),
        *[
            (
                "obsolete-target",
                "a.service",
                f"[Unit]\n{line}\n{START}",
                [247, 252, 257, 262],
            )
            for line in (
                "After=network.target syslog.target",
                "Wants=dbus.target",
                "Before=http-daemon.target",
                "After=rtc-set.target",
            )
        ],
        (
            "obsolete-target",
            "a.service",
            f"{START}[Install]\nWantedBy=runlevel3.target\n",
            [262],
        ),
        (
            "obsolete-target",
            "a.service",
            f"{START}[Install]\nWantedBy=multi-user.target\n",
            [],
        ),
        (
            "obsolete-target",
            "a.service",
            f"[Unit]\nDescription=syslog.target\nAfter=dbus.service\n{START}",
            [],
        ),
    ],
)
def test_what_each_version_refuses(
    code: str, name: str, text: str, versions: list[int]
) -> None:
    assert refused_in(code, text, name) == versions


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "poweroff"), (1, "rescue"), (3, "multi-user"), (5, "graphical")],
)
def test_runlevels_have_new_names(number: int, name: str) -> None:
    text = f"{START}[Install]\nWantedBy=runlevel{number}.target\n"
    (finding,) = found(text, version=262)
    assert finding.message.endswith(f"write {name}.target")
    assert "from systemd 258 on" in finding.message


def test_a_unit_that_needs_no_rare_rule_imports_none() -> None:
    """What is imported is compiled on each call of a module."""
    package = "ansible_collections.pyfleet.services.plugins.module_utils"
    script = (
        f"import json, sys; from {package}._rules import validator\n"
        f"from {package}._unit import targets\n"
        "validator.check(sys.argv[1], 'a.service', targets.Target(257))\n"
        "print(json.dumps(list(sys.modules)))"
    )
    text = (
        "[Unit]\nAfter=network.target\n[Service]\nExecStart=/bin/x\n"
        "ProtectHome=yes\nCapabilityBoundingSet=\nWorkingDirectory=/srv\n"
        "[Install]\nWantedBy=multi-user.target\n"
    )
    modules = json.loads(
        subprocess.check_output([sys.executable, "-c", script, text])
    )
    rare = {"confinement", "dependencies", "hiding", "other_units"}
    assert f"{package}._rules.services" in modules
    assert not {f"{package}._rules.{name}" for name in rare} & set(modules)


@pytest.mark.parametrize("code", CASES)
def test_no_message_names_its_directive_twice(code: str) -> None:
    case = CASES[code]
    name, text = ("hello.service", case) if isinstance(case, str) else case
    for finding in found(text, name, VERSIONS.get(code, 257)):
        option = re.escape(finding.option or "?")
        assert not re.match(rf"{option}= ?{option}\b", finding.message)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("DB_PASSWORD=x", "DB_PASSWORD"),
        ("A=1 api_key=x", "api_key"),
        ("'A=1' \"TOKEN=x\"", "TOKEN"),
        ("-A_TOKEN_B=x", "TOKEN_B"),
        ("A=1 B=2", ""),
        ("A=-TOKEN=x", ""),
        ("TOKEN", ""),
        ("TOKEN x=y", ""),
        ("ATOKENS=x", "ATOKENS"),
    ],
)
def test_the_name_of_a_secret(value: str, name: str) -> None:
    assert services.secret_name(value) == name
