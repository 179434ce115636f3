# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application to which faults happen, and what must be true of it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from faultsweep.stage import Stage
from lab import DEPLOY, Lab, Run, as_variables, web_app

# Ansible's own default, without which a module has a terminal.
NO_PIPELINING = ("-e", '{"ansible_pipelining": false}')


class Victim:
    """One application on one host.

    Args:
        lab: The fleet.
        host: Name of its host.
        name: Its name.
        port: Where it listens.
        folder: A directory for its code.
    """

    def __init__(
        self, lab: Lab, host: str, name: str, port: int, folder: Path
    ) -> None:
        self.lab, self.host, self.name, self.port = lab, host, name, port
        self.unit = f"{name}.service"
        self._folder = folder
        self._stage = Stage(lab, host, name, port, folder)
        self._stage.install_tools()

    def describe(self, version: str, **changes: Any) -> dict[str, Any]:
        """Return the variables of a release that answers as `version`.

        Args:
            version: Its VERSION; the code differs as well.
            changes: As those of `web_app`.
        """
        environment = {"VERSION": version, **changes.pop("environment", {})}
        folder = self._folder / version
        app = web_app(
            self.name,
            changes.pop("port", self.port),
            folder,
            environment=environment,
            **{"restart_sec": "100ms", "stop_timeout": "2s", **changes},
        )
        (folder / "version.txt").write_text(version, encoding="utf-8")
        return app

    def deploy(self, version: str, *arguments: str, **changes: Any) -> Run:
        """Deploy a release, whatever comes of it."""
        app = self.describe(version, **changes)
        return self.lab.deploy([self.host], app, *arguments)

    def start(
        self, version: str, *arguments: str, **changes: Any
    ) -> subprocess.Popen[bytes]:
        """Begin to deploy a release; return when it is at work."""
        described = self.describe(version, **changes)
        variables = as_variables(described)
        process, _record, _log = self.lab.start(
            DEPLOY, [self.host], variables, *arguments
        )
        self.wait(f"test -e /run/systemd/system.control/{self.unit}")
        return process

    def fails(self, version: str, *parts: str, **changes: Any) -> str:
        """Deploy what must fail, without a traceback; return the error.

        Args:
            version: Of the release.
            parts: What the error must name.
            changes: As those of `describe`.
        """
        run = self.deploy(version, **changes)
        assert run.status != 0, run.output
        assert "Traceback" not in run.output
        assert "defect of the collection" not in run.output
        message = run.messages()[self.host]
        for part in parts:
            assert part in message, message
        return message

    def succeeds(self, version: str, **changes: Any) -> None:
        """Deploy a release, which must then serve, with nothing left."""
        run = self.deploy(version, **changes)
        assert run.status == 0, run.output
        self.serves(version)

    def serves(self, version: str, **more: str) -> None:
        """Assert the invariant, and which release it is that serves."""
        found = self._stage.check(
            "faults_settled",
            ports={self.unit: self.port},
            wanted={"VERSION": version, **more},
        )
        assert found == [], found

    def shell(self, script: str) -> str:
        """Run a script on the host; $1 is the application's name."""
        return self.lab.shell(self.host, script, self.name)

    def wait(self, condition: str, seconds: float = 60) -> None:
        """Wait until a shell's condition is true on the host."""
        deadline = time.monotonic() + seconds
        command = ["sh", "-c", condition]
        while self.lab.execute(self.host, command).returncode != 0:
            assert time.monotonic() < deadline, condition
            time.sleep(0.2)

    def wait_free(self) -> None:
        """Wait until no run works on the application any more."""
        self.wait(f"flock -n /run/pyfleet/{self.name}.lock true")

    def current(self) -> Mapping[str, Any]:
        """Return what the service answers."""
        answer: Mapping[str, Any] = self.lab.get(self.host, self.port)
        return answer
