# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers with systemd as PID 1, which become hosts."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from testfleet.errors import FleetError
from testfleet.inventory import Access
from testfleet.machine import Machine, run_arguments
from testfleet.progress import run
from testfleet.specs import HOSTS, HostSpec

BOOT_SECONDS = 90.0
SSH_SECONDS = 15.0
CHECKOUT_LABEL = "pyfleet.checkout"
HOST_LABEL = "pyfleet.host"
RECIPE_LABEL = "pyfleet.recipe"

# Given to PID 1, which reads its own command line in a container
# (systemd.mask=, systemd-debug-generator(8)): a privileged container
# would set this machine's kernel parameters and load its modules.
INIT = (
    "/sbin/init",
    "systemd.mask=systemd-sysctl.service",
    "systemd.mask=systemd-modules-load.service",
)
# Mounts that need CAP_SYS_ADMIN over the machine.
NO_MOUNTS = (
    "systemd.mask=sys-kernel-debug.mount",
    "systemd.mask=sys-kernel-tracing.mount",
)

# The users of the machine to which a user namespace maps its own.
FIRST_USER = 100000
# systemd makes its cgroups where it starts, so it needs a cgroup of its
# own.
AWAIT_CGROUP = (
    "/bin/sh",
    "-c",
    "until grep -q ^0::/pyfleet- /proc/1/cgroup; do sleep 0.1; done;"
    ' exec "$@"',
    "sh",
)
# The owner of these files may manage a subtree of cgroups (cgroups(7),
# "Cgroups delegation").
DELEGATED = ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads")


@dataclass(frozen=True)
class Container:
    """A container of this checkout, as podman lists it."""

    host: str
    name: str
    is_running: bool
    recipe: str
    port: int
    image: str


def checkout_digest(root: Path) -> str:
    """Return the digest that tells the containers of fleets apart.

    Args:
        root: The checkout, or the state of a further fleet of it.
    """
    return hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:8]


def container_name(root: Path, host: str) -> str:
    """Return the name of a host's container."""
    return f"pyfleet-{checkout_digest(root)}-{host}"


def run_command(
    spec: HostSpec, image: str, machine: Machine, root: Path
) -> list[str]:
    """Return the ``podman run`` command for a host."""
    power, init = _power(spec, machine)
    return [
        "podman",
        f"--runtime={machine.runtime}",
        "run",
        "--detach",
        *run_arguments(machine),
        *power,
        f"--name={container_name(root, spec.name)}",
        f"--hostname={spec.name}",
        f"--label={CHECKOUT_LABEL}={checkout_digest(root)}",
        f"--label={HOST_LABEL}={spec.name}",
        # Port 0: podman takes a free one and keeps it.
        "--publish=127.0.0.1::22",
        image,
        *init,
    ]


def _power(
    spec: HostSpec, machine: Machine
) -> tuple[list[str], tuple[str, ...]]:
    """Return a host's rights, as options, and its first process."""
    if not spec.drop_capabilities and not spec.maps_users:
        return ["--privileged"], INIT
    # podman ignores --cap-drop beside --privileged.
    power = ["--cap-add=all", "--security-opt=unmask=ALL"]
    power += ["--security-opt=seccomp=unconfined"]
    power += [f"--cap-drop={name}" for name in spec.drop_capabilities]
    if not spec.maps_users:
        return power, (*INIT, *NO_MOUNTS)
    power += [f"--{kind}map=0:{FIRST_USER}:65536" for kind in ("uid", "gid")]
    wait = AWAIT_CGROUP if machine.cgroup == "hybrid" else ()
    return power, (*wait, *INIT, *NO_MOUNTS)


def _delegate(name: str, machine: Machine) -> None:
    """Move a container into a cgroup of its own which it may manage.

    On cgroup2 alone the container's runtime does so.
    """
    folder = Path(machine.unified_mount) / name
    folder.mkdir(exist_ok=True)
    for path in (folder, *(folder / file for file in DELEGATED)):
        os.chown(path, FIRST_USER, FIRST_USER)
    pid = run(["podman", "inspect", "--format={{.State.Pid}}", name])
    (folder / "cgroup.procs").write_text(pid, encoding="ascii")


def recipe(command: list[str]) -> str:
    """Return the digest of all that a container is started from."""
    return hashlib.sha256(json.dumps(command).encode()).hexdigest()[:12]


def start(spec: HostSpec, image: str, machine: Machine, root: Path) -> bool:
    """Start a host unless it runs already as wanted.

    Returns:
        Whether a new container was started.

    Raises:
        FleetError: podman refused.
    """
    command = run_command(spec, image, machine, root)
    wanted = recipe(command)
    for old in listed(root):
        if old.host != spec.name:
            continue
        if old.is_running and old.recipe == wanted:
            return False
        remove(old)
    position = command.index(image)
    command.insert(position, f"--label={RECIPE_LABEL}={wanted}")
    run(command, timeout=300)
    if spec.maps_users and machine.cgroup == "hybrid":
        _delegate(container_name(root, spec.name), machine)
    return True


def remove(container: Container) -> None:
    """Remove a container, running or not, with its volumes."""
    command = ["podman", "rm", "--force", "--volumes", "-t", "2"]
    try:
        run([*command, container.name])
    except FleetError:
        # Podman fails if the container stops in the same moment.
        run([*command, container.name])
    # The delegated cgroup stays after the container, empty.
    for mount in Path("/sys/fs/cgroup").glob(f"unified/{container.name}"):
        for folder, _folders, _files in os.walk(mount, topdown=False):
            Path(folder).rmdir()


def listed(root: Path) -> list[Container]:
    """Return a fleet's containers in the order of the table."""
    label = f"label={CHECKOUT_LABEL}={checkout_digest(root)}"
    command = ["podman", "ps", "--all", "--format=json", "--filter", label]
    found = parse_listing(run(command))
    order = {name: number for number, name in enumerate(HOSTS)}
    return sorted(found, key=lambda c: (order.get(c.host, len(order)), c.host))


def parse_listing(text: str) -> list[Container]:
    """Read the JSON of ``podman ps --format=json``."""
    return [
        Container(
            host=entry["Labels"][HOST_LABEL],
            name=entry["Names"][0],
            is_running=(
                entry["State"] == "running" and _has_process(entry["Pid"])
            ),
            recipe=entry["Labels"].get(RECIPE_LABEL, ""),
            port=_published(entry.get("Ports") or []),
            image=entry["Image"],
        )
        for entry in json.loads(text or "[]")
    ]


def _has_process(pid: int) -> bool:
    """Tell whether a container really runs.

    A podman that was killed may still have it on record.
    """
    return Path(f"/proc/{pid}").exists()


def _published(ports: list[dict[str, int]]) -> int:
    found = (p["host_port"] for p in ports if p["container_port"] == 22)
    return next(found, 0)


def shell(container: str, script: str, *, timeout: float = 60) -> str:
    """Run a shell script as root inside a container.

    Raises:
        FleetError: The script failed.
    """
    command = ["podman", "exec", "--interactive", container]
    return run([*command, "sh", "-eu"], stdin=script, timeout=timeout)


def await_boot(container: str) -> str:
    """Wait until systemd has booted and return its state.

    ``degraded`` is an answer too: the caller tells which units failed.

    Raises:
        FleetError: systemd did not boot in time.
    """
    deadline = time.monotonic() + BOOT_SECONDS
    state = "offline"
    script = "systemctl is-system-running || :"
    while time.monotonic() < deadline:
        # systemctl fails until PID 1 listens.
        state = shell(container, script).strip() or "offline"
        if state in ("running", "degraded"):
            return state
        time.sleep(0.3)
    jobs = shell(container, "systemctl list-jobs --no-legend || :")
    waiting = "; ".join(jobs.split("\n")[:3]) or "no jobs"
    raise FleetError(
        f"{container}: still {state} after {BOOT_SECONDS:.0f} s ({waiting})"
    )


def failed_units(container: str) -> list[str]:
    """Return the names of the units that failed."""
    script = "systemctl list-units --failed --plain --no-legend"
    lines = shell(container, script).splitlines()
    return [line.split()[0] for line in lines if line.strip()]


def require_inotify(container: str) -> None:
    """Check that systemd in a container can watch its files.

    Raises:
        FleetError: It cannot: the machine's containers together use up
            the share of inotify(7) that one user may have.
    """
    script = (
        "journalctl --boot --quiet --no-pager | "
        "grep -m 1 'inotify.*Too many open files' || :"
    )
    if shell(container, script):
        limit = Path("/proc/sys/fs/inotify/max_user_instances")
        raise FleetError(
            f"{container}: fs.inotify.max_user_instances, "
            f"{limit.read_text(encoding='ascii').strip()} here, is used up: "
            "take other fleets down, or raise it with sysctl"
        )


def await_ssh(port: int) -> None:
    """Wait until sshd greets on the published port.

    Raises:
        FleetError: sshd did not greet in time.
    """
    deadline = time.monotonic() + SSH_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as link:
                if link.recv(4) == b"SSH-":
                    return
        except OSError:
            # sshd does not listen yet, or the way to it is blocked.
            pass
        time.sleep(0.2)
    raise FleetError(
        f"no sshd answers on 127.0.0.1:{port}: does another network use "
        "podman's addresses (podman network inspect podman)?"
    )


def provision_script(spec: HostSpec, public_key: str, bundle: str) -> str:
    """Return the script that makes a booted container a host.

    It asks nothing of the image beyond systemd, sshd and Python, so
    that an image of the user's own serves.

    Args:
        spec: The host.
        public_key: The line for authorized_keys.
        bundle: This machine's certificates in PEM, or "".
    """
    parts = [
        # Without it LoadCredential= silently gives an empty directory.
        "mount --make-rshared / || :",
        "ssh-keygen -A",
        f"key={shlex.quote(public_key)}",
        f"user={shlex.quote(spec.user)}",
    ]
    if spec.user != "root":
        parts.append(_SUDO_USER)
    parts.append(_AUTHORIZE)
    if bundle:
        target = "/etc/ssl/certs/ca-certificates.crt"
        parts.append(f"mkdir -p /etc/ssl/certs\ncat >{target} <<'PEM'")
        parts.append(f"{bundle}\nPEM")
    parts.append(
        "systemctl reset-failed ssh.service sshd.service 2>/dev/null || :\n"
        "systemctl restart ssh.service || systemctl restart sshd.service"
    )
    return "\n".join(parts) + "\n"


_SUDO_USER = """\
id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/sh "$user"
echo "$user ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/fleet
chmod 0440 /etc/sudoers.d/fleet
mkdir -p /etc/ssh/sshd_config.d
echo 'PermitRootLogin no' >/etc/ssh/sshd_config.d/fleet.conf"""

_AUTHORIZE = """\
home=$(getent passwd "$user" | cut -d: -f6)
install -d -m 0700 -o "$user" "$home/.ssh"
echo "$key" >"$home/.ssh/authorized_keys"
chmod 0600 "$home/.ssh/authorized_keys"
chown "$user" "$home/.ssh/authorized_keys"
"""


def access(container: Container) -> Access:
    """Ask a running host for its ssh key."""
    key = shell(container.name, "cat /etc/ssh/ssh_host_ed25519_key.pub")
    kind, value = key.split()[:2]
    return Access(HOSTS[container.host], container.port, f"{kind} {value}")
