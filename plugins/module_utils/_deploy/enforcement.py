# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a sandbox that this host enforces, tried from inside.

In many containers, PID 1 may not make namespaces or attach filters.
systemd then starts services with exit status 0 and without the
protection that they ask for. So a harmless service tries each kind of
protection once per boot, and the result is kept in /run.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    enforcement_job,
)
from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
    systemctl,
    verbs,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    quoting,
)

_FOLDER = "/run/systemd/system"
# This file holds facts of the host, and no state of an application.
_CACHE = "/run/pyfleet-enforcement.json"
_SECONDS = 60.0

# The option that makes each kind visible, and the status that systemd
# gives a service whose start failed for it: systemd.exec(5), "Process
# Exit Codes".
_OPTIONS = {
    "mount": ("InaccessiblePaths=/etc/passwd", 226),
    "user": ("PrivateUsers=yes", 217),
    "network": ("PrivateNetwork=yes", 225),
    "seccomp": ("RestrictAddressFamilies=~AF_UNIX", 228),
    "address": ("IPAddressDeny=any", 245),
    "bind": ("SocketBindDeny=any", 245),
    "memory": ("MemoryMax=64M", 219),
    "cpu": ("CPUQuota=50%", 219),
    "io": ("IOWeight=50", 219),
    "tasks": ("TasksMax=4", 219),
}
# In a container without CAP_SYS_ADMIN, systemd makes the other
# namespaces from within a user namespace. Without a user namespace it
# makes none.
_WITH_USER = ("mount", "user", "network", "seccomp")
_WITHOUT_USER = ("mount", "network", "seccomp")
_REST = ("address", "bind", "memory", "cpu", "io", "tasks")


@dataclass(frozen=True)
class _Namespaces:
    """The namespaces of PID 1, to compare with."""

    mount: int
    network: int
    users: str


def weakness(manager: systemctl.Manager) -> sandbox.Weakness:
    """Tell which kinds of protection this host does not enforce.

    The first call of a boot starts up to seven short services; later
    calls read its result.

    Args:
        manager: The running systemd.

    Raises:
        HostError: systemd does not answer.
    """
    key = [manager.version_text, sorted(manager.features)]
    known = _read(key)
    if known is None:
        known = _probe()
        content = json.dumps({"systemd": key, "missing": known})
        files.write_atomic(_CACHE, content.encode(), mode=0o600)
    return sandbox.Weakness(frozenset(known[0]), frozenset(known[1]))


def _read(key: Sequence[object]) -> list[list[str]] | None:
    """Return the result for this systemd since the boot."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        with open(_CACHE, encoding="utf-8") as stream:
            kept = json.load(stream)
        if kept["systemd"] == list(key):
            missing: list[list[str]] = kept["missing"]
            return missing
    return None


def _probe() -> list[list[str]]:
    """Return the kinds missing with and without a user namespace."""
    try:
        host = _namespaces("/proc/1")
    except PermissionError:
        # Root may not look at PID 1 here. This process has the
        # namespaces that PID 1 gave it.
        host = _namespaces("/proc/self")
    rest = _missing(_REST, host)
    return [
        sorted(_missing(_WITH_USER, host) | rest),
        sorted(_missing(_WITHOUT_USER, host) | rest),
    ]


def _namespaces(process: str) -> _Namespaces:
    with open(f"{process}/uid_map", encoding="ascii") as stream:
        users = " ".join(stream.read().split())
    return _Namespaces(
        mount=os.stat(f"{process}/ns/mnt").st_ino,
        network=os.stat(f"{process}/ns/net").st_ino,
        users=users,
    )


def _missing(kinds: Sequence[str], host: _Namespaces) -> set[str]:
    """Return the kinds that are not enforced when asked for together.

    A kind for which the service does not even start is taken out, and
    the others are tried again.
    """
    missing: set[str] = set()
    while set(kinds) - missing:
        tried = [kind for kind in kinds if kind not in missing]
        status = _run(tried, host)
        bits = status - enforcement_job.BASE
        if 0 <= bits < 1 << len(tried):
            return missing | {
                kind for place, kind in enumerate(tried) if bits >> place & 1
            }
        missing |= _blamed(status, tried)
    return missing


def _blamed(status: int, tried: Sequence[str]) -> set[str]:
    """Tell which kinds kept a service from starting.

    257 keeps CAP_SYS_ADMIN for its seccomp filters, and fails at step
    USER where it does not have it.
    """
    blamed = {kind for kind in tried if _OPTIONS[kind][1] == status}
    if not blamed and status == _OPTIONS["user"][1]:
        blamed = {"seccomp"} & set(tried)
    return blamed or set(tried)


def _run(kinds: Sequence[str], host: _Namespaces) -> int:
    """Run the probe under the options of some kinds; return its status."""
    name = f"pyfleet-probe-{os.getpid()}-{'-'.join(kinds)}.service"
    path = os.path.join(_FOLDER, name)
    files.ensure_directory(_FOLDER, mode=0o755)
    files.write_atomic(path, _unit(kinds, host).encode(), mode=0o644)
    try:
        # Its exit status is the answer, so it is expected to fail.
        with suppress(errors.CommandError):
            verbs.start([name], timeout=_SECONDS)
        found = systemctl.show([name], ["ExecMainStatus"])[name]
        return int(found.get("ExecMainStatus", "0") or 0)
    finally:
        verbs.stop([name], timeout=_SECONDS)
        files.remove_file(path)
        verbs.reset_failed([name])


def _unit(kinds: Sequence[str], host: _Namespaces) -> str:
    """Return the unit file of a probe.

    It remains after its exit, or systemd would forget its status.
    """
    expected = " ".join(
        str(enforcement_job.BASE + bits) for bits in range(1 << len(kinds))
    )
    argv = [
        sys.executable,
        "-I",
        "-c",
        enforcement_job.PROGRAM,
        str(host.mount),
        str(host.network),
        host.users,
        *kinds,
    ]
    lines = [
        "# Made by pyfleet.services to see what this host enforces.",
        "[Service]",
        "Type=oneshot",
        "RemainAfterExit=yes",
        "User=daemon",
        "StandardOutput=null",
        "TimeoutStartSec=30s",
        f"SuccessExitStatus={expected}",
        f"ExecStart={quoting.quote_exec(argv)}",
        *[_OPTIONS[kind][0] for kind in kinds],
    ]
    return "\n".join(lines) + "\n"
