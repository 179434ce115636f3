# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of resource control and scheduling.

The manual pages are systemd.resource-control(5) and systemd.exec(5).
"""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    lists,
    paths,
    scalars,
    specifiers,
)


def check_weight(value: str, _context: contexts.Context) -> None:
    """Check IOWeight= and others (systemd.resource-control(5))."""
    scalars.check_range(value, 1, 10000)


def check_cpu_weight(value: str, context: contexts.Context) -> None:
    """Check CPUWeight= (systemd.resource-control(5)): or ``idle``."""
    if value != "idle":
        check_weight(value, context)


def check_cpu_shares(value: str, _context: contexts.Context) -> None:
    """Check CPUShares= (cg_cpu_shares_parse())."""
    scalars.check_range(value, 2, 262144)


def check_blkio_weight(value: str, _context: contexts.Context) -> None:
    """Check BlockIOWeight= (cg_blkio_weight_parse())."""
    scalars.check_range(value, 10, 1000)


def check_concurrency(value: str, _context: contexts.Context) -> None:
    """Check a unit count (systemd.slice(5), ConcurrencyHardMax=)."""
    if value != "infinity":
        scalars.check_range(value, 0, scalars.UINT32)


def check_oom_duration(value: str, context: contexts.Context) -> None:
    """Check ManagedOOMMemoryPressureDurationSec=: a second or more."""
    scalars.check_time_span(value, context)
    seconds = scalars.parse_time_span(value)
    if seconds is not None and not 1 <= seconds < float("inf"):
        raise contexts.BadValueError(
            "must be at least 1s and less than infinity"
        )


# Source: src/basic/cgroup-util.c. The names with a hyphen are pseudo
# controllers that use BPF.
_CONTROLLERS = contexts.words_of(
    "cpu cpuacct cpuset io blkio memory devices pids bpf-firewall"
    " bpf-devices bpf-foreign bpf-socket-bind"
    " bpf-restrict-network-interfaces bpf-bind-network-interface"
)


def check_controllers(value: str, _context: contexts.Context) -> None:
    """Check DisableControllers= (systemd.resource-control(5))."""
    contexts.check_each(
        lists.split_raw(value),
        lambda word: lists.one_of(word, _CONTROLLERS, "a cgroup controller"),
    )


def check_delegate(value: str, _context: contexts.Context) -> None:
    """Check Delegate= (systemd.resource-control(5))."""
    if enums.parse_boolean(value) is None:
        contexts.check_each(
            lists.split(value),
            lambda word: lists.one_of(
                word, _CONTROLLERS, "a cgroup controller"
            ),
        )


def check_oom_rules(value: str, _context: contexts.Context) -> None:
    """Check OOMRules= (systemd.resource-control(5)): ruleset names."""

    def check(word: str) -> None:
        has_control = any(char < " " or char == "\x7f" for char in word)
        is_odd = has_control or set(word) & set("/*?[\\")
        if (
            is_odd
            or word in (".", "..")
            or len(word.encode(errors="replace")) > 255
        ):
            raise contexts.BadValueError(
                f"{word!r} is not the name of a ruleset, the name of a file"
            )

    words = paths.take(value, unquote=True, keep_escapes=True)
    contexts.check_each(words, check)


def check_cpu_set(value: str, context: contexts.Context) -> None:
    """Check AllowedCPUs= (systemd.resource-control(5)): 0-3,5."""
    expanded = specifiers.expand(value, context)
    if not specifiers.is_open(value, context):
        _check_cpus(expanded)


def check_cpu_list(value: str, _context: contexts.Context) -> None:
    """Check AllowedCPUs= before 250: a CPU set without specifiers."""
    _check_cpus(value)


def _check_cpus(text: str) -> None:
    for word in lists.split(text.replace(",", " ")):
        first, dash, last = word.partition("-")
        low = enums.parse_integer(first)
        high = enums.parse_integer(last) if dash else low
        if low is None or high is None or not 0 <= max(low, high) <= 8191:
            raise contexts.BadValueError(
                f"{word!r} is not a CPU or a range of CPUs such as 0-3, at"
                " most 8191"
            )
        if low > high:
            raise contexts.BadValueError(
                f"the range {word} runs backwards: write {last}-{first}"
            )


def check_cpu_affinity(value: str, context: contexts.Context) -> None:
    """Check CPUAffinity= (systemd.exec(5)): a CPU set, or numa."""
    if value == "numa":
        return
    # From 249 on systemd expands specifiers here.
    if context.target.version < 249:
        check_cpu_list(value, context)
    else:
        check_cpu_set(value, context)


def check_numa_mask(value: str, context: contexts.Context) -> None:
    """Check NUMAMask= (systemd.exec(5)): a CPU list, or all."""
    if value != "all":
        check_cpu_list(value, context)


def check_numa_set(value: str, context: contexts.Context) -> None:
    """Check NUMAMask= of a systemd that expands specifiers in it."""
    if value != "all":
        check_cpu_set(value, context)


_SYMBOLIC = ("any", "localhost", "link-local", "multicast")


def check_ip_networks(value: str, _context: contexts.Context) -> None:
    """Check IPAddressDeny= (systemd.resource-control(5))."""

    def check(word: str) -> None:
        if word in _SYMBOLIC:
            return
        # Few units name an address, and the module is large.
        import ipaddress  # noqa: PLC0415

        address, slash, length = word.partition("/")
        try:
            longest = int(ipaddress.ip_address(address).max_prefixlen)
        except ValueError:
            longest = 0
        if not longest or "%" in address:
            raise contexts.BadValueError(
                f"{word!r} is not an IP address, a network or one of:"
                f" {', '.join(_SYMBOLIC)}",
                "any" if word == "all" else contexts.nearest(word, _SYMBOLIC),
            )
        number = enums.parse_integer(length) if slash else 0
        if number is None or not 0 <= number <= longest:
            raise contexts.BadValueError(
                f"{word!r} needs a prefix length from 0 to {longest} behind"
                " the slash; a mask is not accepted"
            )

    contexts.check_each(lists.split_raw(value), check)


def check_socket_bind(value: str, context: contexts.Context) -> None:
    """Check SocketBindDeny= (systemd.resource-control(5)).

    The parts are an address family, a protocol and ports, in this
    order. Each part may be missing: ``ipv4:tcp:8000-8080``, ``any``.
    """
    parts = value.split(":")
    if parts[0] in ("ipv4", "ipv6"):
        del parts[0]
    # systemd ignores the case of a protocol.
    if parts and parts[0].lower() in ("tcp", "udp"):
        del parts[0]
    # From 256 on port 0 is any port, before it is refused
    # (parse_ip_port_range()).
    lowest = 0 if context.target.version >= 256 else 1
    if parts and not (len(parts) == 1 and _is_port_range(parts[0], lowest)):
        raise contexts.BadValueError(
            "must be [ipv4|ipv6:][tcp|udp:]ports, such as any, tcp:8080"
            " or ipv4:udp:1024-2048"
        )


def _is_port_range(text: str, lowest: int) -> bool:
    if text == "any":
        return True
    first, dash, last = text.partition("-")
    low = enums.parse_integer(first)
    high = enums.parse_integer(last) if dash else low
    if low is None or high is None:
        return False
    return lowest <= low <= high <= 65535


_INTERFACE = re.compile(r"[!-$&-.0-9;-~]{1,127}")


def _is_interface(name: str, longest: int) -> bool:
    is_index = (enums.parse_integer(name) or 0) > 0 or (
        name.isascii() and name.isdigit()
    )
    if name in ("all", "default") or is_index:
        return False
    return _has_interface_shape(name, longest)


def _has_interface_shape(name: str, longest: int) -> bool:
    if name in (".", ".."):
        return False
    return bool(_INTERFACE.fullmatch(name)) and len(name) <= longest


# From 256 on RestrictNetworkInterfaces= accepts alternative names of
# interfaces, which have up to 127 characters. BindToDevice= of 262
# accepts specifiers; before 248 a percent sign was a plain character.
_LONG_NAMES_SINCE = 256
_DEVICE_SPECIFIERS_SINCE = 258


def check_interface(value: str, context: contexts.Context) -> None:
    """Check BindToDevice= (systemd.socket(5)): interface or ``*``."""
    name = value
    if context.target.version >= _DEVICE_SPECIFIERS_SINCE:
        name = specifiers.expand(value, context)
    elif context.target.version < 248:
        old = value.replace("%", "_")
        if _has_interface_shape(old, 15) and not old.isdigit():
            return
    if name != "*" and not _is_interface(name, 15):
        raise contexts.BadValueError("must be the name of a network interface")


def check_bound_interface(value: str, context: contexts.Context) -> None:
    """Check BindNetworkInterface= (systemd.resource-control(5))."""
    name = specifiers.expand(value, context)
    if not specifiers.is_open(value, context) and not _is_interface(name, 127):
        raise contexts.BadValueError("must be the name of a network interface")


def check_interfaces(value: str, context: contexts.Context) -> None:
    """Check RestrictNetworkInterfaces=: interfaces.

    Source: systemd.resource-control(5).
    """
    is_short = context.target.version < _LONG_NAMES_SINCE

    def check(word: str) -> None:
        if not _is_interface(word, 15 if is_short else 127):
            raise contexts.BadValueError(
                f"{word!r} is not the name of a network interface"
            )
        context.remark_comma(word, "interface")

    contexts.check_each(lists.split(value[value.startswith("~") :]), check)


def check_cgroup_name(value: str, _context: contexts.Context) -> None:
    """Check DelegateSubgroup= (systemd.resource-control(5))."""
    reserved = ("notify_on_release", "release_agent", "tasks")
    prefix, dot, _rest = value.partition(".")
    is_file = dot and prefix in ("cgroup", *_CONTROLLERS)
    if (
        "/" in value
        or value[0] in "_."
        or value in reserved
        or is_file
        or len(value) > 255
    ):
        raise contexts.BadValueError(
            "is not a name that a control group may have: the kernel or"
            " systemd uses it, or it has a slash, begins with '_' or '.', or"
            " has more than 255 characters"
        )


def check_bpf_program(value: str, context: contexts.Context) -> None:
    """Check BPFProgram= (systemd.resource-control(5)): type:path."""
    kinds = contexts.words_of(
        "ingress egress sock_create sock_ops device bind4 bind6 connect4"
        " connect6 post_bind4 post_bind6 sendmsg4 sendmsg6 sysctl recvmsg4"
        " recvmsg6 getsockopt setsockopt"
    )
    # Colons in a row count as one colon.
    splitter = splitting.Splitter(value, separators=":")
    try:
        kind = splitter.take() or ""
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error
    path = splitter.rest or ""
    if not path:
        raise contexts.BadValueError("must be type:path")
    if kind not in kinds:
        raise contexts.BadValueError(
            f"{kind!r} is not a type of attachment: write one of"
            f" {', '.join(kinds)}",
            contexts.nearest(kind, kinds),
        )
    paths.check_path(path, context)


_NFT_SET = re.compile(
    r"(?:cgroup|user|group):(?:arp|bridge|inet|ip|ip6|netdev)"
    r"(?::[A-Za-z][A-Za-z0-9/\\_.]*){2}"
)


def check_nft_set(value: str, _context: contexts.Context) -> None:
    """Check NFTSet= (systemd.resource-control(5)): four parts."""
    for word in lists.split_raw(value):
        if not _NFT_SET.fullmatch(word):
            raise contexts.BadValueError(
                f"{word!r} must be cgroup|user|group:family:table:set, where"
                " a name begins with a letter and has letters, digits and"
                " / \\ _ ."
            )


def check_io_priority(value: str, _context: contexts.Context) -> None:
    """Check IOSchedulingPriority= (systemd.exec(5)): 0 to 7."""
    scalars.check_range(value, 0, 7)


def check_priority_99(value: str, _context: contexts.Context) -> None:
    """Check CPUSchedulingPriority= (systemd.exec(5)): 0 to 99."""
    scalars.check_range(value, 0, 99)


def check_rlimit_nice(value: str, _context: contexts.Context) -> None:
    """Check LimitNICE= (systemd.exec(5)): 0 to 40, +0..+19, -1..-20."""
    parts = scalars.split_rlimit(value)
    limits = [_parse_nice_limit(part) for part in parts]
    if limits != sorted(limits):
        raise contexts.BadValueError(
            "has a soft limit above its hard limit: write soft:hard"
        )


def _parse_nice_limit(text: str) -> int:
    """Return the raw limit that a nice level stands for."""
    sign = text[:1] if text[:1] in ("+", "-") else ""
    number = enums.parse_integer(text[len(sign) :])
    level = -1 if number is None else number
    if not 0 <= level <= {"+": 19, "-": 20, "": 40}[sign]:
        raise contexts.BadValueError(
            "must be a nice level with its sign, such as -5 or +10, or a"
            " raw limit from 0 to 40"
        )
    return {"+": 20 - level, "-": 20 + level, "": level}[sign]


TYPES: dict[str, contexts.Check] = {
    "blkio-weight": check_blkio_weight,
    "bpf-program": check_bpf_program,
    "cgroup-name": check_cgroup_name,
    "concurrency": check_concurrency,
    "controllers": check_controllers,
    "cpu-affinity": check_cpu_affinity,
    "cpu-list": check_cpu_list,
    "cpu-set": check_cpu_set,
    "cpu-shares": check_cpu_shares,
    "cpu-weight": check_cpu_weight,
    "delegate": check_delegate,
    "interface": check_interface,
    "interface-bound": check_bound_interface,
    "interfaces": check_interfaces,
    "io-priority": check_io_priority,
    "ip-networks": check_ip_networks,
    "nft-set": check_nft_set,
    "numa-mask": check_numa_mask,
    "numa-set": check_numa_set,
    "oom-duration": check_oom_duration,
    "oom-rules": check_oom_rules,
    "priority-99": check_priority_99,
    "rlimit-nice": check_rlimit_nice,
    "socket-bind": check_socket_bind,
    "weight": check_weight,
}
