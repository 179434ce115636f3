# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remedies for a file that the service may not write, read or use.

A service owns four directories: systemd makes them, and names each in a
variable. A file that the application can write elsewhere belongs into
one of them. The need `write` helps only where the directory belongs to
the service: it opens the sandbox, and leaves owners and modes alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from posixpath import basename, dirname, normpath
from typing import NamedTuple

# Errors as Python, the shell, Rust and Node.js word them.
_READ_ONLY = re.compile(r"\[Errno 30\]|Read-only file system|EROFS")
_DENIED = re.compile(r"\[Errno 13\]|Permission denied|EACCES")
_NO_DEVICE = re.compile(r"\[Errno 6\]|No such device or address|ENXIO")
# A program that tests for a file takes EACCES for its absence.
_ABSENT = re.compile(r"does not exist|not found|\[Errno 2\]|No such file")
_OF_ROOT = re.compile(r"/etc/(?:ssl/private|letsencrypt/(?:live|archive))/")
# SQLite names no file.
_DATABASE = re.compile(
    r"unable to open database file|attempt to write a readonly database"
    r"|unable to open database:"
)
_ERROR = re.compile(
    r"\[Errno \d+\] ?|\(os error \d+\)|\(\d+, '[^']*'\)|<class '[^']*'>"
    r"|Read-only file system|Permission denied|No such device or address"
)
# A quoted text is a path if it looks like one.
_PLAIN = re.compile(r"/.*|[\w@%+=~-]?[\w.@%+=~/-]*[\w/-]")
# gunicorn's words for the address that it binds.
_ADDRESS = re.compile(r"connection to (\S+) failed")
# With the quotation marks of GNU programs in UTF-8.
_QUOTED = re.compile("(['\"\u2018`])([^'\"\u2019`]+)['\"\u2019`]")
_BARE = re.compile(r"(?<![\w.:/])/[^\s:'\",\])]+")

# A program that is started, and not a file that is opened.
_STARTS = re.compile(r"_execute_child|\bos\.(?:exec|posix_spawn)|Popen\(")
_UNIX_SOCKET = re.compile(r"\.sock\b|unix:|AF_UNIX|unix_(?:server|socket)")
_BINDS = re.compile(r"\bbind\(|\bbind on\b|create_unix_server")
_CONNECTS = re.compile(r"\bconnect(?:ing to|ion to server on|\()")
_STREAMS = re.compile(r"/dev/std(?:in|out|err)|/(?:dev|proc/self)/fd/\d+")
_LOADS_KEY = re.compile(r"load_cert_chain|use_privatekey|ssl_context\(")
_SECRET = re.compile(
    r"(?i)/.*(?:\.(?:key|pem|p12|pfx|crt|keytab|jks)$|/private/|/\.ssh/"
    r"|/letsencrypt/|secret|passw|credential|token|shadow)"
)
_HOME = re.compile(r"/(?:root|home|run/user|nonexistent)(?:/|$)")
# Relative paths, too: a service starts in its code directory.
_CODE = re.compile(r"(?!/)|/opt/[^/]+/(?:code|envs)(?:/|$)")
# The system's own directories, and those that all services share.
_SYSTEM = re.compile(r"/(?:etc|usr|bin|sbin|lib\w*|boot|proc|sys)(?:/|$)")
_SHARED = re.compile(
    r"(?:/opt|/srv|/mnt|/media|/run(?:/lock)?"
    r"|/var(?:/(?:lib|log|cache|spool|run|lock))?)?/[^/]*$"
)


class _Place(NamedTuple):
    """A directory of the service: its variable, and where it is."""

    variable: str
    root: str


_STATE = _Place("STATE_DIRECTORY", "/var/lib")
_CACHE = _Place("CACHE_DIRECTORY", "/var/cache")
_LOGS = _Place("LOGS_DIRECTORY", "/var/log")
_RUNTIME = _Place("RUNTIME_DIRECTORY", "/run")
_OWN = (_STATE, _CACHE, _LOGS, _RUNTIME)
# Every service has these as well, some of them for itself.
_FREE = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108

# The place for a path elsewhere; the first that matches counts.
_BETTER = (
    (re.compile(r"/var/log(?:/|$)|\.log$|(?:^|/)logs?(?:/|$)"), _LOGS),
    (
        re.compile(r"(?:/var)?/(?:run|lock)(?:/|$)|\.(?:pid|sock|ctl)$"),
        _RUNTIME,
    ),
    (re.compile(r"/var/cache(?:/|$)|(?:^|[/._])cache"), _CACHE),
)
# Settings by which well-known programs are told their place. `{0}` is
# the variable of systemd, `{1}` the directory.
_SETTINGS = (
    (r"celerybeat-schedule", "`--schedule=${{{0}}}/celerybeat-schedule`"),
    (r"(?:celery\w*|twistd)\.pid", "`--pidfile=${{{0}}}/main.pid`"),
    (r"matplotlib", "`environment: {{MPLCONFIGDIR: {1}/matplotlib}}`"),
    (r"numba", "`environment: {{NUMBA_CACHE_DIR: {1}/numba}}`"),
    (r"dask-\w+-space", "`environment: {{DASK_TEMPORARY_DIRECTORY: {1}}}`"),
    (r"\.nicegui", "`environment: {{NICEGUI_STORAGE_PATH: {1}/nicegui}}`"),
    (r"nltk_data", "`environment: {{NLTK_DATA: {1}/nltk_data}}`"),
)

# The usual groups of devices: udev's 50-udev-default.rules, i2c-tools,
# and Raspberry Pi OS. The advice tells how to see the one of the host.
_DEVICE_GROUPS = (
    (r"/dev/(?:tty(?:S|USB|ACM|AMA)|serial)", "dialout"),
    (r"/dev/(?:video|fb|media|vchiq)", "video"),
    (r"/dev/snd", "audio"),
    (r"/dev/(?:dri/render|kfd|accel)", "render"),
    (r"/dev/input", "input"),
    (r"/dev/gpio", "gpio"),
    (r"/dev/i2c", "i2c"),
    (r"/dev/spi", "spi"),
    (r"/dev/kvm", "kvm"),
)


def advise(line: str, above: str, app: str = "") -> str:
    """Say what to do about an error that a file met.

    Args:
        line: The line of the error.
        above: This line and those before it, such as its traceback.
        app: Name of the application, which is that of its user and its
            directories; empty if it is not known.

    Returns:
        One or two sentences; empty if the line tells no such error, or
        if the file is one that the service may use.
    """
    path = _path(line)
    if path and _is_free(path, app):
        return ""
    for error, remedy in _ERRORS:
        if error.search(line):
            return remedy(path, above, app)
    return ""


def is_in_sandbox(line: str, app: str) -> bool:
    """Tell whether the sandbox, and not the disk, is read-only.

    Args:
        line: A message of the service.
        app: Name of the application.
    """
    path = _path(line)
    return bool(path and _READ_ONLY.search(line) and not _is_free(path, app))


def _path(line: str) -> str:
    """Return the file that a message is about, empty if it names none."""
    error = _ERROR.search(line)
    start = error.end() if error else 0
    plain = _ERROR.sub(" ", line[start:])
    address = _ADDRESS.search(line)
    if address:
        return address[1] if ".sock" in line or "/" in address[1] else ""
    before = _ERROR.sub(" ", line)
    quoted = [match[2] for match in _QUOTED.finditer(before)]
    named = [
        *(match[2] for match in _QUOTED.finditer(plain)),
        *reversed(quoted),
        *(path.rstrip(".") for path in reversed(_BARE.findall(before))),
    ]
    return next(filter(_PLAIN.fullmatch, named), "")


def _is_free(path: str, app: str) -> bool:
    """Tell whether a path is in a directory of the service."""
    own = [f"{place.root}/{app}" for place in _OWN if app]
    inside = f"{normpath(path)}/"
    return inside.startswith(tuple(f"{p}/" for p in (*own, *_FREE)))


def _elsewhere(path: str, app: str) -> str:
    """Advise to write a file below a directory of the service."""
    reason = "In the sandbox the system is read-only"
    if _CODE.match(path):
        reason = (
            "The code directory, in which relative paths begin, belongs to "
            "root, and the need `write` does not change its owner"
        )
    place = _place(path)
    said = (
        f"{reason}: let the application write {path or 'the file'} below "
        f"{_where(place, app)} instead"
    )
    for words, setting in _SETTINGS:
        if re.search(words, path):
            folder = f"{place.root}/{app or 'NAME'}"
            return f"{said}, by {setting.format(place.variable, folder)}."
    return f"{said}, by an absolute path."


def _open_device(path: str, _app: str) -> str:
    return advice("devices are shut", f"devices: [{path}]")


def _open_folder(path: str, app: str) -> str:
    folder = dirname(path)
    opened = advice("the system is read-only", f"write: [{folder}]")
    return (
        f"{opened[:-1]}, and make sure that {folder} belongs to "
        f"{_user(app)}; or let the application write below "
        f"{_where(_place(path), app)} instead."
    )


def _home(path: str, app: str) -> str:
    return (
        f"{path} is in a home directory that the service does not have: "
        f"leave HOME ({_STATE.root}/{app or 'NAME'}) and XDG_CACHE_HOME "
        f"({_CACHE.root}/{app or 'NAME'}) as they are, or let the "
        "application write below one of these directories."
    )


def _credential(path: str, app: str) -> str:
    """Advise to have systemd hand over a file that root alone reads."""
    name = re.sub(r"[^\w.-]", "-", basename(path)).lstrip(".") or "key"
    shown = path or "PATH"
    user = _user(app)
    return (
        f"{user[0].upper()}{user[1:]} may not use {path or 'the key'}: let "
        "systemd, which reads it as root, hand it over, by "
        f"`credentials: {{{name}: {{host_path: {shown}}}}}`, and let the "
        f"application read ${{CREDENTIALS_DIRECTORY}}/{name}."
    )


def _device(path: str, _app: str) -> str:
    group = next(
        (g for words, g in _DEVICE_GROUPS if re.match(words, path)), "GROUP"
    )
    return (
        f"{path} belongs to another group, which `ls -l {path}` names: add "
        f"`needs: [{{groups: [{group}]}}]`."
    )


def _of_others(path: str, app: str) -> str:
    return (
        f"{path} is not for {_user(app)}, and no need changes that: on the "
        "host give it to that user (chown), or name the group that may use "
        "it, by `needs: [{groups: [GROUP]}]`."
    )


_Remedy = Callable[[str, str], str]
# The remedy for a path; the first pattern that matches counts.
_FOR_READ_ONLY: tuple[tuple[re.Pattern[str], _Remedy], ...] = (
    (re.compile(r"/dev/"), _open_device),
    (re.compile(r"/nonexistent"), _home),
    (_CODE, _elsewhere),
    (_SYSTEM, _elsewhere),
    (_SHARED, _elsewhere),
    (re.compile(""), _open_folder),
)
_FOR_DENIED: tuple[tuple[re.Pattern[str], _Remedy], ...] = (
    (re.compile(r"/dev/"), _device),
    (_SECRET, _credential),
    (_HOME, _home),
    (_CODE, _elsewhere),
    (_SHARED, _elsewhere),
    (_SYSTEM, _credential),
    (re.compile(""), _of_others),
)


def _read_only(path: str, above: str, app: str) -> str:
    guess = "" if path else _without_path(above, app)
    if guess:
        return guess
    remedy = next(r for kind, r in _FOR_READ_ONLY if kind.match(path))
    return remedy(path, app)


def _denied(path: str, above: str, app: str) -> str:
    if _STARTS.search(above):
        return (
            f"{path or 'The program'} may not be executed: set its execute "
            "bits, and look for a file system mounted noexec."
        )
    if not path:
        return _without_path(above, app)
    if path.endswith(".sock") and _CONNECTS.search(above):
        return _of_others(path, app)
    remedy = next(r for kind, r in _FOR_DENIED if kind.match(path))
    return remedy(path, app)


def _without_path(above: str, app: str) -> str:
    """Guess the file of an error from the traceback above it."""
    if "docker" in above.lower():
        return (
            "Docker's socket belongs to a group: add `needs: [{groups: "
            "[docker]}]`. A member of this group can become root."
        )
    if _LOADS_KEY.search(above):
        return _credential("", app)
    if _BINDS.search(above) and _UNIX_SOCKET.search(above):
        return (
            "The service may make a Unix socket only in a directory of its "
            f"own: let it listen below {_where(_RUNTIME, app)}."
        )
    return ""


def _stream(path: str, _above: str, _app: str) -> str:
    if not _STREAMS.fullmatch(path):
        return ""
    return (
        f"{path} is a socket of the journal here, and Linux does not "
        "open a socket by its path (ENXIO): let the application write "
        "to its standard output or error itself; many programs take "
        "`-` in place of the path, as in `--access-logfile -`."
    )


def _database(path: str, _above: str, app: str) -> str:
    return _elsewhere(path or "SQLite's database", app)


def _numba(_path: str, _above: str, app: str) -> str:
    return (
        "numba may write its cache neither beside the code nor below the "
        "home that HOME names: leave HOME and XDG_CACHE_HOME as they are, or "
        f"set `environment: {{NUMBA_CACHE_DIR: {_CACHE.root}/{app or 'NAME'}"
        "/numba}`."
    )


def _absent(path: str, _above: str, app: str) -> str:
    if _OF_ROOT.match(path):
        return _credential(path, app)
    # A log in a directory that the code does not have.
    is_log = _CODE.match(path) and path.endswith(".log")
    return _elsewhere(path, app) if is_log else ""


_ERRORS: tuple[tuple[re.Pattern[str], Callable[[str, str, str], str]], ...] = (
    (_NO_DEVICE, _stream),
    (_DATABASE, _database),
    (_READ_ONLY, _read_only),
    (_DENIED, _denied),
    (re.compile(r"no locator available for file"), _numba),
    (_ABSENT, _absent),
)


def _place(path: str) -> _Place:
    """Return the directory of the service that a path fits best."""
    return next((p for kind, p in _BETTER if kind.search(path)), _STATE)


def advice(reason: str, need: str) -> str:
    """Return a sentence that says which need to add."""
    written = f"{{{need}}}" if ":" in need else need
    return f"In the sandbox {reason}: add `needs: [{written}]`."


def _user(app: str) -> str:
    return f"the user {app}" if app else "the service's user"


def _where(place: _Place, app: str) -> str:
    end = "/SERVICE" if place is _RUNTIME else ""
    return f"${place.variable} ({place.root}/{app or 'NAME'}{end})"
