# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of value types, under the names that the table uses."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    exec_lines,
    lists,
    paths,
    scalars,
    unit_names,
)


def check_value(kind: str, value: str, context: contexts.Context) -> None:
    """Check a value against its type.

    Args:
        kind: A value type of the table, such as ``boolean`` or
            ``enum:restart``.
        value: The text behind the ``=``; not empty.
        context: The place of the value.

    Raises:
        BadValueError: systemd would refuse, ignore or misread the
            value.
    """
    if kind.startswith("enum:"):
        enums.check_enum(kind[5:], value, context)
    else:
        TYPES[kind](value, context)


def _check_personality(value: str, context: contexts.Context) -> None:
    enums.check_enum("personality", value, context)
    if not value.startswith("x86"):
        context.remark(
            "other-personality",
            f"has {value}, which counts on machines of that architecture"
            " alone: systemd ignores it elsewhere; leave it out",
        )


# Few units have values of these types. Each topic has a module of its
# own, since the host compiles every imported module on each call.
_TOPICS = {
    "calendar": "calendar",
    "conditions": "condition condition-boolean condition-path",
    "credentials": (
        "import-credential load-credential refresh-on-reload set-credential"
    ),
    "devices": (
        "device-allow device-bandwidth device-blkio-weight device-latency"
        " device-limit device-weight extension-images image-options"
        " image-policy mount-images root-hash root-hash-signature"
        " swap-priority"
    ),
    "install": "alias-names instance",
    "resources": (
        "blkio-weight bpf-program cgroup-name concurrency controllers"
        " cpu-affinity cpu-list cpu-set cpu-shares cpu-weight delegate"
        " interface interface-bound interfaces io-priority ip-networks"
        " nft-set numa-mask numa-set oom-duration oom-rules priority-99"
        " rlimit-nice socket-bind weight"
    ),
    "sockets": ("ip-tos listen listen-netlink listen-path size-long xattr"),
    "streams": (
        "fd-name fd-names log-fields log-namespace log-pattern open-file"
        " standard-input standard-output text"
    ),
}


def _import_types(topic: str) -> Mapping[str, contexts.Check]:
    """Import a topic's types.

    Ansible ships a module only if an import statement names it.
    """
    if topic == "calendar":
        from . import calendar  # noqa: PLC0415

        found = calendar.TYPES
    elif topic == "conditions":
        from . import conditions  # noqa: PLC0415

        found = conditions.TYPES
    elif topic == "credentials":
        from . import credentials  # noqa: PLC0415

        found = credentials.TYPES
    elif topic == "devices":
        from . import devices  # noqa: PLC0415

        found = devices.TYPES
    elif topic == "install":
        from . import install_section  # noqa: PLC0415

        found = install_section.TYPES
    elif topic == "resources":
        from . import resources  # noqa: PLC0415

        found = resources.TYPES
    elif topic == "sockets":
        from . import sockets  # noqa: PLC0415

        found = sockets.TYPES
    else:
        from . import streams  # noqa: PLC0415

        found = streams.TYPES
    return found


def _defer_check(topic: str, kind: str) -> contexts.Check:
    def check(value: str, context: contexts.Context) -> None:
        _import_types(topic)[kind](value, context)

    return check


TYPES: dict[str, contexts.Check] = {
    "address-families": lists.check_address_families,
    "architectures": lists.check_architectures,
    "base64": paths.check_base64,
    "bind-paths": paths.check_bind_paths,
    "boolean": scalars.check_boolean,
    "boolean-fatal": scalars.check_boolean,
    "bpf-attachments": paths.check_plain_string,
    "bpf-commands": paths.check_plain_string,
    "bpf-maps": paths.check_plain_string,
    "bpf-programs": paths.check_plain_string,
    "bus-name": unit_names.check_bus_name,
    "capabilities": lists.check_capabilities,
    "colon-paths": paths.check_colon_paths,
    "coredump-filter": lists.check_coredump_filter,
    "cpu-quota": scalars.check_cpu_quota,
    "directories": paths.check_directories,
    "documentation": unit_names.check_documentation,
    "environment": unit_names.check_environment,
    "environment-file": paths.check_environment_file,
    "environment-names": unit_names.check_environment_names,
    "environment-unset": unit_names.check_environment_unset,
    "errno": scalars.check_errno,
    "exec": exec_lines.check_exec,
    "exit-status-code": scalars.check_exit_status_code,
    "exit-statuses": lists.check_exit_statuses,
    "filesystems": lists.check_filesystems,
    "integer": scalars.check_integer,
    "kill-mode": scalars.check_kill_mode,
    "label": unit_names.check_label,
    "log-level": scalars.check_log_level,
    "long": scalars.check_long,
    "memory": scalars.check_memory,
    "memory-0": scalars.check_memory_0,
    "mode": scalars.check_mode,
    "namespace-paths": paths.check_namespace_paths,
    "namespaces": lists.check_namespaces,
    "nice": scalars.check_nice,
    "none": paths.check_plain_string,
    "oom-score": scalars.check_oom_score,
    "path": paths.check_path_or_reset,
    "path-each": paths.check_path,
    "path-fatal": paths.check_path_or_reset,
    "paths": paths.check_paths,
    "percentage": scalars.check_percentage,
    "personality": _check_personality,
    "pid-file": paths.check_pid_file,
    "plain-string": paths.check_plain_string,
    "protect-hostname": scalars.check_protect_hostname,
    "quota": scalars.check_quota,
    "reboot-parameter": paths.check_reboot_parameter,
    "restart": scalars.check_restart,
    "rlimit-count": scalars.check_rlimit_count,
    "rlimit-microseconds": scalars.check_rlimit_microseconds,
    "rlimit-seconds": scalars.check_rlimit_seconds,
    "rlimit-size": scalars.check_rlimit_size,
    "secure-bits": lists.check_secure_bits,
    "service-unit": unit_names.check_service_unit,
    "signal": scalars.check_signal,
    "size": scalars.check_size,
    "slice-unit": unit_names.check_slice_unit,
    "socket-units": unit_names.check_socket_units,
    "string": paths.check_string,
    "syscalls": lists.check_syscalls,
    "tasks-max": scalars.check_tasks_max,
    "temporary-filesystems": paths.check_temporary_filesystems,
    "time-span": scalars.check_time_span,
    "time-span-finite": scalars.check_time_span_finite,
    "time-span-ns": scalars.check_time_span_ns,
    "timer-span": scalars.check_time_span_expanded,
    "unit-name": unit_names.check_unit_name,
    "unit-names": unit_names.check_unit_names,
    "unknown": paths.check_plain_string,
    "unsigned": scalars.check_unsigned,
    "user": unit_names.check_user,
    "users": unit_names.check_users,
    "working-directory": paths.check_working_directory,
    **{
        kind: _defer_check(topic, kind)
        for topic, kinds in _TOPICS.items()
        for kind in kinds.split()
    },
}

# systemd reports no bad value of these types when it loads the unit.
SILENT = frozenset(
    (
        "alias-names",
        "capabilities",
        "condition",
        "image-policy",
        "instance",
        "log-pattern",
        "secure-bits",
    )
)
# A bad value of these types makes systemd refuse the whole unit. For an
# Exec line, its prefix decides.
FATAL = frozenset(
    ("boolean-fatal", "path-fatal", "user", "users", "working-directory")
)
