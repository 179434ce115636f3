# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run playbooks against the test fleet, and look at its hosts."""

from __future__ import annotations

import copy
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COLLECTIONS = ROOT / ".build" / "collections"
DEPLOY = "pyfleet.services.deploy"
# The role in a play of somebody else's.
ROLE_PLAYBOOK = """
- hosts: all
  become: true
  gather_facts: false
  roles:
    - role: pyfleet.services.pyapp
"""
# Pure Python without dependencies: every host takes the same wheel.
PACKAGES = ["iniconfig==2.1.0"]
_BIN = Path(sys.executable).parent
_PLAY_SECONDS = 300

# Remove all that a run of ours may have left of an application.
_PURGE = r"""
cd /
for app in "$@"; do
    units=$(systemctl list-units --all --plain --no-legend --full \
        "$app.service" "$app-*.service" | cut -d" " -f1)
    for unit in $units; do
        systemctl kill --signal=KILL "$unit" 2>/dev/null
        systemctl stop "$unit" 2>/dev/null
    done
    for folder in /etc/systemd/system /run/systemd/system.control \
        /etc/systemd/system/multi-user.target.wants; do
        rm -rf "$folder/$app.service" "$folder/$app.service.d" \
            "$folder/$app"-*.service
    done
    rm -rf "/opt/$app" "/etc/pyfleet/$app" "/etc/$app" "/var/lib/$app" \
        "/var/cache/$app" "/var/log/$app" "/run/pyfleet/$app".*
    for account in "$app" "_$app"; do
        if getent passwd "$account" >/dev/null; then userdel "$account"; fi
        if getent group "$account" >/dev/null; then groupdel "$account"; fi
    done
done
systemctl daemon-reload
systemctl reset-failed
"""
# Everything that a deploy changes, with owners, sizes and times.
_SNAPSHOT = r"""
find /etc/systemd/system /run/systemd/system.control /run/pyfleet /opt \
    /etc/pyfleet "/etc/$1" "/var/lib/$1" "/var/cache/$1" "/var/log/$1" \
    -printf "%p %M %u %g %s %T@ %l\n" 2>/dev/null | sort
cat /etc/passwd /etc/group /etc/shadow /etc/gshadow
systemctl show --property=Id,InvocationID "$1.service" "$1-*.service"
"""
_GET = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=5) as answer:
    print(answer.read().decode())
"""


def fleet(*command: str) -> None:
    """Run a command of the fleet of this process."""
    tool = [sys.executable, str(ROOT / "tools" / "fleet.py")]
    subprocess.run([*tool, *command], check=True, stdin=subprocess.DEVNULL)


def inventory(name: str) -> Path:
    """Return an inventory of the fleet of this process."""
    further = os.environ.get("PYFLEET_FLEET")
    folder = f"fleet-{further}" if further else "fleet"
    return ROOT / ".build" / folder / f"{name}.ini"


@dataclass(frozen=True)
class Result:
    """The result of one task on one host.

    Attributes:
        outcome: ``ok``, ``failed``, ``unreachable`` or ``skipped``.
        host: Name of the host.
        result: All that it returned.
    """

    outcome: str
    host: str
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """One run of ansible-playbook.

    Attributes:
        status: Its exit status.
        output: All that it printed.
        results: What each task did on each host, in order.
        recap: The counts of each host.
    """

    status: int
    output: str
    results: tuple[Result, ...]
    recap: Mapping[str, Mapping[str, int]]

    def changed(self) -> dict[str, int]:
        """Return how many tasks changed something, by host."""
        return {host: counts["changed"] for host, counts in self.recap.items()}

    def messages(self) -> dict[str, str]:
        """Return the messages of failed tasks, by host."""
        return {
            result.host: str(result.result.get("msg", ""))
            for result in self.results
            if result.outcome == "failed"
        }

    def app(self, host: str, name: str) -> Mapping[str, Any]:
        """Return the last thing said about an application on a host."""
        found = [
            result.result["apps"][name]
            for result in self.results
            if result.host == host and name in result.result.get("apps", {})
        ]
        assert found, self.output
        answer: Mapping[str, Any] = found[-1]
        return answer


class Lab:
    """The fleet, as the tests use it.

    Args:
        inventory: Ansible's inventory of the hosts.
        folder: A directory for what a run needs.
    """

    def __init__(self, inventory: Path, folder: Path) -> None:
        self.inventory = inventory
        self._folder = folder
        command = [str(_BIN / "ansible-inventory"), "--list"]
        command += ["-i", str(inventory)]
        listed = subprocess.run(
            command, env=environment(), capture_output=True, check=True
        )
        self._hosts = json.loads(listed.stdout)["_meta"]["hostvars"]

    def play(
        self,
        playbook: str | Path,
        hosts: Sequence[str],
        variables: Mapping[str, Any] | None = None,
        *arguments: str,
        cwd: Path | None = None,
        **settings: str,
    ) -> Run:
        """Run a playbook and wait for its end.

        Args:
            playbook: Its path or its name in a collection.
            hosts: The hosts to limit it to.
            variables: Extra variables.
            arguments: Further arguments of ansible-playbook.
            cwd: Where to run it; by default an empty directory.
            settings: Environment variables to set.
        """
        process, record, log = self.start(
            playbook, hosts, variables, *arguments, cwd=cwd, **settings
        )
        try:
            process.wait(timeout=_PLAY_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return read_run(process.returncode, record, log)

    def start(
        self,
        playbook: str | Path,
        hosts: Sequence[str],
        variables: Mapping[str, Any] | None = None,
        *arguments: str,
        cwd: Path | None = None,
        **settings: str,
    ) -> tuple[subprocess.Popen[bytes], Path, Path]:
        """Start a playbook, as `play` does.

        Returns:
            The process, the file of its results, that of its output.
        """
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        record, log, extra = (
            folder / name for name in ("record", "log", "extra.json")
        )
        record.touch()
        extra.write_text(json.dumps(variables or {}), encoding="utf-8")
        (folder / "cwd").mkdir()
        command = [
            _BIN / "ansible-playbook",
            *("-i", self.inventory),
            *("-l", ",".join(hosts)),
            *("-e", f"@{extra}"),
            *arguments,
            playbook,
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=cwd or folder / "cwd",
                env={
                    **environment(),
                    "PYFLEET_RECORD": str(record),
                    **settings,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return process, record, log

    def deploy(
        self,
        hosts: Sequence[str],
        app: Mapping[str, Any],
        *arguments: str,
        **settings: str,
    ) -> Run:
        """Run the collection's playbook for one application."""
        return self.play(
            DEPLOY, hosts, as_variables(app), *arguments, cwd=None, **settings
        )

    def shell(self, host: str, script: str, *words: str) -> str:
        """Run a script as root on a host, and return what it prints."""
        done = self.execute(host, ["sh", "-s", "--", *words], script)
        assert done.returncode == 0, f"{host}: {script}\n{done.stderr}"
        return done.stdout

    def shells(
        self, hosts: Iterable[str], script: str, *words: str
    ) -> dict[str, str]:
        """Run a script on several hosts at once, as `shell` does."""
        with ThreadPoolExecutor() as pool:
            runs = {
                host: pool.submit(self.shell, host, script, *words)
                for host in hosts
            }
        return {host: run.result() for host, run in runs.items()}

    def execute(
        self, host: str, command: Sequence[str], given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root on a host."""
        return subprocess.run(
            self.ssh(host, command),
            input=given,
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
        )

    def ssh(self, host: str, command: Sequence[str]) -> list[str]:
        """Return the arguments that run a command as root on a host."""
        facts = self._hosts[host]
        user = facts["ansible_user"]
        line = list(command) if user == "root" else ["sudo", "-n", *command]
        return [
            "ssh",
            *("-i", facts["ansible_ssh_private_key_file"]),
            *shlex.split(facts.get("ansible_ssh_common_args", "")),
            *("-p", str(facts["ansible_port"])),
            f"{user}@{facts['ansible_host']}",
            shlex.join(line),
        ]

    def get(self, host: str, port: int, path: str = "/") -> Any:
        """Return what a service on a host answers, parsed."""
        url = f"http://127.0.0.1:{port}{path}"
        done = self.execute(host, ["python3", "-", url], _GET)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def show(self, host: str, unit: str, name: str) -> str:
        """Return one property of a unit."""
        line = f"systemctl show --value -p {name} {unit}"
        return self.shell(host, line).strip()

    def snapshot(self, hosts: Iterable[str], app: str) -> dict[str, list[str]]:
        """Return all that a deploy may change on hosts, line by line."""
        found = self.shells(hosts, _SNAPSHOT, app)
        return {host: text.splitlines() for host, text in found.items()}

    def purge(self, hosts: Iterable[str], *apps: str) -> None:
        """Remove all traces of applications, whatever state they are in."""
        self.shells(hosts, _PURGE, *apps)


def environment() -> dict[str, str]:
    """Return the environment of a run: nothing of the user's own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "PYTHON"))
    }
    return {
        **kept,
        "PATH": f"{_BIN}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(ROOT / ".build" / "cache"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
    }


def as_variables(app: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of an application as role pyapp takes them."""
    return {f"pyapp_{name}": value for name, value in app.items()}


def with_greeting(
    app: Mapping[str, Any], greeting: str, **more: Any
) -> dict[str, Any]:
    """Return an application of `web_app` that answers otherwise."""
    other = copy.deepcopy(dict(app))
    other["services"]["main"]["environment"]["GREETING"] = greeting
    return {**other, **more}


def port_holder(unit: str, port: int) -> str:
    """Return a script whose process answers every path with 200."""
    return f"""
systemd-run --quiet --collect --unit={unit} python3 -c '
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
'
until ss -Hltn "sport = {port}" | grep -q .; do sleep 0.1; done
"""


def web_app(
    name: str, port: int, folder: Path, **changes: Any
) -> dict[str, Any]:
    """Describe an application with one web service.

    Args:
        name: Its name.
        port: Where it listens.
        folder: Its code, which is written there if need be.
        changes: Options of its service to add or replace; those of the
            environment are added.
    """
    main = {
        "exec": "python serve.py",
        "needs": ["localhost"],
        "environment": {"PORT": str(port), **changes.pop("environment", {})},
        "health": {
            "http": f"http://127.0.0.1:{port}/health",
            "interval": 0.1,
            "settle": 0.5,
            "timeout": 10,
            **changes.pop("health", {}),
        },
        **changes,
    }
    return {
        "name": name,
        "source": {"packages": PACKAGES, "files": str(code(folder))},
        "services": {"main": main},
    }


def code(folder: Path) -> Path:
    """Lay the web service's code into a directory."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "files" / "serve.py", folder)
    return folder


def read_run(status: int, record: Path, log: Path) -> Run:
    """Read what `Lab.start` left of a run that has ended."""
    lines = record.read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    recaps = [e["recap"] for e in entries if "recap" in e]
    recap: dict[str, Any] = recaps[0] if recaps else {}
    return Run(
        status=status,
        output=log.read_text(encoding="utf-8", errors="replace"),
        results=tuple(Result(**e) for e in entries if "recap" not in e),
        recap=recap,
    )
