# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret is known to its service and to nobody else."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import index
import pytest
from lab import DEPLOY, ROOT, Lab, Run, as_variables, web_app

# With and without pipelining: without it, arguments are in a file.
HOSTS = ["trixie", "unkind"]
NAME = "it-secret"
PORT = 8190
# The searches get what to look for on standard input, where nobody
# else sees it. The last line is proof that they find what is there.
WATCH = """
import os, sys, time
words = sys.stdin.readline().split()
print("ready", flush=True)
seen = set()
while not os.path.exists(sys.argv[1]):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read()
        except OSError:
            continue
        seen.update(word for word in words if word.encode() in line)
    time.sleep(0.04)
os.remove(sys.argv[1])
print(*sorted(seen))
"""
READABLE = """
cd /
umask 077
cat >/root/canaries
search() {
    setpriv --reuid=65534 --regid=65534 --clear-groups \
        grep -rlasF -D skip -f - /etc /opt /var /run /tmp /dev/shm /home \
        </root/canaries
}
search
rm /root/canaries
"""
JOURNAL = """
cd /
umask 077
cat >/root/canaries
journalctl --sync 2>/dev/null || :
journalctl --quiet --output=export --all | grep -aF -f /root/canaries
rm /root/canaries
"""
MARKER = "it-is-no-secret"


class Canaries:
    """One secret for each place that holds one."""

    def __init__(self) -> None:
        self.environment_file = f"canary{secrets.token_hex(8)}"
        self.config = f"canary{secrets.token_hex(8)}"
        self.index = f"canary{secrets.token_hex(8)}"

    @property
    def all(self) -> list[str]:
        """Return every secret, plain and as base64 has it."""
        plain = [self.environment_file, self.config, self.index]
        return [*plain, *(part for word in plain for part in encoded(word))]

    def found(self, text: str) -> list[str]:
        """Return the secrets that a text holds."""
        return [word for word in self.all if word in text]


def encoded(word: str) -> list[str]:
    """Return what base64 makes of a word, wherever it begins in a text.

    The wanted state travels so: hidden from the eye, and from nobody.
    """
    parts = []
    for offset in range(3):
        text = base64.b64encode(b"-" * offset + word.encode()).decode()
        # Lines that the neighbours share in differ.
        parts.append(text[4:-4])
    return parts


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture(scope="module")
def app(
    claim: Callable[..., None],
    canaries: Canaries,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, Any]]:
    """Return an application with a secret in every place for one."""
    claim(HOSTS, NAME)
    folder = tmp_path_factory.mktemp("secret")
    wheels = folder / "wheels"
    wheels.mkdir()
    index.make_wheel(wheels, "canarypackage", "1.0")
    index.fetch_pip(wheels)
    (folder / "secret.env").write_text(
        f"PASSWORD={canaries.environment_file}\n", encoding="utf-8"
    )
    app = web_app(
        NAME,
        PORT,
        folder / "src",
        environment={"CONFIG": f"/etc/{NAME}"},
        environment_files=[str(folder / "secret.env")],
    )
    app["config"] = {"secret.toml": f"password = '{canaries.config}'\n"}
    with index.serve(wheels, canaries.index) as port:
        url = f"http://{index.USER}:{canaries.index}@127.0.0.1:{port}/simple"
        app["source"]["packages"] = ["canarypackage==1.0"]
        app["source"]["index"] = {"url": url}
        yield app


@contextlib.contextmanager
def watched(
    commands: Mapping[str, list[str]],
    words: list[str],
    stop: Mapping[str, Any],
) -> Iterator[dict[str, list[str]]]:
    """Sample all argument lists of machines while something runs.

    Args:
        commands: How to run a Python script, by machine.
        words: What to look for.
        stop: How to end the sampling, by machine.

    Yields:
        What was seen, by machine; filled in at the end.
    """
    found: dict[str, list[str]] = {}
    processes = {}
    for machine, command in commands.items():
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin and process.stdout
        process.stdin.write(" ".join(words) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        processes[machine] = process
    try:
        yield found
        for machine, process in processes.items():
            stop[machine]()
            found[machine] = process.communicate(timeout=30)[0].split()
            assert process.returncode == 0
    finally:
        for machine, process in processes.items():
            if process.poll() is None:
                stop[machine]()
                process.wait(timeout=30)


def deploy_and_watch(
    lab: Lab,
    canaries: Canaries,
    app: Mapping[str, Any],
    tmp_path: Path,
    *arguments: str,
) -> Run:
    """Deploy in front of everybody, and look at all that they saw."""
    end = tmp_path / "end"
    flag = "/tmp/it-secret-end"
    commands = {"here": [sys.executable, "-c", WATCH, str(end)]}
    stop: dict[str, Any] = {"here": end.touch}
    for host in HOSTS:
        commands[host] = lab.ssh(host, ["python3", "-c", WATCH, flag])
        stop[host] = lambda host=host: lab.shell(host, f"touch {flag}")
    variables = as_variables(app)
    # Secrets belong in a file: who gives them to -e shows them himself.
    file = tmp_path / "vars.json"
    file.write_text(json.dumps(variables), encoding="utf-8")

    with watched(commands, [*canaries.all, MARKER], stop) as seen:
        for host in HOSTS:
            lab.execute(host, ["sh", "-c", "sleep 1", MARKER])
        subprocess.run(["sh", "-c", "sleep 1", MARKER], check=True)
        run = lab.play(
            DEPLOY,
            HOSTS,
            None,
            "-vvvv",
            "--diff",
            "-e",
            f"@{file}",
            *arguments,
        )

    assert seen == {name: [MARKER] for name in commands}
    assert canaries.found(run.output) == []
    return run


def assert_nobody_knows(lab: Lab, canaries: Canaries) -> None:
    """Search the hosts and the controller's caches."""
    words = "\n".join([*canaries.all, MARKER])
    for host in HOSTS:
        lab.shell(host, f"logger {MARKER}; echo {MARKER} >/etc/it-secret-mark")
        journal = lab.execute(host, ["sh", "-c", JOURNAL], words).stdout
        assert MARKER in journal, host
        assert canaries.found(journal) == [], host
        files = lab.execute(host, ["sh", "-c", READABLE], words).stdout
        own = [path for path in files.splitlines() if "journal" not in path]
        lab.shell(host, "rm /etc/it-secret-mark")
        assert own == ["/etc/it-secret-mark"], host
    cache = ROOT / ".build" / "cache" / "pyfleet"
    for path in cache.rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert canaries.found(text) == [], path


def test_check_mode(
    lab: Lab, canaries: Canaries, app: Mapping[str, Any], tmp_path: Path
) -> None:
    run = deploy_and_watch(lab, canaries, app, tmp_path, "--check")

    assert run.status == 0, run.output


def test_deploy(
    lab: Lab, canaries: Canaries, app: Mapping[str, Any], tmp_path: Path
) -> None:
    run = deploy_and_watch(lab, canaries, app, tmp_path)

    assert run.status == 0, run.output
    assert_nobody_knows(lab, canaries)
    for host in HOSTS:
        answer = lab.get(host, PORT)
        # The service knows them, or there would be nothing to hide.
        assert answer["environment"]["PASSWORD"] == canaries.environment_file
        assert canaries.config in answer["config"]["secret.toml"]
        unit = lab.shell(host, f"systemctl cat {NAME}.service")
        assert canaries.found(unit) == []
        everything = lab.shell(host, f"grep -rlF canary /opt/{NAME} || :")
        assert "direct_url.json" not in everything


@pytest.mark.parametrize("step", ["proof", "index"])
def test_deploy_that_fails(
    lab: Lab,
    canaries: Canaries,
    app: Mapping[str, Any],
    tmp_path: Path,
    step: str,
) -> None:
    bad = copy.deepcopy(dict(app))
    if step == "proof":
        bad["services"]["main"]["environment"]["MODE"] = "exit"
    else:
        # The index knows no such package, and says so to uv.
        bad["source"]["packages"] = ["canarypackage==2.0"]

    run = deploy_and_watch(lab, canaries, bad, tmp_path)

    assert run.status != 0
    expected = {"proof": "there is no such table", "index": "canarypackage"}
    for host in HOSTS:
        assert expected[step] in run.messages()[host]


def test_wrong_password(
    lab: Lab, canaries: Canaries, app: Mapping[str, Any], tmp_path: Path
) -> None:
    bad = copy.deepcopy(dict(app))
    url = bad["source"]["index"]["url"]
    bad["source"]["index"]["url"] = url.replace("@", "x@")
    # Nobody has asked for it before, so it must ask the index.
    bad["source"]["packages"] = ["canarypackage==3.0"]

    run = deploy_and_watch(lab, canaries, bad, tmp_path)

    assert run.status != 0
    assert "Traceback" not in run.output
    for host in HOSTS:
        assert "401" in run.messages()[host]


def test_nothing_is_left_of_the_failures(lab: Lab, canaries: Canaries) -> None:
    assert_nobody_knows(lab, canaries)
