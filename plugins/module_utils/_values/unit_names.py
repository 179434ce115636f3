# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types that name units, users and variables."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    lists,
    specifiers,
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
# These types have no templates (UnitVTable of src/core).
_NO_INSTANCES = ("automount", "device", "mount", "scope", "slice", "swap")
# The targets of systemd.special(7) that units name.
_TARGETS = contexts.words_of(
    "basic bluetooth cryptsetup default emergency exit final getty"
    " graphical graphical-session halt initrd integritysetup kexec local-fs"
    " local-fs-pre multi-user network network-online network-pre"
    " nss-lookup nss-user-lookup paths poweroff printer reboot remote-fs"
    " remote-fs-pre rescue rpcbind shutdown sleep slices smartcard sockets"
    " sound soft-reboot suspend swap sysinit system-update time-set"
    " time-sync timers umount usb-gadget veritysetup"
)


def is_unit_name(name: str) -> bool:
    """Tell whether a name is a unit's (unit_name_is_valid())."""
    return len(name) <= _UNIT_NAME_MAX and bool(_UNIT_NAME.fullmatch(name))


def unit_name_of(word: str, context: contexts.Context) -> str:
    """Return a unit's name with its specifiers replaced.

    Raises:
        BadValueError: The word is not the name of a unit.
    """
    expanded = specifiers.expand_name(word, context)
    if is_unit_name(expanded):
        return expanded
    if specifiers.is_open(word, context) and is_unit_name(
        re.sub(r"%.", "x", word)
    ):
        return expanded
    if expanded.startswith("/") or "." not in expanded:
        suffix = _guess_suffix(expanded, context)
        meant = f"{expanded}.{suffix}" if "/" not in expanded else ""
        raise contexts.BadValueError(
            f"{word!r} is not a unit: its name needs a suffix such as"
            f" .{suffix}",
            meant,
        )
    raise contexts.BadValueError(
        f"{word!r} is not the name of a unit: write letters, digits and"
        r" : - _ . @ \ with a suffix such as .service",
        _correct_suffix(expanded),
    )


def _guess_suffix(name: str, context: contexts.Context) -> str:
    if context.option in ("Slice", "Sockets"):
        return context.option.rstrip("s").lower()
    if context.option == "Alias" and context.unit:
        # Another name of the unit has the unit's type.
        return context.unit.rpartition(".")[2]
    is_target = name in _TARGETS or context.section == "Install"
    return "target" if is_target else "service"


def _correct_suffix(name: str) -> str:
    stem, _dot, suffix = name.rpartition(".")
    known = contexts.nearest(suffix, UNIT_TYPES)
    return f"{stem}.{known}" if known else ""


def check_unit_name(value: str, context: contexts.Context) -> None:
    """Check one unit's name (systemd.timer(5), Unit=)."""
    name = unit_name_of(value, context)
    _refuse_instance(name, value, context)
    if name == context.unit:
        raise contexts.BadValueError(
            "is the unit itself, which cannot trigger itself; name another"
        )


def check_unit_names(value: str, context: contexts.Context) -> None:
    """Check a list of units (systemd.unit(5), After=)."""
    # systemd takes quotes off in [Install], except in Also=.
    is_unquoted = context.section == "Install" and context.option != "Also"
    words = install_words(value) if is_unquoted else split_raw_kept(value)
    contexts.check_each(words, lambda word: _note_unit(word, context))


def split_raw_kept(value: str) -> list[str]:
    """Split at white space and keep escapes, as unit names need."""
    return splitting.take_all(splitting.Splitter(value, keep_escapes=True))


def _note_unit(word: str, context: contexts.Context) -> None:
    name = unit_name_of(word, context)
    _refuse_instance(name, word, context)
    if name == context.unit and context.section == "Unit":
        context.remark(
            "self-dependency",
            f"names {word}, the unit itself: systemd drops the dependency;"
            " remove it",
        )
    # unit_add_dependency() in src/core/unit.c.
    if context.option == "Before" and name.endswith(".device"):
        raise contexts.BadValueError(
            f"{word!r} has no effect: systemd cannot delay a device; remove it"
        )


def _refuse_instance(name: str, word: str, context: contexts.Context) -> None:
    suffix = name.rpartition(".")[2]
    if (
        "@" in name
        and suffix in _NO_INSTANCES
        and not specifiers.is_open(word, context)
    ):
        raise contexts.BadValueError(
            f"{word!r} is not possible: units of type {suffix} have no"
            " instances; leave out the '@'"
        )


def _refuse_template(value: str, context: contexts.Context) -> None:
    """Refuse a template's name, since systemd loads instances alone.

    %i is empty in a unit that is not an instance itself.
    """
    if specifiers.is_open(value, context):
        return
    name = specifiers.expand_name(value, context)
    if "@." in name:
        raise contexts.BadValueError(
            f"{name!r} lacks the instance between @ and ., so that systemd"
            " cannot load it"
        )


def _check_suffix(value: str, suffix: str, context: contexts.Context) -> None:
    name = unit_name_of(value, context)
    if not name.endswith(suffix):
        raise contexts.BadValueError(f"{value!r} must be a {suffix} unit")


def check_service_unit(value: str, context: contexts.Context) -> None:
    """Check a service's name (systemd.socket(5), Service=)."""
    _check_suffix(value, ".service", context)
    _refuse_template(value, context)


def check_slice_unit(value: str, context: contexts.Context) -> None:
    """Check a slice's name (systemd.resource-control(5), Slice=)."""
    _check_suffix(value, ".slice", context)
    _refuse_template(value, context)
    # slice_name_is_valid() in src/basic/unit-name.c.
    if "@" in specifiers.expand_name(value, context):
        raise contexts.BadValueError(
            "has an '@', but slices have no instances; leave it out"
        )
    if specifiers.expand_name(value, context) == context.unit:
        raise contexts.BadValueError(
            "is the unit itself, which cannot be its own slice; name another"
        )


def check_socket_units(value: str, context: contexts.Context) -> None:
    """Check a list of sockets (systemd.service(5), Sockets=)."""
    contexts.check_each(
        lists.split_raw(value),
        lambda word: _check_suffix(word, ".socket", context),
    )


def install_words(value: str) -> list[str]:
    """Split a value of [Install] and take off its quotes."""
    try:
        return splitting.take_all(
            splitting.Splitter(value, unquote=True, keep_escapes=True)
        )
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error


# Characters and shapes that valid_user_group_name() refuses: control
# characters, a colon or slash, a space at an end, "." and "-", numbers.
_BAD_USER_NAME = r"[\x00-\x1f\x7f-\x9f:/]|\A | \Z|\A(?:\.{0,2}|-|-?[0-9]+)\Z"


def _check_user_name(name: str, what: str) -> None:
    """Check a user's or group's name or id (systemd.exec(5), User=)."""
    is_number = name.isascii() and name.isdigit()
    number = enums.parse_integer(name) if is_number else None
    if number is not None:
        # 65535 and 4294967295 mean "no user" (parse_uid()).
        has_zeros = name != str(number)
        if number in (65535, 4294967295) or has_zeros or number >> 32:
            raise contexts.BadValueError(
                f"{name} is not a usable {what} id: write a decimal number"
                " below 4294967295, and not 65535"
            )
    elif re.search(_BAD_USER_NAME, name):
        raise contexts.BadValueError(
            f"{name!r} is neither a name nor an id of a {what}"
        )


def check_user(value: str, context: contexts.Context) -> None:
    """Check User= (systemd.exec(5), "User/Group Name Syntax")."""
    what = "group" if "Group" in context.option else "user"
    expanded = specifiers.expand(value, context)
    if specifiers.is_open(value, context):
        return
    _check_user_name(expanded, what)
    context.remark_comment(value)
    if context.option == "User" and expanded == "nobody":
        context.remark(
            "user-nobody",
            "must not be nobody, the owner of files without another, such as"
            " those of NFS; give the service a user of its own or"
            " DynamicUser=yes",
        )
    _note_odd_name(expanded, what, context)


def _note_odd_name(name: str, what: str, context: contexts.Context) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,30}\$?|[0-9]+", name):
        context.remark(
            "odd-user-name",
            f"may be {name!r} for systemd, but not for other programs: write a"
            f" {what} of up to 31 letters, digits, '_' and '-' that begins"
            " with a letter or '_' (systemd.io/USER_NAMES)",
        )


def check_users(value: str, context: contexts.Context) -> None:
    """Check SupplementaryGroups= (systemd.exec(5))."""

    def check(word: str) -> None:
        expanded = specifiers.expand(word, context)
        if not specifiers.is_open(word, context):
            _check_user_name(expanded, "group")
        context.remark_comma(word, "group")

    contexts.check_each(lists.split_raw(value), check)
    context.remark_comment(value)


_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A name in lower case behind a dollar is rather a part of a password.
_REFERENCE = re.compile(r"\$(?:\{[A-Za-z_]\w*\}|[A-Z_][A-Z0-9_]+)")


def split_escaped(value: str) -> list[str]:
    """Split at white space, unquote, and decode C escapes.

    Raises:
        BadValueError: A quote or an escape is wrong.
    """
    try:
        return splitting.split_words(value, unescape=True)
    except splitting.WordError as error:
        raise contexts.BadValueError(
            f"{error}; systemd drops the whole line"
        ) from error


def check_environment(value: str, context: contexts.Context) -> None:
    """Check Environment= (systemd.exec(5)): NAME=value, quoted."""

    def check(word: str) -> None:
        expanded = specifiers.expand(word, context)
        name, equals, text = expanded.partition("=")
        if not splitting.is_utf8(text):
            raise contexts.BadValueError(
                f"{name}= is not UTF-8, so that systemd drops it; write it"
                " in UTF-8"
            )
        if not equals or not _VARIABLE.fullmatch(name):
            raise contexts.BadValueError(
                f"{word!r} is not NAME=value; quote a value with spaces:"
                ' "NAME=two words"'
            )
        _note_reference(name, text, context)

    contexts.check_each(split_escaped(value), check)
    _note_comma(value, context)


def _note_comma(value: str, context: contexts.Context) -> None:
    """Remark a comma behind an assignment, as other syntaxes have it."""
    splitter = splitting.Splitter(value, unquote=True, unescape=True)
    while splitter.rest:
        before = splitter.rest
        word = splitter.take() or ""
        after = splitter.rest or ""
        spelt = before[: len(before) - len(after)].rstrip()
        is_behind_quote = spelt.endswith(('",', "',"))
        if word.endswith(",") and (after or is_behind_quote):
            name = word.partition("=")[0]
            context.remark(
                "comma-in-word",
                f"gives {name} a value that ends in a comma, since systemd"
                " splits the line at blanks; remove the comma",
            )


def _note_reference(name: str, text: str, context: contexts.Context) -> None:
    """Remark on a value that means another variable's value.

    The value itself may be a secret, so that the remark does not show
    it.
    """
    if _REFERENCE.search(text):
        context.remark(
            "environment-reference",
            f"gives {name} the text of a reference such as $PATH or"
            " ${PATH}: systemd replaces no variables here; write the value"
            " out",
        )


def check_environment_names(value: str, context: contexts.Context) -> None:
    """Check PassEnvironment= (systemd.exec(5)): names of variables."""

    def check(word: str) -> None:
        if not _VARIABLE.fullmatch(specifiers.expand(word, context)):
            raise contexts.BadValueError(
                f"{word!r} is not the name of a variable: write letters,"
                " digits and '_'"
            )

    contexts.check_each(lists.split(value), check)


def check_environment_unset(value: str, context: contexts.Context) -> None:
    """Check UnsetEnvironment= (systemd.exec(5)): names, assignments."""

    def check(word: str) -> None:
        name, _equals, text = specifiers.expand(word, context).partition("=")
        if not _VARIABLE.fullmatch(name) or not splitting.is_utf8(text):
            raise contexts.BadValueError(
                f"{word!r} must be the NAME of a variable or NAME=value"
            )

    contexts.check_each(split_escaped(value), check)


_BUS_ELEMENT = r"[A-Za-z_-][A-Za-z0-9_-]*"
_BUS_NAME = re.compile(
    rf"{_BUS_ELEMENT}(\.{_BUS_ELEMENT})+|:[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+"
)


def check_bus_name(value: str, context: contexts.Context) -> None:
    """Check BusName= (systemd.service(5), D-Bus specification)."""
    expanded = specifiers.expand(value, context)
    if not _BUS_NAME.fullmatch(expanded) or len(expanded) > 255:
        raise contexts.BadValueError(
            "must be a D-Bus name such as org.example.App"
        )


def check_label(value: str, context: contexts.Context) -> None:
    """Check a label of an LSM (systemd.exec(5), AppArmorProfile=)."""
    specifiers.expand(value[value.startswith("-") :], context)


def check_documentation(value: str, context: contexts.Context) -> None:
    """Check Documentation= (systemd.unit(5)): URIs, uri(7)."""

    def check(word: str) -> None:
        match = re.match(r"(https?://|file:/|info:|man:).", word)
        if match is None or not word.isascii():
            raise contexts.BadValueError(
                f"{word!r} must be a URI that begins with http://, https://,"
                " file:/, info: or man:"
            )

    contexts.check_each(lists.split(specifiers.expand(value, context)), check)
