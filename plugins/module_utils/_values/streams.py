# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of streams, open files and logs of a service."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    lists,
    paths,
    specifiers,
    unit_names,
)

_PREFIXED = ("file:", "append:", "truncate:")


def _check_standard(
    value: str, context: contexts.Context, names: list[str]
) -> None:
    if value.startswith("fd:"):
        _check_fd_name(specifiers.expand(value[3:], context))
    elif value.startswith(_PREFIXED):
        prefix, _colon, path = value.partition(":")
        if prefix == "truncate" and context.target.version < 248:
            raise contexts.BadValueError(
                "truncate: needs systemd 248 or later; write append:",
                since=248,
            )
        paths.check_path(path, context)
    elif value.startswith("/"):
        prefix = "append:" if "journal" in names else "file:"
        raise contexts.BadValueError(
            f"must say how the file is opened: {prefix}{value}",
            f"{prefix}{value}",
        )
    elif value not in names:
        raise contexts.BadValueError(
            f"must be one of {', '.join(names)}, file:PATH or fd:NAME",
            contexts.nearest(value, names),
        )


def check_standard_input(value: str, context: contexts.Context) -> None:
    """Check StandardInput= (systemd.exec(5))."""
    if value.startswith(("append:", "truncate:")):
        raise contexts.BadValueError(
            "must be a source, not a destination: write file:PATH", "file:"
        )
    names = contexts.words_of("null tty tty-force tty-fail socket fd data")
    _check_standard(value, context, names)


def check_standard_output(value: str, context: contexts.Context) -> None:
    """Check StandardOutput= (systemd.exec(5)); syslog is obsolete."""
    names = contexts.words_of(
        "inherit null tty kmsg kmsg+console journal journal+console socket fd"
    )
    if value in ("syslog", "syslog+console"):
        new = value.replace("syslog", "journal")
        context.remark(
            "obsolete-output",
            f"has {value}, which is obsolete: systemd reads it as {new};"
            f" write {new}, or remove the line, since journal is the default",
            new,
        )
        return
    _check_standard(value, context, names)


_CODE_POINT = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.)", re.DOTALL
)
# 262 refuses a surrogate behind \u, 257 accepts it.
_SURROGATE_REFUSED_SINCE = 258


def settle_code_points(value: str, context: contexts.Context) -> str:
    r"""Refuse escapes that are not characters (unichar_is_valid()).

    systemd looks for Unicode's noncharacters behind ``\U`` alone.

    Returns:
        The text with another character for each surrogate that this
        systemd accepts: Python's decoders accept none.
    """
    is_strict = context.target.version >= _SURROGATE_REFUSED_SINCE

    def settle(match: re.Match[str]) -> str:
        code = int(match[1] or match[2] or "0", 16)
        is_surrogate = 0xD800 <= code <= 0xDFFF
        is_reserved = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
        if match[1] and is_surrogate and not is_strict:
            return "\\ufffd"
        if is_surrogate or (match[2] and is_reserved):
            raise contexts.BadValueError(
                f"escape {match[0]} does not stand for a character"
            )
        return match[0]

    return _CODE_POINT.sub(settle, value)


def check_escapes(value: str, context: contexts.Context) -> str:
    """Decode C escapes in text that is not split (cunescape())."""
    settled = settle_code_points(value, context)
    return "".join(paths.take(settled, separators="", unescape=True))


def check_text(value: str, context: contexts.Context) -> None:
    """Check StandardInputText= (systemd.exec(5)): C escapes.

    systemd decodes the escapes first, and they may make a specifier.
    """
    specifiers.expand(check_escapes(value, context), context)


def check_open_file(value: str, context: contexts.Context) -> None:
    """Check OpenFile= (systemd.service(5)): path:name:options."""
    settled = settle_code_points(value, context)
    # As in extract_many_words(), a fourth word may be there if it is
    # empty.
    parts = paths.take(settled, separators=":", coalesce=False, unescape=True)
    path, name, options = (*parts, "", "")[:3]
    if parts[3:] not in ([], [""]):
        raise contexts.BadValueError("must be path:name:options")
    if not path.startswith("/"):
        raise contexts.BadValueError(
            f"{path!r} is not an absolute path of a file"
        )
    _check_length(path)
    # The last part of the path is the default of the name, as in
    # path_extract_filename().
    last = [part for part in path.split("/") if part not in ("", ".")][-1:]
    if not name and last in ([], [".."]):
        raise contexts.BadValueError(
            f"{path!r} is the path of a directory: write that of a file"
        )
    _check_fd_name(name or last[0])
    _check_open_options(paths.take(options, separators=","))


def _check_length(path: str) -> None:
    """Check a path as path_is_valid() does, which accepts a ``..``."""
    parts = path.encode("utf-8", "surrogateescape").split(b"/")
    if len(b"/".join(parts)) > 4095 or any(len(part) > 255 for part in parts):
        raise contexts.BadValueError(
            "has a path of more than 4095 bytes, or with a part of more than"
            " 255; shorten it"
        )


def _check_open_options(options: list[str]) -> None:
    known = ("read-only", "append", "truncate", "graceful")
    for option in options:
        if option not in known:
            raise contexts.BadValueError(
                f"{option!r} must be one of: {', '.join(known)}",
                contexts.nearest(option, known),
            )
    if len(set(options)) < len(options):
        raise contexts.BadValueError("has an option twice; keep one")
    if len({"read-only", "append", "truncate"} & set(options)) > 1:
        raise contexts.BadValueError(
            "may have only one of: read-only, append, truncate"
        )


def _check_fd_name(name: str) -> None:
    is_ascii = all(" " <= char < "\x7f" and char != ":" for char in name)
    if not is_ascii or len(name) > 255:
        raise contexts.BadValueError(
            f"{name!r} is not the name of a file descriptor: write up to 255"
            " printable ASCII characters without a colon"
        )


def check_fd_name(value: str, context: contexts.Context) -> None:
    """Check FileDescriptorName= (systemd.socket(5))."""
    _check_fd_name(specifiers.expand(value, context))


def check_fd_names(value: str, _context: contexts.Context) -> None:
    """Check LUOSession= (systemd.service(5)): names of descriptors."""
    seen = set()

    def check(word: str) -> None:
        _check_fd_name(word)
        if set(word) & set("*?[\"'\\ "):
            raise contexts.BadValueError(
                f"{word!r} is not the name of a session: leave out"
                " wildcards, quotes and backslashes"
            )
        if word in seen:
            raise contexts.BadValueError(f"has {word!r} twice; keep one")
        seen.add(word)

    # systemd takes no quotes off here, and refuses a name with a quote.
    contexts.check_each(lists.split_raw(value), check)


# os-release(5) seldom has values for these specifiers, so that they
# count as empty in the name of a field.
_SELDOM = re.compile(r"(%%)|%[ABMW]")


def check_log_fields(value: str, context: contexts.Context) -> None:
    """Check LogExtraFields= (systemd.exec(5)): FIELD=value."""

    def check(word: str) -> None:
        specifiers.expand(word, context)
        known = _SELDOM.sub(lambda match: match[1] or "", word)
        name, equals, _text = specifiers.expand(known, context).partition("=")
        if not equals or not re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", name):
            raise contexts.BadValueError(
                f"{word!r} must be FIELD=value with an upper-case field"
            )

    contexts.check_each(
        unit_names.split_escaped(settle_code_points(value, context)), check
    )


def check_log_namespace(value: str, context: contexts.Context) -> None:
    """Check LogNamespace= (systemd.exec(5))."""
    expanded = specifiers.expand(value, context)
    # The name becomes a part of file names, behind a machine's ID and a
    # dot: log_namespace_name_valid().
    is_name = re.fullmatch(r"[A-Za-z0-9:_.@-]{1,222}", expanded)
    if not is_name or expanded in (".", ".."):
        raise contexts.BadValueError(
            "must be a log namespace's name: up to 222 letters, digits and"
            " : - _ . @"
        )


def check_log_pattern(value: str, _context: contexts.Context) -> None:
    """Check LogFilterPatterns= (systemd.exec(5)).

    The pattern is a PCRE. Python's syntax is near enough to find
    unbalanced brackets; other mistakes are not looked for.
    """
    pattern = value[value.startswith("~") :]
    if not pattern:
        raise contexts.BadValueError("needs a pattern behind the ~")
    if pattern.count("(") and pattern.count("(") != pattern.count(")"):
        _check_regex(pattern)


def _check_regex(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise contexts.BadValueError(
            f"is not a regular expression: {error}"
        ) from error
    except (OverflowError, RecursionError) as error:
        raise contexts.BadValueError(
            "is not a regular expression: it has too many brackets within"
            " brackets"
        ) from error


TYPES: dict[str, contexts.Check] = {
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
