# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Specifiers: the ``%`` of unit files (systemd.unit(5), "Specifiers").

Only the host knows their values. This module replaces them by texts of
the right shape, so that the text around them can be checked.
"""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
)

# A digit or letter that is not a specifier makes systemd drop the value
# (POSSIBLE_SPECIFIERS of src/shared/specifier.c); any other character
# stays as text.
_SPECIFIER = re.compile(r"%(.?)", re.DOTALL)
_POSSIBLE = re.compile(r"[A-Za-z0-9]")

# For each letter: the first version that knows it, and a text of the
# shape of its value. Source: src/core/unit-printf.c of 247, 252 and 257
# and systemd.unit(5).
_ALWAYS = 239
_SYSTEM = {
    "a": (247, "x86-64"),
    "A": (248, "1"),
    "b": (_ALWAYS, "a" * 32),
    "B": (244, "1"),
    "H": (_ALWAYS, "host"),
    "l": (243, "host"),
    "m": (_ALWAYS, "a" * 32),
    "M": (248, "image"),
    "o": (244, "debian"),
    "q": (249, "host"),
    "v": (_ALWAYS, "6.1.0"),
    "w": (244, "12"),
    "W": (244, "server"),
    "g": (239, "root"),
    "G": (239, "0"),
    "u": (_ALWAYS, "root"),
    "U": (_ALWAYS, "0"),
}
_NAME = {
    **_SYSTEM,
    "i": (_ALWAYS, "instance"),
    "j": (240, "last"),
    "n": (_ALWAYS, "unit.service"),
    "N": (_ALWAYS, "unit"),
    "p": (_ALWAYS, "prefix"),
}
_FULL = {
    **_NAME,
    "I": (_ALWAYS, "instance"),
    "J": (240, "last"),
    "P": (_ALWAYS, "prefix"),
    "f": (_ALWAYS, "/instance"),
    "y": (251, "/etc/systemd/system/unit.service"),
    "Y": (251, "/etc/systemd/system"),
    "c": (_ALWAYS, "/system.slice/unit.service"),
    "r": (_ALWAYS, "/system.slice"),
    "R": (_ALWAYS, "/"),
    "C": (_ALWAYS, "/var/cache"),
    "d": (250, "/run/credentials/unit.service"),
    "D": (256, "/usr/share"),
    "E": (_ALWAYS, "/etc"),
    "L": (_ALWAYS, "/var/log"),
    "S": (_ALWAYS, "/var/lib"),
    "t": (_ALWAYS, "/run"),
    "h": (_ALWAYS, "/root"),
    "s": (_ALWAYS, "/bin/sh"),
    "T": (239, "/tmp"),  # noqa: S108
    "V": (239, "/var/tmp"),  # noqa: S108
}
# systemd itself warns of these (src/core/unit-printf.c).
_DEPRECATED = "crR"
# These are of the manager's own user, which is root in a unit of the
# system, whatever User= says (systemd.unit(5)).
_OF_ROOT = {
    "h": "/root, the home directory of root",
    "s": "the shell of root",
    "u": "root",
    "U": "0, the number of root",
    "g": "root",
    "G": "0, the number of root's group",
}
# These depend on the unit's name, and for a template on its instance.
_OF_NAME = frozenset("iIjJpPfnN")
_UNESCAPED = frozenset("IJP")


def expand(value: str, context: contexts.Context) -> str:
    """Replace the specifiers of a value that may have all of them.

    Raises:
        BadValueError: A letter or digit is not a specifier.
    """
    return _expand(value, _FULL, context)


def expand_name(value: str, context: contexts.Context) -> str:
    """Replace the specifiers of a unit name (unit_name_printf()).

    Raises:
        BadValueError: A letter or digit is not a specifier of names.
    """
    return _expand(value, _NAME, context)


def exact(value: str, context: contexts.Context) -> str | None:
    """Return what a value is on every host; None if a host decides.

    Only the unit's name is known here, and the instance of a template
    is not.
    """
    letters = {match[1] for match in _SPECIFIER.finditer(value)}
    is_known = letters <= _OF_NAME | {"%", ""}
    if not is_known or is_open(value, context):
        return None
    return expand(value, context)


def is_open(value: str, context: contexts.Context) -> bool:
    """Tell whether a value depends on a name that is not known here.

    These names are the instance of a template, and the unit's name if
    the caller gave none.
    """
    if "%" not in value or (context.unit and "@." not in context.unit):
        return False
    return any(
        match[1] in _OF_NAME
        for match in _SPECIFIER.finditer(value)
        if match[1]
    )


def may_begin_with_slash(value: str, context: contexts.Context) -> bool:
    """Tell whether a name that is not known decides if a path is absolute.

    systemd unescapes %I, %J and %P, and a slash may be in what it gets.
    No other part of a name has a slash, and %f always begins with one.
    """
    return (
        value[:1] == "%"
        and value[1:2] in _UNESCAPED
        and is_open(value, context)
    )


def _expand(
    value: str, table: dict[str, tuple[int, str]], context: contexts.Context
) -> str:
    if "%" not in value:
        return value

    def replace(match: re.Match[str]) -> str:
        letter = match[1]
        if letter in ("%", ""):
            return "%"
        since, stand_in = table.get(letter, (0, ""))
        if since and context.target.version >= since:
            _remark(letter, context)
            return _resolve_name(letter, stand_in, context)
        if not _POSSIBLE.match(letter):
            return match[0]
        if since:
            raise contexts.BadValueError(
                f"specifier %{letter} needs systemd {since} or later; write"
                " its value out",
                since=since,
            )
        raise contexts.BadValueError(
            f"%{letter} is not a specifier here, so that systemd drops the"
            " whole value; write %% for a literal percent sign",
            nearest=value.replace(match[0], "%" + match[0]),
        )

    return _SPECIFIER.sub(replace, value)


def _remark(letter: str, context: contexts.Context) -> None:
    """Remark a specifier that stands for something else than it seems."""
    if letter in _DEPRECATED:
        context.remark(
            "deprecated-specifier",
            f"has %{letter}, which is deprecated and does not stand"
            " for the unit's control group; write the path out",
        )
    elif letter in _OF_ROOT:
        context.remark(
            "user-specifier",
            f"has %{letter}, and systemd replaces it by {_OF_ROOT[letter]},"
            f" whatever User= says; write %%{letter} if the program is to"
            f" get %{letter} itself, or write the value out",
        )


def _resolve_name(
    letter: str, stand_in: str, context: contexts.Context
) -> str:
    """Return the value of a specifier of the unit's name."""
    unit = context.unit
    if letter not in _OF_NAME or not unit or "@." in unit:
        return stand_in
    stem = unit.rpartition(".")[0]
    prefix, at, instance = stem.partition("@")
    if letter == "f" and at and _unescape(instance).startswith("/"):
        raise contexts.BadValueError(
            f"%f: the instance of {unit} must not begin with an escaped"
            " slash; write it as `systemd-escape --path` does"
        )
    return {
        "i": instance,
        "I": _unescape(instance),
        "j": prefix.rpartition("-")[2],
        "J": _unescape(prefix.rpartition("-")[2]),
        "p": prefix,
        "P": _unescape(prefix),
        "n": unit,
        "N": stem,
        "f": "/" + _unescape(instance if at else prefix).lstrip("/"),
    }[letter]


def _unescape(text: str) -> str:
    """Turn a part of a unit name into the text that it stands for."""
    return re.sub(
        r"\\x([0-9a-f]{2})",
        lambda match: chr(int(match[1], 16)),
        text.replace("-", "/"),
    )
