# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install wheels: a program of its own, run by an unprivileged user.

`venv` runs this program in a sandbox, since it parses archives and
metadata from an index. So it imports nothing of the collection, and
writes its errors to the journal. Root takes over the result alone.

    python -I wheel_job.py SPECIFICATION

The specification is a JSON file: {"virtualenv": path, "python": path
of the interpreter, "pip_wheel": path, "scratch": writable directory,
"wheels": [{"file", "name", "version", "sha256"}], "limits": {"entries",
"size", "depth"}}, or {"python", "compile"}, a directory of modules.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# RECORD must not have MD5 or SHA-1: packaging.python.org, "Recording
# installed projects", The RECORD file.
_HASHES = frozenset({"sha256", "sha384", "sha512"})
_RECORD_SIZE = 64 << 20
_DIRECTORY_SIZE = 64 << 20
_METADATA_SIZE = 32 << 20
_CHUNK = 1 << 20
# The number of files from which several processes compile faster.
_MANY = 100
# The signs of a host's error, such as a full disk, in compileall's
# output. A module in another Python's syntax does no harm, since
# nobody imports it.
_HOST_TROUBLE = re.compile(r"\[Errno [0-9]+\]|MemoryError|BrokenProcessPool")

# By default pip asks distutils where to install, and Debian's Python
# 3.9 lacks distutils. This attribute makes pip ask sysconfig: its
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

_NO_MEMORY = (
    "ran out of memory; give the host more memory, or stop other programs, "
    "then run again"
)

Specification = Mapping[str, Any]


class JobError(Exception):
    """The wheels cannot be installed; the text has the remedy."""


def main(arguments: Sequence[str]) -> int:
    """Install, check and compile; return the exit status."""
    with open(arguments[0], encoding="utf-8") as stream:
        specification = json.load(stream)
    try:
        if "compile" in specification:
            _compile(specification["python"], specification["compile"])
        else:
            _build(specification)
    except JobError as error:
        sys.stderr.write(f"{error}\n")
    except MemoryError:
        sys.stderr.write(f"the job {_NO_MEMORY}\n")
    else:
        return 0
    return 1


def _build(specification: Specification) -> None:
    check_archives(specification)
    _install(specification)
    check_installed(specification)
    site = site_packages(specification["virtualenv"])
    _compile(specification["python"], site)


def check_archives(specification: Specification) -> None:
    """Add up the files of the wheels, by the wheels' directories.

    zipfile never reads more of a file than the directory says.

    Raises:
        JobError: A wheel cannot be read, or all are too large.
    """
    limits, entries, size = specification["limits"], 0, 0
    for wheel in specification["wheels"]:
        name = os.path.basename(wheel["file"])
        members = _read_members(wheel["file"], name)
        entries += len(members)
        size += sum(member.file_size for member in members)
        deepest = max((m.filename.count("/") for m in members), default=0)
        if deepest > limits["depth"]:
            raise JobError(
                f"{name} has directories {deepest} levels deep; at most "
                f"{limits['depth']} are unpacked: use another version of the "
                "package"
            )
        if entries > limits["entries"] or size > limits["size"]:
            raise JobError(
                f"with {name} the wheels would unpack to {entries} files of "
                f"{size >> 20} MiB; at most {limits['entries']} files and "
                f"{limits['size'] >> 20} MiB are unpacked: leave packages out"
            )
    found = os.statvfs(specification["virtualenv"])
    free = found.f_bavail * found.f_frsize
    if size > free:
        raise JobError(
            f"the wheels would unpack to {size >> 20} MiB, and "
            f"{specification['virtualenv']} has {free >> 20} MiB left; "
            "make room on the disk, then run again"
        )


def _read_members(file: str, name: str) -> list[zipfile.ZipInfo]:
    """Read the directory of a wheel, within bounds.

    zipfile reads the directory as a whole, and pip reads each file of
    metadata as a whole.

    Raises:
        JobError: The file is not a wheel, or its directory or metadata
            is too large.
    """
    try:
        if _read_directory_size(file) > _DIRECTORY_SIZE:
            raise JobError(
                f"{name} has a directory larger than "
                f"{_DIRECTORY_SIZE >> 20} MiB, more than any real wheel; use "
                "another version of the package"
            )
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise JobError(
            f"{name} is not a wheel: {error}; fetch it again"
        ) from None
    for member in members:
        folder = member.filename.partition("/")[0].lower()
        is_metadata = folder.endswith(".dist-info")
        if is_metadata and member.file_size > _METADATA_SIZE:
            raise JobError(
                f"{name} has {member.file_size >> 20} MiB of metadata in "
                f"{member.filename[:200]}; at most {_METADATA_SIZE >> 20} MiB "
                "are read; use another version of the package"
            )
    return members


def _read_directory_size(file: str) -> int:
    """Return the size of an archive's directory, as the archive has it.

    The last record has the size; a comment of at most 64 KiB may follow
    it. Large archives have another record before it. Source:
    APPNOTE.TXT, 4.3.14 and 4.3.16.
    """
    with open(file, "rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, end - (1 << 16) - 256))
        tail = stream.read()
    sizes = [0]
    for mark, start, length in ((b"PK\5\6", 12, 4), (b"PK\6\6", 40, 8)):
        place = tail.rfind(mark)
        if place >= 0:
            field = tail[place + start : place + start + length]
            sizes.append(int.from_bytes(field, "little"))
    # If all bits are set, the record for large archives has the size.
    return max(size for size in sizes if size != 0xFFFFFFFF)


def check_installed(specification: Specification) -> None:
    """Compare the installed files with the records of the wheels.

    Raises:
        JobError: A file is missing, changed, extra, or in the place of
            one of the virtualenv's own files.
    """
    path = specification["virtualenv"]
    site = site_packages(path)
    found = {
        _normalise_name(name.split("-")[0])
        for name in _list_distributions(site)
    }
    wanted = {
        _normalise_name(wheel["name"]) for wheel in specification["wheels"]
    }
    if found != wanted:
        odd = ", ".join(sorted(found ^ wanted))
        raise JobError(
            f"{path} does not hold the packages of the lock: {odd} differ; "
            "see whether each wheel holds the package that it is named after"
        )
    problems = list(itertools.islice(record_problems(path), 5))
    if problems:
        raise JobError(
            f"{path} was not installed as its wheels say: "
            f"{'; '.join(problems)}; fetch the wheels again"
        )


def site_packages(path: str) -> str:
    """Find the directory of a virtualenv's modules.

    The directory above has another name for each implementation of
    Python, and for Python without a GIL: python3.13t.
    """
    places = os.path.join(path, "lib")
    found = [
        os.path.join(places, name, "site-packages")
        for name in sorted(os.listdir(places))
        if os.path.isdir(os.path.join(places, name, "site-packages"))
    ]
    if len(found) != 1:
        raise JobError(
            f"{path} must have one directory lib/*/site-packages, but has "
            f"{len(found)}; remove it, then run again"
        )
    return found[0]


def record_problems(path: str) -> Iterator[str]:
    """Compare the installed files with the records of the wheels.

    Every file in site-packages must be in a RECORD. Every file in a
    RECORD must be there and have its digest: packaging.python.org,
    "Recording installed projects".

    Yields:
        A sentence for each file that breaks the rule.
    """
    site = site_packages(path)
    recorded = set()
    for name in _list_distributions(site):
        for row in _read_rows(os.path.join(site, name, "RECORD")):
            file = os.path.normpath(os.path.join(site, row[0]))
            recorded.add(file)
            problem = _find_row_problem(path, file, row)
            if problem:
                yield f"{name}: {row[0]} {problem}"
    for directory, _unused, names in os.walk(site):
        for name in names:
            file = os.path.join(directory, name)
            if file not in recorded:
                yield f"{file} belongs to no installed distribution"


def is_own(path: str, file: str) -> bool:
    """Tell whether a file is the virtualenv's own, not a wheel's."""
    name = os.path.relpath(file, path)
    is_python = re.fullmatch(r"bin/python[0-9.t]*", name)
    is_activate = name.lower().startswith("bin/activate")
    return bool(is_python or is_activate) or name == "pyvenv.cfg"


def compile_command(python: str, path: str) -> list[str]:
    """Return the command that compiles all modules below a directory.

    Python never compares the bytecode with its source (PEP 552,
    unchecked-hash), so that it writes nothing later and no clock
    matters.
    """
    # Several processes need semaphores in /dev/shm, and take a while to
    # start.
    has_semaphores = os.access("/dev/shm", os.W_OK)  # noqa: S108
    files = (name for _a, _b, names in os.walk(path) for name in names)
    is_big = sum(1 for _unused in itertools.islice(files, _MANY)) == _MANY
    jobs = "0" if is_big and has_semaphores else "1"
    mode = "--invalidation-mode=unchecked-hash"
    argv = [python, "-I", "-m", "compileall", "-q", "-j", jobs, mode]
    return [*argv, "--", path]


def has_compiled(status: int, said: str) -> bool:
    """Tell whether compileall ended without an error of the host."""
    return status in (0, 1) and not _HOST_TROUBLE.search(said)


def _install(specification: Specification) -> None:
    """Let pip install from a directory that holds these wheels alone.

    pip gets versions and hashes instead of paths: it would record a
    path in direct_url.json, and the virtualenvs of two hosts would
    differ.
    """
    path, scratch = specification["virtualenv"], specification["scratch"]
    offered = os.path.join(scratch, "wheels")
    os.mkdir(offered, 0o700)
    requirements = os.path.join(scratch, "requirements.txt")
    with open(requirements, "w", encoding="utf-8") as stream:
        for wheel in specification["wheels"]:
            name = os.path.basename(wheel["file"])
            os.symlink(wheel["file"], os.path.join(offered, name))
            stream.write(
                f"{wheel['name']}=={wheel['version']} "
                f"--hash=sha256:{wheel['sha256']}\n"
            )
    argv = [os.path.join(path, "bin", "python"), "-I", "-c", _RUN_PIP]
    argv += [specification["pip_wheel"], "install", *_PIP_OPTIONS]
    argv += [f"--find-links={offered}", f"--requirement={requirements}"]
    done = _run(
        argv,
        {"HOME": scratch, "TMPDIR": scratch, "PIP_CONFIG_FILE": os.devnull},
    )
    if done.returncode != 0:
        raise JobError(_describe_failure(path, done.returncode, done.stderr))


def _describe_failure(path: str, status: int, said: str) -> str:
    """Say why pip failed, without the traceback that pip may print."""
    if "MemoryError" in said:
        return f"pip in {path} {_NO_MEMORY}"
    if status < 0:
        return (
            f"pip in {path} was killed by signal {-status} (as the kernel "
            "does where memory runs out); give the host more memory, or stop "
            "other programs, then run again"
        )
    if "Traceback (most recent call last)" in said:
        last = said.strip().splitlines()[-1]
        return (
            f"pip in {path} broke down: {last}; see whether the host's disk "
            "is full, broken or read-only, then run again"
        )
    return f"pip in {path} failed:\n{said.strip()[-2000:]}"


def _compile(python: str, path: str) -> None:
    for directory, folders, _unused in os.walk(path):
        if "__pycache__" in folders:
            # A wheel may have bytecode that differs from its sources.
            folders.remove("__pycache__")
            shutil.rmtree(os.path.join(directory, "__pycache__"))
    argv = compile_command(python, path)
    done = _run(argv, {})
    if not has_compiled(done.returncode, done.stdout + done.stderr):
        said = (done.stdout + done.stderr).strip()
        raise JobError(
            f"the modules of {path} cannot be compiled: {said[-1000:]}"
        )


def _run(
    argv: Sequence[str], variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    # The unit of this program has the deadline. This program has no
    # AnsibleModule, so that it cannot call run_command().
    # pylint: disable-next=ansible-bad-function
    return subprocess.run(
        argv,
        check=False,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )


def _normalise_name(name: str) -> str:
    """Normalise a project's name: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _list_distributions(site: str) -> list[str]:
    return sorted(
        name for name in os.listdir(site) if name.endswith(".dist-info")
    )


def _read_rows(record: str) -> Iterator[list[str]]:
    """Read a RECORD: path, hash as algorithm=digest, size."""
    try:
        if os.path.getsize(record) > _RECORD_SIZE:
            raise JobError(
                f"{record} is larger than {_RECORD_SIZE >> 20} MiB, more "
                "than any real wheel needs; use another version of the package"
            )
        with open(record, newline="", encoding="utf-8") as stream:
            for row in csv.reader(stream):
                if len(row) == 3:
                    yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise JobError(
            f"{record} cannot be read: {error}; fetch its wheel again"
        ) from error


def _find_row_problem(path: str, file: str, row: list[str]) -> str | None:
    if os.path.isabs(row[0]) or not file.startswith(path + "/"):
        return "is outside of the virtualenv"
    if is_own(path, file):
        return "takes the place of the virtualenv's own file"
    if not os.path.isfile(file) or os.path.islink(file):
        return "is missing"
    algorithm, _unused, digest = row[1].partition("=")
    if not digest and row[0].endswith((".dist-info/RECORD", ".pyc")):
        # RECORD cannot have its own hash, and bytecode may lack one.
        return None
    if algorithm not in _HASHES:
        return f"has no strong hash, but {row[1]!r}"
    actual = base64.urlsafe_b64encode(_hash_file(algorithm, file))
    expected = actual.rstrip(b"=").decode()
    return None if digest == expected else "does not have its hash"


def _hash_file(algorithm: str, file: str) -> bytes:
    found = hashlib.new(algorithm)
    with open(file, "rb") as stream:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            found.update(chunk)
    return found.digest()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
