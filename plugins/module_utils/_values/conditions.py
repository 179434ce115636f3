# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types of conditions and assertions (systemd.unit(5))."""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    paths,
    scalars,
    specifiers,
)


def _cut_marks(value: str, has_spaces: bool) -> str:
    """Cut off the ``|`` and ``!`` of a condition (systemd.unit(5))."""
    for mark in "|!":
        if value.startswith(mark):
            value = value[1:]
            value = value.lstrip(" \t") if has_spaces else value
    return value


def check_condition_path(value: str, context: contexts.Context) -> None:
    """Check ConditionPathExists= and its like (systemd.unit(5))."""
    paths.check_path(_cut_marks(value, has_spaces=False), context)


def check_condition(value: str, context: contexts.Context) -> None:
    """Check the other conditions (systemd.unit(5)).

    systemd accepts any text when it loads the unit. When it starts the
    unit, a condition that it cannot read counts as failed.
    """
    text = specifiers.expand(_cut_marks(value, has_spaces=True), context)
    check = _CONDITIONS.get(_find_kind(context))
    if check is not None and not specifiers.is_open(value, context):
        check(text, context)


def check_condition_boolean(value: str, _context: contexts.Context) -> None:
    """Check ConditionNull= (removed in 247): a boolean."""
    if enums.parse_boolean(_cut_marks(value, has_spaces=True)) is None:
        raise contexts.BadValueError("must be a boolean", "yes")


def _check_flag(value: str, _context: contexts.Context) -> None:
    if enums.parse_boolean(value) is None:
        raise contexts.BadValueError(
            "must be yes or no", contexts.nearest(value, enums.BOOLEANS)
        )


def _check_capability(value: str, _context: contexts.Context) -> None:
    if not re.fullmatch(r"(?i)cap_[a-z_]+|[0-9]+", value):
        raise contexts.BadValueError(
            "must be a capability such as CAP_NET_ADMIN"
        )


_COMPARED = re.compile(r"\s*(<=|>=|=|!=|<|>|==|<>)?\s*(\S.*)")


def _check_cpus(value: str, _context: contexts.Context) -> None:
    match = _COMPARED.fullmatch(value)
    if match is None or not match[2].strip().isdigit():
        raise contexts.BadValueError("must be a comparison such as >= 2")


def _check_memory(value: str, _context: contexts.Context) -> None:
    match = _COMPARED.fullmatch(value)
    if match is None or not re.fullmatch(r"[\d.]+\s*[KMGTPE]?B?", match[2]):
        raise contexts.BadValueError("must be a comparison such as >= 512M")


def _check_pressure(value: str, context: contexts.Context) -> None:
    amount = value.rpartition(":")[2].partition("/")[0].strip()
    if scalars.parse_percentage(amount, context) is None:
        raise contexts.BadValueError(
            "must be a percentage and a time span, such as 10%/1min"
        )


# The words that each condition knows; it never holds for another word.
# Source: systemd.unit(5) and upstream's src/basic.
_WORDS = {
    "Architecture": (
        "native alpha arc arc-be arm arm-be arm64 arm64-be cris ia64"
        " loongarch64 m68k mips mips-le mips64 mips64-le nios2 parisc parisc64"
        " ppc ppc-le ppc64 ppc64-le riscv32 riscv64 s390 s390x sh sh64 sparc"
        " sparc64 tilegx x86 x86-64"
    ),
    "Security": (
        "apparmor audit cvm ima measured-os measured-uki selinux smack tomoyo"
        " tpm2 uefi-secureboot"
    ),
    "Virtualization": (
        "yes no true false on off 1 0 y n t f vm container private-users acrn"
        " amazon apple bhyve bochs container-other docker google kvm lxc"
        " lxc-libvirt microsoft none openvz oracle parallels podman pouch"
        " powervm proot qemu qnx rkt sre systemd-nspawn uml vm-other vmware"
        " wsl xen zvm"
    ),
}


def _check_word(value: str, context: contexts.Context) -> None:
    known = _WORDS[_find_kind(context)].split()
    if value in known:
        return
    near = contexts.nearest(value, known)
    hint = f"write {near}" if near else "write a word of systemd.unit(5)"
    context.remark(
        "condition-never-true",
        f"never holds: {value!r} is not a word that it knows, and systemd"
        f" does not report it; {hint}",
        near,
    )


def _find_kind(context: contexts.Context) -> str:
    return re.sub(r"^(Condition|Assert)", "", context.option)


_CONDITIONS: dict[str, contexts.Check] = {
    "ACPower": _check_flag,
    "FirstBoot": _check_flag,
    "Capability": _check_capability,
    "CPUs": _check_cpus,
    "Memory": _check_memory,
    "CPUPressure": _check_pressure,
    "IOPressure": _check_pressure,
    "MemoryPressure": _check_pressure,
    **dict.fromkeys(_WORDS, _check_word),
}


TYPES: dict[str, contexts.Check] = {
    "condition": check_condition,
    "condition-boolean": check_condition_boolean,
    "condition-path": check_condition_path,
}
