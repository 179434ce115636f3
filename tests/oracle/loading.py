# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load whole unit files into a host's systemd and keep what it says.

Unlike generated units these have drop-ins, templates and names that
other units refer to, and want programs, users and units which the host
does not have. What systemd says about those is not about the files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from fleet_hosts import run_python

# Files are found by packages' lists, for images add files of their own.
SHIPPED = r"""
import glob, os, re
wanted = re.compile(given["pattern"])
found = {}
for listed in glob.glob("/var/lib/dpkg/info/*.list"):
    with open(listed) as stream:
        for path in stream.read().splitlines():
            match = wanted.match(path)
            if match and os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as unit:
                    text = unit.read().decode("utf-8", "surrogateescape")
                found[match.group(1)] = text
print(json.dumps(found))
"""

FEATURES = r"""
import subprocess
print(json.dumps(subprocess.run(
    ["systemctl", "--version"], stdout=subprocess.PIPE,
    universal_newlines=True).stdout.split("\n")[1].split()))
"""

# The files of one scope lie in one directory, as on a host. Only units
# are named in the call: systemd finds the drop-ins by itself.
SCRIPT = r"""
import os, re, shutil, subprocess, tempfile
home = tempfile.mkdtemp()
for name, text in given["files"].items():
    path = os.path.join(home, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(text.encode("utf-8", "surrogateescape"))
    os.chmod(path, 0o644)
def verify(names):
    scope = names[0].partition("/")[0]
    lib = "/lib/systemd/" + scope
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--generators=no"]
        + [os.path.join(home, name) for name in names],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
             "SYSTEMD_LOG_LEVEL": "info", "SYSTEMD_LOG_COLOR": "0",
             "SYSTEMD_UNIT_PATH": os.path.join(home, scope)
             + ":/usr" + lib + ":" + lib},
    )
    return done.stdout.decode("utf-8", "surrogateescape").split("\n")
in_file = re.compile(re.escape(home) + r"/([^:\s]+):(\d+): ")
in_unit = re.compile(r"(?<![\w.@/-])([\w.@\\:-]+\.(?:%s)): "
    % "service|socket|timer|path|mount|automount|swap|slice|scope|target")
refused = re.compile(r"Unit (\S+) (?=failed to load properly)")
said, enabled, other = [], [], []
for scope in ("system", "user"):
    names = sorted(n for n in given["units"] if n.startswith(scope + "/"))
    for start in range(0, len(names), 300):
        for line in verify(names[start:start + 300]):
            match = in_file.search(line)
            if match:
                said.append([match.group(1), int(match.group(2)),
                             line[match.end():]])
                continue
            match = in_unit.search(line) or refused.match(line)
            name = match and scope + "/" + re.sub(
                "@[^.]*", "@", match.group(1))
            if match and name not in given["files"]:
                name = scope + "/" + match.group(1)
            if match and name in given["files"]:
                said.append([name, 0, line[match.end():]])
            elif line:
                other.append(line)
# Loading passes over [Install]; what it says is read by systemctl, here
# below a root of its own.
root = home + "/root"
lib = root + "/usr/lib/systemd"
os.makedirs(lib)
os.rename(home + "/system", lib + "/system")
for name in given["enabled"]:
    os.makedirs(root + "/etc/systemd/system")
    done = subprocess.run(
        ["systemctl", "--root=" + root, "enable",
         name[len("system/"):].replace("@.", "@i.")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
             "SYSTEMD_LOG_COLOR": "0"},
    )
    text = done.stdout.decode("utf-8", "surrogateescape")
    enabled.append([name, text.replace(root, "")])
    shutil.rmtree(root + "/etc")
shutil.rmtree(home)
print(json.dumps({"said": said, "enabled": enabled, "other": other}))
"""

TYPES = "service|socket|timer|path|mount|automount|swap|slice|scope|target"
PATTERN = (
    r"(?:/usr)?/lib/systemd/"
    rf"((?:system|user)/(?:[^/]+\.(?:{TYPES})|[^/]+\.d/[^/]+\.conf))$"
)

# About the host and not about the file: what it lacks.
ABOUT_HOST = re.compile(
    "|".join(
        (
            # A program or a unit that is not installed.
            r"Command .* is not executable",
            r"Failed to create .*/start: Unit .* (?:not found|has a bad)",
            r"service .* not loaded, socket cannot be started",
            # Starting all at once, what is not for one host as well.
            r"Found ordering cycle",
            r"Found dependency on .*/(?:start|stop)",
            r"(?:deleted|Unable) to break (?:ordering )?cycle",
            r"Transaction order is cyclic",
            # Units of other packages which [Install] speaks of.
            r"added as a dependency to a non-existent unit",
            r"[Uu]nit (?:file )?\S+ does not exist",
            r"Failed to enable auxiliary unit",
            r"^Created symlink",
            # What follows a reason.
            r"^Unit \S+ has a bad unit file setting",
            # Debian's patch to 247 and 252, which upstream never had.
            r"for API file system /run/lock",
        )
    )
)


class Said(NamedTuple):
    """One message of systemd.

    Attributes:
        line: The line, from 1; 0 if it is about the unit as a whole.
        text: What it says.
        section: The section that it is about; empty if that is unknown.
    """

    line: int
    text: str
    section: str = ""


def shipped(host: str) -> dict[str, str]:
    """Return the unit files of the packages that a host has.

    Returns:
        {name: text}, the name with the manager's scope in front:
        ``system/cron.service``, ``user/dbus.socket``,
        ``system/user@.service.d/10-login-barrier.conf``.
    """
    found: dict[str, str] = run_python(host, SHIPPED, {"pattern": PATTERN})
    return found


def features(host: str) -> list[str]:
    """Return the words of the host's feature line."""
    words: list[str] = run_python(host, FEATURES, None)
    return words


def load(
    host: str,
    units: Mapping[str, Mapping[str, str]],
    enabled: Collection[str] = (),
) -> dict[str, list[Said]]:
    """Load units with their drop-ins on a host, and enable some.

    Args:
        host: A host of the fleet.
        units: {unit: {name of the drop-in: text}}, the text of the unit
            itself with the empty name.
        enabled: Those among them that are enabled as well.

    Returns:
        {name: messages} of all files.
    """
    files = {
        label or name: text
        for name, parts in units.items()
        for label, text in parts.items()
    }
    given = {
        "files": files,
        "units": list(units),
        "enabled": list(enabled),
    }
    answer = run_python(host, SCRIPT, given)
    stray = [one for one in answer["other"] if not ABOUT_HOST.search(one)]
    assert not stray, f"nobody knows what {host} means by {stray}"
    said: dict[str, list[Said]] = {name: [] for name in files}
    told = [(name, Said(line, text)) for name, line, text in answer["said"]]
    told += [
        (name, Said(0, line, "Install"))
        for name, text in answer["enabled"]
        # A list of reasons to have a unit that nobody enables.
        for line in text.partition("The unit files have no")[0].splitlines()
    ]
    for name, one in told:
        if not ABOUT_HOST.search(one.text) and one not in said[name]:
            said[name].append(one)
    return said
