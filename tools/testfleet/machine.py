# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about this machine, and the options of podman that they need."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from testfleet.errors import FleetError

# Bit numbers of linux/capability.h.
CAPABILITIES = {"CAP_NET_ADMIN": 12, "CAP_SYS_ADMIN": 21, "CAP_MKNOD": 27}
CAP_SYS_RESOURCE = 24

# The directories in which podman looks for programs outside of PATH
# (containers.conf(5), helper_binaries_dir).
HELPER_DIRECTORIES = (
    "/usr/local/libexec/podman",
    "/usr/local/lib/podman",
    "/usr/libexec/podman",
    "/usr/lib/podman",
)

# Program to Debian package. podman 4 recommends the network helpers
# only, and its bridge does not come up without them.
PROGRAMS = {
    "podman": "podman",
    "netavark": "netavark",
    "aardvark-dns": "aardvark-dns",
    "iptables": "iptables",
    "nft": "nftables",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
BUILDER = {"mmdebstrap": "mmdebstrap"}


@dataclass(frozen=True)
class Machine:
    """Facts about this machine.

    Attributes:
        cgroup: ``unified``, ``hybrid``, ``legacy`` or ``none``.
        unified_mount: The mount point of the cgroup2 tree, or "".
        capabilities: The effective capability bits.
        nofile: Hard limit of open files.
        nproc: Hard limit of processes.
        is_root: Whether we are root.
        has_apt: Whether this is Debian or a child of it.
        programs: The programs of interest that are installed.
    """

    cgroup: str
    unified_mount: str
    capabilities: int
    nofile: int
    nproc: int
    is_root: bool
    has_apt: bool
    programs: frozenset[str]

    def can(self, bit: int) -> bool:
        """Return whether the capability of that number is ours."""
        return bool(self.capabilities >> bit & 1)

    @property
    def runtime(self) -> str:
        """The OCI runtime to use, or to install if both are missing.

        crun refuses the hybrid tree; on cgroup2 both serve.
        """
        wanted = ("runc",) if self.cgroup == "hybrid" else ("crun", "runc")
        return next((r for r in wanted if r in self.programs), wanted[0])


def parse_cgroup(mountinfo: str) -> tuple[str, str]:
    """Tell the cgroup layout from the text of a mountinfo file.

    The fields are described in proc_pid_mountinfo(5); the file system
    type is the first after the lone hyphen.

    Returns:
        The layout and the mount point of cgroup2 ("" without one).
    """
    mounts: dict[str, list[str]] = {"cgroup": [], "cgroup2": []}
    for line in mountinfo.splitlines():
        left, _dash, right = line.partition(" - ")
        kind = right.split(" ", 1)[0]
        if kind in mounts:
            mounts[kind].append(left.split()[4])
    unified = mounts["cgroup2"][0] if mounts["cgroup2"] else ""
    if mounts["cgroup"]:
        return ("hybrid" if unified else "legacy"), unified
    return ("unified" if unified else "none"), unified


def parse_capabilities(status: str) -> int:
    """Return the effective capabilities in a proc_pid_status(5) text."""
    for line in status.splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0


def parse_has_apt(os_release: str) -> bool:
    """Tell Debian and its children by os-release(5)."""
    lines = (line for line in os_release.splitlines() if "=" in line)
    pairs = (line.split("=", 1) for line in lines)
    values = {key: value.strip("\"'") for key, value in pairs}
    family = {values.get("ID", ""), *values.get("ID_LIKE", "").split()}
    return "debian" in family


def missing_programs(
    machine: Machine, *, build: bool = True
) -> dict[str, str]:
    """Return the missing programs, each with its Debian package.

    Args:
        machine: The facts.
        build: Whether an image must be built, not only run.
    """
    wanted = dict(PROGRAMS, **{machine.runtime: machine.runtime})
    if build:
        wanted |= BUILDER
    return {
        program: package
        for program, package in wanted.items()
        if program not in machine.programs
    }


def hindrance(machine: Machine) -> str:
    """Name in one line a lack that no package can mend; else ""."""
    if not machine.unified_mount:
        return (
            "no cgroup2 tree is mounted: boot with "
            "systemd.unified_cgroup_hierarchy=1"
        )
    lacking = [n for n, bit in CAPABILITIES.items() if not machine.can(bit)]
    if lacking:
        return f"this root lacks {', '.join(lacking)}: use a real machine"
    return ""


def run_arguments(machine: Machine) -> list[str]:
    """Return the options of ``podman run`` for systemd here."""
    arguments = ["--systemd=always"]
    if machine.cgroup == "hybrid":
        # Recent systemd accepts cgroup2 alone, so a container sees the
        # unified tree alone, and its own part of it.
        mount = f"{machine.unified_mount}:/sys/fs/cgroup:rw"
        arguments += ["--cgroupns=host", "--volume", mount]
    if not machine.can(CAP_SYS_RESOURCE):
        # podman's own defaults would raise our limits, which is denied.
        nofile = min(20000, machine.nofile)
        nproc = min(32768, machine.nproc)
        arguments += [f"--ulimit=nofile={nofile}:{nofile}"]
        arguments += [f"--ulimit=nproc={nproc}:{nproc}"]
    return arguments


def detect(environ: Mapping[str, str]) -> Machine:
    """Look at this machine."""
    cgroup, unified = parse_cgroup(_read("/proc/self/mountinfo"))
    path = os.pathsep.join(
        (environ.get("PATH", os.defpath), "/usr/sbin", *HELPER_DIRECTORIES)
    )
    names = {*PROGRAMS, *BUILDER, "crun", "runc"}
    return Machine(
        cgroup=cgroup,
        unified_mount=unified,
        capabilities=parse_capabilities(_read("/proc/self/status")),
        nofile=_hard_limit(resource.RLIMIT_NOFILE),
        nproc=_hard_limit(resource.RLIMIT_NPROC),
        is_root=os.geteuid() == 0,
        has_apt=parse_has_apt(_read("/etc/os-release")),
        programs=_installed(names, path),
    )


def require_root(machine: Machine) -> None:
    """Check that we are root.

    Raises:
        FleetError: We are not.
    """
    if not machine.is_root:
        raise FleetError("the fleet needs root: run it with sudo")


def require(machine: Machine, *, build: bool) -> None:
    """Check that the fleet can run here.

    Raises:
        FleetError: The fleet cannot run; the message is one line.
    """
    require_root(machine)
    problem = hindrance(machine)
    if problem:
        raise FleetError(problem)
    missing = missing_programs(machine, build=build)
    if missing:
        packages = " ".join(sorted(set(missing.values())))
        remedy = " (up installs them)" if machine.has_apt else ""
        raise FleetError(f"not installed: {packages}{remedy}")


def _installed(names: Collection[str], path: str) -> frozenset[str]:
    found = (name for name in names if shutil.which(name, path=path))
    return frozenset(found)


def _hard_limit(kind: int) -> int:
    limit = resource.getrlimit(kind)[1]
    return 1 << 20 if limit == resource.RLIM_INFINITY else limit


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
