# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths of one application on a host.

This module only names paths; it neither reads nor writes a file.
"""

from __future__ import annotations

from typing import NamedTuple

# The directories of unit files, as systemd.unit(5) orders them under
# "Unit File Load Path".
SYSTEM_UNITS = "/etc/systemd/system"
UNIT_PATH = (
    SYSTEM_UNITS,
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
# The target that starts an enabled unit at boot.
BOOT_TARGET = "multi-user.target"
# Paths and messages show so many digits of an id. Comparisons use the
# whole id.
SHORT = 12


def short(digest: str) -> str:
    """Return an id as it stands in paths."""
    return digest[:SHORT]


class Layout(NamedTuple):
    """Paths of one application.

    Attributes:
        app: The application's name.
        root: A directory in place of `/`, for tests.
    """

    app: str
    root: str = ""

    @property
    def opt(self) -> str:
        """Directory of the artifacts, root-owned."""
        return f"{self.root}/opt/{self.app}"

    @property
    def records(self) -> str:
        """Directory of the records of all applications, root-owned."""
        return f"{self.root}/etc/pyfleet"

    @property
    def etc(self) -> str:
        """Directory of generations and records, root-owned."""
        return f"{self.records}/{self.app}"

    @property
    def state(self) -> str:
        """StateDirectory= of every service; also its HOME."""
        return f"{self.root}/var/lib/{self.app}"

    @property
    def cache(self) -> str:
        """CacheDirectory= of every service."""
        return f"{self.root}/var/cache/{self.app}"

    @property
    def logs(self) -> str:
        """LogsDirectory= of every service."""
        return f"{self.root}/var/log/{self.app}"

    @property
    def visible_config(self) -> str:
        """Directory in which the services see their configuration."""
        return f"{self.root}/etc/{self.app}"

    @property
    def builder(self) -> str:
        """Account of the build; the name of an application has no `_`."""
        return f"_{self.app}"

    @property
    def python(self) -> str:
        """The host's own Python."""
        return f"{self.root}/usr/bin/python3"

    @property
    def current(self) -> str:
        """Link to the generation that boots."""
        return f"{self.etc}/current"

    @property
    def claim(self) -> str:
        """Record that this application's names are ours."""
        return f"{self.etc}/claim.json"

    @property
    def failures(self) -> str:
        """Record of the generations that failed their proof here."""
        return f"{self.etc}/failures.json"

    @property
    def transaction(self) -> str:
        """Trace of a run that has begun and not ended."""
        return f"{self.etc}/transaction.json"

    @property
    def aside(self) -> str:
        """Root-only directory of files that somebody had changed."""
        return f"{self.etc}/aside"

    @property
    def key(self) -> str:
        """Root-only key that makes digests of secrets unguessable."""
        return f"{self.etc}/key"

    def environment(self, digest: str) -> str:
        """Return the path of a virtualenv artifact."""
        return f"{self.opt}/envs/{short(digest)}"

    def code(self, digest: str) -> str:
        """Return the path of a code artifact."""
        return f"{self.opt}/code/{short(digest)}"

    def config(self, digest: str) -> str:
        """Return the directory of one set of configuration files."""
        return f"{self.etc}/config/{short(digest)}"

    def environment_file(self, digest: str) -> str:
        """Return the path of one environment file."""
        return f"{self.etc}/environment/{short(digest)}.env"

    @property
    def credentials(self) -> str:
        """Root-only directory of today's credentials."""
        return f"{self.etc}/credentials"

    def credential(self, key: str, name: str) -> str:
        """Return the path of one credential of a service."""
        return f"{self.credentials}/{key}/{name}"

    def generation(self, sequence: int) -> str:
        """Return the directory of a generation."""
        return f"{self.etc}/{sequence}"

    def probe(self, sequence: int, unit: str) -> str:
        """Return the job of a unit's health check, if it is a command."""
        return f"{self.generation(sequence)}/{unit}.probe"

    def unit_name(self, key: str) -> str:
        """Return the unit's name for a service key.

        Example:
            >>> Layout("hello").unit_name("main")
            'hello.service'
            >>> Layout("hello").unit_name("worker")
            'hello-worker.service'
        """
        stem = self.app if key == "main" else f"{self.app}-{key}"
        return f"{stem}.service"

    @property
    def unit_folders(self) -> tuple[str, ...]:
        """Directories in which any unit file of that name may stand."""
        return tuple(f"{self.root}{folder}" for folder in UNIT_PATH)

    @property
    def system_units(self) -> str:
        """Directory of the links to committed units."""
        return f"{self.root}{SYSTEM_UNITS}"

    @property
    def wants(self) -> str:
        """Directory of the links that start units at boot."""
        return f"{self.system_units}/{BOOT_TARGET}.wants"

    @property
    def probation_units(self) -> str:
        """Directory of the links to units that are being proven.

        It outranks the other directories and is gone after a reboot:
        systemd.unit(5), "Unit File Load Path".
        """
        return f"{self.root}/run/systemd/system.control"

    def unit_link(self, unit: str) -> str:
        """Return the path of the link to a committed unit."""
        return f"{self.system_units}/{unit}"

    def wants_link(self, unit: str) -> str:
        """Return the link that starts a unit at boot."""
        return f"{self.wants}/{unit}"

    def probation_link(self, unit: str) -> str:
        """Return the path of the link to a unit on probation."""
        return f"{self.probation_units}/{unit}"
