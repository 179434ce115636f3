# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of what a service reads, writes and is handed open."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit.context import (  # noqa: E501
    BadValueError,
    Check,
    Context,
    check_each,
    nearest,
    words_of,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.names import (  # noqa: E501
    split_escaped,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.paths import (  # noqa: E501
    check_path,
    take,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.specifiers import (  # noqa: E501
    expand,
)

_PREFIXED = ("file:", "append:", "truncate:")


def _check_standard(value: str, context: Context, names: list[str]) -> None:
    if value.startswith("fd:"):
        _check_fd_name(expand(value[3:], context))
    elif value.startswith(_PREFIXED):
        prefix, _colon, path = value.partition(":")
        if prefix == "truncate" and context.target.version < 248:
            raise BadValueError(
                "truncate: is known from systemd 248 on", since=248
            )
        check_path(path, context)
    elif value not in names:
        raise BadValueError(
            f"must be one of {', '.join(names)}, file:PATH or fd:NAME",
            nearest(value, names),
        )


def check_standard_input(value: str, context: Context) -> None:
    """Check StandardInput= (systemd.exec(5))."""
    if value.startswith(("append:", "truncate:")):
        raise BadValueError("takes file:PATH alone", "file:")
    names = words_of("null tty tty-force tty-fail socket fd data")
    _check_standard(value, context, names)


def check_standard_output(value: str, context: Context) -> None:
    """Check StandardOutput= (systemd.exec(5)); syslog is obsolete."""
    names = words_of(
        "inherit null tty kmsg kmsg+console journal journal+console socket fd"
    )
    if value in ("syslog", "syslog+console"):
        new = value.replace("syslog", "journal")
        context.remark(
            "obsolete-output",
            "warning",
            f"{value} is obsolete and read as {new}; write {new}, or"
            " nothing, for it is the default",
            new,
        )
        return
    _check_standard(value, context, names)


def check_text(value: str, context: Context) -> None:
    """Check StandardInputText= (systemd.exec(5)): C escapes."""
    take(value, separators="", unescape=True)
    expand(value, context)


def check_open_file(value: str, _context: Context) -> None:
    """Check OpenFile= (systemd.service(5)): path:name:options."""
    parts = take(value, separators=":", coalesce=False, unescape=True)
    if len(parts) > 3:
        raise BadValueError("must be path:name:options")
    # Not simplified; without a name of its own the last part is it.
    last = parts[0].rstrip("/").rpartition("/")[2]
    is_named = len(parts) > 1 and parts[1]
    if not parts[0].startswith("/") or (last in ("", "..") and not is_named):
        raise BadValueError(f"{parts[0]!r} is no absolute path of a file")
    known = ("read-only", "append", "truncate", "graceful")
    options = parts[2].split(",") if len(parts) > 2 and parts[2] else []
    for option in options:
        if option not in known:
            raise BadValueError(
                f"{option!r} is none of {', '.join(known)}",
                nearest(option, known),
            )
    if len({"read-only", "append", "truncate"} & set(options)) > 1:
        raise BadValueError("has options which exclude each other")


def _check_fd_name(name: str) -> None:
    is_ascii = all(" " <= char < "\x7f" and char != ":" for char in name)
    if not is_ascii or len(name) > 255:
        raise BadValueError(
            f"{name!r} is no name of a file descriptor: printable ASCII"
            " without a colon"
        )


def check_fd_name(value: str, context: Context) -> None:
    """Check FileDescriptorName= (systemd.socket(5))."""
    _check_fd_name(expand(value, context))


_BLANKS = re.compile(r"[ \t\n\r]+")


def check_fd_names(value: str, _context: Context) -> None:
    """Check LUOSession= (systemd.service(5)): a list of such names."""

    def check(word: str) -> None:
        _check_fd_name(word)
        if set(word) & set("*?[\"'"):
            raise BadValueError(f"{word!r} is no name of a session")

    # Quotes are part of a name there, which no name may have.
    check_each([word for word in _BLANKS.split(value) if word], check)


def check_log_fields(value: str, context: Context) -> None:
    """Check LogExtraFields= (systemd.exec(5)): FIELD=value."""

    def check(word: str) -> None:
        name, equals, _text = expand(word, context).partition("=")
        if not equals or not re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", name):
            raise BadValueError(
                f"{word!r} must be FIELD=value with an upper-case field"
            )

    check_each(split_escaped(value), check)


def check_log_namespace(value: str, context: Context) -> None:
    """Check LogNamespace= (systemd.exec(5))."""
    expanded = expand(value, context)
    is_name = re.fullmatch(r"[A-Za-z0-9:_.@-]{1,200}", expanded)
    # It becomes part of file names: log_namespace_name_valid().
    if not is_name or expanded in (".", ".."):
        raise BadValueError("is no name of a log namespace")


def check_log_pattern(value: str, _context: Context) -> None:
    """Check LogFilterPatterns= (systemd.exec(5)).

    The pattern is a PCRE, of which Python's is near enough to find
    unbalanced brackets; what only PCRE knows is not judged.
    """
    pattern = value[value.startswith("~") :]
    if not pattern:
        raise BadValueError("has no pattern behind the ~")
    if pattern.count("(") and pattern.count("(") != pattern.count(")"):
        _check_regex(pattern)


def _check_regex(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise BadValueError(f"is no regular expression: {error}") from error


TYPES: dict[str, Check] = {
    "fd-name": check_fd_name,
    "fd-names": check_fd_names,
    "log-fields": check_log_fields,
    "log-namespace": check_log_namespace,
    "log-pattern": check_log_pattern,
    "open-file": check_open_file,
    "standard-input": check_standard_input,
    "standard-output": check_standard_output,
    "text": check_text,
}
