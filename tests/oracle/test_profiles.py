# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of each kind run in their sandbox, and score what they should.

On each host of the fleet a CPython service of each kind is started with
its needs, has to answer or to finish, and the running systemd's own
verdict on it must not be above the kind's.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from fleet_hosts import HOSTS, run_python

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    exposure,
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

SCRIPT = r"""
import glob, os, re, shutil, subprocess, time, urllib.request
here, units = "/run/pyfleet-profiles", "/run/systemd/system"
user = "pyfleet-profiles"
def sh(*argv, **how):
    return subprocess.run(argv, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, universal_newlines=True, **how).stdout
def clean():
    for path in glob.glob(units + "/pyfleet-profile-*"):
        sh("systemctl", "stop", os.path.basename(path))
        os.unlink(path)
    sh("systemctl", "daemon-reload")
    for path in (here, "/var/lib/" + user):
        shutil.rmtree(path, ignore_errors=True)
    sh("userdel", user)
def fetch(address, port):
    url = "http://%s:%s/" % (address, port)
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read().decode()
        except OSError as error:
            last = str(error)
            time.sleep(0.1)
    return last
clean()
try:
    sh("useradd", "--system", "--user-group", user, check=True)
    os.makedirs(here)
    shown = sh("ip", "-4", "-o", "addr", "show", "scope", "global")
    address = shown.split()[3].split("/")[0]
    for name, kind in given.items():
        with open("%s/%s.py" % (here, name), "w") as stream:
            stream.write(kind["program"])
        for suffix in ("service", "socket"):
            path = "%s/pyfleet-profile-%s.%s" % (units, name, suffix)
            if suffix in kind:
                with open(path, "w") as stream:
                    stream.write(kind[suffix].replace("ADDRESS", address))
    sh("systemctl", "daemon-reload", check=True)
    found = {}
    for name, kind in given.items():
        unit = "pyfleet-profile-%s" % name
        suffix = "socket" if "socket" in kind else "service"
        sh("systemctl", "start", "%s.%s" % (unit, suffix))
        asked = {"own": address, "local": "127.0.0.1"}.get(kind["asked"])
        answer = fetch(asked, kind["port"]) if asked else sh("systemctl",
            "show", "-p", "Result", unit + ".service").strip()
        verdict = sh("systemd-analyze", "security", "--no-pager",
            unit + ".service")
        score = re.search(r"exposure level for .*: ([0-9.]+)", verdict)
        found[name] = [answer, float(score.group(1)) if score else None,
            sh("journalctl", "-q", "-ocat", "-n8", "-u", unit + ".service")]
finally:
    clean()
print(json.dumps(found))
"""

# A server on PORT or on the socket that systemd passes in. `work` is
# what its kind does for an answer.
SERVER = """
import http.server, os, socket, sys, tempfile
def work():
    {work}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        work()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"fine")
class Server(http.server.ThreadingHTTPServer):
    def server_bind(self):
        if os.environ.get("LISTEN_FDS"):
            self.socket.close()
            self.socket = socket.socket(fileno=3)
            self.server_name, self.server_port = "localhost", 0
        else:
            super().server_bind()
    def server_activate(self):
        if not os.environ.get("LISTEN_FDS"):
            super().server_activate()
Server.address_family = {family}
Server(({bind!r}, {port}), Handler).serve_forever()
"""
# Acts of common applications, which every sandbox allows.
COMMON = """
    import concurrent.futures, json, multiprocessing, os, sqlite3, tempfile
    state = os.environ["STATE_DIRECTORY"]
    with sqlite3.connect(state + "/db") as base:
        base.execute("create table if not exists t (x)")
        base.execute("insert into t values (1)")
    base.close()
    with tempfile.NamedTemporaryFile() as stream:
        stream.write(b"x")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert list(pool.map(abs, [-1, -2])) == [1, 2]
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
"""
EXTENSIONS = (
    COMMON
    + """
    import ctypes, mmap
    mmap.mmap(-1, 4096, prot=7).close()
    os.nice(0)
    os.sched_setaffinity(0, os.sched_getaffinity(0))
    open("/proc/meminfo").close()
    socket.if_nameindex()
"""
)


class Kind(NamedTuple):
    """A kind of service.

    `asked` tells from where it is asked: the host's own address, the
    local one, or not at all; then it has to finish.
    """

    needs: list[Any]
    worst: float
    program: str
    asked: str
    profile: str = "strict"
    options: str = ""
    socket: str = ""
    port: int = 0


def server(bind: str, port: int, work: str = COMMON) -> str:
    """Return the program of a web service."""
    return SERVER.format(
        bind=bind, port=port, work=work.strip(), family="socket.AF_INET"
    )


KINDS = {
    "public-web": Kind(["network"], 1.1, server("", 18101), "own", port=18101),
    "web-behind-proxy": Kind(
        ["localhost"], 0.9, server("127.0.0.1", 18102), "local", port=18102
    ),
    "socket-activated-web": Kind(
        [],
        0.2,
        # The family of the socket which it replaces at once.
        server("", 0).replace("socket.AF_INET\n", "socket.AF_UNIX\n"),
        "local",
        socket="[Socket]\nListenStream=127.0.0.1:18103\n",
        port=18103,
    ),
    "outbound-worker": Kind(
        ["outbound"],
        1.1,
        f"def work():{COMMON}\nwork()\nimport socket, sys\n"
        "with socket.create_connection((sys.argv[1], 22), 5) as peer:\n"
        "    assert peer.recv(4) == b'SSH-'\n",
        "",
        options="Type=oneshot\n",
    ),
    "no-network-job": Kind(
        [],
        0.2,
        f"def work():{COMMON}\nwork()\n",
        "",
        options="Type=oneshot\n",
    ),
    "c-extensions": Kind(
        ["network"],
        1.2,
        server("", 18106, EXTENSIONS),
        "own",
        profile="relaxed",
        port=18106,
    ),
}


def unit(name: str, kind: Kind, version: int) -> str:
    """Return the service's unit file."""
    features = () if version >= 257 else ("-BPF_FRAMEWORK",)
    parts = sandbox.sandbox(
        kind.needs,
        profile=kind.profile,
        target=targets.Target(version, features=frozenset(features)),
    )
    lines = [
        "[Service]",
        "User=pyfleet-profiles",
        "StateDirectory=pyfleet-profiles",
        "ExecStart=/usr/bin/python3 -I "
        f"/run/pyfleet-profiles/{name}.py ADDRESS",
        *[f"{option}={value}" for option, value in parts.assignments()],
    ]
    return "\n".join(lines) + "\n" + kind.options


@pytest.mark.parametrize("host", HOSTS)
def test_each_kind_runs_and_scores_what_it_should(host: str) -> None:
    version = HOSTS[host]
    given: dict[str, dict[str, Any]] = {}
    for name, kind in KINDS.items():
        given[name] = {
            "program": kind.program,
            "service": unit(name, kind, version),
            "asked": kind.asked,
            "port": kind.port,
        }
        if kind.socket:
            given[name]["socket"] = kind.socket
    found = run_python(host, SCRIPT, given)
    wrong = {
        name: (answer, score, journal)
        for name, (answer, score, journal) in found.items()
        if answer not in ("fine", "Result=success")
        or (KINDS[name].asked != "") is not (answer == "fine")
        or score is None
        or score > KINDS[name].worst
    }
    assert not wrong


@pytest.mark.parametrize("version", HOSTS.values())
def test_our_score_of_each_kind_is_the_same(version: int) -> None:
    for name, kind in KINDS.items():
        pairs = [
            line.partition("=")[::2]
            for line in unit(name, kind, version).splitlines()[1:]
        ]
        triples = [("Service", option, value) for option, value in pairs]
        verdict = exposure.exposure(
            merged.MergedUnit.of(triples, targets.Target(version))
        )
        assert verdict.score <= kind.worst
