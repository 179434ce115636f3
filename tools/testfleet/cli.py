# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the test fleet."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from testfleet import containers, images, inventory, machine
from testfleet.errors import FleetError
from testfleet.progress import run, run_logged, say, step
from testfleet.specs import HOSTS, HostSpec, select

ROOT = Path(__file__).resolve().parents[2]
# A checkout may have several fleets, such as one for each worker of its
# tests. The fleet without a name is for people.
FLEETS = ROOT / ".build"
FLEET = os.environ.get("PYFLEET_FLEET", "")
STATE = FLEETS / (f"fleet-{FLEET}" if FLEET else "fleet")
OWNER = STATE if FLEET else ROOT
KEY = STATE / "id_ed25519"
KNOWN_HOSTS = STATE / "known_hosts"
INVENTORY = STATE / "hosts.ini"
IMAGES = FLEETS / "fleet" / "images"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def main(arguments: list[str]) -> int:
    """Run one subcommand and return the exit status."""
    options = _parser().parse_args(arguments)
    changing: dict[str, Callable[[], None]] = {
        "up": lambda: up(options.hosts),
        "down": lambda: down(options.hosts),
        "clean": clean,
    }
    reading: dict[str, Callable[[], None]] = {
        "status": status,
        "doctor": doctor,
        "inventory": show_inventory,
    }
    try:
        if options.action == "exec":
            return execute(options.host, options.command)
        if options.action in reading:
            reading[options.action]()
            return 0
        machine.require_root(machine.detect(os.environ))
        with _lock():
            changing[options.action]()
    except FleetError as error:
        say(f"error: {error}")
        return 1
    return 0


def up(names: list[str]) -> None:
    """Build missing images, start the hosts, write the inventory."""
    specs = select(names, os.environ)
    facts = _prepare(build=any(spec.image is None for spec in specs))
    _make_key()
    # Two at a time: the work is unpacking and compressing.
    with ThreadPoolExecutor(max_workers=2) as pool:
        for line in pool.map(lambda spec: _up_one(spec, facts), specs):
            say(line)
    _write_inventory()
    say(f"inventory: {INVENTORY}")


def down(names: list[str]) -> None:
    """Remove the named containers, or all with the state."""
    select(names, os.environ)
    _remove_containers(OWNER, names)
    if names:
        _write_inventory()
        return
    _remove_state()
    # The fleet for people takes the fleets of killed workers along.
    for state in [STATE] if FLEET else FLEETS.glob("fleet-*/"):
        _remove_containers(state, [])
        shutil.rmtree(state)


def _remove_containers(owner: Path, names: list[str]) -> None:
    for container in containers.listed(owner):
        if not names or container.host in names:
            containers.remove(container)
            say(f"{container.host}: removed")


def clean() -> None:
    """Remove containers, state and the images made here."""
    made = _made_images()
    if shutil.which("podman"):
        down([])
        for image in made:
            _remove_image(image)
    shutil.rmtree(STATE, ignore_errors=True)


def execute(host: str, command: list[str]) -> int:
    """Run a command as root inside a host and return its exit status."""
    select([host], os.environ)
    name = containers.container_name(OWNER, host)
    podman = ["podman", "exec", "--interactive"]
    if sys.stdin.isatty():
        podman.append("--tty")
    return subprocess.call([*podman, name, *(command or ["bash"])])


def status() -> None:
    """Print one line for each container."""
    found = containers.listed(OWNER)
    for container in found:
        state = "stopped"
        if container.is_running:
            script = "systemctl is-system-running || :"
            state = containers.shell(container.name, script).strip()
        print(
            f"{container.host:10} {state:10} 127.0.0.1:{container.port:<6}"
            f" {container.name} {container.image}"
        )
    if not found:
        print("no host is up: start them with: tools/fleet.py up")


def doctor() -> None:
    """Say in one line whether the fleet can run here.

    Raises:
        FleetError: The fleet cannot run; the line names the reason.
    """
    facts = machine.detect(os.environ)
    machine.require(facts, build=True)
    print(f"ok: {facts.cgroup} cgroups, runtime {facts.runtime}, podman")


def show_inventory() -> None:
    """Print the inventory.

    Raises:
        FleetError: The fleet has no inventory.
    """
    if not INVENTORY.exists():
        raise FleetError("no inventory: start the fleet with: fleet.py up")
    print(INVENTORY.read_text(encoding="utf-8"), end="")


def _prepare(*, build: bool) -> machine.Machine:
    """Install missing packages where this tool may do so, and check."""
    if any(character.isspace() for character in str(ROOT)):
        raise FleetError("the path of the checkout has white space: move it")
    facts = machine.detect(os.environ)
    missing = machine.missing_programs(facts, build=build)
    if missing and facts.is_root and facts.has_apt:
        packages = sorted(set(missing.values()))
        with step(f"install {' '.join(packages)}"):
            _install(packages)
        facts = machine.detect(os.environ)
    machine.require(facts, build=build)
    return facts


def _install(packages: list[str]) -> None:
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]
    log = STATE / "apt.log"
    run_logged([*apt, "update"], log)
    install = ["install", "--yes", "--no-install-recommends"]
    run_logged([*apt, *install, *packages], log)


def _make_key() -> None:
    STATE.mkdir(parents=True, exist_ok=True)
    if not KEY.exists():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", ""]
        run([*command, "-C", "pyfleet test fleet", "-f", str(KEY)])


def _up_one(spec: HostSpec, facts: machine.Machine) -> str:
    """Bring one host up and return the line that says so."""
    mirror = os.environ.get("PYFLEET_MIRROR", "")
    image = images.provide(spec, IMAGES, mirror)
    _note_image(spec, image)
    is_new = containers.start(spec, image, facts, OWNER)
    name = containers.container_name(OWNER, spec.name)
    if is_new:
        say(f"{spec.name}: booting")
    state = containers.await_boot(name)
    public = KEY.with_suffix(".pub").read_text(encoding="utf-8").strip()
    bundle = _certificates()
    containers.shell(name, containers.provision_script(spec, public, bundle))
    if state == "degraded":
        containers.require_inotify(name)
        failed = ", ".join(containers.failed_units(name)) or "none by now"
        return f"{spec.name}: degraded, failed units: {failed}"
    return f"{spec.name}: {state}"


def _certificates() -> str:
    """Return this machine's certificates, which a proxy may extend."""
    path = Path(os.environ.get("SSL_CERT_FILE") or CERTIFICATES)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _write_inventory() -> None:
    running = [c for c in containers.listed(OWNER) if c.is_running]
    for container in running:
        containers.await_ssh(container.port)
    hosts = [containers.access(container) for container in running]
    known = inventory.known_hosts(hosts)
    KNOWN_HOSTS.write_text(known, encoding="utf-8")
    for name in {spec.inventory for spec in HOSTS.values()}:
        listed = [host for host in hosts if host.spec.inventory == name]
        text = inventory.render(listed, KEY, KNOWN_HOSTS)
        (STATE / f"{name}.ini").write_text(text, encoding="utf-8")


def _note_image(spec: HostSpec, image: str) -> None:
    """Remember the images made here, for ``clean``."""
    if spec.image is None:
        IMAGES.mkdir(parents=True, exist_ok=True)
        (IMAGES / f"{spec.name}.name").write_text(image, encoding="utf-8")


def _made_images() -> list[str]:
    notes = sorted(IMAGES.glob("*.name"))
    names = (note.read_text(encoding="utf-8") for note in notes)
    return list(dict.fromkeys(names))


def _remove_image(image: str) -> None:
    if not images.exists(image):
        return
    try:
        images.remove(image)
    except FleetError as error:
        if "in use" not in str(error):
            raise
        say(f"{image}: kept, another checkout uses it")
    else:
        say(f"{image}: removed")


def _remove_state() -> None:
    """Remove the key and the inventory; notes of images stay."""
    inventories = STATE.glob("*.ini")
    for path in (KEY, KEY.with_suffix(".pub"), KNOWN_HOSTS, *inventories):
        path.unlink(missing_ok=True)


@contextmanager
def _lock() -> Iterator[None]:
    """Let one command at a time work on this checkout's fleet."""
    STATE.parent.mkdir(parents=True, exist_ok=True)
    with (STATE.parent / "fleet.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another command of this fleet")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fleet.py", description="The test fleet of this checkout."
    )
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in (("up", "start hosts"), ("down", "remove hosts")):
        action = actions.add_parser(name, help=text)
        action.add_argument(
            "hosts", nargs="*", metavar="HOST", help=", ".join(HOSTS)
        )
    action = actions.add_parser("exec", help="run a command as root in a host")
    action.add_argument("host", metavar="HOST")
    action.add_argument("command", nargs=argparse.REMAINDER)
    for name, text in (
        ("clean", "remove hosts, images and state"),
        ("status", "list the hosts that are there"),
        ("doctor", "say what this machine lacks"),
        ("inventory", "print the inventory"),
    ):
        actions.add_parser(name, help=text)
    return parser
