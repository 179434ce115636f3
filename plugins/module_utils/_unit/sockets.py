# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of what a socket unit listens on."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit.context import (  # noqa: E501
    BadValueError,
    Check,
    Context,
    check_each,
    nearest,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.enums import (  # noqa: E501
    parse_integer,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.lists import (  # noqa: E501
    split_raw,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.names import (  # noqa: E501
    split_escaped,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.paths import (  # noqa: E501
    check_path,
    note_var_run,
    refuse_api,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.specifiers import (  # noqa: E501
    expand,
    is_open,
)

_PORT = re.compile(r"\+?[0-9]")


def check_listen(value: str, context: Context) -> None:
    """Check ListenStream= (systemd.socket(5)): path, port, address."""
    expanded = expand(value, context)
    note_var_run(value, expanded, context)
    if is_open(value, context):
        return
    if expanded.startswith(("/", "@")):
        _check_socket_path(expanded)
    elif context.option == "ListenSequentialPacket" and not (
        expanded.startswith("vsock")
    ):
        raise BadValueError("takes a path: IP has no such sockets")
    elif expanded.startswith("vsock"):
        if not re.fullmatch(r"vsock(-[a-z]+)?:\d*:(\d+|-1)", expanded):
            raise BadValueError("must be vsock:CID:PORT")
    elif _PORT.match(expanded) and parse_integer(expanded) is not None:
        _check_port(expanded)
    elif expanded.isdigit():
        raise BadValueError("is no port: a leading zero makes it octal")
    else:
        _check_address(expanded)


def _check_socket_path(path: str) -> None:
    # struct sockaddr_un has 108 bytes, unix(7); one is for the end.
    if len(path.encode()) > 107:
        raise BadValueError("is longer than a socket's path may be (107)")
    if len(path) == 1:
        raise BadValueError("has no name behind its first character")


def _check_port(text: str) -> None:
    number = parse_integer(text)
    if number is None or not 0 < number <= 65535:
        raise BadValueError(f"{text!r} is no port from 1 to 65535")


def _check_address(value: str) -> None:
    # Few units name an address, and the module is large.
    import ipaddress  # noqa: PLC0415

    host, _colon, port = value.rpartition(":")
    host = host.partition("%")[0] if "[" not in host else host
    text = re.sub(r"^\[([^]]*)\](%.*)?$", r"\1", host)
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError as error:
        raise BadValueError(
            f"{value!r} is no address: write a path, a port, 1.2.3.4:80"
            " or [::1]:80"
        ) from error
    _check_port(port)


def check_listen_path(value: str, context: Context) -> None:
    """Check ListenFIFO= and its like (systemd.socket(5)): a path."""
    check_path(value, context)
    if context.option != "ListenSpecial":
        refuse_api(value, context)


def check_xattr(value: str, context: Context) -> None:
    """Check XAttrListen= (systemd.socket(5)): user.name=value."""

    def check(word: str) -> None:
        name, equals, _text = expand(word, context).partition("=")
        if not equals or not name.startswith("user.") or len(name) < 6:
            raise BadValueError(f"{word!r} must be user.name=value")

    check_each(split_escaped(value), check)


_NETLINK = (
    "route", "firewall", "inet-diag", "nflog", "xfrm", "selinux", "iscsi",
    "audit", "fib-lookup", "connector", "netfilter", "ip6-fw", "dnrtmsg",
    "kobject-uevent", "generic", "scsitransport", "ecryptfs", "rdma",
)  # fmt: skip


def check_listen_netlink(value: str, context: Context) -> None:
    """Check ListenNetlink= (systemd.socket(5)): family and group."""
    words = split_raw(expand(value, context)) or [""]
    number = parse_integer(words[0])
    is_number = number is not None and 0 <= number < 2**31
    if words[0] not in _NETLINK and not is_number:
        raise BadValueError(
            f"{words[0]!r} is no netlink family", nearest(words[0], _NETLINK)
        )
    group = " ".join(words[1:])
    if group and parse_integer(group) is None:
        raise BadValueError(f"{group!r} is no multicast group")


TYPES: dict[str, Check] = {
    "listen": check_listen,
    "listen-netlink": check_listen_netlink,
    "listen-path": check_listen_path,
    "xattr": check_xattr,
}
