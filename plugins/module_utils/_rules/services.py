# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the lines of a unit together, where each alone is valid.

The refusals are those of service_verify() and its like in src/core of
upstream; the rest is in the manual page that each rule names.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    merged,
)


def cross_check(unit: merged.MergedUnit) -> list[report.Finding]:
    """Check one unit as a whole, its drop-ins included."""
    kind = unit.name.rpartition(".")[2]
    findings: list[report.Finding] = []
    rules = _FOR_SERVICES if kind == "service" else _of_kind(kind)
    for rule in (*_FOR_ALL, *rules, *_of_lines(unit)):
        findings += rule(unit)
    return findings


def _of_kind(kind: str) -> merged.Checks:
    # Most units are services, and a host compiles what it imports on
    # each call.
    from . import other_units  # noqa: PLC0415

    return other_units.RULES_BY_KIND.get(kind, ())


# The lines that the rules of `dependencies`, `confinement` and `hiding`
# look at.
_DEPENDENCIES = re.compile(
    r"(?:Wants|Requires|BindsTo|Requisite|On\w+JobMode|OnFailureIsolate"
    r"|JobRunningTimeoutSec)=."
    r"|[A-Z].*\b(?:syslog|dbus|http-daemon|rtc-set|runlevel\d)\.target"
)
_CONFINEMENT = re.compile(
    r"(?:DynamicUser|AmbientCapabilities|UserNamespacePath|PrivatePIDs)=."
    r"|PrivateUsers=m"
    r"|\w+=~\s*\Z|WorkingDirectory=-?/+(?:proc|sys|dev)\b"
)
# Nothing hides other paths than these, and no path is overruled.
_HIDING = re.compile(
    r"(?:Inaccessible\w+|TemporaryFileSystem|ReadOnly\w+)=."
    r"|(?:ReadWrite\w+|Bind\w*Paths|Exec\w+|WorkingDirectory|PIDFile)="
    r".*/(?:home|root|run/+user|tmp|dev)\b"
    r"|ReadWrite\w+=(?:.*\s)?[-+]*/(?:usr|boot|efi|etc)?/*(?:\s|\Z)"
)


def _of_lines(unit: merged.MergedUnit) -> merged.Checks:
    rules: merged.Checks = ()
    lines = [f"{item.name}={item.value}" for item in unit.assigned]
    if any(map(_DEPENDENCIES.match, lines)):
        from . import dependencies  # noqa: PLC0415

        rules += dependencies.RULES
    if any(map(_CONFINEMENT.match, lines)):
        from . import confinement  # noqa: PLC0415

        rules += confinement.RULES
    if any(map(_HIDING.match, lines)):
        from . import hiding  # noqa: PLC0415

        rules += hiding.RULES
    return rules


def _check_exec(unit: merged.MergedUnit) -> merged.Found:
    # A line of semicolons has no command.
    count = len(merged.commands(unit.all("Service", "ExecStart")))
    kind = merged.service_type(unit)
    if not count:
        yield from _check_no_exec(unit, kind)
    elif count > 1 and kind != "oneshot":
        yield catalogue.finding(
            "exec-multiple",
            unit.last("Service", "ExecStart"),
            f"Type={kind} with {count} commands in ExecStart=, systemd"
            " refuses it; use ExecStartPre=, Type=oneshot, or reset the"
            " list by an empty ExecStart= first",
        )


def _check_no_exec(unit: merged.MergedUnit, kind: str) -> merged.Found:
    has_stop = bool(merged.commands(unit.all("Service", "ExecStop")))
    has_action = unit.value("Unit", "SuccessAction", "none") != "none"
    if not has_stop and not has_action:
        yield catalogue.finding(
            "no-exec",
            None,
            "the service has neither ExecStart= nor ExecStop= nor"
            " SuccessAction=, systemd refuses it; add ExecStart=",
        )
    elif kind != "oneshot":
        yield catalogue.finding(
            "no-exec",
            unit.last("Service", "Type"),
            "a service without ExecStart= must be of Type=oneshot; add"
            " ExecStart=",
        )
    elif not has_action and not unit.is_on("Service", "RemainAfterExit"):
        yield catalogue.finding(
            "no-exec",
            None,
            "a service without ExecStart= needs RemainAfterExit=yes;"
            " add one of the two",
        )


# Up to 255 service_verify() refuses RestartForceExitStatus= with
# Type=oneshot.
_FORCE_TAKEN_SINCE = 256


def _check_oneshot(unit: merged.MergedUnit) -> merged.Found:
    if merged.service_type(unit) != "oneshot":
        return
    restart = unit.last("Service", "Restart")
    if restart and restart.value in ("always", "on-success"):
        yield catalogue.finding(
            "oneshot-restart",
            restart,
            f"Restart={restart.value} is refused for Type=oneshot; write"
            " on-failure, or use a timer",
        )
    exit_type = unit.last("Service", "ExitType")
    if exit_type and exit_type.value == "cgroup":
        yield catalogue.finding(
            "oneshot-exit-type",
            exit_type,
            "ExitType=cgroup is refused for Type=oneshot; remove it",
        )
    force = unit.last("Service", "RestartForceExitStatus")
    if force and unit.target.version < _FORCE_TAKEN_SINCE:
        yield catalogue.finding(
            "oneshot-force-restart",
            force,
            "RestartForceExitStatus= is refused for Type=oneshot; write"
            " Restart=on-failure, or remove it",
        )
    runtime = unit.last("Service", "RuntimeMaxSec")
    if runtime and runtime.value != "infinity":
        yield catalogue.finding(
            "oneshot-runtime",
            runtime,
            "RuntimeMaxSec= has no effect with Type=oneshot; write"
            " TimeoutStartSec=",
        )


def _check_type(unit: merged.MergedUnit) -> merged.Found:
    kind = merged.service_type(unit)
    given = unit.last("Service", "Type")
    if kind == "dbus" and not unit.last("Service", "BusName"):
        yield catalogue.finding(
            "dbus-without-name",
            given,
            "Type=dbus without BusName= is refused; name the bus name that"
            " the service takes",
        )
    private_pids = unit.last("Service", "PrivatePIDs")
    if kind == "forking" and unit.is_on("Service", "PrivatePIDs"):
        yield catalogue.finding(
            "forking-pids",
            private_pids,
            "PrivatePIDs=yes is refused for Type=forking; run the service"
            " in the foreground with Type=exec",
        )
    if kind == "forking" and not unit.last("Service", "PIDFile"):
        yield catalogue.finding(
            "forking-without-pidfile",
            given,
            "Type=forking without PIDFile=: systemd guesses the main"
            " process; name the file, or run in the foreground",
        )


_NOTIFYING = ("notify", "notify-reload")


def _check_notify(unit: merged.MergedUnit) -> merged.Found:
    access = unit.last("Service", "NotifyAccess")
    if access is not None and access.value != "none":
        return
    kind = merged.service_type(unit)
    reason = _needs_messages(unit, kind)
    if access and reason:
        yield catalogue.finding(
            "notify-access-none",
            access,
            f"NotifyAccess=none is overridden: {reason} needs messages and"
            " systemd sets main by itself; remove it, or write main",
        )
    # Zero and infinity switch the watchdog off.
    span = unit.span("Service", "WatchdogSec")
    if span and span < float("inf") and kind not in _NOTIFYING:
        yield catalogue.finding(
            "watchdog-without-notify",
            unit.last("Service", "WatchdogSec"),
            f"WatchdogSec= with Type={kind}: a service that does not send"
            " WATCHDOG=1 is killed; use Type=notify, or remove it",
        )


def _needs_messages(unit: merged.MergedUnit, kind: str) -> str:
    """Return the line that needs messages of a service; else nothing."""
    if kind in _NOTIFYING:
        return f"Type={kind}"
    if unit.span("Service", "WatchdogSec"):
        return "WatchdogSec="
    if unit.integer("Service", "FileDescriptorStoreMax"):
        return "FileDescriptorStoreMax="
    return ""


def _span(unit: merged.MergedUnit, name: str, default: float) -> float:
    span = unit.span("Service", name)
    return default if span is None else span


# The default of RestartSec=, DefaultRestartSec= aside.
_RESTART_SEC = 0.1


def _check_restart_steps(unit: merged.MergedUnit) -> merged.Found:
    steps = unit.last("Service", "RestartSteps")
    delay = unit.last("Service", "RestartMaxDelaySec")
    has_steps = bool(unit.integer("Service", "RestartSteps"))
    longest = _span(unit, "RestartMaxDelaySec", float("inf"))
    has_delay = longest < float("inf")
    if has_steps != has_delay:
        missing = "RestartMaxDelaySec" if has_steps else "RestartSteps"
        name = "RestartSteps" if has_steps else "RestartMaxDelaySec"
        yield catalogue.finding(
            "restart-no-limit",
            steps if has_steps else delay,
            f"{name}= does nothing without {missing}=; add it",
        )
    elif has_steps and longest < _span(unit, "RestartSec", _RESTART_SEC):
        yield catalogue.finding(
            "restart-delay",
            delay,
            "RestartMaxDelaySec= is shorter than RestartSec=, and systemd"
            " cuts RestartSec= to it; write a longer RestartMaxDelaySec=",
        )


# One without the other does nothing (service_verify()).
_NEED = {
    "RuntimeRandomizedExtraSec": "RuntimeMaxSec",
    "USBFunctionDescriptors": "USBFunctionStrings",
    "USBFunctionStrings": "USBFunctionDescriptors",
}


def _check_companions(unit: merged.MergedUnit) -> merged.Found:
    for name, companion in _NEED.items():
        item = unit.last("Service", name)
        given = unit.value("Service", companion, "infinity")
        if item and item.value != "0" and given == "infinity":
            yield catalogue.finding(
                "needs-companion",
                item,
                f"{name}= does nothing without {companion}=; add it",
            )


# The directives that each word of RefreshOnReload= refreshes.
_REFRESHED = {
    "extensions": ("ExtensionImages", "ExtensionDirectories"),
    "credentials": (
        "LoadCredential", "LoadCredentialEncrypted", "ImportCredential",
        "SetCredential", "SetCredentialEncrypted",
    ),
}  # fmt: skip


def _check_refresh(unit: merged.MergedUnit) -> merged.Found:
    item = unit.last("Service", "RefreshOnReload")
    if item is None or enums.parse_boolean(item.value) is not None:
        return
    words = set(item.value.lstrip("~").split())
    is_inverted = item.value.startswith("~")
    for word, options in _REFRESHED.items():
        is_asked = (word in words) != is_inverted
        if is_asked and not any(unit.last("Service", o) for o in options):
            yield catalogue.finding(
                "needs-companion",
                item,
                f"RefreshOnReload= refreshes no {word} without one of"
                f" {', '.join(f'{option}=' for option in options)}",
            )


# can_delegate and can_set_managed_oom of the unit types in src/core.
_LIMITED = {
    "Delegate": ("Service", "Scope"),
    "DelegateSubgroup": ("Service", "Scope"),
    "ManagedOOMMemoryPressure": ("Service", "Scope", "Slice"),
    "ManagedOOMMemoryPressureDurationSec": ("Service", "Scope", "Slice"),
    "ManagedOOMMemoryPressureLimit": ("Service", "Scope", "Slice"),
    "ManagedOOMSwap": ("Service", "Scope", "Slice"),
    "OOMRules": ("Service", "Scope", "Slice"),
    "PrivatePIDs": ("Service",),
    "Slice": ("Service", "Socket", "Mount", "Swap", "Scope"),
}


def _check_limited(unit: merged.MergedUnit) -> merged.Found:
    for item in unit.assigned:
        allowed = _LIMITED.get(item.name)
        is_off = enums.parse_boolean(item.value) is False
        if item.name == "PrivatePIDs" and is_off:
            continue
        if allowed and item.section not in (*allowed, "Unit", "Install"):
            yield catalogue.finding(
                "unsupported-directive",
                item,
                f"{item.name}= does nothing in [{item.section}], only in"
                f" {' and '.join(f'[{name}]' for name in allowed)}; remove"
                " it",
            )


# Before this version the policy of an earlier line sets the range; from
# it on systemd takes 0 to 99 and fits the number to the policy.
_ANY_PRIORITY_SINCE = 252


def _check_cpu_priority(unit: merged.MergedUnit) -> merged.Found:
    if unit.target.version >= _ANY_PRIORITY_SINCE:
        return
    policy = "other"
    for item in unit.assigned:
        if item.name == "CPUSchedulingPolicy":
            policy = item.value or "other"
        is_realtime = policy in ("fifo", "rr", "1", "2")
        is_zero = item.value == "0"
        if item.name == "CPUSchedulingPriority" and is_zero == is_realtime:
            yield catalogue.finding(
                "priority-without-policy",
                item,
                f"CPUSchedulingPriority={item.value} does not fit policy"
                f" {policy!r}; assign CPUSchedulingPolicy=fifo or rr before"
                " it",
            )


# A name and its equals sign; each run of letters is tried once.
_NAME = re.compile(r"(?<!\w)\w+(?==)")
# The names of environment variables that hold a secret.
_SECRET = re.compile(r"(?i)PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY")


def secret_name(value: str) -> str:
    """Return the first variable that holds a secret, or nothing.

    Args:
        value: The value of Environment=.
    """
    for match in _NAME.finditer(value):
        name = match[0]
        before = value[match.start() - 1 : match.start()]
        # Behind another character, the name is a part of a value, and
        # only its parts between underscores may be names.
        if before and not before.isspace() and before not in "\"'":
            name = name.partition("_")[2]
        if _SECRET.search(name):
            return name
    return ""


def _check_secrets(unit: merged.MergedUnit) -> merged.Found:
    for item in unit.assigned:
        name = item.name == "Environment" and secret_name(item.value)
        if name:
            yield replace(
                catalogue.finding(
                    "environment-secret",
                    item,
                    f"{name}= looks like a secret, which every"
                    " user can read from Environment=; use LoadCredential=",
                ),
                value="",
            )


# Up to 256 socket_verify() and its like refuse KillMode=mixed for units
# other than services.
_MIXED_SINCE = 257


def _check_pam(unit: merged.MergedUnit) -> merged.Found:
    """Check KillMode= of a unit of any type with a PAM session."""
    mode = unit.last(unit.section, "KillMode")
    refused = ["process", "none"]
    if unit.section != "Service" and unit.target.version < _MIXED_SINCE:
        refused.append("mixed")
    has_pam = unit.last(unit.section, "PAMName") is not None
    if mode and mode.value in refused and has_pam:
        others = "" if "mixed" in refused else " or mixed"
        yield catalogue.finding(
            "pam-kill-mode",
            mode,
            f"KillMode={mode.value} is refused together with PAMName=;"
            f" write control-group{others}",
        )


_FOR_ALL: merged.Checks = (
    _check_limited,
    _check_cpu_priority,
    _check_secrets,
    _check_pam,
)
_FOR_SERVICES: merged.Checks = (
    _check_exec,
    _check_oneshot,
    _check_type,
    _check_notify,
    _check_restart_steps,
    _check_companions,
    _check_refresh,
)
