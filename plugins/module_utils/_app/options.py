# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the contract, each with its exact type and its rule."""

from __future__ import annotations

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    addresses,
    liberties,
    schema,
)

APP_NAME = r"[a-z][a-z0-9-]{0,30}"
SERVICE_KEY = r"[a-z][a-z0-9-]{0,30}"
# A file of the host; systemd refuses other forms of the same path.
HOST_PATH = r"(?:/(?!\.{1,2}(?:/|$))[^/\0\r\n]+)+"
# A file of /etc/<app>, or a credential.
FILE_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}"
VARIABLE_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
# systemd.time(7), "Parsing Time Spans", in its usual short forms. The
# pattern matches a text in one way at most: with several ways, a
# refusal would take exponential time.
TIME_SPAN = (
    r"(infinity *|[0-9]+(?![0-9])(\.[0-9]+(?![0-9]))? *"
    r"((us|ms|s|sec|m|min|h|hr|d|w) *)?)+"
)
# PEP 440 "==" with a full version and an optional local part.
PINNED = (
    r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._, -]+\])?\s*==\s*"
    r"[0-9][A-Za-z0-9.!-]*(\+[A-Za-z0-9.]+)?(\s*;.*)?"
)

_VALUE = schema.Field("str", "value of an environment variable")
_ENVIRONMENT = schema.Field(
    "dict",
    "environment variables, which every user of the host can read; "
    "secrets belong in credentials or environment_files of a service",
    default={},
    keys=schema.Field(
        "str",
        pattern=VARIABLE_NAME,
        rule="a variable name (letters, digits and _, no digit first)",
    ),
    elements=_VALUE,
)
_SPAN = schema.Field(
    "str",
    pattern=TIME_SPAN,
    rule="a time span such as 5s, 2min or infinity",
)


def _span(about: str, default: str | None = None) -> schema.Field:
    return schema.Field(
        "str",
        about,
        default=default,
        pattern=_SPAN.pattern,
        rule=_SPAN.rule,
    )


# unix(7): sun_path holds 108 bytes with the NUL.
_SOCKET_PATH = r"/[!-~]{1,106}"
_PATH = schema.Field("str", pattern=r"[^\0\r\n]+", rule="a path on one line")
_COMMAND = schema.Field(
    "str",
    pattern=r"[^\S\0\r\n]*[^\s\0][^\0\r\n]*",
    rule="a command on one line",
)
_ARGUMENTS = schema.Field(
    "list",
    required=True,
    # The renderer quotes an argument, so even line breaks reach the
    # program.
    elements=schema.Field(
        "str",
        pattern=r"[^\0]*",
        rule="an argument without a NUL byte",
    ),
)

# A URL that urllib and uv read alike: no backslash, which one of them
# takes for a slash, and no "?" or "#" before the host, which ends the
# host.
_USER = r"(?:(?:(?![/@?#\\\[\]])[!-~])+@)?"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_LOOPBACK = r"(?:127\.0\.0\.1|localhost|\[::1\])"
_REST = r"(?::[0-9]{1,5})?(?:/(?:(?![\\#])[!-~])*)?"
_INDEX_URL = f"https://{_USER}{_HOST}{_REST}|http://{_USER}{_LOOPBACK}{_REST}"
_INDEX = schema.Field(
    "dict",
    "package index that is used in place of the controller's default",
    options={
        "url": schema.Field(
            "str",
            "URL of the index, by https only; the URL may carry credentials",
            required=True,
            secret=True,
            pattern=_INDEX_URL,
            rule="an https:// URL (http only for a loopback address)",
        ),
        "extra_urls": schema.Field("list", "further indexes", not_yet=True),
    },
)

SOURCE = schema.Field(
    "dict",
    "source of the application: exactly one of packages and requirements, "
    "and the options of both",
    required=True,
    options={
        "packages": schema.Field(
            "list",
            "pinned requirements such as gunicorn==23.0.0; an empty list is "
            "for an application of the standard library alone",
            elements=schema.Field(
                "str",
                pattern=PINNED,
                rule="a pinned requirement such as gunicorn==23.0.0",
                explain=addresses.refusal,
            ),
            required=False,
        ),
        "requirements": schema.Field(
            "str",
            "path of a requirements file on the controller",
            pattern=_PATH.pattern,
            rule=_PATH.rule,
        ),
        "lock": schema.Field("str", "pylock.toml or uv.lock", not_yet=True),
        "wheel": schema.Field("str", "wheel file or files", not_yet=True),
        "project": schema.Field(
            "str", "directory with pyproject.toml", not_yet=True
        ),
        "git": schema.Field("dict", "repository and version", not_yet=True),
        "files": schema.Field(
            "str",
            "directory on the controller, laid down as the working "
            "directory of the services",
            pattern=_PATH.pattern,
            rule=_PATH.rule,
        ),
        "exclude": schema.Field(
            "list",
            "patterns of files that are left out, in addition to "
            "__pycache__, .git, .venv and the like",
            elements=schema.Field("str"),
            default=[],
        ),
        "allow": schema.Field(
            "list",
            "patterns of files that are laid down although they look like "
            "secrets, such as .env and private keys, which are refused "
            "otherwise",
            elements=schema.Field("str"),
            default=[],
        ),
        "index": _INDEX,
        "wheelhouse": schema.Field("str", "directory of wheels", not_yet=True),
        "allow_sdist": schema.Field("bool", "build from source", not_yet=True),
    },
)

# A host name, an IPv4 address, or an IPv6 address in brackets.
_LABEL = r"[A-Za-z0-9_-]{1,63}"
_HOST = rf"(\[[0-9a-fA-F:.]+\]|{_LABEL}(\.{_LABEL})*)"

_HEALTH = schema.Field(
    "dict",
    "check that shows that the service works; by default the service must "
    "be ready as systemd sees it, and stay so for the seconds of settle",
    default={},
    options={
        "http": schema.Field(
            "str",
            "URL that must answer with a status of 200 to 299",
            pattern=rf"http://{_HOST}(:[0-9]{{1,5}})?([/?#][!-~]*)?",
            rule="a URL such as http://127.0.0.1:8000/health",
        ),
        "tcp": schema.Field(
            "str",
            "address and port that must accept a connection",
            pattern=rf"{_HOST}:[0-9]{{1,5}}",
            rule="HOST:PORT",
        ),
        "unix": schema.Field(
            "str",
            "path of a Unix socket that must accept a connection, made "
            "with the service user's rights",
            pattern=_SOCKET_PATH,
            rule="an absolute path of at most 107 characters",
        ),
        "command": schema.Field(
            "str",
            "command that must succeed, run with the service user's "
            "rights; a bare first word is looked up in the virtualenv",
            pattern=_COMMAND.pattern,
            rule=_COMMAND.rule,
        ),
        "socket": schema.Field(
            "str",
            "path of a Unix socket; the request of http goes over this "
            "socket instead of TCP",
            pattern=_SOCKET_PATH,
            rule="an absolute path of at most 107 characters",
        ),
        "status": schema.Field(
            "int",
            "only status that the answer to http may have, in place of "
            "200 to 299",
            minimum=100,
            maximum=599,
        ),
        "match": schema.Field(
            "str",
            "regular expression that must match in the body of the answer "
            "to http",
        ),
        "timeout": schema.Field(
            "float",
            "seconds that the check may take; after this time the service "
            "counts as unhealthy",
            default=30,
            minimum=0.1,
            maximum=3600,
        ),
        "interval": schema.Field(
            "float",
            "seconds between two probes",
            default=0.5,
            minimum=0.05,
            maximum=60,
        ),
        "consecutive": schema.Field(
            "int",
            "number of probes in a row that must succeed",
            default=2,
            minimum=1,
            maximum=100,
        ),
        "settle": schema.Field(
            "float",
            "seconds for which the service must then stay healthy",
            default=5,
            minimum=0,
            maximum=600,
        ),
    },
)


def _limit(about: str) -> schema.Field:
    rule = "one word such as 512M, 50% or infinity"
    return schema.Field("str", about, pattern=r"[!-~]+", rule=rule)


_RESOURCES = schema.Field(
    "dict",
    "resource limits; each key is the name of a systemd directive in "
    "snake_case",
    default={},
    options={
        "memory_max": _limit("MemoryMax=, such as 512M"),
        "memory_high": _limit("MemoryHigh=, such as 400M"),
        "cpu_quota": _limit("CPUQuota=, such as 150%"),
        "cpu_weight": schema.Field(
            "int", "CPUWeight=", minimum=1, maximum=10000
        ),
        "io_weight": schema.Field(
            "int", "IOWeight=", minimum=1, maximum=10000
        ),
        "tasks_max": schema.Field("int", "TasksMax=", minimum=1),
        "nofile": schema.Field("int", "LimitNOFILE=", minimum=1),
        "nice": schema.Field("int", "Nice=", minimum=-20, maximum=19),
        "oom_score_adjust": schema.Field(
            "int", "OOMScoreAdjust=", minimum=-1000, maximum=1000
        ),
    },
)

_UNITS = schema.Field("list", elements=schema.Field("str"), default=[])


def _units(directive: str) -> schema.Field:
    return schema.Field(
        "list",
        f"{directive}= of the unit",
        default=[],
        elements=_UNITS.elements,
    )


_SERVICE_OPTIONS: dict[str, schema.Field] = {
    "exec": schema.Field(
        "str",
        "command in systemd's Exec syntax, or a list of arguments taken "
        "literally; a bare first word is looked up in the virtualenv",
        required=True,
        pattern=_COMMAND.pattern,
        rule=_COMMAND.rule,
        alternatives=(_ARGUMENTS,),
    ),
    "type": schema.Field(
        "str",
        "Type= of the service",
        default="exec",
        choices=("simple", "exec", "notify"),
    ),
    "needs": schema.Field(
        "list",
        "words such as network; each word opens one part of the sandbox "
        "that the service needs",
        default=[],
        elements=schema.Field("str", alternatives=(schema.Field("dict"),)),
    ),
    "profile": schema.Field(
        "str",
        "sandbox that the needs are added to; relaxed has the needs jit, "
        "procfs, scheduling and netlink already",
        default="strict",
        choices=("strict", "relaxed"),
    ),
    "allow": schema.Field(
        "list",
        "words that each lift one refusal, for a risk that the user accepts",
        default=[],
        elements=schema.Field(
            "str",
            choices=liberties.WORDS,
        ),
    ),
    "state": schema.Field(
        "str",
        "whether the service runs, is stopped, or is removed",
        default="started",
        choices=("started", "stopped", "absent"),
    ),
    "enabled": schema.Field(
        "bool", "whether the service starts at boot", default=True
    ),
    "environment": _ENVIRONMENT,
    "environment_files": schema.Field(
        "list",
        "environment files on the controller, in systemd's syntax; "
        "their contents may be secret",
        default=[],
        elements=_PATH,
    ),
    "credentials": schema.Field(
        "dict",
        "secrets by name; a value is the secret itself, {file: path on "
        "the controller}, or {host_path: path of a file on the host, which "
        "systemd reads as root at each start}; the service reads each "
        "secret from the file of its name in $CREDENTIALS_DIRECTORY",
        default={},
        keys=schema.Field(
            "str",
            pattern=FILE_NAME,
            rule="a file name without a slash or a leading dot",
        ),
        elements=schema.Field(
            "str",
            secret=True,
            # systemd.exec(5), LoadCredential=: 1 MB in all.
            longest=1 << 20,
            alternatives=(
                schema.Field(
                    "dict",
                    options={
                        "file": schema.Field(
                            "str",
                            "path on the controller",
                            pattern=_PATH.pattern,
                            rule=_PATH.rule,
                        ),
                        "host_path": schema.Field(
                            "str",
                            "absolute path on the host",
                            # systemd.exec(5), LoadCredential=.
                            pattern=HOST_PATH,
                            rule="an absolute path without //, . and ..",
                        ),
                    },
                ),
            ),
        ),
        secret=True,
    ),
    "groups": schema.Field("list", "supplementary groups", not_yet=True),
    "listen": schema.Field("list", "socket addresses", not_yet=True),
    "schedule": schema.Field("str", "OnCalendar= expression", not_yet=True),
    "instances": schema.Field("int", "template instances", not_yet=True),
    "health": _HEALTH,
    "resources": _RESOURCES,
    "description": schema.Field(
        "str", "Description=", pattern=r"[^\0\r\n]+", rule="one line of text"
    ),
    "documentation": _units("Documentation"),
    "restart": schema.Field(
        "str",
        "Restart= of the service",
        default="on-failure",
        choices=(
            "no",
            "always",
            "on-success",
            "on-failure",
            "on-abnormal",
            "on-abort",
            "on-watchdog",
        ),
    ),
    "restart_sec": _span("RestartSec=", "5s"),
    "start_limit": schema.Field(
        "dict",
        "number of starts that systemd allows within an interval",
        default={},
        options={
            "interval": _span("StartLimitIntervalSec=", "5min"),
            "burst": schema.Field(
                "int", "StartLimitBurst=", default=10, minimum=1
            ),
        },
    ),
    # systemd's own default, which leaves a server such as gunicorn its
    # 30 seconds to end gracefully.
    "stop_timeout": _span(
        "time that a stop may take until systemd kills what is left "
        "(TimeoutStopSec=); a worker needs more than its longest job",
        "90s",
    ),
    "start_timeout": _span("TimeoutStartSec=", "90s"),
    "reload": schema.Field("str", "ExecReload=", not_yet=True),
    "watchdog_sec": _span("WatchdogSec="),
    "on_failure": _units("OnFailure"),
    "after": _units("After"),
    "requires": _units("Requires"),
    "wants": _units("Wants"),
    "options": schema.Field(
        "dict",
        "raw directives, {Section: {Directive: value or list}}; they "
        "override the directives of the other options",
        default={},
        keys=schema.Field("str", choices=("Unit", "Service", "Install")),
        elements=schema.Field("dict"),
    ),
}

OPTIONS: dict[str, schema.Field] = {
    "name": schema.Field(
        "str",
        "name of the application, of its account and of its directories",
        required=True,
        pattern=APP_NAME,
        rule="a lower-case letter followed by at most 30 lower-case "
        "letters, digits or hyphens",
    ),
    "state": schema.Field(
        "str",
        "whether the application is on the host",
        default="present",
        choices=("present", "absent"),
    ),
    "source": SOURCE,
    "python": schema.Field(
        "str",
        "Python version such as 3.11, or the path of an interpreter on "
        "the host; by default the host's python3",
        pattern=r"[0-9]+\.[0-9]+|/[^\0\r\n]+",
        rule='a version such as "3.11" or an absolute path',
    ),
    "services": schema.Field(
        "dict",
        "services of the application by key; the key main becomes the unit "
        "<app>.service, any other key the unit <app>-<key>.service",
        required=True,
        keys=schema.Field(
            "str",
            pattern=SERVICE_KEY,
            rule="a lower-case letter followed by at most 30 lower-case "
            "letters, digits or hyphens",
        ),
        elements=schema.Field("dict", options=_SERVICE_OPTIONS),
    ),
    "environment": _ENVIRONMENT,
    "config": schema.Field(
        "dict",
        "configuration files by name, each with its content; only the "
        "services see the files, in /etc/<app>",
        default={},
        keys=schema.Field(
            "str",
            pattern=FILE_NAME,
            rule="a file name without a slash or a leading dot",
        ),
        elements=schema.Field("str", secret=True, longest=1 << 30),
        secret=True,
    ),
    "build": schema.Field(
        "list",
        "commands such as collectstatic and compilemessages, run in order "
        "in the new code directory before the directory becomes read-only; "
        "the commands run as a user of their own, without network, and "
        "never as root",
        default=[],
        elements=schema.Field(
            "str",
            pattern=_COMMAND.pattern,
            rule=_COMMAND.rule,
            alternatives=(
                _ARGUMENTS,
                schema.Field(
                    "dict",
                    options={
                        "exec": schema.Field(
                            "str",
                            "the command, or a list of arguments",
                            required=True,
                            pattern=_COMMAND.pattern,
                            rule=_COMMAND.rule,
                            alternatives=(_ARGUMENTS,),
                        ),
                        "timeout": _span(
                            "time that the command may take", "15min"
                        ),
                    },
                ),
            ),
        ),
    ),
    "before_switch": schema.Field(
        "list",
        "commands such as migrations and checks, run in order from the new "
        "release before any unit changes, each in the sandbox of a service; "
        "if a command fails, the old release goes on serving",
        default=[],
        elements=schema.Field(
            "str",
            pattern=_COMMAND.pattern,
            rule=_COMMAND.rule,
            alternatives=(
                schema.Field(
                    "dict",
                    options={
                        "exec": schema.Field(
                            "str",
                            "the command",
                            required=True,
                            pattern=_COMMAND.pattern,
                            rule=_COMMAND.rule,
                        ),
                        "service": schema.Field(
                            "str",
                            "key of the service whose sandbox and "
                            "variables the command gets; by default the "
                            "first service",
                        ),
                        "timeout": _span(
                            "time that the command may take", "15min"
                        ),
                        "irreversible": schema.Field(
                            "bool",
                            "whether the command cannot be undone, so that "
                            "a rollback past it is refused",
                            default=False,
                        ),
                        "once": schema.Field(
                            "bool",
                            "whether the command runs only on the first "
                            "host of the play, before any other host "
                            "switches",
                            default=False,
                        ),
                    },
                ),
            ),
        ),
    ),
    "exposure_max": schema.Field(
        "float",
        "highest exposure that a service may have, as systemd-analyze "
        "security counts the exposure",
        default=2.0,
        minimum=0,
        maximum=10,
    ),
    "sandbox": schema.Field(
        "str",
        "answer to a host that cannot enforce a directive of the sandbox: "
        "require refuses the host, degrade leaves the directive out with a "
        "notice",
        default="require",
        choices=("require", "degrade"),
    ),
    "keep_releases": schema.Field(
        "int",
        "number of releases that stay on the host, the current one included",
        default=3,
        minimum=1,
        maximum=1000,
    ),
    "remove_data": schema.Field(
        "bool",
        "whether state absent also removes the data of the services and "
        "their account",
        default=False,
    ),
    "adopt": schema.Field("bool", "take over what is not ours", not_yet=True),
    "retry_failed": schema.Field(
        "bool",
        "whether a release that failed its proof on this host is tried again",
        default=False,
    ),
}
