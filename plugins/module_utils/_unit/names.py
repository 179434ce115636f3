# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types which name units, users, variables and credentials."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit.context import (  # noqa: E501
    BadValueError,
    Check,
    Context,
    check_each,
    nearest,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.enums import (  # noqa: E501
    parse_boolean,
    parse_integer,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.lists import (  # noqa: E501
    split,
    split_raw,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.paths import (  # noqa: E501
    check_absolute,
    check_base64,
    check_path,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.scalars import (  # noqa: E501
    parse_percentage,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.specifiers import (  # noqa: E501
    expand,
    expand_name,
    is_open,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit.words import (  # noqa: E501
    Splitter,
    WordError,
    split_words,
    take_all,
)

# systemd.unit(5), "Description": the suffixes and the characters.
UNIT_TYPES = (
    "service", "socket", "target", "device", "mount", "automount", "swap",
    "timer", "path", "slice", "scope",
)  # fmt: skip
_UNIT_NAME = re.compile(
    rf"[A-Za-z0-9:_.\\-]+(?:@[A-Za-z0-9:_.@\\-]*)?\.({'|'.join(UNIT_TYPES)})"
)
_UNIT_NAME_MAX = 255


def is_unit_name(name: str) -> bool:
    """Tell whether a name is a unit's (unit_name_is_valid())."""
    return len(name) <= _UNIT_NAME_MAX and bool(_UNIT_NAME.fullmatch(name))


def _check_unit_name(word: str, context: Context) -> str:
    expanded = expand_name(word, context)
    if is_unit_name(expanded):
        return expanded
    if is_open(word, context) and is_unit_name(re.sub(r"%.", "x", word)):
        return expanded
    if expanded.startswith("/") or "." not in expanded:
        suffix = "target" if context.section == "Install" else "service"
        meant = f"{expanded}.{suffix}" if "/" not in expanded else ""
        raise BadValueError(
            f"{word!r} is no unit: its name needs a suffix such as .service",
            meant,
        )
    raise BadValueError(
        f"{word!r} is no name of a unit", _with_known_suffix(expanded)
    )


def _with_known_suffix(name: str) -> str:
    stem, _dot, suffix = name.rpartition(".")
    known = nearest(suffix, UNIT_TYPES)
    return f"{stem}.{known}" if known else ""


def check_unit_name(value: str, context: Context) -> None:
    """Check one unit's name (systemd.timer(5), Unit=)."""
    if _check_unit_name(value, context) == context.unit:
        raise BadValueError("is the unit itself, which cannot trigger itself")


def check_unit_names(value: str, context: Context) -> None:
    """Check a list of units (systemd.unit(5), After=)."""
    words = split_raw_kept(value)
    check_each(words, lambda word: _note_unit(word, context))


def split_raw_kept(value: str) -> list[str]:
    """Split at white space and keep escapes, as unit names need."""
    return take_all(Splitter(value, keep_escapes=True))


def _note_unit(word: str, context: Context) -> None:
    name = _check_unit_name(word, context)
    if name == context.unit and context.section == "Unit":
        context.remark(
            "self-dependency",
            "warning",
            f"{word} is the unit itself and is dropped; remove it",
        )
    # unit_add_dependency() in src/core/unit.c.
    if context.option == "Before" and name.endswith(".device"):
        raise BadValueError(
            f"{word!r} is dropped: systemd cannot delay a device"
        )
    if name == "syslog.target":
        context.remark(
            "obsolete-target",
            "warning",
            "syslog.target is gone since systemd 38: syslog is socket"
            " activated and needs no ordering; remove it",
        )


def _refuse_template(value: str, context: Context) -> None:
    """Refuse a name without its instance: such a unit cannot be loaded.

    %i is empty in a unit that is no instance itself.
    """
    if is_open(value, context):
        return
    name = expand_name(value, context)
    if "@." in name:
        raise BadValueError(
            f"{name!r} lacks the instance between @ and ., so that systemd"
            " cannot load it"
        )


def _check_suffix(value: str, suffix: str, context: Context) -> None:
    name = _check_unit_name(value, context)
    if not name.endswith(suffix):
        raise BadValueError(f"{value!r} must be a {suffix} unit")


def check_service_unit(value: str, context: Context) -> None:
    """Check a service's name (systemd.socket(5), Service=)."""
    _check_suffix(value, ".service", context)
    _refuse_template(value, context)


def check_slice_unit(value: str, context: Context) -> None:
    """Check a slice's name (systemd.resource-control(5), Slice=)."""
    _check_suffix(value, ".slice", context)
    _refuse_template(value, context)
    # slice_name_is_valid() in src/basic/unit-name.c.
    if "@" in expand_name(value, context):
        raise BadValueError("is an instance, which slices do not have")
    if expand_name(value, context) == context.unit:
        raise BadValueError("is the unit itself, which is no part of itself")


def check_socket_units(value: str, context: Context) -> None:
    """Check a list of sockets (systemd.service(5), Sockets=)."""
    check_each(
        split_raw(value),
        lambda word: _check_suffix(word, ".socket", context),
    )


def check_alias_names(value: str, context: Context) -> None:
    """Check Alias= (systemd.unit(5)): the same suffix as the unit's.

    What stood there before WantedBy= is still taken: a link in a
    directory ``.wants`` or ``.requires`` to the unit under its own
    name (unit_file_verify_alias() in src/shared/install.c).
    """

    def check(word: str) -> None:
        expanded = expand_name(word, context)
        folder, _slash, link = expanded.rpartition("/")
        match = re.fullmatch(r"(.*)\.(?:wants|requires)", folder)
        if match and is_unit_name(match[1]):
            if not is_open(word, context) and link != context.unit:
                raise BadValueError(f"{word!r} must link to the unit itself")
            return
        name = _check_unit_name(word, context)
        own = context.unit.rpartition(".")[2]
        if own and not name.endswith(f".{own}"):
            raise BadValueError(f"{word!r} must end in .{own} as the unit")

    check_each(split_raw_kept(value), check)


def check_instance(value: str, context: Context) -> None:
    """Check DefaultInstance= (systemd.unit(5))."""
    expanded = expand_name(value, context)
    if not re.fullmatch(r"[A-Za-z0-9:_.@\\-]+", expanded):
        raise BadValueError("is no name of an instance")


def _check_user_name(name: str, what: str) -> None:
    """Check a user's or group's name (valid_user_group_name())."""
    number = parse_integer(name) if name.isdigit() else None
    if number is not None:
        # 65535 and 4294967295 mean "no user" (parse_uid()).
        has_zeros = name != str(number)
        if number in (65535, 4294967295) or has_zeros or number >> 32:
            raise BadValueError(f"{name} is no usable {what} id")
        return
    has_control = any(char < " " or "\x7f" <= char < "\xa0" for char in name)
    if (
        not name
        or has_control
        or name != name.strip(" ")
        or any(char in ":/" for char in name)
        or name in (".", "..", "-")
        or re.fullmatch(r"-?[0-9]+", name)
    ):
        raise BadValueError(f"{name!r} is no name or id of a {what}")


def check_user(value: str, context: Context) -> None:
    """Check User= (systemd.exec(5), "User/Group Name Syntax")."""
    what = "group" if "Group" in context.option else "user"
    expanded = expand(value, context)
    if is_open(value, context):
        return
    _check_user_name(expanded, what)
    if context.option == "User" and expanded == "nobody":
        context.remark(
            "user-nobody",
            "warning",
            "nobody owns what no other user does, NFS files among them;"
            " give the service a user of its own or DynamicUser=yes",
        )
    _note_odd_name(expanded, what, context)


def _note_odd_name(name: str, what: str, context: Context) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,30}\$?|\d+", name):
        context.remark(
            "odd-user-name",
            "warning",
            f"{name!r} is accepted, but no portable name of a {what}"
            " (systemd.io/USER_NAMES)",
        )


def check_users(value: str, context: Context) -> None:
    """Check SupplementaryGroups= (systemd.exec(5))."""

    def check(word: str) -> None:
        expanded = expand(word, context)
        if not is_open(word, context):
            _check_user_name(expanded, "group")

    check_each(split_raw(value), check)


_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def split_escaped(value: str) -> list[str]:
    try:
        return split_words(value, unescape=True)
    except WordError as error:
        raise BadValueError(
            f"{error}; systemd drops the whole line"
        ) from error


def check_environment(value: str, context: Context) -> None:
    """Check Environment= (systemd.exec(5)): NAME=value, quoted."""

    def check(word: str) -> None:
        expanded = expand(word, context)
        name, equals, _text = expanded.partition("=")
        if not equals or not _VARIABLE.fullmatch(name):
            raise BadValueError(
                f"{word!r} is no NAME=value; quote a value with spaces:"
                ' "NAME=two words"'
            )

    check_each(split_escaped(value), check)


def check_environment_names(value: str, context: Context) -> None:
    """Check PassEnvironment= (systemd.exec(5)): names of variables."""

    def check(word: str) -> None:
        if not _VARIABLE.fullmatch(expand(word, context)):
            raise BadValueError(f"{word!r} is no name of a variable")

    check_each(split(value), check)


def check_environment_unset(value: str, context: Context) -> None:
    """Check UnsetEnvironment= (systemd.exec(5)): names, assignments."""

    def check(word: str) -> None:
        name = expand(word, context).partition("=")[0]
        if not _VARIABLE.fullmatch(name):
            raise BadValueError(f"{word!r} is no variable")

    check_each(split_escaped(value), check)


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


_BUS_ELEMENT = r"[A-Za-z_-][A-Za-z0-9_-]*"
_BUS_NAME = re.compile(rf"{_BUS_ELEMENT}(\.{_BUS_ELEMENT})+")


def check_bus_name(value: str, context: Context) -> None:
    """Check BusName= (systemd.service(5), D-Bus specification)."""
    expanded = expand(value, context)
    if not _BUS_NAME.fullmatch(expanded) or len(expanded) > 255:
        raise BadValueError("must be a D-Bus name such as org.example.App")


def check_label(value: str, context: Context) -> None:
    """Check a label of an LSM (systemd.exec(5), AppArmorProfile=)."""
    expand(value[value.startswith("-") :], context)


def check_cgroup_name(value: str, _context: Context) -> None:
    """Check DelegateSubgroup= (systemd.resource-control(5))."""
    reserved = ("notify_on_release", "release_agent", "tasks")
    is_file = re.match(r"cgroup\.|(cpu|cpuset|io|memory|pids)\.", value)
    if (
        "/" in value
        or value[0] in "_."
        or value in reserved
        or is_file
        or len(value) > 255
    ):
        raise BadValueError("is no name that a control group may have")


# NEWS of 251: credentials are searched in /etc/credstore and others.
_NO_PATH_SINCE = 251


def _check_credential(name: str) -> None:
    is_file = "/" not in name and name not in ("", ".", "..")
    is_ascii = all(" " <= char < "\x7f" and char != ":" for char in name)
    if not is_file or not is_ascii or len(name) > 255:
        raise BadValueError(f"{name!r} is no name of a credential")


def check_load_credential(value: str, context: Context) -> None:
    """Check LoadCredential= (systemd.exec(5)): name:path."""
    name, _colon, path = value.partition(":")
    _check_credential(expand(name, context))
    if not path:
        _refuse_no_path(context)
        return
    expanded = expand(path, context)
    if expanded.startswith("/"):
        check_absolute(expanded)
        if "//" in expanded or "/./" in f"{expanded}/":
            raise BadValueError(f"{path!r} must have no '//' and no '/./'")
    elif not is_open(path, context):
        _check_credential(expanded)


def _refuse_no_path(context: Context) -> None:
    if context.target.version < _NO_PATH_SINCE:
        raise BadValueError(
            f"must be name:path; the path may be left out from systemd"
            f" {_NO_PATH_SINCE} on",
            since=_NO_PATH_SINCE,
        )


def check_set_credential(value: str, context: Context) -> None:
    """Check SetCredential= (systemd.exec(5)): name:data."""
    name, colon, data = value.partition(":")
    if not colon or not data:
        raise BadValueError("must be name:data")
    if name.endswith("\\"):
        raise BadValueError("has a colon in the name of the credential")
    _check_credential(expand(name, context))
    if context.option.endswith("Encrypted"):
        check_base64(data, context)
    else:
        try:
            take_all(Splitter(data, separators="", unescape=True))
        except WordError as error:
            raise BadValueError(str(error)) from error


def check_import_credential(value: str, context: Context) -> None:
    """Check ImportCredential= (systemd.exec(5)): a name or prefix*."""
    name, _colon, new_name = value.partition(":")
    stem = expand(name, context)
    glob = re.search(r"[*?\[\]]", stem)
    if glob:
        if stem[glob.start() :] != "*":
            raise BadValueError("may have one '*' at its end, no other glob")
        stem = stem[:-1] or "any"
    _check_credential(stem)
    if new_name:
        _check_credential(new_name)


def check_documentation(value: str, context: Context) -> None:
    """Check Documentation= (systemd.unit(5)): URIs, uri(7)."""

    def check(word: str) -> None:
        match = re.match(r"(https?://|file:/|info:|man:).", word)
        if match is None or not word.isascii():
            raise BadValueError(
                f"{word!r} is no URI that begins with http://, https://,"
                " file:, info: or man:"
            )

    check_each(split(expand(value, context)), check)


def _without_marks(value: str, has_spaces: bool) -> str:
    """Cut off the ``|`` and ``!`` of a condition (systemd.unit(5))."""
    for mark in "|!":
        if value.startswith(mark):
            value = value[1:]
            value = value.lstrip(" \t") if has_spaces else value
    return value


def check_condition_path(value: str, context: Context) -> None:
    """Check ConditionPathExists= and its like (systemd.unit(5))."""
    check_path(_without_marks(value, has_spaces=False), context)


def check_condition(value: str, context: Context) -> None:
    """Check the other conditions (systemd.unit(5)).

    systemd takes any text here and finds out when the unit starts: a
    condition that cannot be read counts as failed.
    """
    text = expand(_without_marks(value, has_spaces=True), context)
    kind = re.sub(r"^(Condition|Assert)", "", context.option)
    check = _CONDITIONS.get(kind)
    if check is not None and not is_open(value, context):
        check(text, context)


def check_condition_boolean(value: str, _context: Context) -> None:
    """Check ConditionNull= (removed in 247): a boolean."""
    if parse_boolean(_without_marks(value, has_spaces=True)) is None:
        raise BadValueError("must be a boolean", "yes")


def _condition_boolean(value: str, _context: Context) -> None:
    if parse_boolean(value) is None:
        raise BadValueError("must be yes or no, or the condition fails")


def _condition_capability(value: str, _context: Context) -> None:
    if not re.fullmatch(r"(?i)cap_[a-z_]+|\d+", value):
        raise BadValueError(
            "must be a capability such as CAP_NET_ADMIN, or the condition"
            " fails"
        )


_COMPARED = re.compile(r"\s*(<=|>=|=|!=|<|>|==|<>)?\s*(\S.*)")


def _condition_cpus(value: str, _context: Context) -> None:
    match = _COMPARED.fullmatch(value)
    if match is None or not match[2].strip().isdigit():
        raise BadValueError(
            "must be a comparison such as >= 2, or the condition fails"
        )


def _condition_memory(value: str, _context: Context) -> None:
    match = _COMPARED.fullmatch(value)
    if match is None or not re.fullmatch(r"[\d.]+\s*[KMGTPE]?B?", match[2]):
        raise BadValueError(
            "must be a comparison such as >= 512M, or the condition fails"
        )


def _condition_pressure(value: str, context: Context) -> None:
    amount = value.rpartition(":")[2].partition("/")[0].strip()
    if parse_percentage(amount, context) is None:
        raise BadValueError("must have a percentage such as 10%/1min")


_CONDITIONS: dict[str, Check] = {
    "ACPower": _condition_boolean,
    "FirstBoot": _condition_boolean,
    "Capability": _condition_capability,
    "CPUs": _condition_cpus,
    "Memory": _condition_memory,
    "CPUPressure": _condition_pressure,
    "IOPressure": _condition_pressure,
    "MemoryPressure": _condition_pressure,
}


def check_refresh_on_reload(value: str, _context: Context) -> None:
    """Check RefreshOnReload= (systemd.service(5)): what is refreshed."""
    if parse_boolean(value) is not None:
        return
    known = ("extensions", "credentials")

    def check(word: str) -> None:
        if word not in known:
            raise BadValueError(
                f"{word!r} is none of yes, no, {', '.join(known)}",
                nearest(word, known),
            )

    check_each(split_raw(value[value.startswith("~") :]), check)
