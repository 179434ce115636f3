# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of the hosts that run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from testfleet.specs import HostSpec


@dataclass(frozen=True)
class Access:
    """The address of a running host: its port and its ssh host key."""

    spec: HostSpec
    port: int
    host_key: str


def known_hosts(hosts: Iterable[Access]) -> str:
    """Render the known_hosts file (sshd(8)) of the fleet."""
    return "".join(
        f"[127.0.0.1]:{host.port} {host.host_key}\n" for host in hosts
    )


def render(hosts: Iterable[Access], key: Path, known: Path) -> str:
    """Render Ansible's inventory in INI form.

    Args:
        hosts: The running hosts.
        key: The private key of the run.
        known: The known_hosts file.
    """
    groups: dict[str, list[str]] = {"kind": [], "field": []}
    for host in hosts:
        lines = groups.setdefault(host.spec.group, [])
        lines.append(_host_line(host, key, known))
    parts = ["# Made by tools/fleet.py; do not edit."]
    for group, lines in groups.items():
        parts += ["", f"[{group}]", *lines]
    return "\n".join(parts) + "\n"


def _host_line(host: Access, key: Path, known: Path) -> str:
    options = (
        f"UserKnownHostsFile={known}",
        "StrictHostKeyChecking=yes",
        "IdentitiesOnly=yes",
    )
    variables = {
        "ansible_host": "127.0.0.1",
        "ansible_port": host.port,
        "ansible_user": host.spec.user,
        "ansible_ssh_private_key_file": key,
        "ansible_ssh_common_args": f"'-o {' -o '.join(options)}'",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_pipelining": _boolean(host.spec.pipelining),
    }
    if host.spec.user != "root":
        variables["ansible_become"] = "true"
        variables["ansible_become_method"] = "sudo"
    rendered = (f"{name}={value}" for name, value in variables.items())
    return " ".join((host.spec.name, *rendered))


def _boolean(value: bool) -> str:
    return "true" if value else "false"
