# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks about a unit's dependencies on others.

`services` imports them only for units that have such lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    catalogue,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    report,
    syntax,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    enums,
    merged,
)

_PULLING = ("Wants", "Requires", "BindsTo", "Requisite")
_NETWORK = "network-online.target"


def _check_ordering(unit: merged.MergedUnit) -> merged.Found:
    ordered = set(_ordered(unit))
    # target_add_default_dependencies() of src/core/target.c.
    if unit.section == "Target" and _has_defaults(unit):
        return
    for name in _PULLING:
        for item in unit.all("Unit", name):
            for other in item.value.split():
                if other in ordered or other.endswith(".slice"):
                    continue
                effect = "both start at the same time; add After= if this"
                effect += " unit needs the other ready"
                if other == _NETWORK:
                    effect = "this unit does not wait for the network; add it"
                yield catalogue.finding(
                    "wants-without-after",
                    item,
                    f"{name}={other} without After={other}: {effect}",
                )


def _has_defaults(unit: merged.MergedUnit) -> bool:
    return not unit.is_off("Unit", "DefaultDependencies")


def _ordered(unit: merged.MergedUnit) -> Iterator[str]:
    """Yield the units that this one is ordered against.

    The section "Automatic Dependencies" of each type's manual page has
    the order that systemd adds by itself.
    """
    for name in ("After", "Before"):
        yield from unit.words("Unit", name)
    stem = unit.name.rpartition(".")[0]
    if _has_defaults(unit):
        yield "sysinit.target"
        if unit.section == "Service":
            yield "basic.target"
    # A unit that triggers another one is ordered before it.
    if unit.section in ("Service", "Mount"):
        for kind in ("automount", "path", "socket", "timer"):
            yield f"{stem}.{kind}"
    elif unit.section == "Automount":
        yield f"{stem}.mount"
    else:
        yield unit.value(unit.section, "Unit", f"{stem}.service")
        yield unit.value(unit.section, "Service", f"{stem}.service")
    yield from unit.words("Service", "Sockets")
    if unit.last("Service", "BusName"):
        yield "dbus.socket"
    yield from _ordered_mounts(unit)


def _ordered_mounts(unit: merged.MergedUnit) -> Iterator[str]:
    """Yield the mount units that a unit's paths order it after."""
    if unit.is_on(unit.section, "PrivateTmp"):
        yield from ("tmp.mount", "var-tmp.mount")
    what = unit.value(unit.section, "What")
    if what.startswith("/"):
        yield f"{_escaped(what)}.device"
    for name in ("RequiresMountsFor", "WantsMountsFor"):
        for path in unit.words("Unit", name):
            parts = [part for part in path.split("/") if part]
            for end in range(len(parts)):
                yield f"{_escaped('/'.join(parts[: end + 1]))}.mount"


def _escaped(path: str) -> str:
    from . import other_units  # noqa: PLC0415

    return other_units.escape_path(path)


# OnFailureIsolate= is an older name of the first, and reads a boolean.
_MODES = (
    ("OnFailure", ("OnFailureJobMode", "OnFailureIsolate")),
    ("OnSuccess", ("OnSuccessJobMode",)),
)


def _check_isolate(unit: merged.MergedUnit) -> merged.Found:
    for trigger, names in _MODES:
        modes = [item for item in unit.assigned if item.name in names]
        others = set(unit.words("Unit", trigger))
        others.discard(unit.name)
        if not modes or len(others) < 2:
            continue
        mode = modes[-1]
        if mode.value == "isolate" or enums.parse_boolean(mode.value) is True:
            yield catalogue.finding(
                "isolate-several",
                mode,
                f"{mode.name}={mode.value} is refused with {len(others)}"
                f" units in {trigger}=; name only one unit",
            )


def _check_job_timeout(unit: merged.MergedUnit) -> merged.Found:
    running = unit.last("Unit", "JobRunningTimeoutSec")
    total = unit.span("Unit", "JobTimeoutSec")
    span = unit.span("Unit", "JobRunningTimeoutSec")
    # 0 means that there is no limit.
    if total and span and total < span < float("inf"):
        yield catalogue.finding(
            "job-timeout",
            running,
            "JobRunningTimeoutSec= is longer than JobTimeoutSec= and does"
            " nothing; write a shorter time",
        )


_RUNLEVELS = ("poweroff", "rescue", *["multi-user"] * 3, "graphical", "reboot")
# name: (first version without it, replacement, reason)
_OBSOLETE = {
    "syslog.target": (
        0, "", "syslog is socket activated and needs no ordering",
    ),
    "dbus.target": (
        0, "dbus.socket", "D-Bus is socket activated and comes before all"
        " ordinary services",
    ),
    "http-daemon.target": (0, "", "units name the web server that they need"),
    "rtc-set.target": (0, "time-sync.target", "the kernel sets the clock"),
    **{
        f"runlevel{number}.target": (
            258, f"{name}.target", "systemd has no SysV runlevels any more",
        )
        for number, name in enumerate(_RUNLEVELS)
    },
}  # fmt: skip

# A unit with one of these does not start without the other unit.
_REQUIRING = (
    "Requires", "RequiresOverridable", "Requisite", "RequisiteOverridable",
    "BindsTo", "BindTo",
)  # fmt: skip


def _check_obsolete(unit: merged.MergedUnit) -> merged.Found:
    for item in unit.assigned:
        if item.section not in ("Unit", "Install"):
            continue
        if item.name in ("Description", "Documentation"):
            continue
        for word in item.value.split():
            gone = _OBSOLETE.get(word)
            if gone and unit.target.version >= gone[0]:
                yield _tell_obsolete(item, word, gone)


def _tell_obsolete(
    item: syntax.Assignment, word: str, gone: tuple[int, str, str]
) -> report.Finding:
    since, new, why = gone
    when = f" from systemd {since} on" if since else ""
    remedy = f"write {new}" if new else "remove it"
    is_required = item.name in _REQUIRING
    effect = "does nothing"
    if is_required:
        effect = "keeps the unit from starting"
    return catalogue.finding(
        "required-target-gone" if is_required else "obsolete-target",
        item,
        f"{word} is gone{when} and {item.name}={word} {effect}: {why};"
        f" {remedy}",
    )


RULES: merged.Checks = (
    _check_ordering,
    _check_isolate,
    _check_job_timeout,
    _check_obsolete,
)
