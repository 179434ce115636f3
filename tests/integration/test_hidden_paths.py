# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sandbox hides: a service looks, and we foretell what it sees.

Each case has a directory /DIR, which the host has with a file in it.
The service starts, reads the file and tries to write beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from lab import Lab

from ansible_collections.pyfleet.services.plugins.module_utils._rules import (
    validator,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)

HOSTS = {"bullseye": 247, "bookworm": 252, "trixie": 257, "sid": 262}
# What the exit status of the service tells.
WRITES, READS, SEES_NOT, NOT_STARTED = "writes", "reads", "sees not", "fails"
FINE: list[str] = []
HIDDEN = ["hidden-path"]
UNUSED = ["hidden-path-unused"]
OVERRULED = ["path-overruled"]

# The directory, the lines, what the service does there, what we say.
Case = tuple[str, str, str, list[str]]
CASES: tuple[Case, ...] = (
    ("home", "ProtectHome=yes\nReadWritePaths=/DIR", SEES_NOT, HIDDEN),
    ("home", "ProtectHome=yes\nReadWritePaths=-/DIR", SEES_NOT, UNUSED),
    ("home", "ProtectHome=yes\nBindPaths=/DIR", SEES_NOT, HIDDEN),
    ("home", "ProtectHome=yes\nBindReadOnlyPaths=/DIR", SEES_NOT, HIDDEN),
    ("home", "ProtectHome=yes\nTemporaryFileSystem=/DIR", SEES_NOT, UNUSED),
    ("root", "ProtectHome=yes\nReadWritePaths=/DIR", SEES_NOT, HIDDEN),
    ("home", "ProtectHome=read-only\nReadWritePaths=/DIR", WRITES, FINE),
    ("home", "ProtectHome=read-only\nReadWritePaths=/home", READS, OVERRULED),
    ("home", "ProtectHome=tmpfs\nReadWritePaths=/DIR", NOT_STARTED, HIDDEN),
    ("home", "ProtectHome=tmpfs\nReadWritePaths=-/DIR", SEES_NOT, UNUSED),
    ("home", "ProtectHome=tmpfs\nBindPaths=/DIR", WRITES, FINE),
    (
        "home",
        "ProtectHome=tmpfs\nBindPaths=/DIR\nReadWritePaths=/DIR",
        WRITES,
        FINE,
    ),
    (
        "home",
        "ProtectHome=yes\nWorkingDirectory=/DIR",
        NOT_STARTED,
        ["working-directory-hidden"],
    ),
    ("home", "ProtectHome=yes\nEnvironmentFile=/DIR/file", SEES_NOT, FINE),
    ("srv", "InaccessiblePaths=/srv\nReadWritePaths=/DIR", SEES_NOT, HIDDEN),
    ("srv", "InaccessiblePaths=/DIR\nBindPaths=/DIR", SEES_NOT, HIDDEN),
    (
        "srv",
        "TemporaryFileSystem=/srv\nReadWritePaths=/DIR",
        NOT_STARTED,
        HIDDEN,
    ),
    ("srv", "TemporaryFileSystem=/srv\nBindPaths=/DIR", WRITES, FINE),
    (
        "srv",
        "TemporaryFileSystem=/DIR\nReadWritePaths=/DIR",
        WRITES,
        OVERRULED,
    ),
    ("srv", "ReadOnlyPaths=/DIR\nReadWritePaths=/DIR", READS, OVERRULED),
    ("srv", "ReadOnlyPaths=/srv\nReadWritePaths=/DIR", WRITES, FINE),
    ("srv", "ProtectSystem=strict\nReadWritePaths=/", READS, OVERRULED),
    ("srv", "ProtectSystem=strict\nReadWritePaths=/DIR", WRITES, FINE),
    ("etc", "ProtectSystem=full\nReadWritePaths=/etc", READS, OVERRULED),
    ("tmp", "PrivateTmp=yes\nReadWritePaths=/DIR", NOT_STARTED, HIDDEN),
    ("tmp", "PrivateTmp=yes\nReadWritePaths=/tmp", SEES_NOT, FINE),
    ("tmp", "PrivateTmp=yes\nBindPaths=/DIR", WRITES, FINE),
    ("var/tmp", "DynamicUser=yes\nReadWritePaths=/DIR", NOT_STARTED, HIDDEN),
    ("dev", "PrivateDevices=yes\nReadWritePaths=/DIR", NOT_STARTED, HIDDEN),
    (
        "var/lib",
        "InaccessiblePaths=/var/lib\nStateDirectory=pyfleet-hidden",
        SEES_NOT,
        HIDDEN,
    ),
    (
        "var/lib",
        "TemporaryFileSystem=/var/lib\nStateDirectory=pyfleet-hidden",
        WRITES,
        FINE,
    ),
    ("srv", "ReadWritePaths=/srv,/DIR", NOT_STARTED, ["comma-list"]),
    ("srv", "SupplementaryGroups=adm,tty", NOT_STARTED, ["comma-list"]),
)
SCRIPT = r"""
set -u
n=0
python3 -c 'import json, sys
for top, text in json.loads(sys.argv[1]):
    print(top, text.replace("\n", "\t"), sep="\t")' "$1" |
while IFS="$(printf "\t")" read -r top text; do
    n=$((n + 1)); dir=/$top/pyfleet-hidden
    mkdir -p "$dir"; echo A=1 >"$dir/file"; chmod -R a+rwX "$dir"
    printf "%s\n" "$text" | tr "\t" "\n" \
        >/run/systemd/system/pyfleet-hidden-$n.service
done
systemctl daemon-reload
units=$(cd /run/systemd/system && ls -v pyfleet-hidden-*.service)
systemctl start $units 2>/dev/null
systemctl show -p ExecMainStatus --value $units
"""
CLEAN = """
    systemctl stop "pyfleet-hidden-*"
    rm -rf /run/systemd/system/pyfleet-hidden-* /home/pyfleet-hidden \
        /root/pyfleet-hidden /srv/pyfleet-hidden /etc/pyfleet-hidden \
        /tmp/pyfleet-hidden /var/tmp/pyfleet-hidden /dev/pyfleet-hidden \
        /var/lib/pyfleet-hidden
    systemctl daemon-reload
    systemctl reset-failed "pyfleet-hidden-*" || true
"""
STATUS = {"0": WRITES, "10": READS, "11": SEES_NOT}


def unit_of(case: Case) -> str:
    """Return a service that tells what it sees by its exit status."""
    folder = f"{case[0]}/pyfleet-hidden"
    look = f"test -e /{folder}/file || exit 11"
    look += f"; echo A=2 >/{folder}/file || exit 10"
    return (
        f"[Service]\nType=oneshot\n{case[1].replace('/DIR', '/' + folder)}\n"
        f"ExecStart=/bin/sh -c '{look}'\n"
    )


@pytest.fixture(scope="module")
def seen(lab: Lab) -> Iterator[Mapping[str, list[str]]]:
    """Return {host: what the service of each case did}."""
    units = json.dumps([(case[0], unit_of(case)) for case in CASES])
    lab.shells(HOSTS, CLEAN)
    outputs = lab.shells(HOSTS, SCRIPT, units)
    yield {
        host: [STATUS.get(word, NOT_STARTED) for word in output.split()]
        for host, output in outputs.items()
    }
    lab.shells(HOSTS, CLEAN)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_service_sees_what_we_foretell(
    seen: Mapping[str, list[str]], number: int
) -> None:
    case = CASES[number]
    for host, version in HOSTS.items():
        assert len(seen[host]) == len(CASES)
        assert seen[host][number] == case[2], (host, case[1])
        found = validator.check(
            unit_of(case), "a.service", targets.Target(version)
        )
        assert [one.code for one in found] == case[3]
