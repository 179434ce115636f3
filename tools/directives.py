# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make plugins/module_utils/_unit/_table.py, the table of directives.

Run from the root of the repository:

    python tools/directives.py >plugins/module_utils/_unit/_table.py

The source is tools/data/directives.json, read from upstream's parser
tables of every version and from the dumps of real ones; facts that no
source tells are in `PARSERS` (a parser's value type and what an empty value
does, from src/core/load-fragment.c), and in `OVERRIDES`, `SINCE`,
`FEATURES` and `MANUALS`, whose every row says why it is there.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tools" / "data" / "directives.json"

OLDEST = 239
NEWEST = 262
# The last version whose parser table is in the source; directives that
# came after it are known from the dump of 262 alone.
LAST_TABLE = 260

WARN_COMPAT = "config_parse_warn_compat"

# parser: (value type, form, what an empty assignment does)
#   form:  one = the last assignment wins, many = they add up
#   empty: reset = back to the default, value = a value of its own,
#          keep = a message, and the earlier value stays,
#          noop = not a word, and the earlier value stays
PARSERS: dict[str, str] = {
    "NULL": "unit-names many noop",
    "address_families": "address-families many reset",
    "allowed_cpus": "cpu-list many reset",
    "allowed_cpuset": "cpu-set many reset",
    "allowed_mems": "cpu-list many reset",
    "bind_network_interface": "interface-bound one reset",
    "bind_paths": "bind-paths many reset",
    "blockio_bandwidth": "device-bandwidth many reset",
    "blockio_device_weight": "device-blkio-weight many reset",
    "blockio_weight": "blkio-weight one reset",
    "bool": "boolean one keep",
    "bpf_delegate_attachments": "bpf-attachments one reset",
    "bpf_delegate_commands": "bpf-commands one reset",
    "bpf_delegate_maps": "bpf-maps one reset",
    "bpf_delegate_programs": "bpf-programs one reset",
    "bpf_foreign_program": "bpf-program many reset",
    "bus_name": "bus-name one keep",
    "capability_set": "capabilities many value",
    "cg_cpu_weight": "cpu-weight one reset",
    "cg_weight": "weight one reset",
    "cgroup_nft_set": "nft-set many reset",
    "cgroup_socket_bind": "socket-bind many reset",
    "collect_mode": "enum:collect-mode one keep",
    "colon_separated_paths": "colon-paths many reset",
    "concurrency_max": "concurrency one reset",
    "cpu_quota": "cpu-quota one reset",
    "cpu_shares": "cpu-shares one reset",
    "delegate": "delegate many value",
    "delegate_subgroup": "cgroup-name one reset",
    "device_allow": "device-allow many reset",
    "device_policy": "enum:device-policy one keep",
    "disable_controllers": "controllers many reset",
    "documentation": "documentation many reset",
    "emergency_action": "enum:emergency-action one keep",
    "environ": "environment many reset",
    "exec": "exec many reset",
    "exec_apparmor_profile": "label one reset",
    "exec_coredump_filter": "coredump-filter many reset",
    "exec_cpu_affinity": "cpu-affinity many reset",
    "exec_cpu_sched_policy": "enum:cpu-scheduling one reset",
    "exec_cpu_sched_prio": "priority-99 one keep",
    "exec_directories": "directories many reset",
    "exec_input": "standard-input one keep",
    "exec_input_data": "base64 many reset",
    "exec_input_text": "text many reset",
    "exec_io_class": "enum:io-class one reset",
    "exec_io_priority": "io-priority one reset",
    "exec_keyring_mode": "enum:keyring-mode one keep",
    "exec_mount_apivfs": "boolean one reset",
    "exec_mount_flags": "enum:propagation one reset",
    "exec_mount_propagation_flag": "enum:propagation one value",
    "exec_nice": "nice one reset",
    "exec_oom_score_adjust": "oom-score one reset",
    "exec_output": "standard-output one keep",
    "exec_preserve_mode": "enum:preserve-mode one keep",
    "exec_quota": "quota one reset",
    "exec_root_hash": "root-hash one reset",
    "exec_root_hash_sig": "root-hash-signature one reset",
    "exec_secure_bits": "secure-bits one value",
    "exec_selinux_context": "label one reset",
    "exec_smack_process_label": "label one reset",
    "exec_utmp_mode": "enum:utmp-mode one keep",
    "exit_status": "exit-status-code one reset",
    "extension_images": "extension-images many reset",
    "fdname": "fd-name one reset",
    "iec_size": "size one keep",
    "image_policy": "image-policy one reset",
    "import_credential": "import-credential many reset",
    "in_addr_prefixes": "ip-networks many reset",
    "int": "integer one keep",
    "io_device_latency": "device-latency many reset",
    "io_device_weight": "device-weight many reset",
    "io_limit": "device-limit many reset",
    "ip_address_access": "ip-networks many reset",
    "ip_filter_bpf_progs": "path-each many reset",
    "ip_tos": "ip-tos one reset",
    "job_mode": "enum:job-mode one keep",
    "job_mode_isolate": "boolean one keep",
    "job_running_timeout_sec": "time-span one keep",
    "job_timeout_sec": "time-span one keep",
    "kill_mode": "kill-mode one reset",
    "load_credential": "load-credential many reset",
    "log_extra_fields": "log-fields many reset",
    "log_facility": "enum:log-facility one keep",
    "log_filter_patterns": "log-pattern many reset",
    "log_level": "log-level one keep",
    "log_namespace": "log-namespace one reset",
    "long": "long one keep",
    "managed_oom_mem_pressure_duration_sec": "oom-duration one reset",
    "managed_oom_mem_pressure_limit": "percentage one reset",
    "managed_oom_mode": "enum:managed-oom one reset",
    "managed_oom_preference": "enum:oom-preference one keep",
    "memory_limit": "memory one reset",
    "memory_pressure_watch": "enum:pressure-watch one keep",
    "memory_thp": "enum:memory-thp one keep",
    "mode": "mode one keep",
    "mount_images": "mount-images many reset",
    "mount_node": "string one reset",
    "namespace_flags": "namespaces many reset",
    "namespace_path_strv": "namespace-paths many reset",
    "notify_access": "enum:notify-access one keep",
    "nsec": "time-span-ns one keep",
    "numa_mask": "numa-mask many reset",
    "numa_policy": "enum:numa-policy one reset",
    "obsolete_unit_deps": "unit-names many noop",
    "oom_policy": "enum:oom-policy one keep",
    "open_file": "open-file many reset",
    "pass_environ": "environment-names many reset",
    "path_spec": "path-each many reset",
    "personality": "personality one reset",
    "pid_file": "pid-file one reset",
    "private_bpf": "enum:private-bpf one keep",
    "private_pids": "enum:private-pids one keep",
    "private_tmp": "enum:private-tmp one keep",
    "private_users": "enum:private-users one keep",
    "proc_subset": "enum:proc-subset one keep",
    "protect_control_groups": "enum:protect-control-groups one keep",
    "protect_home": "enum:protect-home one keep",
    "protect_hostname": "protect-hostname one reset",
    "protect_proc": "enum:protect-proc one keep",
    "protect_system": "enum:protect-system one keep",
    "reboot_parameter": "reboot-parameter one reset",
    "restrict_filesystems": "filesystems many reset",
    "restrict_namespaces": "namespaces many reset",
    "restrict_network_interfaces": "interfaces many reset",
    "rlimit": "rlimit-count one keep",
    "root_image_options": "image-options many reset",
    "runtime_preserve_mode": "enum:preserve-mode one keep",
    "sec": "time-span one keep",
    "sec_def_infinity": "time-span one reset",
    "sec_fix_0": "time-span one keep",
    "service_exit_type": "enum:exit-type one keep",
    "service_refresh_on_reload": "refresh-on-reload one reset",
    "service_restart": "restart one keep",
    "service_restart_mode": "enum:restart-mode one keep",
    "service_sockets": "socket-units many noop",
    "service_timeout": "time-span one keep",
    "service_timeout_abort": "time-span one reset",
    "service_timeout_failure_mode": "enum:timeout-failure one keep",
    "service_type": "enum:service-type one keep",
    "set_credential": "set-credential many reset",
    "set_status": "exit-statuses many reset",
    "signal": "signal one keep",
    "socket_bind": "enum:bind-ipv6-only one keep",
    "socket_bindtodevice": "interface one reset",
    "socket_defer_trigger": "enum:defer-trigger one keep",
    "socket_listen": "listen many reset",
    "socket_protocol": "enum:socket-protocol one keep",
    "socket_service": "service-unit one keep",
    "socket_timestamping": "enum:timestamping one keep",
    "string": "plain-string one reset",
    "swap_priority": "swap-priority one reset",
    "syscall_archs": "architectures many reset",
    "syscall_errno": "errno one reset",
    "syscall_filter": "syscalls many reset",
    "syscall_log": "syscalls many reset",
    "tasks_max": "tasks-max one reset",
    "temporary_filesystems": "temporary-filesystems many reset",
    "timer": "timer-span many reset",
    "trigger_unit": "unit-name one keep",
    "tristate": "boolean one reset",
    "tty_size": "unsigned one reset",
    "unit_condition_null": "condition-boolean many reset",
    "unit_condition_path": "condition-path many reset",
    "unit_condition_string": "condition many reset",
    "unit_cpu_set": "cpu-set many reset",
    "unit_deps": "unit-names many noop",
    "unit_env_file": "environment-file many reset",
    "unit_mounts_for": "paths many noop",
    "unit_path_printf": "path one reset",
    "unit_path_strv_printf": "paths many reset",
    "unit_requires_mounts_for": "paths many noop",
    "unit_slice": "slice-unit one keep",
    "unit_string_printf": "string one reset",
    "unset_environ": "environment-unset many reset",
    "unsigned": "unsigned one keep",
    "user_group": "user one reset",
    "user_group_compat": "user one reset",
    "user_group_strv": "users many reset",
    "user_group_strv_compat": "users many reset",
    "working_directory": "working-directory one reset",
}


class Override(NamedTuple):
    """Facts about a directive that the source does not have.

    Attributes:
        why: The reason, with where it is written.
        types: Another value type, form and empty behaviour.
        deprecated: The version from which systemd warns, or that its
            manual gives; 0 is before our oldest.
        replacement: What to write instead.
    """

    why: str
    types: str = ""
    deprecated: int | None = None
    replacement: str = ""


def _typed(why: str, **types: str) -> dict[str, Override]:
    return {name: Override(why, kind) for name, kind in types.items()}


def _deprecated(
    since: int, why: str, **replacements: str
) -> dict[str, Override]:
    return {
        name: Override(why, deprecated=since, replacement=new)
        for name, new in replacements.items()
    }


RLIMITS = "getrlimit(2) gives each limit a unit, systemd.exec(5) lists them"
CGROUP_V1 = "cgroup v1 setting, systemd.resource-control(5) of v252"
NEW_IN_262 = "the dump of 262 names it, its parser table is not at hand"

OVERRIDES: dict[str, Override] = {
    **_typed(
        RLIMITS,
        LimitCPU="rlimit-seconds one keep",
        LimitRTTIME="rlimit-microseconds one keep",
        LimitNICE="rlimit-nice one keep",
        **dict.fromkeys(
            (
                "LimitFSIZE",
                "LimitDATA",
                "LimitSTACK",
                "LimitCORE",
                "LimitRSS",
                "LimitAS",
                "LimitMEMLOCK",
                "LimitMSGQUEUE",
            ),
            "rlimit-size one keep",
        ),
    ),
    **_typed(
        "the parser is shared, its argument makes this one a calendar",
        OnCalendar="calendar many reset",
    ),
    **_typed(
        "[Install] has no parser, its words are read when it is enabled:"
        " config_parse_strv() and config_parse_default_instance(), which"
        " take an empty value for a reset (src/shared/install.c)",
        DefaultInstance="instance one reset",
        Alias="alias-names many reset",
        WantedBy="unit-names many reset",
        RequiredBy="unit-names many reset",
        UpheldBy="unit-names many reset",
    ),
    **_typed(
        "config_parse_unit_path_printf with the argument true is fatal",
        RootDirectory="path-fatal one reset",
        RootImage="path-fatal one reset",
        RootVerity="path-fatal one reset",
    ),
    **_typed(
        "the stable releases of 252 have the check of 256",
        **dict.fromkeys(
            ("Unit.RebootArgument", "Unit.JobTimeoutRebootArgument"),
            "string one reset;reboot-parameter one reset@252",
        ),
    ),
    **_typed(
        "config_parse_bool with the argument true is fatal",
        DynamicUser="boolean-fatal one keep",
    ),
    **_typed(
        "zero is a value of these alone (config_parse_memory_limit)",
        **dict.fromkeys(
            (
                "DefaultMemoryLow",
                "DefaultMemoryMin",
                "MemoryLow",
                "MemoryMin",
                "MemorySwapMax",
                "MemoryZSwapMax",
                "StartupMemoryLow",
                "StartupMemorySwapMax",
                "StartupMemoryZSwapMax",
            ),
            "memory-0 one reset",
        ),
    ),
    **_typed(
        "the parser is shared, its argument makes these no addresses",
        **dict.fromkeys(
            (
                "ListenFIFO",
                "ListenSpecial",
                "ListenUSBFunction",
                "ListenMessageQueue",
            ),
            "listen-path many reset",
        ),
        ListenNetlink="listen-netlink many reset",
    ),
    **_typed(
        "the dump of 262 tells another type than that of 257, the parser"
        " table of 260 does not have it yet",
        MessageQueueMessageSize="long one keep;size-long one keep@261",
    ),
    **_typed(
        "262 expands specifiers, with the parser's name unchanged",
        NUMAMask="numa-mask many reset;numa-set many reset@261",
    ),
    **_typed(
        NEW_IN_262,
        AssertFraction="condition many reset",
        AssertMachineTag="condition many reset",
        ConditionFraction="condition many reset",
        ConditionMachineTag="condition many reset",
        ActivatingConcurrencyMax="concurrency one reset",
        CPUPressureThresholdSec="time-span one keep",
        CPUPressureWatch="enum:pressure-watch one keep",
        CPUSetPartition="enum:cpuset-partition one reset",
        IOPressureThresholdSec="time-span one keep",
        IOPressureWatch="enum:pressure-watch one keep",
        LUOSession="fd-names many reset",
        OOMRules="oom-rules many reset",
        RestartRandomizedDelaySec="time-span-finite one keep",
        XAttrAccept="xattr many reset",
        XAttrEntryPoint="xattr many reset",
        XAttrListen="xattr many reset",
    ),
    **_deprecated(
        0,
        CGROUP_V1,
        MemoryLimit="MemoryMax",
        CPUShares="CPUWeight",
        StartupCPUShares="StartupCPUWeight",
        BlockIOAccounting="IOAccounting",
        BlockIOWeight="IOWeight",
        StartupBlockIOWeight="StartupIOWeight",
        BlockIODeviceWeight="IODeviceWeight",
        BlockIOReadBandwidth="IOReadBandwidthMax",
        BlockIOWriteBandwidth="IOWriteBandwidthMax",
    ),
    **_deprecated(
        0,
        "an older name, kept as an alias in load-fragment-gperf.gperf",
        BindTo="BindsTo",
        PropagateReloadTo="PropagatesReloadTo",
        PropagateReloadFrom="ReloadPropagatedFrom",
        StartLimitInterval="StartLimitIntervalSec",
        RequiresOverridable="Requires",
        RequisiteOverridable="Requisite",
        OnFailureIsolate="OnFailureJobMode",
        ReadWriteDirectories="ReadWritePaths",
        ReadOnlyDirectories="ReadOnlyPaths",
        InaccessibleDirectories="InaccessiblePaths",
    ),
    **_deprecated(
        0,
        "systemd.service(5): prefix the commands with + or ! instead",
        PermissionsStartOnly="ExecStartPre=+",
    ),
    **_deprecated(
        246,
        "renamed before 248 (NEWS)",
        ManagedOOMMemoryPressureLimitPercent="ManagedOOMMemoryPressureLimit",
    ),
}
# Section.Directive or directive: (first version, why the source errs).
_IN_261 = "the manual of 262: added in version 261; the source skips 261"
_IN_246 = "in the stable releases of 246 from 246.3 on"
SINCE: dict[str, tuple[int, str]] = {
    "Socket.SmackLabel": (239, "behind an m4 condition before 249"),
    "Socket.SELinuxContextFromNet": (239, "behind an m4 condition as well"),
    **{
        f"Unit.{kind}{name}": (246, _IN_246)
        for kind in ("Assert", "Condition")
        for name in ("CPUs", "Environment", "Memory", "PathIsEncrypted")
    },
    "Scope.OOMPolicy": (252, "in the stable releases of 252, by its dump"),
    **dict.fromkeys(
        (
            "AssertFraction",
            "AssertMachineTag",
            "ConditionFraction",
            "ConditionMachineTag",
            "CPUPressureThresholdSec",
            "CPUPressureWatch",
            "CPUSetPartition",
            "IOPressureThresholdSec",
            "IOPressureWatch",
            "OOMRules",
        ),
        (261, _IN_261),
    ),
}
LEGACY_START_LIMIT = Override(
    "accepted in [Service] for compatibility, systemd.unit(5) has it in"
    " [Unit] since v230",
    deprecated=0,
    replacement="StartLimitIntervalSec= in [Unit]",
)

# Directive: the word of the feature line without which the build
# accepts it and does nothing, and what in upstream's source says so.
_SECCOMP = "behind HAVE_SECCOMP in load-fragment-gperf.gperf.in"
_BPF = (
    "parsed by every build, applied under BPF_FRAMEWORK alone"
    " (src/core/bpf-*.c)"
)
_SELINUX = "behind HAVE_SELINUX in load-fragment-gperf.gperf.in"
_SMACK = "behind ENABLE_SMACK in load-fragment-gperf.gperf.in"
FEATURES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "SystemCallFilter",
            "SystemCallArchitectures",
            "SystemCallErrorNumber",
            "SystemCallLog",
            "MemoryDenyWriteExecute",
            "RestrictNamespaces",
            "RestrictRealtime",
            "RestrictSUIDSGID",
            "RestrictAddressFamilies",
            "LockPersonality",
        ),
        ("SECCOMP", _SECCOMP),
    ),
    **dict.fromkeys(
        (
            "SocketBindAllow",
            "SocketBindDeny",
            "RestrictNetworkInterfaces",
            "RestrictFileSystems",
        ),
        ("BPF_FRAMEWORK", _BPF),
    ),
    **dict.fromkeys(
        ("SELinuxContext", "SELinuxContextFromNet"), ("SELINUX", _SELINUX)
    ),
    **dict.fromkeys(
        (
            "SmackProcessLabel",
            "SmackLabel",
            "SmackLabelIPIn",
            "SmackLabelIPOut",
        ),
        ("SMACK", _SMACK),
    ),
    "AppArmorProfile": (
        "APPARMOR",
        "behind HAVE_APPARMOR in load-fragment-gperf.gperf.in",
    ),
    "PAMName": ("PAM", "behind HAVE_PAM in load-fragment-gperf.gperf.in"),
}

# Section.*, directive or Section.Directive: the manual page without its
# `systemd.` prefix (empty: the page of the section), and why the sections
# with the directive do not tell the page, see `manual_of`.
_KILL = "KILL_CONTEXT_CONFIG_ITEMS, described in systemd.kill(5)"
_COMPATIBLE = (
    "accepted in [Service] for compatibility, described in systemd.unit(5)"
    " since v230 moved it to [Unit]"
)
MANUALS: dict[str, tuple[str, str]] = {
    "Unit.*": ("unit", "[Unit] is of all types, without a page of its own"),
    "Install.*": ("unit", "[Install] is described there as well"),
    **dict.fromkeys(
        (
            "FinalKillSignal",
            "KillMode",
            "KillSignal",
            "RestartKillSignal",
            "SendSIGHUP",
            "SendSIGKILL",
            "WatchdogSignal",
        ),
        ("kill", _KILL),
    ),
    **dict.fromkeys(
        (
            "Service.FailureAction",
            "Service.RebootArgument",
            "Service.StartLimitAction",
            "Service.StartLimitBurst",
            "Service.StartLimitInterval",
        ),
        ("unit", _COMPATIBLE),
    ),
    "TimeoutSec": (
        "",
        "four types that run programs have it, but as a directive of their"
        " own: systemd.service(5), .socket(5), .mount(5) and .swap(5)",
    ),
}
# These types alone embed EXEC_CONTEXT_CONFIG_ITEMS of upstream's parser
# table, so that systemd.exec(5) describes the directives of all four.
EXEC_SECTIONS = {"Service", "Socket", "Mount", "Swap"}


class Row(NamedTuple):
    """One line of the table without its sections."""

    name: str
    since: int
    removed: int
    variants: str
    types: str
    deprecated: str
    replacement: str
    feature: str
    manual: str


def spans(entry: Mapping[str, Any]) -> dict[int, str]:
    """Return {first version: parser} of a directive, oldest first."""
    oldest = max(int(entry["since"]), OLDEST)
    first = entry.get("first_parser") or entry.get("parser") or ""
    parsers = {oldest: str(first)}
    for version, parser in entry.get("parser_changed", {}).items():
        parsers[int(version)] = str(parser)
    return dict(sorted(parsers.items()))


def since(section: str, name: str, entry: Mapping[str, Any]) -> int:
    """Return the first version with the directive, not below 239."""
    known = SINCE.get(f"{section}.{name}") or SINCE.get(name)
    return known[0] if known else max(int(entry["since"]), OLDEST)


def removed_in(entry: Mapping[str, Any]) -> int:
    """Return the first version without the directive, 0 if none."""
    for version, parser in spans(entry).items():
        if parser == WARN_COMPAT:
            return version
    last = int(entry["last"])
    return 0 if last >= LAST_TABLE else last + 1


def types_of(section: str, name: str, entry: Mapping[str, Any]) -> str:
    """Return the value types as ``type form empty`` per version."""
    override = override_of(section, name)
    if override and override.types:
        return override.types
    found: dict[int, str] = {}
    for version, parser in spans(entry).items():
        if parser == WARN_COMPAT:
            continue
        kind = PARSERS[parser.replace("config_parse_", "")]
        if kind not in found.values():
            found[version] = kind
    if section == "Install":
        # Also=: config_parse_also() adds words and never takes one back.
        return PARSERS["NULL"]
    first, *rest = found.items() or [(OLDEST, "none one noop")]
    return ";".join([first[1], *(f"{kind}@{begin}" for begin, kind in rest)])


def override_of(section: str, name: str) -> Override | None:
    """Return the override which applies in this section."""
    if section == "Service" and name == "StartLimitInterval":
        return LEGACY_START_LIMIT
    return OVERRIDES.get(f"{section}.{name}") or OVERRIDES.get(name)


def manual_of(section: str, name: str, sections: set[str]) -> str:
    """Return the manual page without its ``systemd.`` prefix."""
    for key in (f"{section}.*", f"{section}.{name}", name):
        if key in MANUALS:
            return MANUALS[key][0] or section.lower()
    # Slices have the directives of all types with control groups.
    if "Slice" in sections:
        return "resource-control"
    if sections >= EXEC_SECTIONS:
        return "exec"
    return section.lower()


def make_rows(data: Mapping[str, Mapping[str, Any]]) -> dict[Row, list[str]]:
    """Return the rows, each with the sections that share it."""
    where: dict[str, set[str]] = defaultdict(set)
    for key in data:
        section, name = key.split(".")
        where[name].add(section)
    rows: dict[Row, list[str]] = defaultdict(list)
    for key, entry in sorted(data.items()):
        section, name = key.split(".")
        # The macro's own text in the parser table, not a section.
        if section == "type":
            continue
        override = override_of(section, name)
        is_deprecated = override and override.deprecated is not None
        variants = [v for v in ("el8", "el9") if entry.get(v)]
        row = Row(
            name,
            since(section, name, entry),
            removed_in(entry),
            ",".join(variants),
            types_of(section, name, entry),
            str(override.deprecated) if override and is_deprecated else "",
            override.replacement if override else "",
            FEATURES.get(name, ("", ""))[0],
            manual_of(section, name, where[name]),
        )
        rows[row].append(section)
    return rows


def make_module(rows: Mapping[Row, list[str]]) -> str:
    """Return the text of the generated module."""
    lines = []
    for row, sections in rows.items():
        fields = [",".join(sections), row.name, str(row.since)]
        fields += [str(row.removed or ""), row.variants, row.types]
        fields += [row.deprecated, row.replacement, row.feature, row.manual]
        lines.append("|".join(fields).rstrip("|"))
    folded = map(fold, sorted(lines))
    return _HEADER + "\n".join(folded) + '\n"""\n'


def fold(line: str) -> str:
    """Return a line of the table as lines of at most 79 columns.

    A backslash at the end joins a line with the next one, so that the
    text that Python reads is the same.
    """
    folded = []
    while len(line) > _COLUMNS:
        last = _COLUMNS - 1
        end = max(line.rfind(mark, 0, last) + 1 for mark in ",;| ") or last
        folded.append(line[:end] + "\\")
        line = line[end:]
    return "\n".join([*folded, line])


_COLUMNS = 79
_HEADER = '''\
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or \
https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every directive of every systemd; made by tools/directives.py.

One text, as modules are compiled anew on every call and a text costs
nothing to compile. Its columns are sections, name, since, removed,
variants with a backport, value types, deprecated since, replacement,
feature of the build, manual page.
"""

from __future__ import annotations

TABLE = """\\
'''


if __name__ == "__main__":
    rows = make_rows(json.loads(SOURCE.read_text(encoding="utf-8")))
    sys.stdout.write(make_module(rows))
