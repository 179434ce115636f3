# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python interpreters of a host, and whether they suit virtualenvs.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import glob
import importlib.machinery
import json
import os
import re
import stat
import struct
import sys

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    command,
    errors,
)

# EL8 has no /usr/bin/python3 until an administrator chooses a version;
# it always has the second path.
_DEFAULTS = ("/usr/bin/python3", "/usr/libexec/platform-python")
_DIRECTORIES = ("/usr/bin", "/usr/local/bin")
_OLDEST = (3, 9)
_SECONDS = 30.0

# A hardened service cannot see these directories: ProtectHome= hides
# the first three, PrivateTmp= the others (systemd.exec(5)).
_HIDDEN = ("/root", "/home", "/run/user", "/tmp", "/var/tmp")  # noqa: S108

_VERSION = re.compile(r"3\.[0-9]{1,2}")
_NAME = re.compile(r"python(3\.[0-9]{1,2}t?)")

# Root starts an interpreter with -S, which ignores these directories.
_NOT_IMPORTED = frozenset({"site-packages", "dist-packages"})

# This program prints the facts of `_gather_own_facts`. It needs neither
# this file nor more than Debian's python3-minimal.
_SCRIPT = """
import importlib.machinery, json, os, struct, sys
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (AttributeError, OSError, ValueError):
    libc = ""
print(json.dumps([
    sys.implementation.name, list(sys.version_info[:3]),
    importlib.machinery.EXTENSION_SUFFIXES[0], os.uname().machine,
    struct.calcsize("P"), libc]))
"""


def default_python() -> model.Interpreter:
    """Describe the host's own python3.

    Raises:
        HostError: The host has no Python, or it does not suit.
    """
    for path in _DEFAULTS:
        if os.path.exists(path):
            return describe(path)
    raise errors.HostError(
        f"the host has no Python: tried {', '.join(_DEFAULTS)}; install "
        "python3, or name an interpreter (role pyapp: pyapp_python)"
    )


def find(wanted: str) -> model.Interpreter:
    """Find an interpreter by version or path.

    Args:
        wanted: Such as `3.11` or `/usr/bin/python3.11`; empty for
            the host's own.

    Raises:
        HostError: The interpreter does not exist; the text lists the
            paths that were tried.
    """
    if not wanted:
        return default_python()
    if wanted.startswith("/"):
        return describe(wanted)
    if not _VERSION.fullmatch(wanted):
        raise errors.HostError(
            f"python: {wanted!r} is neither a version such as '3.11' nor "
            "an absolute path"
        )
    candidates = [f"{place}/python{wanted}" for place in _DIRECTORIES]
    for path in candidates:
        if os.path.exists(path):
            return describe(path)
    raise errors.HostError(
        f"python: version {wanted} is not on the host: tried "
        f"{', '.join(candidates)}; install it, or set the path of another "
        "interpreter"
    )


def describe(path: str) -> model.Interpreter:
    """Ask an interpreter for its properties.

    The interpreter that runs this module is not started again.

    Args:
        path: Absolute path. Links are followed to the end, so that a
            later default of the host changes no virtualenv.

    Raises:
        HostError: The interpreter cannot be run, is too old, or is at
            a place that services cannot see.
    """
    real_path = os.path.realpath(path)
    problem = location_problem(path) or location_problem(real_path)
    if problem:
        raise errors.HostError(problem)
    check_owner(path)
    check_owner(real_path)
    is_own = real_path == os.path.realpath(sys.executable or "/")
    if not is_own:
        check_library(real_path)
    facts = _gather_own_facts() if is_own else _ask(real_path)
    return _make_interpreter(path, real_path, facts)


def location_problem(path: str) -> str | None:
    """Tell why services cannot use an interpreter at this place."""
    if not path.startswith("/"):
        return f"interpreter {path!r} is not an absolute path; write one"
    place = os.path.normpath(path)
    for hidden in _HIDDEN:
        if place.startswith(hidden + "/"):
            return (
                f"interpreter {path} is below {hidden}, which hardened "
                "services cannot see; install Python in /usr, /usr/local "
                "or /opt"
            )
    return None


def check_owner(path: str) -> None:
    """Refuse an interpreter that others than root could exchange.

    Root runs the interpreter to ask for its properties, in check mode
    too, and to make virtualenvs.

    Raises:
        HostError: Another user owns the program or a directory above
            it, or can write to one of them.
    """
    ancestors.check(path)
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        raise errors.HostError(
            f"interpreter {path} is not there; install it, or name another "
            "interpreter"
        ) from None
    _check_roots_alone(f"interpreter {path}", found)


def _check_roots_alone(what: str, found: os.stat_result) -> None:
    others = stat.S_IWGRP | stat.S_IWOTH
    is_open = not stat.S_ISLNK(found.st_mode) and found.st_mode & others
    if found.st_uid != 0 or is_open:
        raise errors.HostError(
            f"{what} belongs to uid {found.st_uid} with mode "
            f"{stat.S_IMODE(found.st_mode):04o}, so that others than root "
            "could exchange the code that root runs; chown it to root and "
            "chmod it go-w, or name another interpreter"
        )


def check_library(real_path: str) -> None:
    """Refuse an interpreter whose modules another user could change.

    Python takes its library from the first directory above the program
    that has lib/python3.Y/os.py (CPython's Modules/getpath.py).

    Raises:
        HostError: Others than root can change a module or a directory
            above it, or no library is found.
    """
    folder = os.path.dirname(real_path)
    for place in (folder, os.path.dirname(folder)):
        if os.path.lexists(os.path.join(place, "pyvenv.cfg")):
            raise errors.HostError(
                f"interpreter {real_path} is the copy of a virtualenv, "
                f"{place}; name the Python that it was made from"
            )
    for library in _find_libraries(real_path):
        ancestors.check(library)
        _check_tree(library)


def _find_libraries(real_path: str) -> list[str]:
    """Return the files and directories of an interpreter's library."""
    named = _NAME.fullmatch(os.path.basename(real_path))
    version = glob.escape(named[1]) if named else "3*"
    above = os.path.dirname(real_path)
    while True:
        base = os.path.join(glob.escape(above), "lib*")
        found = glob.glob(os.path.join(base, f"py*{version}", "os.py*"))
        if found:
            shared = glob.glob(os.path.join(base, "libpy*.so*"))
            archives = glob.glob(os.path.join(base, "python3*.zip"))
            return sorted({*map(os.path.dirname, found), *shared, *archives})
        if above == "/":
            break
        above = os.path.dirname(above)
    raise errors.HostError(
        f"interpreter {real_path} has no library beside it (no "
        "lib/python3.Y/os.py in a directory above), so that the owner of "
        "the code that root would run is not known; name another interpreter"
    )


def _check_tree(top: str) -> None:
    """Check a file or directory, its entries and its links' targets."""
    pending, seen = [top], set()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        found = os.lstat(path)
        _check_roots_alone(f"{path}, part of the interpreter,", found)
        if stat.S_ISDIR(found.st_mode):
            names = set(os.listdir(path)) - _NOT_IMPORTED
            pending += [os.path.join(path, name) for name in names]
        elif stat.S_ISLNK(found.st_mode) and os.path.exists(path):
            real = os.path.realpath(path)
            ancestors.check(real)
            pending.append(real)


def _ask(real_path: str) -> list[object]:
    argv = [real_path, "-I", "-S", "-c", _SCRIPT]
    text = command.run(argv, timeout=_SECONDS).stdout
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, list):
        raise errors.HostError(
            f"{real_path} is not a Python interpreter: it answered "
            f"{text[:200]!r}; name another interpreter"
        )
    return facts


def _gather_own_facts() -> list[object]:
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        libc = ""
    return [
        sys.implementation.name,
        list(sys.version_info[:3]),
        importlib.machinery.EXTENSION_SUFFIXES[0],
        os.uname().machine,
        struct.calcsize("P"),
        libc,
    ]


def _make_interpreter(
    path: str, real_path: str, facts: list[object]
) -> model.Interpreter:
    name, numbers, suffix, kernel_machine, pointer, libc_text = facts
    version = tuple(numbers) if isinstance(numbers, list) else ()
    if version < _OLDEST:
        raise errors.HostError(
            f"{path} is Python {'.'.join(map(str, version))}; this "
            "collection needs Python 3.9 or newer: name another interpreter"
        )
    soabi = str(suffix).strip(".").rpartition(".")[0]
    machine = _find_code_machine(str(kernel_machine), pointer == 8)
    return model.Interpreter(
        path=path,
        real_path=real_path,
        implementation=str(name),
        version=".".join(map(str, version[:2])),
        patch=".".join(map(str, version)),
        soabi=soabi,
        platform_tag=f"linux_{machine}",
        libc=_split_libc(str(libc_text), soabi),
        machine=machine,
    )


def _find_code_machine(kernel_machine: str, is_64_bit: bool) -> str:
    """Return the architecture of the interpreter's own code.

    A 64-bit kernel may run 32-bit programs. The rule is that of
    `_linux_platforms` in packaging.tags.
    """
    if is_64_bit:
        return kernel_machine
    narrow = {"x86_64": "i686", "aarch64": "armv8l"}
    return narrow.get(kernel_machine, kernel_machine)


def _split_libc(text: str, soabi: str) -> tuple[str, str]:
    name, _unused, version = text.partition(" ")
    if name:
        return name, version
    return ("musl" if "musl" in soabi else "", "")
