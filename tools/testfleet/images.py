# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images made from Debian packages, named by their recipe."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from testfleet.progress import run, run_logged, step
from testfleet.specs import HostSpec

REPOSITORY = "localhost/pyfleet-fleet"

# Part of every image's digest: raise it when the recipe below changes.
_RECIPE = 1


def tag(spec: HostSpec, mirror: str = "") -> str:
    """Return the image's name: equal recipes have equal names.

    Args:
        spec: The host.
        mirror: Debian mirror; "" is mmdebstrap's default.
    """
    recipe = [_RECIPE, spec.suite, sorted(spec.packages), mirror]
    text = json.dumps(recipe).encode()
    return f"{REPOSITORY}:{spec.suite}-{hashlib.sha256(text).hexdigest()[:12]}"


def build_command(spec: HostSpec, archive: Path, mirror: str) -> list[str]:
    """Return the command that makes the root file system's archive."""
    command = [
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join(spec.packages)}",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/man/*",
    ]
    if spec.suite == "sid":
        # A frozen or slow mirror of sid is good enough to test with.
        command.append('--aptopt=Acquire::Check-Valid-Until "false"')
    return [*command, spec.suite, str(archive), *([mirror] if mirror else [])]


def exists(image: str) -> bool:
    """Return whether podman has the image."""
    return bool(run(["podman", "images", "-q", image]).strip())


def provide(spec: HostSpec, work: Path, mirror: str = "") -> str:
    """Make sure that a host's image is there and return its name.

    An image that the user set is left to podman to pull.

    Raises:
        FleetError: The image could not be built.
    """
    if spec.image:
        return spec.image
    image = tag(spec, mirror)
    if not exists(image):
        with step(f"{spec.name}: build image {image}"):
            _build(spec, image, work, mirror)
    return image


def remove(image: str) -> None:
    """Remove an image of ours.

    Raises:
        FleetError: A container uses it.
    """
    run(["podman", "rmi", image])


def _build(spec: HostSpec, image: str, work: Path, mirror: str) -> None:
    work.mkdir(parents=True, exist_ok=True)
    archive = work / f"{spec.name}.tar"
    log = work / f"{spec.name}.log"
    try:
        run_logged(build_command(spec, archive, mirror), log)
        changes = ['CMD ["/sbin/init"]', "STOPSIGNAL SIGRTMIN+3"]
        options = [part for change in changes for part in ("-c", change)]
        command = ["podman", "import", *options, str(archive), image]
        run(command, timeout=300)
    finally:
        archive.unlink(missing_ok=True)
