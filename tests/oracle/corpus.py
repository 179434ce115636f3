# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch the unit files of Debian packages that are not installed.

Each host of the fleet downloads from its own suite and gives back the
unit files alone; nothing is installed on it. They are kept in .build,
every text once, beside an index for each suite. Which packages are
wanted stands in data/packages.txt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fleet_hosts import ROOT, run_python
from loading import PATTERN

CACHE = ROOT / ".build" / "corpus"
LIST = Path(__file__).with_name("data") / "packages.txt"

# apt's state lies in a directory of its own, so that the host keeps
# what it knows. The packages are read and thrown away by tens: apt
# takes a second to read its lists, and all of them are large.
SCRIPT = r"""
import os, re, shutil, subprocess, tarfile, tempfile
home = tempfile.mkdtemp(prefix="pyfleet-corpus-", dir="/var/tmp")
os.makedirs(home + "/lists/partial")
os.makedirs(home + "/cache/archives/partial")
options = ["-o", "Dir::State::Lists=" + home + "/lists",
           "-o", "Dir::Cache=" + home + "/cache",
           "-o", "Acquire::Languages=none", "-o", "Acquire::Retries=3",
           "-o", "APT::Sandbox::User=root"]
def run(*arguments):
    return subprocess.run(
        [arguments[0]] + options + list(arguments[1:]), cwd=home,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True)
def units(archive):
    found = {}
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive],
                          stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
            for member in tar:
                match = wanted.match(member.name.lstrip("."))
                if match and member.isfile():
                    text = tar.extractfile(member).read()
                    found[match.group(1)] = text.decode(
                        "utf-8", "surrogateescape")
    return found
wanted = re.compile(given["pattern"])
answer = {"error": "", "packages": {}}
# apt-get only warns of an index which it cannot fetch.
done = run("apt-get", "update")
if done.returncode or "W: Failed" in done.stderr:
    answer["error"] = done.stderr
shown = run("apt-cache", "show", "--no-all-versions", *given["packages"])
names = re.findall("^Package: (.+)$", shown.stdout, re.M)
known = [name for name in given["packages"] if name in set(names)]
answer["packages"] = dict.fromkeys(given["packages"])
while known and not answer["error"]:
    done = run("apt-get", "download", *known[:10])
    # Of a suite near its end an index may name what is deleted.
    lost = re.findall("^E: Failed to fetch .* 404 ", done.stderr, re.M)
    if len(re.findall("^E: Failed to fetch", done.stderr, re.M)) > len(lost) \
            or done.returncode and not lost:
        answer["error"] = done.stderr
    for name in os.listdir(home):
        if name.endswith(".deb"):
            package, version = name.split("_")[:2]
            files = units(os.path.join(home, name))
            answer["packages"][package] = {"version": version, "files": files}
            os.unlink(os.path.join(home, name))
    known = known[10:]
shutil.rmtree(home)
print(json.dumps(answer))
"""

# Kept after each: a broken connection does not cost what came before.
SHARE = 40


def packages(*, few: bool) -> list[str]:
    """Return the names of the wanted packages.

    Args:
        few: Only those above the line of dashes: small ones, and among
            them those which once found a mistake of ours.
    """
    text = LIST.read_text(encoding="utf-8")
    if few:
        text = text.partition("\n---\n")[0]
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and line != "---"]


def unit_files(host: str, wanted: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the unit files of packages, fetched if they are not here.

    Args:
        host: A host of the fleet; its name is that of its suite.
        wanted: The packages' names.

    Returns:
        {package: {name: text}} of those that the suite has; the names
        are as in `loading.shipped`.

    Raises:
        AssertionError: The host cannot download from its suite.
    """
    index = _read_index(host)
    missing = [name for name in wanted if name not in index]
    for start in range(0, len(missing), SHARE):
        index |= _fetch(host, missing[start : start + SHARE])
        _keep(CACHE / f"{host}.json", json.dumps(index, indent=1))
    found = {}
    for name in wanted:
        package = index[name]
        if package is not None:
            found[name] = {
                path: _text(digest)
                for path, digest in package["files"].items()
            }
    return found


def fetch_all(
    hosts: Sequence[str], wanted: Sequence[str]
) -> dict[str, dict[str, dict[str, str]]]:
    """Return {host: `unit_files`}, the hosts working at the same time."""
    with ThreadPoolExecutor(len(hosts)) as pool:
        found = pool.map(lambda host: unit_files(host, wanted), hosts)
        return dict(zip(hosts, found, strict=True))


def _fetch(host: str, wanted: Sequence[str]) -> dict[str, Any]:
    given = {"packages": list(wanted), "pattern": PATTERN}
    answer = run_python(host, SCRIPT, given)
    assert not answer["error"], (
        f"{host} cannot download packages of its suite, which this test"
        f" needs: {answer['error']}"
    )
    return {
        name: package and {**package, "files": dict(_store(package["files"]))}
        for name, package in answer["packages"].items()
    }


def _read_index(host: str) -> dict[str, Any]:
    path = CACHE / f"{host}.json"
    if not path.exists():
        return {}
    index: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return index


def _store(files: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in files.items():
        content = text.encode("utf-8", "surrogateescape")
        digest = hashlib.sha256(content).hexdigest()
        _keep(CACHE / "units" / digest, text)
        yield name, digest


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{id(text)}")
    beside.write_text(
        text, encoding="utf-8", errors="surrogateescape", newline=""
    )
    beside.replace(path)


def _text(digest: str) -> str:
    content = (CACHE / "units" / digest).read_bytes()
    return content.decode("utf-8", "surrogateescape")
