# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtualenvs from wheels, built at their final path.

The host only needs an interpreter: pip runs from its own wheel, so that
neither python3-venv nor python3-distutils has to be installed. Root
makes the empty virtualenv and takes over the result. All programs that
read the wheels run as a user without rights, in a sandbox.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    installer,
    limits,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    garbage,
    handover,
    manifests,
    sealing,
    wheel_job,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    ancestors,
    command,
    directories,
    errors,
    files,
    lock,
    program,
)

_SECONDS = 1800.0
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")


@dataclass(frozen=True)
class Workshop:
    """A place where a user without rights works on foreign files.

    Args:
        account: The user without rights.
        run: Runs a command as that user, in a sandbox that lets it
            write to the named directories alone. It raises a HostError
            with the command's output if the command fails. No process
            of the command is alive when it returns.
    """

    account: str
    run: Callable[[Sequence[str], Sequence[str]], None]


def build(
    path: str,
    *,
    digest: str,
    python: model.Interpreter,
    wheels: Sequence[model.Wheel],
    pip_wheel: str,
    workshop: Workshop,
) -> bool:
    """Build a virtualenv as a whole, or leave nothing.

    The caller holds the flock: files of a killed run are removed.

    Args:
        path: The final path; its parent exists and is root's.
        digest: The full id of the virtualenv.
        python: The virtualenv's interpreter.
        wheels: All wheels to install.
        pip_wheel: The path of pip's own wheel.
        workshop: The place that unpacks and compiles the wheels.

    Returns:
        Whether it had to be built.

    Raises:
        HostError: A wheel does not suit, or does not hold its files.
    """
    if artifact.is_complete(path, digest):
        return False
    for wheel in wheels:
        _check_wheel(wheel)
    ancestors.check(path)
    garbage.discard_incomplete(path, digest)
    directories.remove_temporaries(os.path.dirname(path))
    with garbage.discarded_if_refused(path):
        _create(path, python)
        if wheels:
            _fill(path, python, wheels, pip_wheel, workshop)
        sealing.seal(path, digest=digest)
    return True


def _fill(
    path: str,
    python: model.Interpreter,
    wheels: Sequence[model.Wheel],
    pip_wheel: str,
    workshop: Workshop,
) -> None:
    """Install the wheels, and check what they made of the virtualenv."""
    _check_installer(pip_wheel)
    own = _read_own_entries(path)
    _install(path, python, wheels, pip_wheel, workshop)
    handover.take_back(path, limits.WHEELS)
    _check_own(path, own)
    _check_links(path, own)


def interpreter_problem(path: str) -> str | None:
    """Tell why a virtualenv cannot run any more; None if it can.

    The virtualenv's python is a link to the host's interpreter, which
    goes away when the host gets another minor version of Python.
    """
    python = os.path.join(path, "bin", "python")
    if os.access(python, os.X_OK):
        return None
    return (
        f"{python} leads to {os.path.realpath(python)}, which is gone or "
        "cannot be run; deploy again, so that the virtualenv is built for "
        "the host's Python"
    )


def _create(path: str, python: model.Interpreter) -> None:
    # -S: root must not run code from the .pth files of the host.
    argv = [python.real_path, "-I", "-S", "-m", "venv"]
    argv += ["--without-pip", "--symlinks", path]
    command.run(argv, timeout=_SECONDS, keep_open=lock.held)


def _install(
    path: str,
    python: model.Interpreter,
    wheels: Sequence[model.Wheel],
    pip_wheel: str,
    workshop: Workshop,
) -> None:
    """Let the workshop unpack, check and compile the wheels."""
    account = handover.builder(workshop.account)
    with _make_scratch(os.path.dirname(path), account) as (folder, room):
        specification = {
            "virtualenv": path,
            "python": python.real_path,
            "pip_wheel": _lend(pip_wheel, folder, account.gid),
            "scratch": room,
            "limits": asdict(limits.WHEELS),
            "wheels": [
                {
                    **asdict(wheel),
                    "file": _lend(wheel.file, folder, account.gid),
                }
                for wheel in wheels
            ],
        }
        handover.give(path, account)
        try:
            _run_job(workshop, folder, specification, [path, room])
        except errors.HostError as error:
            raise errors.HostError(
                f"the virtualenv {path} was not built: {error}"
            ) from error


def compile_code(path: str, python: str, workshop: Workshop) -> None:
    """Let the workshop compile the modules of a directory of its own.

    Args:
        path: The directory, which belongs to the builder.
        python: The interpreter.
        workshop: The place that compiles.

    Raises:
        HostError: The host fails; a module with bad syntax is skipped.
    """
    account = handover.builder(workshop.account)
    with _make_scratch(os.path.dirname(path), account) as (folder, _room):
        given = {"python": python, "compile": path}
        _run_job(workshop, folder, given, [path])


@contextlib.contextmanager
def _make_scratch(
    parent: str, account: accounts.Account
) -> Iterator[tuple[str, str]]:
    """Make a directory that a builder reads, and one that it fills."""
    folder = directories.temporary_directory(parent)
    try:
        os.chown(folder, os.geteuid(), account.gid)
        # The builder is the only member of its group.
        os.chmod(folder, 0o750)  # noqa: S103
        room = os.path.join(folder, "room")
        os.mkdir(room, 0o700)
        os.chown(room, account.uid, account.gid)
        yield folder, room
    finally:
        directories.remove_tree(folder)


def _run_job(
    workshop: Workshop,
    folder: str,
    specification: Mapping[str, object],
    writable: Sequence[str],
) -> None:
    gid = os.lstat(folder).st_gid
    given = os.path.join(folder, "specification.json")
    _write_for(given, json.dumps(specification).encode(), gid)
    path = os.path.join(folder, "wheel_job.py")
    _write_for(path, program.source(wheel_job).encode(), gid)
    python = str(specification["python"])
    workshop.run([python, "-I", path, given], writable)


def _lend(path: str, folder: str, gid: int) -> str:
    """Let a group read a file under a second name, in root's folder."""
    lent = os.path.join(folder, os.path.basename(path))
    try:
        os.link(path, lent)
    except OSError:
        # The folder is on another file system.
        with open(path, "rb") as stream:
            _write_for(lent, stream.read(), gid)
    os.chown(lent, os.geteuid(), gid)
    os.chmod(lent, 0o640)
    return lent


def _write_for(path: str, data: bytes, gid: int) -> None:
    files.write_atomic(path, data, mode=0o640, uid=os.geteuid(), gid=gid)


def _check_installer(path: str) -> None:
    """Refuse an installer that is not the collection's own."""
    with open(path, "rb") as stream:
        found = hashlib.sha256(stream.read()).hexdigest()
    if found != installer.SHA256:
        raise errors.HostError(
            f"{os.path.basename(path)} has the SHA-256 {found}, and the "
            f"installer of this collection has {installer.SHA256}; nothing "
            "was run: deploy again with the installer of this version"
        )


# The entries of an empty virtualenv: the target of a link, the content
# of a file.
_Own = Mapping[str, "str | bytes"]


def _read_own_entries(path: str) -> _Own:
    """Return the entries of a virtualenv that no wheel may change."""
    found: dict[str, str | bytes] = {}
    for entry in manifests.walk(path):
        if entry.is_symlink():
            found[entry.path] = os.readlink(entry.path)
        elif wheel_job.is_own(path, entry.path):
            with open(entry.path, "rb") as stream:
                found[entry.path] = stream.read()
    return found


def _check_own(path: str, own: _Own) -> None:
    """Refuse files that took the place of the virtualenv's own files.

    Raises:
        HostError: A wheel has a python, an activate script or a
            pyvenv.cfg.
    """
    after = {
        entry.path
        for entry in manifests.walk(path)
        if wheel_job.is_own(path, entry.path)
    }
    for place in sorted(after | own.keys()):
        if place not in own or _read_entry(place) != own[place]:
            raise errors.HostError(
                f"{place} is the virtualenv's own, and a wheel changed it; "
                "use another version of the package that has this file"
            )


def _read_entry(path: str) -> str | bytes | None:
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            return os.readlink(path)
        with open(path, "rb") as stream:
            return stream.read() if stat.S_ISREG(found.st_mode) else None
    except OSError:
        return None


def _check_links(path: str, own: _Own) -> None:
    """Refuse links that lead out, except the virtualenv's own."""
    root = os.path.realpath(path)
    for entry in manifests.walk(path):
        if not entry.is_symlink() or entry.path in own:
            continue
        real = os.path.realpath(entry.path)
        if not real.startswith(root + "/"):
            raise errors.HostError(
                f"{entry.path} leads to {real}, out of the virtualenv; use "
                "another version of the package that has this link"
            )


def _check_wheel(wheel: model.Wheel) -> None:
    """Refuse names that pip could read as options or requirements."""
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
            f"{wheel.sha256!r} is not a wheel with a plain name, a version, "
            "an absolute path and a SHA-256; repair the lock that names it"
        )
