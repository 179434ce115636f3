# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask `systemd-analyze verify` of a host about many units at once."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fleet_hosts import run_python

# Messages of one call are told apart by the unit's name in them. A call
# loads hundreds of units into one test manager: one call each would
# take a hundred times as long.
SCRIPT = r"""
import os, re, shutil, subprocess, tempfile
units = given["units"]
home = tempfile.mkdtemp()
def write(name, text):
    path = os.path.join(home, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(text.encode("utf-8", "surrogateescape"))
    os.chmod(path, 0o644)
    return path
for name, text in given["helpers"].items():
    write(name, text)
paths = {name: write(name, text) for name, text in units.items()}
def verify(names):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--generators=no"]
        + [paths[name] for name in names],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
             "SYSTEMD_LOG_LEVEL": "info", "SYSTEMD_UNIT_PATH": home + ":"},
    )
    # 247 dies of a value of some thousand characters: then the others
    # of its batch are asked on their own.
    if done.returncode < 0:
        if len(names) == 1:
            return ["%s: systemd-analyze died of it" % names[0]]
        half = len(names) // 2
        return verify(names[:half]) + verify(names[half:])
    text = done.stdout.decode("utf-8", "surrogateescape")
    # 247 colours its messages even where no terminal is.
    return re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n")
found = {name: [] for name in units}
names = sorted(units)
size = 400
pattern = re.compile(r"(?<![\w.@-])([\w.@\\:-]+\.(?:%s))"
    r"(?:\.d/[\w.-]+)?(?::(\d+))?(?:: |(?= failed to load properly))"
    % "service|socket|timer|path|mount|automount|swap|slice|scope|target")
for start in range(0, len(names), size):
    for line in verify(names[start:start + size]):
        match = pattern.search(line)
        if match and match.group(1) in found:
            found[match.group(1)].append(
                [int(match.group(2) or 0), line[match.end():]])
shutil.rmtree(home)
print(json.dumps(found))
"""

# What a message says of the host and not of the unit: binaries, units
# and users that a test host does not have, and what verify makes of the
# job that would start the unit.
_HOST_FACTS = re.compile(
    r"is not executable|not found|Failed to create \S+/start|is marked"
    r"|Transaction|ordering cycle|Found dependency|not loaded"
    # Messages about verify's own job, and debug messages of a unit.
    r"|Unable to break cycle|Creating \S+/start job"
    r"|Trying to enqueue|Installed new job|Enqueued job"
    r"|No such file|man page"
    r"|cannot be started"
    r"|Cannot add dependency job|Special user|does not match strict"
    r"|Unit is bound to inactive|Dependency failed|legacy directory"
)

# systemd reads the whole directory for each batch.
_DIRECTORY = 4000

HELPERS = {
    "oracle-base.service": "[Service]\nExecStart=/bin/true\n",
    "oracle-base@.service": "[Service]\nExecStart=/bin/true\n",
}


def verify(
    host: str,
    units: Mapping[str, str],
    drop_ins: Mapping[str, str] | None = None,
) -> dict[str, list[tuple[int, str]]]:
    """Return {unit: [(line, message)]} of what systemd says.

    Args:
        host: A host of the fleet.
        units: {file name: text}.
        drop_ins: {unit.d/name.conf: text}.
    """
    helpers = {**HELPERS, **(drop_ins or {})}
    found: dict[str, list[tuple[int, str]]] = {}
    names = list(units)
    for start in range(0, len(names), _DIRECTORY):
        part = {name: units[name] for name in names[start:][:_DIRECTORY]}
        found.update(
            run_python(host, SCRIPT, {"units": part, "helpers": helpers})
        )
    return {
        name: [
            (line, text) for line, text in messages if is_about_the_unit(text)
        ]
        for name, messages in found.items()
    }


def is_about_the_unit(message: str) -> bool:
    """Tell whether a message is about the text of the unit."""
    return not _HOST_FACTS.search(message)
