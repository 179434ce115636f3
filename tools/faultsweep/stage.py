# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put an application with two states on a host, ready to be disturbed.

Each state is deployed by the collection's own playbook, with Ansible
told to leave its payloads behind: the very modules with the very
arguments are run again later, without Ansible's time around them.
They are unpacked (Ansible's ``explode`` and ``execute``) and compiled
once, which takes a third of the time of a deploy.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab import PACKAGES, Lab, code

HERE = Path(__file__).resolve().parent
PLACE = "/root/pyfleet-faultsweep"
# The state of an application that is removed.
ABSENT = "absent"
# State a with another credential, which is the same release.
ROTATED = "a-rotated"
# The other wheel is for campaigns that build the virtualenv each time.
OTHER_PACKAGES = ["iniconfig==2.0.0"]
_BUILD = ["python", "-c", "open('built', 'w').write('by its own user')"]
_KEEP = r"""
set -e
rm -rf "$1"
for name in app_info release; do
    mkdir -p "$1/$name"
    cp "$(ls -t /root/.ansible/tmp/*/AnsiballZ_$name.py | head -n 1)" \
        "$1/$name/payload.py"
    python3 "$1/$name/payload.py" explode
    python3 -m compileall -q "$1/$name/debug_dir"
done
"""


def _release(version: str) -> str:
    """Return the answer of a state's services as VERSION."""
    return version.partition("-")[0]


class Stage:
    """One host with the application of the sweep on it.

    Args:
        lab: The fleet.
        host: Name of a host on which root logs in.
        app: Name of the application.
        port: The first of three ports that it uses.
        folder: A directory for its code.
        does_build: Whether its states differ in their virtualenvs, and
            build in their code.
    """

    def __init__(
        self, lab: Lab, host: str, app: str, port: int, folder: Path,
        *, does_build: bool = False,
    ) -> None:  # fmt: skip
        self.lab, self.host, self.app = lab, host, app
        self._port, self._folder = port, folder
        self._does_build = does_build

    def describe(self, version: str) -> dict[str, Any]:
        """Return the variables of a state.

        State b lacks a service that a has, does not start another at
        boot, and differs in code, configuration and environment.
        """
        if version == ABSENT:
            return {"name": self.app, "state": "absent"}
        credential, version = version, _release(version)
        source = code(self._folder / version)
        (source / "version.txt").write_text(version, encoding="utf-8")
        extra = self._folder / f"{version}.env"
        extra.write_text(f"EXTRA={version}\n", encoding="utf-8")
        services = {
            key: self._service(version, number)
            for number, key in enumerate(self.keys(version))
        }
        services["aux"]["environment_files"] = [str(extra)]
        services["aux"]["credentials"] = {"token": credential}
        services["aux"]["enabled"] = version == "a"
        is_other = self._does_build and version == "b"
        return {
            "name": self.app,
            "source": {
                "packages": OTHER_PACKAGES if is_other else PACKAGES,
                "files": str(source),
            },
            "services": services,
            "config": {"app.ini": f"[app]\nversion = {version}\n"},
            "keep_releases": 1,
            "build": [_BUILD] if self._does_build else [],
        }

    def keys(self, version: str) -> list[str]:
        """Return the keys of a state's services."""
        has_old = _release(version) == "a"
        return ["main", "aux", "old"] if has_old else ["main", "aux"]

    def ports(self, version: str) -> dict[str, int]:
        """Return the ports of a state's units."""
        if version == ABSENT:
            return {}
        return {
            self._unit(key): self._port + number
            for number, key in enumerate(self.keys(version))
        }

    def prepare(self, versions: Sequence[str] = ("b", "a")) -> dict[str, Any]:
        """Deploy both states; return the plan of a campaign."""
        self.install_tools()
        self.lab.purge([self.host], self.app)
        self.deploy("a")
        states = [self.capture(version) for version in versions]
        return {"app": self.app, "keep": 1, "states": states}

    def install_tools(self) -> None:
        """Copy this package to the host."""
        self.lab.shell(self.host, f"mkdir -p {PLACE}/faultsweep")
        for file in sorted(HERE.glob("*.py")):
            if file.name in ("stage.py", "report.py"):
                continue
            done = self.lab.execute(
                self.host,
                ["tee", f"{PLACE}/faultsweep/{file.name}"],
                file.read_text(encoding="utf-8"),
            )
            assert done.returncode == 0, done.stderr

    def deploy(self, version: str) -> None:
        """Deploy a state by the playbook, which must succeed."""
        run = self.lab.deploy(
            [self.host],
            self.describe(version),
            *("-e", '{"ansible_pipelining": false}'),
            ANSIBLE_KEEP_REMOTE_FILES="1",
        )
        assert run.status == 0, run.output

    def capture(self, version: str) -> dict[str, Any]:
        """Deploy a state, and return the payloads that Ansible left."""
        self.deploy(version)
        place = f"{PLACE}/payloads/{version}"
        self.keep(place)
        return {
            "name": version,
            "release_name": _release(version),
            "info": f"{place}/app_info/payload.py",
            "release": f"{place}/release/payload.py",
            "ports": self.ports(version),
        }

    def keep(self, place: str) -> None:
        """Keep the payloads that Ansible left last, unpacked."""
        self.lab.shell(self.host, _KEEP, place)

    def check(self, name: str, **arguments: Any) -> list[str]:
        """Run one check of `invariant` on the host."""
        done = self.lab.execute(
            self.host,
            ["python3", f"{PLACE}/faultsweep/invariant.py"],
            json.dumps({"check": name, "app": self.app, **arguments}),
        )
        assert done.returncode == 0, done.stderr
        found: list[str] = json.loads(done.stdout)
        return found

    def campaign(self, plan: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Run a campaign; yield its lines as they come."""
        with self._process(plan) as process:
            for line in process.stdout or ():
                yield json.loads(line)
        assert process.returncode == 0, "the campaign broke off"

    def clear(self) -> None:
        """Remove the application and all that a sweep needed."""
        self.lab.purge([self.host], self.app)
        self.lab.shell(self.host, f"rm -rf {PLACE} /root/.ansible/tmp/*")

    @contextmanager
    def _process(
        self, plan: Mapping[str, Any]
    ) -> Iterator[subprocess.Popen[str]]:
        command = ["env", f"PYTHONPATH={PLACE}", "python3", "-m"]
        with subprocess.Popen(
            self.lab.ssh(self.host, [*command, "faultsweep.campaign"]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            if process.stdin:
                process.stdin.write(json.dumps(plan))
                process.stdin.close()
            yield process

    def _service(self, version: str, number: int) -> dict[str, Any]:
        port = self._port + number
        return {
            "exec": "python serve.py",
            "needs": ["localhost"],
            "environment": {"PORT": str(port), "VERSION": version},
            "stop_timeout": "5s",
            "health": {
                "http": f"http://127.0.0.1:{port}/health",
                "interval": 0.1,
                "consecutive": 1,
                "settle": 0.1,
                "timeout": 20,
            },
        }

    def _unit(self, key: str) -> str:
        stem = self.app if key == "main" else f"{self.app}-{key}"
        return f"{stem}.service"
