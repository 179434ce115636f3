# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments from wheels, built where they will stay.

No index is asked, no foreign code runs, and nothing is needed of the
host but an interpreter: pip is run from its own wheel, so neither
python3-venv nor python3-distutils has to be installed.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    artifact,
    command,
    errors,
    files,
    interpreter,
    lock,
)

_SECONDS = 1800.0
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")
# MD5 and SHA-1 are not accepted: packaging.python.org, "Recording
# installed projects", The RECORD file.
_HASHES = frozenset({"sha256", "sha384", "sha512"})

# Debian's Python 3.9 has no distutils, which pip would ask for the
# places to install to, unless told otherwise: pip's
# _internal/locations/__init__.py, _should_use_sysconfig.
_RUN_PIP = """
import sys, sysconfig
sysconfig._PIP_USE_SYSCONFIG = True
sys.path.insert(0, sys.argv.pop(1))
from pip._internal.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
_PIP_OPTIONS = (
    "--isolated",
    "--no-input",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--quiet",
    "--no-index",
    "--no-deps",
    "--no-compile",
    "--no-warn-script-location",
    "--require-hashes",
    "--only-binary=:all:",
)


@dataclass(frozen=True)
class Wheel:
    """One wheel to install.

    Args:
        file: Its path on this host, under its own file name.
        name: Name of the project.
        version: Its version.
        sha256: Digest of the file, in hexadecimal.
    """

    file: str
    name: str
    version: str
    sha256: str


def build(
    path: str,
    *,
    python: interpreter.Interpreter,
    wheels: Sequence[Wheel],
    pip_wheel: str,
) -> bool:
    """Build a virtual environment that is complete or not at all.

    To be called under the application's lock: what a killed run left
    beside `path` is cleared away.

    Args:
        path: Where it will stay; its parent exists and is root's.
        python: Its interpreter.
        wheels: All that is to be installed; dependencies are not
            looked for.
        pip_wheel: Path of pip's own wheel.

    Returns:
        Whether it had to be built.

    Raises:
        HostError: A wheel is not the one that was named, does not
            suit the interpreter, or was not installed as it is.
    """
    if artifact.is_complete(path):
        return False
    files.check_ancestors(path)
    parent = os.path.dirname(path)
    artifact.discard_incomplete(path)
    files.remove_temporaries(parent)
    scratch = files.temporary_directory(parent)
    try:
        _create(path, python)
        if wheels:
            _install(path, wheels, pip_wheel, scratch)
        _check_installed(path, wheels)
    finally:
        files.remove_tree(scratch)
    artifact.seal(
        path, python=python.real_path, compiled=[site_packages(path)]
    )
    return True


def site_packages(path: str) -> str:
    """Find where an environment's modules are.

    The directory above has another name for each implementation, and
    for Python without a GIL: python3.13t.
    """
    places = os.path.join(path, "lib")
    found = [
        os.path.join(places, name, "site-packages")
        for name in sorted(os.listdir(places))
        if os.path.isdir(os.path.join(places, name, "site-packages"))
    ]
    if len(found) != 1:
        raise errors.HostError(
            f"{path} has {len(found)} directories lib/*/site-packages, "
            "not one; remove it, so that it is built anew"
        )
    return found[0]


def interpreter_problem(path: str) -> str | None:
    """Tell why an environment cannot run any more, if so.

    Its python is a link to the host's: it dangles when the host's
    Python was upgraded to another minor version.
    """
    python = os.path.join(path, "bin", "python")
    if os.access(python, os.X_OK):
        return None
    return (
        f"{python} leads to {os.path.realpath(python)}, which is gone or "
        "cannot be run; deploy again, so that it is built for the "
        "host's Python"
    )


def record_problems(path: str) -> list[str]:
    """Compare what was installed with what its wheels recorded.

    Every file in site-packages is in one RECORD, and every file in a
    RECORD is there and has its digest: packaging.python.org,
    "Recording installed projects".

    Returns:
        What is wrong, one sentence each; empty if all is well.
    """
    site = site_packages(path)
    problems = []
    recorded = set()
    for name in _distributions(site):
        record = os.path.join(site, name, "RECORD")
        for row in _rows(record):
            file = os.path.normpath(os.path.join(site, row[0]))
            recorded.add(file)
            problem = _row_problem(path, file, row)
            if problem:
                problems.append(f"{name}: {row[0]} {problem}")
    problems += [
        f"{file} belongs to no installed distribution"
        for file in sorted(_files(site) - recorded)
    ]
    return problems


def _create(path: str, python: interpreter.Interpreter) -> None:
    argv = [python.real_path, "-I", "-m", "venv"]
    argv += ["--without-pip", "--symlinks", path]
    command.run(argv, timeout=_SECONDS, keep_open=lock.held)


def _install(
    path: str, wheels: Sequence[Wheel], pip_wheel: str, scratch: str
) -> None:
    """Let pip install from a directory that holds these alone.

    Named by version and hash instead of by path: pip would record a
    path in direct_url.json, and the environments of two hosts would
    differ.
    """
    offered = os.path.join(scratch, "wheels")
    os.mkdir(offered, 0o700)
    lines = []
    for wheel in wheels:
        _check_wheel(wheel)
        os.symlink(
            wheel.file, os.path.join(offered, os.path.basename(wheel.file))
        )
        lines.append(
            f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n"
        )
    requirements = os.path.join(scratch, "requirements.txt")
    with open(requirements, "w", encoding="utf-8") as stream:
        stream.writelines(lines)
    argv = [os.path.join(path, "bin", "python"), "-I", "-c", _RUN_PIP]
    argv += [pip_wheel, "install", *_PIP_OPTIONS]
    argv += [f"--find-links={offered}", f"--requirement={requirements}"]
    environment = {
        "HOME": scratch,
        "TMPDIR": scratch,
        "PIP_CONFIG_FILE": os.devnull,
    }
    try:
        command.run(
            argv,
            timeout=_SECONDS,
            environment=environment,
            keep_open=lock.held,
            title=f"pip in {path}",
        )
    except errors.CommandError as error:
        raise errors.HostError(_in_words(path, error)) from error


def _in_words(path: str, error: errors.CommandError) -> str:
    """Say why pip failed, without the traceback that it may show."""
    if "MemoryError" in error.stderr:
        return (
            f"pip in {path} ran out of memory; see what else needs it on the "
            "host, and whether its sessions are limited (ulimit -v), then "
            "run again"
        )
    if "Traceback (most recent call last)" in error.stderr:
        last = error.stderr.strip().splitlines()[-1]
        return (
            f"pip in {path} broke down: {last}; see whether the host's disk "
            "is full, broken or read-only, then run again"
        )
    return str(error)


def _check_wheel(wheel: Wheel) -> None:
    """Refuse what would be read as options or other requirements."""
    is_plain = (
        _PLAIN.fullmatch(wheel.name)
        and _PLAIN.fullmatch(wheel.version)
        and _SHA256.fullmatch(wheel.sha256)
        and wheel.file.startswith("/")
        and wheel.file.endswith(".whl")
    )
    if not is_plain:
        raise errors.HostError(
            f"{wheel.name}=={wheel.version} from {wheel.file!r} with hash "
            f"{wheel.sha256!r} is no wheel by name, version, absolute "
            "path and SHA-256; see the lock it came from"
        )


def _check_installed(path: str, wheels: Sequence[Wheel]) -> None:
    site = site_packages(path)
    found = {_normal(name.split("-")[0]) for name in _distributions(site)}
    wanted = {_normal(wheel.name) for wheel in wheels}
    if found != wanted:
        odd = ", ".join(sorted(found ^ wanted))
        raise errors.HostError(
            f"{path} does not hold what was to be installed: {odd} differ; "
            "see whether the wheels are what they are named"
        )
    problems = record_problems(path)
    if problems:
        raise errors.HostError(
            f"{path} was not installed as its wheels say: "
            f"{'; '.join(problems[:5])}; fetch the wheels anew"
        )


def _normal(name: str) -> str:
    """Normalise a project's name: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _distributions(site: str) -> list[str]:
    return sorted(
        name for name in os.listdir(site) if name.endswith(".dist-info")
    )


def _rows(record: str) -> Iterator[list[str]]:
    """Read a RECORD: path, hash as algorithm=digest, size."""
    try:
        with open(record, newline="", encoding="utf-8") as stream:
            for row in csv.reader(stream):
                if len(row) == 3:
                    yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise errors.HostError(
            f"{record} cannot be read: {error}; fetch its wheel anew"
        ) from error


def _row_problem(path: str, file: str, row: list[str]) -> str | None:
    if os.path.isabs(row[0]) or not file.startswith(path + "/"):
        return "lies outside of the environment"
    if not os.path.isfile(file) or os.path.islink(file):
        return "is missing"
    algorithm, _unused, digest = row[1].partition("=")
    if not digest and row[0].endswith((".dist-info/RECORD", ".pyc")):
        # RECORD cannot hold its own hash, and bytecode need not.
        return None
    if algorithm not in _HASHES:
        return f"has no strong hash, but {row[1]!r}"
    with open(file, "rb") as stream:
        actual = hashlib.new(algorithm, stream.read()).digest()
    expected = base64.urlsafe_b64encode(actual).rstrip(b"=").decode()
    return None if digest == expected else "does not have its hash"


def _files(site: str) -> set[str]:
    return {
        os.path.join(directory, name)
        for directory, _unused, names in os.walk(site)
        for name in names
    }
