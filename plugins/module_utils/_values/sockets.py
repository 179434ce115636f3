# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of the addresses of a socket unit (systemd.socket(5))."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    lists,
    paths,
    scalars,
    specifiers,
)

# From 254 on the type of a vsock socket may stand before its address.
_VSOCK_TYPES_SINCE = 254
# From 256 on vsock_parse_port() refuses the port that stands for any
# port. 262 accepts -1 for any CID, 257 refuses it.
_VSOCK_ANY_PORT_REFUSED_SINCE = 256
_VSOCK_ANY_CID_SINCE = 258
# From 248 on parse_ip_port() refuses a blank before a port.
_PORT_BLANK_REFUSED_SINCE = 248
_VSOCK = re.compile(r"vsock(-(?:stream|dgram|seqpacket))?:([^:]*):(.*)")
# The name of an interface (ifname_valid_full()).
_INTERFACE = re.compile(r"(?!\.\.?\Z)(?![0-9]+\Z)[!-$&-.0-9;-~]{1,127}")


def check_listen(value: str, context: contexts.Context) -> None:
    """Check ListenStream= (systemd.socket(5)): path, port, address."""
    expanded = specifiers.expand(value, context)
    paths.note_var_run(value, expanded, context)
    if specifiers.is_open(value, context):
        _check_open(value)
        return
    number = enums.parse_integer(expanded)
    if expanded.startswith(("/", "@")):
        _check_socket_path(expanded)
        context.remark_comment(value)
    elif context.option == "ListenSequentialPacket":
        raise contexts.BadValueError(
            "must be a path: only Unix sockets have this type"
        )
    elif expanded.startswith("vsock"):
        _check_vsock(expanded, context)
    elif number is not None:
        _check_port(expanded)
    elif re.fullmatch("[0-9]+", expanded):
        raise contexts.BadValueError(
            "is not a port: a leading zero makes the number octal"
        )
    else:
        _check_address(expanded, context)


def _check_open(value: str) -> None:
    """Check what no instance can change: a relative path."""
    is_address = value.startswith(("/", "@", "vsock", "%"))
    if "/" in value and not is_address:
        raise contexts.BadValueError(
            f"{value!r} is not an absolute path: begin it with a slash"
        )


def _check_socket_path(path: str) -> None:
    # struct sockaddr_un of unix(7) has 108 bytes, the last one a NUL.
    if len(path.encode("utf-8", "surrogateescape")) > 107:
        raise contexts.BadValueError(
            "is the path of a socket with more than 107 bytes; shorten it"
        )
    if len(path) == 1:
        raise contexts.BadValueError(
            f"has no name behind the {path!r}; write the name of the socket"
        )


def _check_vsock(value: str, context: contexts.Context) -> None:
    """Check an address of vsock(7), as socket_address_parse() does."""
    version = context.target.version
    match = _VSOCK.fullmatch(value)
    if match is None:
        raise contexts.BadValueError(
            "must be vsock:CID:PORT, such as vsock:2:1234"
        )
    if match[1] and version < _VSOCK_TYPES_SINCE:
        raise contexts.BadValueError(
            f"vsock{match[1]}: needs systemd {_VSOCK_TYPES_SINCE} or later;"
            " write vsock:CID:PORT",
            since=_VSOCK_TYPES_SINCE,
        )
    if match[2] and (match[2] != "-1" or version < _VSOCK_ANY_CID_SINCE):
        _check_vsock_number(match[2], "CID", scalars.UINT32)
    is_any_refused = version >= _VSOCK_ANY_PORT_REFUSED_SINCE
    _check_vsock_number(match[3], "port", scalars.UINT32 - is_any_refused)


def _check_vsock_number(text: str, what: str, high: int) -> None:
    number = enums.parse_integer(text)
    if number is None or not 0 <= number <= high:
        raise contexts.BadValueError(
            f"{text!r} is not a {what} from 0 to {high}"
        )


def _check_port(text: str) -> None:
    number = enums.parse_integer(text)
    if number is None or not 0 < number <= 65535:
        raise contexts.BadValueError(f"{text!r} is not a port from 1 to 65535")


def _check_address(value: str, context: contexts.Context) -> None:
    """Check an address and a port, and the interface behind them.

    The rules are those of in_addr_port_ifindex_name_from_string_auto().
    Only the host knows which interfaces exist.
    """
    # Few units name an address, and the module is large.
    import ipaddress  # noqa: PLC0415

    address, percent, interface = value.partition("%")
    host, _colon, port = address.rpartition(":")
    is_6 = host.startswith("[") and host.endswith("]")
    try:
        if is_6:
            ipaddress.IPv6Address(host[1:-1])
        else:
            ipaddress.IPv4Address(host)
    except ValueError as error:
        raise contexts.BadValueError(
            f"{value!r} is not an address: write a path, a port, 1.2.3.4:80"
            " or [::1]:80"
        ) from error
    if percent and not _is_interface(interface):
        raise contexts.BadValueError(
            f"{interface!r} is not the name of a network interface"
        )
    is_blank_refused = context.target.version >= _PORT_BLANK_REFUSED_SINCE
    if is_blank_refused and port[:1].isspace():
        raise contexts.BadValueError(f"{port!r} is not a port from 1 to 65535")
    _check_port(port)


def _is_interface(name: str) -> bool:
    if re.fullmatch("[0-9]+", name):
        return bool(name.strip("0"))
    return _INTERFACE.fullmatch(name) is not None


def check_listen_path(value: str, context: contexts.Context) -> None:
    """Check ListenFIFO=, ListenSpecial= and others: a path."""
    paths.check_path(value, context)
    if context.option == "ListenFIFO":
        expanded = specifiers.expand(value, context)
        paths.note_var_run(value, expanded, context)
    if context.option != "ListenSpecial":
        paths.refuse_api(value, context)


def check_xattr(value: str, context: contexts.Context) -> None:
    """Check XAttrListen= (systemd.socket(5)): user.name=value.

    The whole line is one attribute, quotes included.
    """
    name, equals, _text = specifiers.expand(value, context).partition("=")
    if specifiers.is_open(value, context):
        return
    if not equals or not name.startswith("user."):
        raise contexts.BadValueError("must be user.name=value, without quotes")


_NETLINK = (
    "route", "firewall", "inet-diag", "nflog", "xfrm", "selinux", "iscsi",
    "audit", "fib-lookup", "connector", "netfilter", "ip6-fw", "dnrtmsg",
    "kobject-uevent", "generic", "scsitransport", "ecryptfs", "rdma",
)  # fmt: skip


def check_listen_netlink(value: str, context: contexts.Context) -> None:
    """Check ListenNetlink= (systemd.socket(5)): family and group."""
    expanded = specifiers.expand(value, context)
    words = lists.split_raw(expanded) or [""]
    number = enums.parse_integer(words[0])
    is_number = number is not None and 0 <= number < 2**31
    if words[0] not in _NETLINK and not is_number:
        raise contexts.BadValueError(
            f"{words[0]!r} is not a netlink family such as route",
            contexts.nearest(words[0], _NETLINK),
        )
    group = " ".join(words[1:])
    number = enums.parse_integer(group) if group else 0
    if number is None or not 0 <= number <= scalars.UINT32:
        raise contexts.BadValueError(
            f"{group!r} is not a multicast group: write a number"
        )


def check_ip_tos(value: str, _context: contexts.Context) -> None:
    """Check IPTOS= (systemd.socket(5)): 0 to 255, or a name."""
    if value not in ("low-delay", "throughput", "reliability", "low-cost"):
        scalars.check_range(value, 0, 255)


def check_size_long(value: str, context: contexts.Context) -> None:
    """Check MessageQueueMessageSize= (systemd.socket(5))."""
    scalars.check_size(value, context)
    if (scalars.parse_size(value) or 0) >= 2**63:
        raise contexts.BadValueError(
            "is more than 2^63-1 bytes, the most that the kernel counts"
        )


TYPES: dict[str, contexts.Check] = {
    "ip-tos": check_ip_tos,
    "listen": check_listen,
    "listen-netlink": check_listen_netlink,
    "listen-path": check_listen_path,
    "size-long": check_size_long,
    "xattr": check_xattr,
}
