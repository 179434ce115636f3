# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of credentials (systemd.exec(5), "Credentials")."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    lists,
    paths,
    specifiers,
    streams,
)

# From 251 on systemd searches /etc/credstore and other directories for
# a credential without a path (NEWS of 251).
_NO_PATH_SINCE = 249


def _check_credential(name: str) -> None:
    is_file = "/" not in name and name not in ("", ".", "..")
    is_ascii = all(" " <= char < "\x7f" and char != ":" for char in name)
    if not is_file or not is_ascii or len(name) > 255:
        raise contexts.BadValueError(
            f"{name!r} is not a credential's name: write up to 255 printable"
            " ASCII characters without '/' and ':'"
        )


def _split_name(value: str) -> tuple[str, str | None]:
    """Take the word before the colon; a backslash protects a colon.

    Returns:
        The word and the text behind the colon; the text is None if
        there is no colon.
    """
    splitter = splitting.Splitter(value, separators=":", coalesce=False)
    try:
        name = splitter.take() or ""
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error
    return name, splitter.rest


def check_load_credential(value: str, context: contexts.Context) -> None:
    """Check LoadCredential= (systemd.exec(5)): name:path."""
    name, path = _split_name(value)
    _check_credential(specifiers.expand(name, context))
    if not path:
        _refuse_no_path(context)
        return
    expanded = specifiers.expand(path, context)
    paths.note_comma(path, context)
    if expanded.startswith("/"):
        paths.check_absolute(expanded)
        if "//" in expanded or "/./" in f"{expanded}/":
            raise contexts.BadValueError(
                f"{path!r} must have no '//' and no '/./'"
            )
    elif not specifiers.may_begin_with_slash(path, context):
        _check_credential(expanded)


def _refuse_no_path(context: contexts.Context) -> None:
    if context.target.version < _NO_PATH_SINCE:
        raise contexts.BadValueError(
            "must be name:path; only systemd"
            f" {_NO_PATH_SINCE} and later take a name alone",
            since=_NO_PATH_SINCE,
        )


# 247 accepts a name without any data, 252 refuses it.
_DATA_NEEDED_SINCE = 248
# This value may have escapes of a NUL byte (cunescape() with
# UNESCAPE_ACCEPT_NUL). The first branch skips an escaped backslash.
_NUL = re.compile(r"(\\\\)|\\(?:x00|000|u0000|U00000000)")


def check_set_credential(value: str, context: contexts.Context) -> None:
    """Check SetCredential= (systemd.exec(5)): name:data."""
    name, data = _split_name(value)
    is_needed = context.target.version >= _DATA_NEEDED_SINCE
    if data is None or (is_needed and not data):
        raise contexts.BadValueError("must be name:data")
    _check_credential(specifiers.expand(name, context))
    if context.option.endswith("Encrypted"):
        paths.check_base64(data, context)
    else:
        streams.check_escapes(_NUL.sub(r"\1", data), context)


def check_import_credential(value: str, context: contexts.Context) -> None:
    """Check ImportCredential= (systemd.exec(5)): a name or prefix*."""
    name, new_name = _split_name(value)
    stem = specifiers.expand(name, context)
    if len(stem) > 255:
        raise contexts.BadValueError(
            "has a name of more than 255 characters; shorten it"
        )
    glob = re.search(r"[*?\[\]]", stem)
    if glob:
        if stem[glob.start() :] != "*":
            raise contexts.BadValueError(
                "may have one '*' at its end, and no other wildcard"
            )
        stem = stem[:-1] or "any"
    _check_credential(stem)
    if new_name:
        _check_credential(new_name)


def check_refresh_on_reload(value: str, _context: contexts.Context) -> None:
    """Check RefreshOnReload= (systemd.service(5)): a list of words."""
    if enums.parse_boolean(value) is not None:
        return
    known = ("extensions", "credentials")

    def check(word: str) -> None:
        if word not in known:
            raise contexts.BadValueError(
                f"{word!r} must be one of: yes, no, {', '.join(known)}",
                contexts.nearest(word, known),
            )

    contexts.check_each(lists.split_raw(value[value.startswith("~") :]), check)


TYPES: dict[str, contexts.Check] = {
    "import-credential": check_import_credential,
    "load-credential": check_load_credential,
    "refresh-on-reload": check_refresh_on_reload,
    "set-credential": check_set_credential,
}
