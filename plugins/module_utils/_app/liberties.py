# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse lines of a unit that reach beyond the application.

PID 1 is root and does as a unit says: it opens files, changes the owner
of directories, starts and stops units, and runs commands as other users.
A line that reaches beyond the application's own names needs a word in
`allow`, whichever variable the line comes from. This module is pure: it
takes values and yields messages.
"""

from __future__ import annotations

import re
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
)
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    schema,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    environment_file,
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    exec_lines,
    lists,
)

# Variables that change the code a process loads, by the word that
# allows them. Sources: ld.so(8), python(1), and the libraries that load
# a file which a variable names.
LOADERS = {
    "pythonhome": re.compile(r"PYTHONHOME|__PYVENV_LAUNCHER__"),
    "pythonpath": re.compile(
        r"PYTHON(?:PATH|STARTUP|USERBASE|EXECUTABLE|PLATLIBDIR|BREAKPOINT"
        r"|SAFEPATH|NOUSERSITE|PYCACHEPREFIX)"
    ),
    "ld-preload": re.compile(
        r"LD_\w+|GCONV_PATH|GLIBC_TUNABLES|LOCPATH|MALLOC_TRACE|BASH_ENV"
        r"|OPENSSL_(?:CONF|ENGINES|MODULES)|GI_TYPELIB_PATH|GIO_MODULE_DIR"
        r"|PERL5(?:OPT|LIB|DB)|NODE_OPTIONS|JAVA_TOOL_OPTIONS|RUBY(?:OPT|LIB)"
    ),
}
# Names of variables that hold a secret. A path, an address or a number
# of tokens is not a secret.
_SECRET = re.compile(
    r"(?i)\w*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?"
    r"|(?:API|PRIVATE|ENCRYPTION|FERNET|SIGNING|ACCESS|MASTER)_?KEY)\w*"
    r"|(?:\w+_)?(?:PASS|PWD)"
)
_HARMLESS = re.compile(
    r"(?i)(?:/[\w.-]+){2,}/?|https?://[^@]*|true|false|yes|no|"
)
_NUMBER_OF = re.compile(r"(?i)\w*(?:TOKENS|TOKEN_\w+)=[0-9.]+")
_URL_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
# A file is judged before its host is known, and systemd 254 reads some
# lines that older versions take for a comment.
_READERS = (247, 262)

# Units whose start ends the services of the host, or opens the host to
# anybody at its console: systemd.special(7).
_ENDS = re.compile(
    r"(?:systemd-)?(?:poweroff|reboot|halt|kexec|soft-reboot|exit|suspend"
    r"|hibernate|hybrid-sleep|suspend-then-hibernate)\.(?:target|service)"
    r"|(?:shutdown|emergency|rescue|sleep|umount|final|ctrl-alt-del"
    r"|runlevel[016]|system-update|factory-reset|initrd-\S+)\.target"
    r"|(?:emergency|rescue|debug-shell|systemd-factory-reset\S*)\.service"
)

# Targets that WantedBy= may name; a service of somebody else is not a
# target.
_TARGETS = frozenset(
    f"{name}.target"
    for name in (
        "multi-user", "graphical", "default", "timers", "sockets", "paths",
        "basic", "network-online",
    )
)  # fmt: skip


class _Names(NamedTuple):
    """The application that must own the names which a unit uses."""

    app: str

    def is_directory(self, name: str) -> bool:
        """Tell whether a name below /var/lib and the like is its own."""
        parts = name.split("/")
        is_plain = ".." not in parts and "%" not in name
        return is_plain and parts[0] == self.app

    def is_roots(self, path: str) -> bool:
        """Tell whether a path is its own and only root can write it.

        A path that the service can write may lead through a link to a
        file of somebody else.
        """
        own = (f"/opt/{self.app}/", f"/etc/pyfleet/{self.app}/")
        is_plain = ".." not in path.split("/") and "%" not in path
        return is_plain and f"{path}/".startswith(own)


# Returns the part of a value that reaches beyond the application, or an
# empty text.
_Taker = Callable[[str, _Names], str]


def _anything(value: str, _names: _Names) -> str:
    return value or "nothing, which is root"


def _if_given(value: str, _names: _Names) -> str:
    return value


def _if_on(value: str, _names: _Names) -> str:
    return "" if enums.parse_boolean(value) is False else value


def _if_off(value: str, _names: _Names) -> str:
    return value if enums.parse_boolean(value) is False else ""


def _action(value: str, _names: _Names) -> str:
    return "" if value in ("", "none") else value


def _prefix(value: str, _names: _Names) -> str:
    """Look at the prefixes of every command of an Exec line."""
    try:
        found = exec_lines.split_exec(value)
    except splitting.WordError:
        # systemd refuses the line, and so does the validator.
        return ""
    risky = (one for one in found if set(one.prefixes) & {"+", "!"})
    return next((f"{one.prefixes}{one.argv[0]}" for one in risky), "")


def _directories(value: str, names: _Names) -> str:
    for word in _words(value):
        # Behind the colon is the name of a link to the directory, from
        # 253 on: systemd.exec(5).
        for name in word.split(":")[:2]:
            if name and not names.is_directory(name):
                return word
    return ""


def _paths(value: str, names: _Names) -> str:
    for word in _words(value):
        path = word.lstrip("-+").split(":")[0]
        if not names.is_roots(path):
            return word
    return ""


def _credential(value: str, names: _Names) -> str:
    _name, _colon, path = value.partition(":")
    return "" if not value or names.is_roots(path) else value


def _stream(value: str, _names: _Names) -> str:
    kind = value.partition(":")[0]
    is_open = kind in ("file", "append", "truncate") or value.startswith("tty")
    return value if is_open else ""


def _run_file(value: str, names: _Names) -> str:
    is_own = value.startswith((f"{names.app}/", f"/run/{names.app}/"))
    is_plain = ".." not in value.split("/") and "%" not in value
    return "" if not value or (is_own and is_plain) else value


def _pulled_in(value: str, names: _Names) -> str:
    for word in _words(value):
        if word not in _TARGETS and not word.startswith(f"{names.app}."):
            return word
    return ""


def _others(value: str, names: _Names) -> str:
    words = _words(value)
    own = f"{names.app}."
    return next((word for word in words if not word.startswith(own)), "")


def _ending(value: str, _names: _Names) -> str:
    return next(filter(_ENDS.fullmatch, _words(value)), "")


def _isolation(value: str, _names: _Names) -> str:
    return value if value == "isolate" else ""


def _no_kill(value: str, _names: _Names) -> str:
    return value if value == "none" else ""


def _folder(value: str, names: _Names) -> str:
    path = value.lstrip("-")
    is_roots = path in ("", "/") or names.is_roots(path)
    return "" if is_roots else value


class _Kind(NamedTuple):
    """Directives that reach beyond the application in one way.

    Attributes:
        word: The word of `allow` that lifts the refusal.
        what: The effect of the value, for the message.
        take: Finds the part of a value that is refused.
        names: The directives.
    """

    word: str
    what: str
    take: _Taker
    names: str


_ACCOUNT = (
    "makes the service run as somebody else than the application's account"
)
_DIRECTORIES = (
    "makes systemd give the service a directory that does not belong to "
    "the application"
)
_FILES = (
    "makes systemd, as root, open or bind a file that does not belong to "
    "the application"
)
_UNITS = "takes or changes units that do not belong to the application"
_STOP = "keeps systemd from stopping or starting the unit when a deploy must"
_POWER = "can restart or switch off the host"
DEPENDENCIES = (
    "Wants Requires RequiresOverridable Requisite RequisiteOverridable "
    "BindsTo BindTo PartOf OnFailure OnSuccess"
)
_KINDS = (
    _Kind("account", _ACCOUNT, _anything, "User Group"),
    _Kind(
        "account",
        _ACCOUNT,
        _if_given,
        "SupplementaryGroups PAMName UtmpIdentifier AppArmorProfile "
        "SELinuxContext SmackProcessLabel",
    ),
    _Kind("account", _ACCOUNT, _if_on, "DynamicUser"),
    _Kind(
        "privileges",
        "gives the service rights that its user does not have",
        _if_given,
        "AmbientCapabilities CapabilityBoundingSet Capabilities SecureBits",
    ),
    _Kind(
        "privileges",
        "lets the service's programs gain rights by set-user-ID files",
        _if_off,
        "NoNewPrivileges",
    ),
    _Kind(
        "exec-prefix",
        "runs a command outside of the service's user and sandbox",
        _prefix,
        "ExecStart ExecStartPre ExecStartPost ExecCondition ExecReload "
        "ExecReloadPost ExecStop ExecStopPost",
    ),
    _Kind(
        "exec-prefix",
        "runs the commands other than ExecStart= as root",
        _if_on,
        "PermissionsStartOnly RootDirectoryStartOnly",
    ),
    _Kind(
        "directories",
        _DIRECTORIES,
        _directories,
        "StateDirectory CacheDirectory LogsDirectory RuntimeDirectory "
        "ConfigurationDirectory",
    ),
    _Kind(
        "host-files",
        _FILES,
        _paths,
        "EnvironmentFile BindPaths BindReadOnlyPaths OpenFile",
    ),
    _Kind(
        "host-files",
        _FILES,
        _credential,
        "LoadCredential LoadCredentialEncrypted",
    ),
    _Kind(
        "host-files",
        _FILES,
        _if_given,
        "ImportCredential RootDirectory RootImage RootMStack RootHash "
        "RootHashSignature RootVerity MountImages ExtensionImages "
        "ExtensionDirectories BPFProgram IPIngressFilterPath "
        "IPEgressFilterPath NetworkNamespacePath IPCNamespacePath "
        "UserNamespacePath TTYPath USBFunctionDescriptors "
        "USBFunctionStrings NFTSet LUOSession",
    ),
    _Kind(
        "host-files",
        _FILES,
        _stream,
        "StandardInput StandardOutput StandardError",
    ),
    _Kind("host-files", _FILES, _run_file, "PIDFile"),
    _Kind(
        "units",
        _UNITS,
        _if_given,
        "Alias Also Conflicts PropagatesReloadTo PropagateReloadTo "
        "PropagatesStopTo Upholds JoinsNamespaceOf Sockets BusName",
    ),
    _Kind("units", _UNITS, _pulled_in, "WantedBy"),
    _Kind("units", _UNITS, _others, "RequiredBy UpheldBy"),
    _Kind("units", _STOP, _no_kill, "KillMode"),
    _Kind("units", _STOP, _if_off, "SendSIGKILL"),
    _Kind("power", _POWER, _ending, DEPENDENCIES),
    _Kind("power", _POWER, _isolation, "OnFailureJobMode OnSuccessJobMode"),
    _Kind("power", _POWER, _if_on, "OnFailureIsolate"),
    _Kind(
        "units",
        _STOP,
        _if_on,
        "RefuseManualStart RefuseManualStop SurviveFinalKillSignal",
    ),
    _Kind(
        "power",
        _POWER,
        _action,
        "FailureAction SuccessAction StartLimitAction JobTimeoutAction",
    ),
    _Kind(
        "working-directory",
        "makes the service start in a directory that it can write, and "
        "Python below 3.11 imports from that directory",
        _folder,
        "WorkingDirectory",
    ),
    _Kind(
        "plain-secret",
        "shows a secret to every user of the host",
        _if_given,
        "SetCredential",
    ),
)
_BY_NAME = {name: kind for kind in _KINDS for name in kind.names.split()}
WORDS = tuple(dict.fromkeys([*LOADERS, *(kind.word for kind in _KINDS)]))


def of_options(
    options: Mapping[str, Mapping[str, object]],
    app: str,
    allow: Collection[str],
) -> Iterator[str]:
    """Yield a message for each raw directive that is not allowed.

    Each line is judged by itself, even if a later line overrides it: a
    line that a later one overrides is a mistake, or hides something.

    Args:
        options: {Section: {Directive: value or list}}, as written.
        app: Name of the application.
        allow: The words that are given.
    """
    names = _Names(app)
    for section, directives in options.items():
        for name, given in directives.items():
            values = given if isinstance(given, list) else [given]
            for value in values:
                text = _text(value)
                place = f"{section}.{name}: {schema.shown(f'{name}={text}')}"
                for said, word in _taken(name, text, names, allow):
                    yield f"{place} {said}{_lift(word)}"


def of_dependencies(
    units: Iterable[str], allow: Collection[str]
) -> Iterator[str]:
    """Yield the units that a service may not start by a dependency."""
    for unit in units:
        if "power" not in allow and _ENDS.fullmatch(unit):
            yield f"{schema.shown(unit)} {_POWER}{_lift('power')}"


def of_environment(
    name: str, value: str, allow: Collection[str]
) -> Iterator[str]:
    """Yield a message if a variable of Environment= is not allowed."""
    if "%" in name and "ld-preload" not in allow:
        # systemd replaces the specifier, and the name may then be any.
        yield f"has a specifier in a variable's name{_lift('ld-preload')}"
    for word, pattern in LOADERS.items():
        if word not in allow and pattern.fullmatch(name):
            yield (f"changes the code that every process loads{_lift(word)}")
    if is_secret(name, value) and "plain-secret" not in allow:
        yield (
            "looks like a secret, and every user of the host can read the "
            "environment of a unit; move it to credentials, or to a file of "
            f"environment_files{_lift('plain-secret')}"
        )


def is_secret(name: str, value: str) -> bool:
    """Tell whether a variable looks like a secret."""
    if _URL_PASSWORD.search(value):
        return True
    is_harmless = _HARMLESS.fullmatch(value) or _NUMBER_OF.fullmatch(
        f"{name}={value}"
    )
    return bool(_SECRET.fullmatch(name)) and not is_harmless


def of_environment_file(text: str, allow: Collection[str]) -> Iterator[str]:
    """Yield a message for each name of a file that is not allowed."""
    for name in _names_in(text):
        for word, pattern in LOADERS.items():
            if word not in allow and pattern.fullmatch(name):
                yield (
                    f"{name} changes the code that every process loads"
                    f"{_lift(word)}"
                )


def _names_in(text: str) -> list[str]:
    """Return the variables that a file sets, or means to set."""
    names: dict[str, None] = {}
    for version in _READERS:
        found = environment_file.parse(text, version=version)
        names.update(dict.fromkeys(entry.name for entry in found.entries))
        # As in "export A=1", which systemd drops.
        words = [mistake.name.split()[-1:] for mistake in found.mistakes]
        names.update(dict.fromkeys(word for (word,) in filter(None, words)))
    return list(names)


def _taken(
    name: str, value: str, names: _Names, allow: Collection[str]
) -> Iterator[tuple[str, str]]:
    kind = _BY_NAME.get(name)
    if kind and kind.word not in allow and kind.take(value, names):
        yield kind.what, kind.word
    if name == "Environment":
        for word in _words(value):
            variable, _equals, content = word.partition("=")
            for said in of_environment(variable, content, allow):
                yield said, ""
    if name in ("PassEnvironment", "UnsetEnvironment"):
        for word in _words(value):
            # UnsetEnvironment= takes assignments as well.
            for said in of_environment(word.partition("=")[0], "", allow):
                yield said, ""


def _words(value: str) -> list[str]:
    try:
        return lists.split(value)
    except contexts.BadValueError:
        # systemd refuses the line, and so does the validator.
        return value.split()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _lift(word: str) -> str:
    return f"; if that is meant, add allow: [{word}]" if word else ""
