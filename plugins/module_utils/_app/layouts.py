# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything of one application lives on a host. Names only."""

from __future__ import annotations

from dataclasses import dataclass

SYSTEM_UNITS = "/etc/systemd/system"
# Outranks /etc/systemd/system and is gone after a reboot:
# systemd.unit(5), "Unit File Load Path".
PROBATION_UNITS = "/run/systemd/system.control"
# Digits of an id that stand in paths and are shown to people. Whatever
# is compared is compared in full.
SHORT = 12


def short(digest: str) -> str:
    """Return an id as it stands in paths."""
    return digest[:SHORT]


@dataclass(frozen=True)
class Layout:
    """Paths of one application.

    Attributes:
        app: The application's name.
    """

    app: str

    @property
    def opt(self) -> str:
        """Directory of the artifacts, root-owned."""
        return f"/opt/{self.app}"

    @property
    def etc(self) -> str:
        """Directory of generations and records, root-owned."""
        return f"/etc/pyfleet/{self.app}"

    @property
    def state(self) -> str:
        """StateDirectory= of every service; also its HOME."""
        return f"/var/lib/{self.app}"

    @property
    def cache(self) -> str:
        """CacheDirectory= of every service."""
        return f"/var/cache/{self.app}"

    @property
    def visible_config(self) -> str:
        """Where the services see their configuration."""
        return f"/etc/{self.app}"

    @property
    def builder(self) -> str:
        """Account of the build; no application's name begins so."""
        return f"_{self.app}"

    @property
    def run(self) -> str:
        """Root-only directory of what must not survive a reboot."""
        return f"/run/pyfleet/{self.app}"

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


def unit_link(unit: str) -> str:
    """Return where a committed unit is linked."""
    return f"{SYSTEM_UNITS}/{unit}"


def wants_link(unit: str, target: str) -> str:
    """Return the link that makes a target start the unit."""
    return f"{SYSTEM_UNITS}/{target}.wants/{unit}"


def probation_link(unit: str) -> str:
    """Return where a unit is linked until it is proven."""
    return f"{PROBATION_UNITS}/{unit}"
