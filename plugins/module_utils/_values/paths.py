# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types that are paths, or lists of paths with options."""

from __future__ import annotations

import re
from collections.abc import Callable

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    lists,
    specifiers,
)

_PATH_MAX = 4096
# 257 knows the flag of StateDirectory=, 252 does not.
_FLAGS_SINCE = 257
# From 255 on unbase64char() knows the letters of base64url (RFC 4648).
_URL_SAFE_SINCE = 255
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# From 256 on some directives refuse a path below an API file system.
_API_REFUSED_SINCE = 256
# From 255 on path_simplify_full() reads the parent of the root as the
# root.
_ROOT_PARENT_SINCE = 255
_ROOT_PARENT = re.compile(r"\A(?:/+\.{1,2}(?=/|\Z))+/*")
_API_VFS = ("/proc", "/sys", "/dev")


def check_absolute(path: str) -> None:
    """Check a path as path_simplify_and_warn() does.

    Raises:
        BadValueError: It is relative, too long or has a ``..``.
    """
    if not path.startswith("/"):
        raise contexts.BadValueError(
            f"{path!r} is not an absolute path: begin it with a slash"
        )
    check_shape(path)


def check_relative(path: str) -> None:
    """Check a path that must not begin with a slash.

    Raises:
        BadValueError: It is absolute, empty or has a ``..``.
    """
    if path.startswith("/") or not path:
        raise contexts.BadValueError(
            f"{path!r} must be a relative path: leave out the first slash"
            if path
            else "has an empty path: write a relative path"
        )
    if not set(path.split("/")) - {"", "."}:
        raise contexts.BadValueError(
            f"{path!r} is the directory itself: write a path below it"
        )
    check_shape(path)


def check_shape(path: str) -> None:
    """Check the parts and the length of a path (path_is_valid()).

    Raises:
        BadValueError: The path is too long, has a ``..`` or is not
            UTF-8.
    """
    if ".." in path.split("/"):
        raise contexts.BadValueError(
            f"{path!r} has a '..', which systemd refuses: write the path out"
        )
    # Escapes may have made bytes that are not UTF-8.
    if not splitting.is_utf8(path):
        raise contexts.BadValueError(f"{path!r} is not UTF-8")
    data = path.encode("utf-8", "surrogateescape")
    if len(data) >= _PATH_MAX:
        raise contexts.BadValueError(
            "is a path of more than 4095 bytes; shorten it"
        )
    if any(len(part) > 255 for part in data.split(b"/")):
        raise contexts.BadValueError(
            "is a path with a part of more than 255 bytes; shorten it"
        )


def simplify(path: str) -> str:
    """Return an absolute path in its shortest form (path_simplify())."""
    return re.sub(r"/+(?:\.(?:/+|\Z))*", "/", path).rstrip("/") or "/"


def is_below(path: str, top: str) -> bool:
    """Tell whether a simple path is a directory or in it."""
    return path == top or path.startswith(f"{top.rstrip('/')}/")


def refuse_api(path: str, context: contexts.Context) -> None:
    """Refuse a path below an API file system (PATH_CHECK_NON_API_VFS).

    Raises:
        BadValueError: It is below /proc, /sys or /dev.
    """
    is_refused = context.target.version >= _API_REFUSED_SINCE
    simple = simplify(path)
    if is_refused and any(is_below(simple, top) for top in _API_VFS):
        raise contexts.BadValueError("must not be below /proc, /sys or /dev")


def below_root(path: str, context: contexts.Context) -> str:
    """Return a path without the ``/..`` that it may begin with."""
    if context.target.version < _ROOT_PARENT_SINCE:
        return path
    return _ROOT_PARENT.sub("/", path)


def check_path(value: str, context: contexts.Context) -> None:
    """Check one absolute path with specifiers (systemd.unit(5))."""
    expanded = specifiers.expand(value, context)
    if specifiers.may_begin_with_slash(value, context):
        check_shape(expanded)
    else:
        check_absolute(below_root(expanded, context))
    context.remark_comment(value)
    note_comma(value, context)


# A path with a comma before a slash has a directory with that name.
_COMMA = re.compile(r",(?:[-+]*|[\w.@-]+:)/|,\Z")


def note_comma(value: str, context: contexts.Context) -> None:
    """Remark a path that looks like a list; glob(7) has commas."""
    if not _COMMA.search(value) or "{" in value:
        return
    is_colon = context.option == "ExecSearchPath"
    context.remark(
        "comma-list",
        f"has {value!r} as one path, since a comma is a part of it; write a"
        f" {'colon' if is_colon else 'blank'} between two paths, or a line"
        " for each",
    )


def check_path_or_reset(value: str, context: contexts.Context) -> None:
    """Check a path; if its specifiers leave nothing, it is a reset."""
    if specifiers.expand(value, context) or not value:
        check_path(value, context)


def check_paths(value: str, context: contexts.Context) -> None:
    """Check a list of absolute paths (RequiresMountsFor=)."""
    contexts.check_each(
        lists.split(value), lambda word: check_path(word, context)
    )


def check_colon_paths(value: str, context: contexts.Context) -> None:
    """Check paths between colons (systemd.exec(5), ExecSearchPath=)."""
    contexts.check_each(
        take(value, separators=":", coalesce=False),
        lambda word: check_path(word, context),
    )


def check_namespace_paths(value: str, context: contexts.Context) -> None:
    """Check ReadWritePaths= (systemd.exec(5)): ``-``, ``+``, path."""

    def check(word: str) -> None:
        path = word[word.startswith("-") :]
        check_path(path[path.startswith("+") :], context)

    contexts.check_each(lists.split(value), check)


def check_environment_file(value: str, context: contexts.Context) -> None:
    """Check EnvironmentFile= (systemd.exec(5)): a path or ``-path``."""
    check_path(value[value.startswith("-") :], context)


def check_working_directory(value: str, context: contexts.Context) -> None:
    """Check WorkingDirectory= (systemd.exec(5)): a path or ``~``."""
    path = value[value.startswith("-") :]
    context.is_fatal = path == value
    if path != "~":
        check_path(path, context)


def check_pid_file(value: str, context: contexts.Context) -> None:
    """Check PIDFile= (systemd.service(5)), a path below /run."""
    expanded = specifiers.expand(value, context)
    note_var_run(value, expanded, context)
    context.remark_comment(value)
    # systemd says that it ignores the path, and refuses the unit.
    context.is_fatal = True
    path = expanded if expanded.startswith("/") else f"/run/{expanded}"
    path = below_root(path, context)
    check_absolute(path)
    refuse_api(path, context)


_VAR_RUN = re.compile(r"/+var/+run(?=/|\Z)")


def note_var_run(value: str, path: str, context: contexts.Context) -> None:
    """Remark a path that systemd moves (patch_var_run(), src/core)."""
    if _VAR_RUN.match(path):
        new = _VAR_RUN.sub("/run", value, count=1)
        context.remark(
            "var-run",
            f"has {value}, which is below /var/run, the former name of /run,"
            f" and systemd uses /run instead; write {new}",
            new,
        )


def check_directories(value: str, context: contexts.Context) -> None:
    """Check StateDirectory= (systemd.exec(5)): relative paths.

    From 247 on (RuntimeDirectory= and others from 250) a symbolic link
    may stand behind a colon, from 257 on the flag ``ro`` behind a
    second colon.
    """

    def check(word: str) -> None:
        if "," in word:
            context.remark(
                "comma-in-word",
                f"makes one directory with the name {word!r}; write a blank"
                " between two directories",
            )
        if context.target.version < 250:
            parts = [word]
        else:
            parts = colon_parts(word, coalesce=False)
        _check_directory(parts, context)

    contexts.check_each(take(value, unquote=True, keep_escapes=True), check)


def _check_directory(parts: list[str], context: contexts.Context) -> None:
    """Check ``directory:link:flags``; link and flags may be missing."""
    directory, link, flags = [*parts, "", ""][:3]
    top = _check_below(directory, context).split("/")[0]
    if top == "private":
        raise contexts.BadValueError(
            f"{directory!r} must not begin with 'private': systemd keeps the"
            " directories of dynamic users there"
        )
    if link:
        _check_below(link, context)
        if "Configuration" in context.option:
            raise contexts.BadValueError(
                "knows no link behind a colon; leave it out"
            )
    if len(parts) > 2:
        _check_directory_flags(flags, context)


def _check_below(path: str, context: contexts.Context) -> str:
    """Check a relative path and return it without specifiers."""
    expanded = specifiers.expand(path, context)
    if specifiers.may_begin_with_slash(path, context):
        check_shape(expanded)
    else:
        check_relative(expanded)
    return expanded


def _check_directory_flags(flags: str, context: contexts.Context) -> None:
    if flags not in ("", "ro"):
        raise contexts.BadValueError(f"knows no flag {flags!r}, only ro", "ro")
    if context.target.version < _FLAGS_SINCE:
        raise contexts.BadValueError(
            f"has a flag, which systemd before {_FLAGS_SINCE} ignores;"
            " leave it out",
            since=_FLAGS_SINCE,
        )


def take(
    value: str,
    *,
    separators: str = splitting.WHITESPACE,
    unquote: bool = False,
    unescape: bool = False,
    unescape_separators: bool = False,
    keep_escapes: bool = False,
    coalesce: bool = True,
) -> list[str]:
    """Split as `Splitter` does.

    Raises:
        BadValueError: A quote or an escape is wrong.
    """
    try:
        return splitting.take_all(
            splitting.Splitter(
                value,
                separators=separators,
                unquote=unquote,
                unescape=unescape,
                unescape_separators=unescape_separators,
                keep_escapes=keep_escapes,
                coalesce=coalesce,
            )
        )
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error


def colon_parts(word: str, *, coalesce: bool = True) -> list[str]:
    """Split at colons; a backslash protects a colon."""
    return take(
        word,
        separators=":",
        unescape=True,
        unescape_separators=True,
        coalesce=coalesce,
    )


# 262 has the new parser of BindPaths=, 257 does not.
_BINDS_UNESCAPED_SINCE = 258
_SHIELD = "\0"


def _check_words(
    value: str, context: contexts.Context, check: Callable[[list[str]], None]
) -> None:
    """Check each word of BindPaths= by its parts.

    Before 258 systemd takes words and parts in one step, and a
    backslash protects any character.
    """
    if context.target.version >= _BINDS_UNESCAPED_SINCE:
        words = take(value, unquote=True, keep_escapes=True)
        contexts.check_each(
            words, lambda word: check(colon_parts(word, coalesce=False))
        )
        return
    if "" in take(value, unquote=True, keep_escapes=True, coalesce=False):
        context.remark(
            "blank-path",
            "has two blanks in a row: systemd takes the paths, and logs that"
            " the path between the blanks is not absolute; write one blank",
        )
    words = lists.split(value.replace("\\:", _SHIELD))
    contexts.check_each(
        words,
        lambda word: check(
            [part.replace(_SHIELD, ":") for part in word.split(":")]
        ),
    )


def check_bind_paths(value: str, context: contexts.Context) -> None:
    """Check BindPaths= (systemd.exec(5)): source:target:rbind."""

    def check(parts: list[str]) -> None:
        source = parts[0][parts[0].startswith("-") :]
        check_path(source, context)
        if len(parts) > 1:
            check_path(parts[1], context)
        if len(parts) > 3:
            raise contexts.BadValueError("must be source:target:rbind")
        if len(parts) > 2 and parts[2] not in ("", "rbind", "norbind"):
            raise contexts.BadValueError(
                f"{parts[2]!r} must be one of: rbind, norbind",
                contexts.nearest(parts[2], ("rbind", "norbind")),
            )

    _check_words(value, context, check)


def check_temporary_filesystems(value: str, context: contexts.Context) -> None:
    """Check TemporaryFileSystem= (systemd.exec(5)): path:options."""

    def check(word: str) -> None:
        path, _colon, options = word.partition(":")
        check_path(path, context)
        note_comma(options, context)

    contexts.check_each(lists.split(value), check)


def check_base64(value: str, context: contexts.Context) -> None:
    """Check base64 data (systemd.exec(5), StandardInputData=)."""
    data = re.sub(r"[ \t\n\r]", "", value)
    letters = "A-Za-z0-9+/"
    if context.target.version >= _URL_SAFE_SINCE:
        letters += "_-"
    if len(data) % 4 or not re.fullmatch(rf"[{letters}]*={{0,2}}", data):
        raise contexts.BadValueError("must be base64 data")
    padding = len(data) - len(data.rstrip("="))
    mask = (0, 3, 15)[padding]
    last = _BASE64.find(data.rstrip("=")[-1:]) if padding else 0
    if last & mask:
        raise contexts.BadValueError(
            "is base64 data with bits behind its end; encode the data anew"
        )


def check_string(value: str, context: contexts.Context) -> None:
    """Check free text with specifiers (systemd.unit(5))."""
    specifiers.expand(value, context)


def check_plain_string(_value: str, _context: contexts.Context) -> None:
    """Accept any text: systemd reads no specifiers here."""


def check_reboot_parameter(value: str, context: contexts.Context) -> None:
    """Check RebootArgument= (systemd.unit(5)): 255 ASCII letters."""
    expanded = specifiers.expand(value, context)
    if not expanded.isascii() or len(expanded) > 255:
        raise contexts.BadValueError("must be ASCII of at most 255 characters")
