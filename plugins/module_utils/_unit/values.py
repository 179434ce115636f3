# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of value types, by the names that the table uses."""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    commands,
    lists,
    names,
    paths,
    scalars,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.context import (  # noqa: E501
    Check,
    Context,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.enums import (  # noqa: E501
    check_enum,
)


def check_value(kind: str, value: str, context: Context) -> None:
    """Check a value against its type.

    Args:
        kind: A value type of the table, such as ``boolean`` or
            ``enum:restart``.
        value: What stands behind the ``=``; not empty.
        context: Where it stands.

    Raises:
        BadValueError: systemd would refuse, ignore or misread it.
    """
    if kind.startswith("enum:"):
        check_enum(kind[5:], value, context)
    else:
        TYPES[kind](value, context)


def _check_calendar(value: str, context: Context) -> None:
    # Only timers need it.
    from ansible_collections.pyfleet.services.plugins.module_utils._unit import (  # noqa: E501, PLC0415
        calendar,
    )

    calendar.check_calendar(value, context)


def _of_devices(kind: str) -> Check:
    def check(value: str, context: Context) -> None:
        # Few units need it, and a host compiles it on each call.
        from ansible_collections.pyfleet.services.plugins.module_utils._unit import (  # noqa: E501, PLC0415
            devices,
        )

        devices.TYPES[kind](value, context)

    return check


def _of_sockets(kind: str) -> Check:
    def check(value: str, context: Context) -> None:
        from ansible_collections.pyfleet.services.plugins.module_utils._unit import (  # noqa: E501, PLC0415
            sockets,
        )

        sockets.TYPES[kind](value, context)

    return check


def _check_personality(value: str, context: Context) -> None:
    check_enum("personality", value, context)
    if not value.startswith("x86"):
        context.remark(
            "other-personality",
            "warning",
            f"{value} is taken where the machine is of that architecture,"
            " and ignored elsewhere; leave it out",
        )


TYPES: dict[str, Check] = {
    "address-families": lists.check_address_families,
    "alias-names": names.check_alias_names,
    "architectures": lists.check_architectures,
    "base64": paths.check_base64,
    "bind-paths": paths.check_bind_paths,
    "blkio-weight": scalars.check_blkio_weight,
    "boolean": scalars.check_boolean,
    "boolean-fatal": scalars.check_boolean,
    "bpf-attachments": paths.check_plain_string,
    "bpf-commands": paths.check_plain_string,
    "bpf-maps": paths.check_plain_string,
    "bpf-program": paths.check_bpf_program,
    "bpf-programs": paths.check_plain_string,
    "bus-name": names.check_bus_name,
    "calendar": _check_calendar,
    "capabilities": lists.check_capabilities,
    "cgroup-name": names.check_cgroup_name,
    "colon-paths": paths.check_colon_paths,
    "concurrency": scalars.check_concurrency,
    "condition": names.check_condition,
    "condition-boolean": names.check_condition_boolean,
    "condition-path": names.check_condition_path,
    "controllers": lists.check_controllers,
    "coredump-filter": lists.check_coredump_filter,
    "cpu-affinity": lists.check_cpu_affinity,
    "cpu-list": lists.check_cpu_list,
    "cpu-quota": scalars.check_cpu_quota,
    "cpu-set": lists.check_cpu_set,
    "cpu-shares": scalars.check_cpu_shares,
    "cpu-weight": scalars.check_cpu_weight,
    "delegate": lists.check_delegate,
    "device-allow": _of_devices("device-allow"),
    "device-bandwidth": _of_devices("device-bandwidth"),
    "device-blkio-weight": _of_devices("device-blkio-weight"),
    "device-latency": _of_devices("device-latency"),
    "device-limit": _of_devices("device-limit"),
    "device-weight": _of_devices("device-weight"),
    "directories": paths.check_directories,
    "documentation": names.check_documentation,
    "environment": names.check_environment,
    "environment-file": paths.check_environment_file,
    "environment-names": names.check_environment_names,
    "environment-unset": names.check_environment_unset,
    "errno": scalars.check_errno,
    "exec": commands.check_exec,
    "exit-status-code": scalars.check_exit_status_code,
    "exit-statuses": lists.check_exit_statuses,
    "extension-images": _of_devices("extension-images"),
    "fd-name": paths.check_fd_name,
    "fd-names": paths.check_fd_names,
    "filesystems": lists.check_filesystems,
    "image-options": _of_devices("image-options"),
    "image-policy": _of_devices("image-policy"),
    "import-credential": names.check_import_credential,
    "instance": names.check_instance,
    "integer": scalars.check_integer,
    "long": scalars.check_long,
    "interface": lists.check_interface,
    "interface-bound": lists.check_bound_interface,
    "interfaces": lists.check_interfaces,
    "io-priority": scalars.check_io_priority,
    "ip-networks": lists.check_ip_networks,
    "ip-tos": scalars.check_ip_tos,
    "kill-mode": scalars.check_kill_mode,
    "label": names.check_label,
    "listen": _of_sockets("listen"),
    "listen-netlink": _of_sockets("listen-netlink"),
    "listen-path": _of_sockets("listen-path"),
    "load-credential": names.check_load_credential,
    "log-fields": names.check_log_fields,
    "log-level": scalars.check_log_level,
    "log-namespace": names.check_log_namespace,
    "log-pattern": names.check_log_pattern,
    "memory": scalars.check_memory,
    "memory-0": scalars.check_memory_0,
    "mode": scalars.check_mode,
    "mount-images": _of_devices("mount-images"),
    "namespace-paths": paths.check_namespace_paths,
    "namespaces": lists.check_namespaces,
    "nft-set": paths.check_nft_set,
    "nice": scalars.check_nice,
    "none": paths.check_plain_string,
    "numa-mask": lists.check_numa_mask,
    "numa-set": lists.check_numa_set,
    "oom-duration": scalars.check_oom_duration,
    "oom-rules": lists.check_oom_rules,
    "oom-score": scalars.check_oom_score,
    "open-file": paths.check_open_file,
    "personality": _check_personality,
    "path": paths.check_path_or_reset,
    "path-fatal": paths.check_path_or_reset,
    "path-each": paths.check_path,
    "paths": paths.check_paths,
    "percentage": scalars.check_percentage,
    "pid-file": paths.check_pid_file,
    "plain-string": paths.check_plain_string,
    "priority-99": scalars.check_priority_99,
    "protect-hostname": scalars.check_protect_hostname,
    "quota": scalars.check_quota,
    "reboot-parameter": paths.check_reboot_parameter,
    "refresh-on-reload": names.check_refresh_on_reload,
    "restart": scalars.check_restart,
    "rlimit-count": scalars.check_rlimit_count,
    "rlimit-microseconds": scalars.check_rlimit_microseconds,
    "rlimit-nice": scalars.check_rlimit_nice,
    "rlimit-seconds": scalars.check_rlimit_seconds,
    "rlimit-size": scalars.check_rlimit_size,
    "root-hash": _of_devices("root-hash"),
    "root-hash-signature": _of_devices("root-hash-signature"),
    "secure-bits": lists.check_secure_bits,
    "service-unit": names.check_service_unit,
    "set-credential": names.check_set_credential,
    "signal": scalars.check_signal,
    "size": scalars.check_size,
    "size-long": scalars.check_size_long,
    "slice-unit": names.check_slice_unit,
    "socket-bind": lists.check_socket_bind,
    "socket-units": names.check_socket_units,
    "standard-input": paths.check_standard_input,
    "standard-output": paths.check_standard_output,
    "string": paths.check_string,
    "swap-priority": scalars.check_swap_priority,
    "syscalls": lists.check_syscalls,
    "tasks-max": scalars.check_tasks_max,
    "temporary-filesystems": paths.check_temporary_filesystems,
    "text": paths.check_text,
    "time-span": scalars.check_time_span,
    "time-span-finite": scalars.check_time_span_finite,
    "time-span-ns": scalars.check_time_span_ns,
    "timer-span": scalars.check_time_span_expanded,
    "unit-name": names.check_unit_name,
    "unit-names": names.check_unit_names,
    "unknown": paths.check_plain_string,
    "unsigned": scalars.check_unsigned,
    "user": names.check_user,
    "users": names.check_users,
    "weight": scalars.check_weight,
    "xattr": _of_sockets("xattr"),
    "working-directory": paths.check_working_directory,
}

# A bad value of these gets no message when the unit is loaded.
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
# A bad value of these makes systemd refuse the whole unit; Exec lines
# tell by their prefix.
FATAL = frozenset(
    ("boolean-fatal", "path-fatal", "user", "users", "working-directory")
)
