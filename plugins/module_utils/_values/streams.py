# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of what a service reads, writes and is handed open."""

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
                "truncate: is known from systemd 248 on", since=248
            )
        paths.check_path(path, context)
    elif value not in names:
        raise contexts.BadValueError(
            f"must be one of {', '.join(names)}, file:PATH or fd:NAME",
            contexts.nearest(value, names),
        )


def check_standard_input(value: str, context: contexts.Context) -> None:
    """Check StandardInput= (systemd.exec(5))."""
    if value.startswith(("append:", "truncate:")):
        raise contexts.BadValueError("takes file:PATH alone", "file:")
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
            f"{value} is obsolete and read as {new}; write {new}, or"
            " nothing, for it is the default",
            new,
        )
        return
    _check_standard(value, context, names)


_CODE_POINT = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|.)", re.DOTALL
)
# A surrogate behind \u is refused by 262, not by 257.
_SURROGATE_REFUSED_SINCE = 258


def settle_code_points(value: str, context: contexts.Context) -> str:
    r"""Refuse an escape of what is no character (unichar_is_valid()).

    Only ``\U`` is looked at for characters that Unicode leaves out.

    Returns:
        The text with another character for each surrogate that this
        systemd takes, for no decoder of ours does.
    """
    is_strict = context.target.version >= _SURROGATE_REFUSED_SINCE

    def settle(match: re.Match[str]) -> str:
        code = int(match[1] or match[2] or "0", 16)
        is_surrogate = 0xD800 <= code <= 0xDFFF
        is_none = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
        if match[1] and is_surrogate and not is_strict:
            return "\\ufffd"
        if is_surrogate or (match[2] and is_none):
            raise contexts.BadValueError(f"escape {match[0]} is no character")
        return match[0]

    return _CODE_POINT.sub(settle, value)


def check_escapes(value: str, context: contexts.Context) -> str:
    """Decode C escapes in text that is not split (cunescape())."""
    settled = settle_code_points(value, context)
    return "".join(paths.take(settled, separators="", unescape=True))


def check_text(value: str, context: contexts.Context) -> None:
    """Check StandardInputText= (systemd.exec(5)): C escapes.

    They are decoded first, and may make a specifier.
    """
    specifiers.expand(check_escapes(value, context), context)


def check_open_file(value: str, context: contexts.Context) -> None:
    """Check OpenFile= (systemd.service(5)): path:name:options."""
    settled = settle_code_points(value, context)
    # As extract_many_words() does; a fourth word may be there, but empty.
    parts = paths.take(settled, separators=":", coalesce=False, unescape=True)
    path, name, options = (*parts, "", "")[:3]
    if parts[3:] not in ([], [""]):
        raise contexts.BadValueError("must be path:name:options")
    if not path.startswith("/"):
        raise contexts.BadValueError(f"{path!r} is no absolute path of a file")
    _check_length(path)
    # Without a name of its own the last part is it, as in
    # path_extract_filename().
    last = [part for part in path.split("/") if part not in ("", ".")][-1:]
    if not name and last in ([], [".."]):
        raise contexts.BadValueError(f"{path!r} is no absolute path of a file")
    _check_fd_name(name or last[0])
    _check_open_options(paths.take(options, separators=","))


def _check_length(path: str) -> None:
    """Check a path as path_is_valid() does, which takes a ``..``."""
    parts = path.encode("utf-8", "surrogateescape").split(b"/")
    if len(b"/".join(parts)) > 4095 or any(len(part) > 255 for part in parts):
        raise contexts.BadValueError("is longer than a path may be")


def _check_open_options(options: list[str]) -> None:
    known = ("read-only", "append", "truncate", "graceful")
    for option in options:
        if option not in known:
            raise contexts.BadValueError(
                f"{option!r} is none of {', '.join(known)}",
                contexts.nearest(option, known),
            )
    if len(set(options)) < len(options):
        raise contexts.BadValueError("has an option twice")
    if len({"read-only", "append", "truncate"} & set(options)) > 1:
        raise contexts.BadValueError("has options which exclude each other")


def _check_fd_name(name: str) -> None:
    is_ascii = all(" " <= char < "\x7f" and char != ":" for char in name)
    if not is_ascii or len(name) > 255:
        raise contexts.BadValueError(
            f"{name!r} is no name of a file descriptor: printable ASCII"
            " without a colon"
        )


def check_fd_name(value: str, context: contexts.Context) -> None:
    """Check FileDescriptorName= (systemd.socket(5))."""
    _check_fd_name(specifiers.expand(value, context))


def check_fd_names(value: str, _context: contexts.Context) -> None:
    """Check LUOSession= (systemd.service(5)): a list of such names."""
    seen = set()

    def check(word: str) -> None:
        _check_fd_name(word)
        if set(word) & set("*?[\"'\\ "):
            raise contexts.BadValueError(f"{word!r} is no name of a session")
        if word in seen:
            raise contexts.BadValueError(f"has {word!r} twice")
        seen.add(word)

    # Quotes are part of a name there, which no name may have.
    contexts.check_each(lists.split_raw(value), check)


# What os-release(5) seldom has counts as nothing in a name.
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
    # It becomes part of file names, behind a machine's ID and a dot:
    # log_namespace_name_valid().
    is_name = re.fullmatch(r"[A-Za-z0-9:_.@-]{1,222}", expanded)
    if not is_name or expanded in (".", ".."):
        raise contexts.BadValueError("is no name of a log namespace")


def check_log_pattern(value: str, _context: contexts.Context) -> None:
    """Check LogFilterPatterns= (systemd.exec(5)).

    The pattern is a PCRE, of which Python's is near enough to find
    unbalanced brackets; what only PCRE knows is not judged.
    """
    pattern = value[value.startswith("~") :]
    if not pattern:
        raise contexts.BadValueError("has no pattern behind the ~")
    if pattern.count("(") and pattern.count("(") != pattern.count(")"):
        _check_regex(pattern)


def _check_regex(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise contexts.BadValueError(
            f"is no regular expression: {error}"
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
