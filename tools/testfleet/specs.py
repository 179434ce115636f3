# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of the fleet, as data; add one to ``HOSTS`` to extend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from testfleet.errors import FleetError

# The packages by which a host boots and is managed. None of them is one
# that the collection installs or must do without.
BASE_PACKAGES = (
    "ca-certificates",
    "dbus",
    "iproute2",
    "openssh-server",
    "procps",
    "python3",
    "sudo",
    "systemd",
    "systemd-sysv",
)


@dataclass(frozen=True)
class HostSpec:
    """One host of the fleet.

    Attributes:
        name: Its name in the inventory and its host name.
        suite: Debian's release, which decides systemd and Python.
        packages: Debian packages of its image.
        group: Its inventory group.
        user: The user that logs in by ssh.
        pipelining: Ansible's connection setting for it.
        drop_capabilities: The capabilities that the host lacks.
        maps_users: Whether its root is an ordinary user outside, in a
            user namespace of its own.
        by_default: Started by ``up`` without names.
        inventory: The file it is listed in, ``<inventory>.ini``.
        image: A ready image to use; None builds one from packages.
    """

    name: str
    suite: str
    packages: tuple[str, ...] = (*BASE_PACKAGES, "python3-venv")
    group: str = "kind"
    user: str = "root"
    pipelining: bool = True
    drop_capabilities: tuple[str, ...] = ()
    maps_users: bool = False
    by_default: bool = True
    inventory: str = "hosts"
    image: str | None = None


_TRIXIE = HostSpec("trixie", "trixie")
# As unkind as the field: Ansible's default of no pipelining, a sudo
# user, no root login, no acl, and the oldest Python without venv,
# ensurepip and distutils.
_UNKIND = HostSpec(
    "unkind",
    "bullseye",
    packages=BASE_PACKAGES,
    group="field",
    user="admin",
    pipelining=False,
)
_SPECS = (
    HostSpec("bullseye", "bullseye"),  # systemd 247, Python 3.9
    HostSpec("bookworm", "bookworm"),  # systemd 252, Python 3.11
    _TRIXIE,  # systemd 257, Python 3.13
    HostSpec("sid", "sid"),  # the newest of both
    _UNKIND,
    # Here systemd starts services with their sandbox silently void.
    replace(
        _TRIXIE,
        name="confined",
        drop_capabilities=("CAP_SYS_ADMIN",),
        by_default=False,
        inventory="confined",
    ),
    # An unprivileged container: root of its own user namespace alone.
    replace(
        _TRIXIE,
        name="mapped",
        maps_users=True,
        by_default=False,
        inventory="mapped",
    ),
    # Molecule makes and destroys hosts of its own.
    *(
        replace(
            spec,
            name=f"molecule-{spec.name}",
            by_default=False,
            inventory="molecule",
        )
        for spec in (_TRIXIE, _UNKIND)
    ),
)
HOSTS: Mapping[str, HostSpec] = {spec.name: spec for spec in _SPECS}


def select(
    names: list[str], environ: Mapping[str, str]
) -> tuple[HostSpec, ...]:
    """Return the specs of the named hosts, with the user's images.

    Args:
        names: Host names; none means every default host.
        environ: Environment with ``PYFLEET_IMAGE_<HOST>`` (an image) or
            ``PYFLEET_IMAGES_FROM`` (a pattern with ``{suite}`` or
            ``{host}``).

    Raises:
        FleetError: A name is unknown.
    """
    unknown = sorted(set(names) - set(HOSTS))
    if unknown:
        known = ", ".join(HOSTS)
        raise FleetError(
            f"unknown host {', '.join(unknown)}: the fleet has {known}"
        )
    chosen = names or [name for name, s in HOSTS.items() if s.by_default]
    return tuple(
        replace(HOSTS[name], image=own_image(HOSTS[name], environ))
        for name in dict.fromkeys(chosen)
    )


def own_image(spec: HostSpec, environ: Mapping[str, str]) -> str | None:
    """Return the image that the user sets for a host, if any."""
    name = spec.name.upper().replace("-", "_")
    image = environ.get(f"PYFLEET_IMAGE_{name}")
    if image:
        return image
    pattern = environ.get("PYFLEET_IMAGES_FROM")
    if not pattern:
        return spec.image
    filled = pattern.replace("{suite}", spec.suite)
    return filled.replace("{host}", spec.name)
