# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The level of a rule is what PID 1 does with a unit that breaks it.

An error keeps the unit from being loaded or started, or drops a line of
it; anything else is a warning or a notice. Each unit of the table breaks
one rule. It is loaded and started, and so is its twin without the line
that the finding names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import levels
import loading
import pytest
from fleet_hosts import HOSTS

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    targets,
)

Report = Callable[[str], None]
RUN = "[Service]\nType=exec\nExecStart=/bin/sleep 900\n"
# For other values of Type= and ExecStart=.
BARE = "[Service]\n"
EXEC = f"{BARE}Type=exec\n"
ONCE = f"{BARE}Type=oneshot\nExecStart=/bin/true\nRemainAfterExit=yes\n"
# These wait for a service that never tells of itself.
FORK = (
    f"{BARE}TimeoutStartSec=5\nType=forking\n"
    "ExecStart=/bin/sh -c 'sleep 900 &'\n"
)


class Case(NamedTuple):
    """A unit that breaks a rule.

    Attributes:
        code: The rule.
        text: The unit.
        name: Its file name; by default that of a service.
        since: The first version in which it breaks the rule.
        until: The last one.
        why: Why the level is not what PID 1 does; empty if it is.
    """

    code: str
    text: str
    name: str = ""
    since: int = 0
    until: int = 999
    why: str = ""


_NAMED = "the file that the path means is never looked at"
SERVICES = (
    Case(
        "ambient-not-bounded",
        f"{RUN}CapabilityBoundingSet=CAP_CHOWN\n"
        "AmbientCapabilities=CAP_KILL\n",
    ),
    Case(
        "api-working-directory",
        f"{RUN}WorkingDirectory=/proc\nPrivateMounts=yes\n",
        since=256,
    ),
    Case(
        "blank-path",
        f"{RUN}BindPaths=/srv  /mnt\n",
        until=257,
        why="systemd drops the empty path, which nobody meant",
    ),
    *(
        Case("comment-in-value", f"{RUN}{line} # why\n")
        for line in (
            "User=daemon",
            "Group=daemon",
            "SupplementaryGroups=daemon",
            "EnvironmentFile=/etc/environment",
            "WorkingDirectory=/srv",
            "RootDirectory=/",
            "StandardInput=file:/etc/passwd",
        )
    ),
    Case(
        "comment-in-value",
        f"{RUN}EnvironmentFile=-/etc/environment # why\n",
        why=_NAMED,
    ),
    Case(
        "comment-in-value",
        f"{RUN}WorkingDirectory=-/srv # why\n",
        why=_NAMED,
    ),
    Case("comment-in-value", f"{FORK}PIDFile=/run/pyfleet.pid # why\n"),
    Case("comment-in-value", f"[Unit]\nConditionPathExists=/etc # why\n{RUN}"),
    Case(
        "comment-in-value",
        f"[Unit]\nConditionPathIsDirectory=!/x # why\n{RUN}",
    ),
    *(
        Case("condition-never-true", f"[Unit]\n{line}\n{RUN}")
        for line in (
            "ConditionArchitecture=x86_64",
            "ConditionVirtualization=yess",
            "ConditionSecurity=!selinx",
            "AssertSecurity=selinx",
        )
    ),
    # PID 1 of 247 dies of it.
    Case(
        "dbus-without-name",
        f"{BARE}ExecStart=/bin/sleep 900\nType=dbus\n",
        since=248,
    ),
    Case("deprecated-directive", f"{RUN}StartLimitInterval=5\n"),
    Case("deprecated-directive", f"{RUN}MemoryLimit=1G\n", until=257),
    Case("deprecated-specifier", f"{RUN}Environment=A=%c\n"),
    Case("directive-removed", f"{RUN}NetClass=1\n"),
    Case("directive-too-new", f"{RUN}RootMStack=/x\n", until=257),
    Case("duplicate-directive", f"{RUN}Nice=1\nNice=2\n"),
    Case("dynamic-user-home", f"{RUN}DynamicUser=yes\nWorkingDirectory=~\n"),
    Case("dynamic-user-overrides", f"{RUN}DynamicUser=yes\nPrivateTmp=no\n"),
    Case("empty-keeps", f"{RUN}ProtectSystem=full\nProtectSystem=\n"),
    Case("environment-reference", f"{RUN}Environment=A=/x:$PATH\n"),
    Case("environment-secret", f"{RUN}Environment=DB_PASSWORD=x\n"),
    Case("exec-multiple", f"{RUN}ExecStart=/bin/true\n"),
    Case("exec-no-program", f"{EXEC}ExecStart=A=b /bin/sleep 900\n"),
    Case(
        "exec-prefix-gone",
        f"{EXEC}ExecStart=!!/bin/sleep 900\n",
        since=258,
        why="systemd drops the prefix alone, and the command runs",
    ),
    Case(
        "feature-missing",
        f"{RUN}SocketBindDeny=any\n",
        since=249,
        why="the build stores the value and never applies it",
    ),
    Case("forking-pids", f"{FORK}PrivatePIDs=yes\n", since=257),
    Case("forking-without-pidfile", FORK),
    Case("invalid-header", f"{RUN}[Unit] # x\n"),
    Case("invalid-unit-name", RUN, "pyfleet a.service"),
    Case("invalid-utf8", f"{RUN}User=\udcff\n"),
    Case("invalid-value", f"{RUN}ProtectSystem=strct\n"),
    Case("invalid-value", f"{RUN}RestartSec=5 # why\n"),
    Case(
        "isolate-several",
        f"[Unit]\nOnFailureJobMode=isolate\nOnFailure=a.service b.service\n"
        f"{RUN}",
    ),
    Case(
        "job-timeout",
        f"[Unit]\nJobTimeoutSec=5\nJobRunningTimeoutSec=10\n{RUN}",
    ),
    Case("kill-mode-none", f"{RUN}KillMode=none\n"),
    Case("line-separator", f"{RUN}Nice=1\rNice=2\n"),
    Case("line-too-long", f"{RUN}User={'a' * 2**20}\n"),
    Case(
        "managed-users",
        f"{RUN}PrivateUsers=managed\nUser=daemon\n",
        since=260,
    ),
    Case("masked", "", why="who empties the file wants the unit masked"),
    Case("misplaced-directive", f"{RUN}WantedBy=a.target\n"),
    Case("needs-companion", f"{RUN}RuntimeRandomizedExtraSec=5\n", since=250),
    Case("no-exec", f"{BARE}User=daemon\n"),
    Case("not-an-assignment", f"{RUN}just words\n"),
    Case(
        "notify-access-none",
        f"{BARE}ExecStart=/bin/sleep 900\nType=notify\nNotifyAccess=none\n"
        "TimeoutStartSec=5\n",
    ),
    # The value that it counts as is the default.
    Case(
        "obsolete-output", f"{RUN}StandardOutput=null\nStandardOutput=syslog\n"
    ),
    Case("obsolete-target", f"[Unit]\nAfter=syslog.target\n{RUN}"),
    Case(
        "odd-user-name",
        f"{RUN}User=a.b\n",
        why="the user is missing here, and works where it is there",
    ),
    Case("oneshot-exit-type", f"{ONCE}ExitType=cgroup\n", since=250),
    Case(
        "oneshot-force-restart", f"{ONCE}RestartForceExitStatus=3\n", until=255
    ),
    Case("oneshot-restart", f"{ONCE}Restart=always\n"),
    Case("oneshot-runtime", f"{ONCE}RuntimeMaxSec=5\n"),
    Case(
        "other-personality",
        f"{RUN}Personality=arm64\n",
        why="the validator does not know the architecture of the target",
    ),
    Case("outside-section", f"User=a\n{RUN}"),
    Case("pam-kill-mode", f"{RUN}PAMName=login\nKillMode=process\n"),
    Case(
        "pam-private-pids", f"{RUN}PAMName=login\nPrivatePIDs=yes\n", since=258
    ),
    Case(
        "priority-without-policy",
        f"{RUN}CPUSchedulingPriority=1\n",
        until=251,
    ),
    Case(
        "protect-home-exec",
        f"{EXEC}ExecStart=/root/pyfleet\nProtectHome=yes\n",
    ),
    Case("required-target-gone", f"[Unit]\nRequires=syslog.target\n{RUN}"),
    Case("required-target-gone", f"[Unit]\nRequisite=dbus.target\n{RUN}"),
    Case("required-target-gone", f"[Unit]\nBindsTo=rtc-set.target\n{RUN}"),
    Case(
        "restart-delay",
        f"{RUN}RestartSec=5\nRestartSteps=3\nRestartMaxDelaySec=1\n",
        since=254,
    ),
    Case("restart-no-limit", f"{RUN}RestartSteps=5\n", since=254),
    Case("restart-no-limit", f"{RUN}RestartMaxDelaySec=5\n", since=254),
    Case("self-dependency", f"[Unit]\nWants=%n\n{RUN}"),
    Case("self-dependency", f"[Unit]\nAfter=%n\n{RUN}"),
    Case(
        "set-reset",
        f"{RUN}CapabilityBoundingSet=CAP_KILL\nCapabilityBoundingSet=~\n",
    ),
    Case(
        "shell-substitution",
        f"{EXEC}ExecStart=/bin/sh -c 'sleep 900' $(date)\n",
    ),
    Case(
        "shell-syntax",
        f"{EXEC}ExecStart=/bin/sh -c 'sleep 900' > /y\n",
        why="the command is another one than its author wrote",
    ),
    Case("trailing-comment", f"{RUN}StandardOutput=file:/run/pyfleet # why\n"),
    Case(
        "trailing-comment",
        f"{EXEC}ExecStart=/bin/sh -c 'sleep 900' # why\n",
    ),
    Case("unknown-directive", f"{RUN}ProtectSytem=strict\n"),
    Case("unknown-section", f"{RUN}[Servce]\nUser=a\n"),
    Case(
        "user-namespace-twice",
        f"{RUN}PrivateUsers=yes\nUserNamespacePath=/x\n",
        since=261,
    ),
    Case("user-nobody", f"{RUN}User=nobody\n"),
    Case("value-too-new", f"{RUN}PrivateUsers=full\n", until=257),
    Case("var-run", f"{RUN}PIDFile=/var/run/a.pid\n"),
    Case("wants-without-after", f"[Unit]\nWants=a.service\n{RUN}"),
    Case("watchdog-without-notify", f"{RUN}WatchdogSec=50\n"),
    Case(
        "working-directory-hidden",
        f"{RUN}ProtectHome=yes\nWorkingDirectory=/home/a\n",
    ),
    # Lines that a backslash joins, or was meant to join.
    Case(
        "blank-behind-backslash",
        f"{BARE}Type=exec\nExecStart=/bin/sleep \\ \n  900\n",
    ),
    Case("backslash-at-end", f"[Unit]\nDescription=a \\ \n{RUN}"),
    Case(
        "swallowed-line",
        f"{RUN}Environment=A=1 \\\nNice=5\n",
        why="PID 1 takes the joined line, and nobody meant it",
    ),
    Case("comma-list", f"{RUN}SupplementaryGroups=daemon,bin\n"),
    Case("comma-in-word", f"{RUN}StateDirectory=pyfleet-level,x\n"),
    Case(
        "unknown-escape",
        f"{BARE}Type=exec\nExecStart=/bin/sh -c 'sleep 900; true \\.x'\n",
        why="PID 1 says that it ignores the escape, and takes the line",
    ),
    Case("user-specifier", f"{RUN}User=daemon\nEnvironment=A=%h\n"),
    Case("hidden-path", f"{RUN}ProtectHome=tmpfs\nReadWritePaths=/home/x\n"),
    Case(
        "hidden-path-unused", f"{RUN}ProtectHome=yes\nReadOnlyPaths=/home/x\n"
    ),
    Case(
        "hidden-pid-file",
        f"{FORK}PrivateTmp=yes\nPIDFile=/tmp/pyfleet-level.pid\n",
    ),
    Case(
        "private-socket",
        f"{BARE}Type=exec\nPrivateTmp=yes\n"
        "ExecStart=/bin/sh -c 'sleep 900' x unix:/tmp/pyfleet-level.sock\n",
    ),
    Case(
        "path-overruled",
        f"{RUN}ReadOnlyPaths=/srv\nReadWritePaths=/srv\n",
        why="PID 1 shows both lines, and the second has no effect",
    ),
)
LISTEN = "[Socket]\nListenStream=8066\n"
OTHERS = (
    Case(
        "automount-options",
        "[Automount]\nExtraOptions=fd=3\n",
        "pyfleet-a.automount",
        since=250,
    ),
    Case("automount-root", "[Automount]\nWhere=/\n", "-.automount"),
    Case(
        "comment-in-value",
        "[Path]\nPathExists=/a # why\n",
        "pyfleet-a.path",
        why=_NAMED,
    ),
    Case("mount-api", "[Mount]\nWhere=/proc\nWhat=x\n", "proc.mount"),
    Case("mount-name", "[Mount]\nWhere=/b\nWhat=x\n", "pyfleet-a.mount"),
    Case("mount-no-what", "[Mount]\nWhere=/pyfleet/b\n", "pyfleet-b.mount"),
    Case("path-no-path", "[Path]\nUnit=b.service\n", "pyfleet-b.path"),
    Case(
        "socket-accept-defer",
        f"{LISTEN}Accept=yes\nDeferTrigger=yes\n",
        "pyfleet-a.socket",
        since=258,
    ),
    Case(
        "socket-accept-listen",
        "[Socket]\nListenDatagram=8066\nAccept=yes\n",
        "pyfleet-b.socket",
    ),
    Case(
        "socket-accept-service",
        f"{LISTEN}Accept=yes\nService=b.service\n",
        "pyfleet-c.socket",
    ),
    Case(
        "socket-max-connections",
        f"{LISTEN}Accept=yes\nMaxConnections=0\n",
        "pyfleet-d.socket",
    ),
    Case("socket-no-listen", "[Socket]\nBacklog=5\n", "pyfleet-e.socket"),
    Case("socket-symlinks", f"{LISTEN}Symlinks=/b\n", "pyfleet-f.socket"),
    Case("swap-name", "[Swap]\nWhat=/dev/b\n", "dev-pyfleet.swap"),
    Case(
        "timer-never-starts", "[Timer]\nOnUnitActiveSec=5\n", "pyfleet-a.timer"
    ),
    Case("timer-no-time", "[Timer]\nUnit=b.service\n", "pyfleet-c.timer"),
    Case(
        "timer-persistent",
        "[Timer]\nOnBootSec=5\nPersistent=yes\n",
        "pyfleet-d.timer",
    ),
    Case(
        "trailing-comment",
        "[Socket]\nListenStream=/run/pyfleet-g # why\n",
        "pyfleet-g.socket",
    ),
    Case(
        "trigger-device",
        "[Timer]\nOnBootSec=1\nUnit=dev-a.device\n",
        "pyfleet-b.timer",
        why="the line counts; systemd drops the ordering that it adds itself",
    ),
    Case(
        "trigger-twice",
        "[Path]\nPathExists=/a\nUnit=a.service\nUnit=b.service\n",
        "pyfleet-c.path",
    ),
    Case("unknown-unit-type", RUN, "pyfleet-a.conf"),
    Case(
        "unsupported-directive", f"{LISTEN}Delegate=yes\n", "pyfleet-h.socket"
    ),
)
CASES = tuple(
    case._replace(name=case.name or f"pyfleet-level-{number:03d}.service")
    for number, case in enumerate((*SERVICES, *OTHERS))
)
# The host tells these, or they are about the target, the size of a file
# or environment files, for which test_environment_file.py asks.
ELSEWHERE = {
    "version-unknown",
    "too-many-errors",
    "host-remarks",
    "host-accepts",
    "host-refuses",
    "host-differs",
    "environment-line-dropped",
    "environment-not-utf8",
    "environment-open-quote",
}


class Trial(NamedTuple):
    """A case for one host.

    Attributes:
        case: The case.
        finding: The finding of its rule.
        twin: The unit without the line of the finding; empty if the
            finding is about the unit as a whole.
    """

    case: Case
    finding: report.Finding
    twin: str


def trials(target: targets.Target) -> Iterator[Trial]:
    """Yield what to try on a host, each with its finding."""
    for case in CASES:
        if not case.since <= target.version <= case.until:
            continue
        data = case.text.encode("utf-8", "surrogateescape")
        found = {
            one.code: one for one in validator.check(data, case.name, target)
        }
        # The build of this host has the feature.
        if case.code == "feature-missing" and case.code not in found:
            continue
        assert case.code in found, f"{case} has {list(found)}"
        finding = found[case.code]
        lines = case.text.split("\n")
        kept = lines[: finding.line - 1] + lines[finding.line :]
        yield Trial(case, finding, "\n".join(kept) if finding.line else "")


def is_error(with_line: levels.Seen, without: levels.Seen | None) -> bool:
    """Tell whether PID 1 makes an error of a line."""
    if with_line.state != "loaded" or with_line.is_told:
        return True
    if without is None or without.state != "loaded":
        return not with_line.is_started
    if without.is_started and not with_line.is_started:
        return True
    return with_line.properties == without.properties


def test_every_rule_has_a_case() -> None:
    asked = {case.code for case in CASES}
    assert asked | ELSEWHERE == set(catalogue.RULES)
    assert not asked & ELSEWHERE


@pytest.mark.parametrize("host", HOSTS)
def test_a_level_is_what_pid_1_does(host: str, report: Report) -> None:
    features = loading.features(host)
    tried = list(trials(targets.Target.parse(HOSTS[host], features)))
    seen = levels.load(host, {t.case.name: t.case.text for t in tried})
    twins = levels.load(host, {t.case.name: t.twin for t in tried if t.twin})
    differing, excused = [], 0
    for trial in tried:
        case = trial.case
        outcome = is_error(seen[case.name], twins.get(case.name))
        agrees = outcome == (trial.finding.level == "error")
        excused += bool(case.why)
        if agrees == bool(case.why):
            messages = "; ".join(seen[case.name].messages[:3])
            differing.append(
                f"{case.code} ({trial.finding.level}), {case.text!r}: PID 1"
                f" {'makes' if outcome else 'does not make'} an error of it"
                f"{', and the case has a reason why not' * bool(case.why)}"
                f" ({seen[case.name].state}, started:"
                f" {seen[case.name].is_started}; {messages})"
            )
    report(
        f"{host} ({HOSTS[host]}), levels: {len(tried)} units,"
        f" {len(tried) - excused - len(differing)} agree, {excused} differ"
        f" on purpose, {len(differing)} disagree"
    )
    assert not differing, "\n".join(differing)
