# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find services that listen for other hosts, and may not hear them.

The kernel drops what the filter of addresses does not let through: the
program sees nothing, a health check on the same host succeeds, and a
client on another host waits until it gives up.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Collection, Iterator, Mapping, Sequence

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    units,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    listen,
    systemctl,
)

_PROPERTIES = ("ControlGroup", "MainPID")
_EVERY = (frozenset(("any",)), frozenset(("0.0.0.0/0", "::/0")))


def notices(
    services: Sequence[units.Unit], started: Collection[str]
) -> list[str]:
    """Tell which services no other host reaches, though they listen.

    Args:
        services: The rendered units.
        started: The names of the units that were started.
    """
    shut = [u for u in services if u.name in started and _is_local(u)]
    # The deploy has succeeded, whatever systemd answers now.
    with contextlib.suppress(errors.HostError):
        shown = systemctl.show([unit.name for unit in shut], _PROPERTIES)
        return [text for u in shut for text in _notice(u, shown[u.name])]
    return []


def _notice(unit: units.Unit, shown: Mapping[str, str]) -> Iterator[str]:
    found = listen.bound(
        shown.get("ControlGroup", ""), pid=int(shown.get("MainPID") or 0)
    )
    outer = [
        f"{address} port {port}"
        for address, port in found
        if not listen.is_loopback(address)
    ]
    if outer:
        option = f"services.{unit.key}.needs"
        yield (
            f"{unit.name} listens on {', '.join(outer)}, but {option} lets "
            "it talk to this host alone (IPAddressAllow=localhost), so that "
            "other hosts get no answer. If other hosts must reach it, write "
            f"network in place of localhost in {option}; if not, let it "
            "listen on 127.0.0.1, where a proxy on this host reaches it"
        )


def _is_local(unit: units.Unit) -> bool:
    """Tell whether a unit's filter lets loopback addresses alone pass.

    An empty value resets the list: systemd.resource-control(5).
    """
    lists: dict[str, list[str]] = {"IPAddressDeny": [], "IPAddressAllow": []}
    for _section, name, value in unit.assignments:
        if name in lists:
            words = value.split()
            lists[name] = [*lists[name], *words] if words else []
    denied = frozenset(lists["IPAddressDeny"])
    return any(every <= denied for every in _EVERY) and all(
        map(_is_loopback, lists["IPAddressAllow"])
    )


def _is_loopback(word: str) -> bool:
    if word == "localhost":
        return True
    try:
        return ipaddress.ip_network(word, strict=False).is_loopback
    except ValueError:
        # A word for other addresses, such as link-local.
        return False
