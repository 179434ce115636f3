# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types that are lists of names: capabilities, calls, families.

A single bad word is an error: systemd drops the word and keeps the
rest, so that the sandbox gets a hole.
"""

from __future__ import annotations

import re
from functools import cache

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    _names,
    contexts,
    enums,
    scalars,
)

_SECURE_BITS = contexts.words_of(
    "keep-caps keep-caps-locked no-setuid-fixup no-setuid-fixup-locked"
    " noroot noroot-locked"
)
# The clone(2) flags that systemd knows (src/shared/nsflags.c), each
# with the first version that does.
_NAMESPACES = {
    "cgroup": 0, "ipc": 0, "net": 0, "mnt": 0, "pid": 0, "user": 0,
    "uts": 0, "time": 252,
}  # fmt: skip
# The names of systemd.exec(5), SystemCallArchitectures=. A version
# behind a name is the first that accepts it
# (seccomp_arch_from_string()).
_ARCHITECTURES = (
    "native x86 x86-64 x32 arm arm64 loongarch64@255 mips mips64 mips64-n32"
    " mips-le mips64-le mips64-le-n32 parisc@252 parisc64@252 ppc ppc64"
    " ppc64-le riscv64 s390 s390x"
)
# Source: address_families(7) and the C library's <sys/socket.h>. A
# version is the first of 247, 252, 257 and 262 that accepts the name.
_FAMILIES = (
    "ALG APPLETALK ASH ATMPVC ATMSVC AX25 BLUETOOTH BRIDGE CAIF CAN"
    " DECnet ECONET FILE IB IEEE802154 INET INET6 IPX IRDA ISDN IUCV KCM"
    " KEY LLC LOCAL MCTP@252 MPLS NETBEUI NETLINK NETROM NFC PACKET PHONET"
    " PPPOX QIPCRTR RDS ROSE ROUTE RXRPC SECURITY SMC SNA TIPC UNIX VSOCK"
    " WANPIPE X25 XDP"
)
_COREDUMP = contexts.words_of(
    "private-anonymous shared-anonymous private-file-backed"
    " shared-file-backed elf-headers private-huge shared-huge private-dax"
    " shared-dax default all"
)
# The names that SuccessExitStatus= knows (src/shared/exit-status.c).
_EXIT_STATUSES = contexts.words_of(
    "SUCCESS FAILURE CHDIR NICE FDS EXEC MEMORY LIMITS OOM_ADJUST"
    " SIGNAL_MASK STDIN STDOUT CHROOT IOPRIO TIMERSLACK SECUREBITS"
    " SETSCHEDULER CPUAFFINITY GROUP USER CAPABILITIES CGROUP SETSID"
    " CONFIRM STDERR PAM NETWORK NAMESPACE NO_NEW_PRIVILEGES SECCOMP"
    " SELINUX_CONTEXT PERSONALITY APPARMOR ADDRESS_FAMILIES"
    " RUNTIME_DIRECTORY MAKE_STARTER CHOWN SMACK_PROCESS_LABEL KEYRING"
    " STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY"
    " CONFIGURATION_DIRECTORY NUMA_POLICY CREDENTIALS BPF KSM EXCEPTION"
    " INVALIDARGUMENT NOTIMPLEMENTED NOPERMISSION NOTINSTALLED"
    " NOTCONFIGURED NOTRUNNING USAGE DATAERR NOINPUT NOUSER NOHOST"
    " UNAVAILABLE SOFTWARE OSERR OSFILE CANTCREAT IOERR TEMPFAIL PROTOCOL"
    " NOPERM CONFIG"
)


@cache
def _parse_dated(words: str) -> dict[str, int]:
    """Return {name: first version} of a generated text."""
    found = {}
    for word in words.split():
        # The name of a group begins with an '@' of its own.
        rest, _at, since = word[1:].partition("@")
        found[word[0] + rest] = int(since or 0)
    return found


def _select_known(
    words: dict[str, int], target: targets.Target
) -> frozenset[str]:
    return frozenset(
        word for word, since in words.items() if since <= target.version
    )


@cache
def capabilities() -> tuple[str, ...]:
    """Return the kernel's capabilities by their numbers, from 0 on."""
    return tuple(name.upper() for name in _names.CAPABILITIES.split())


def namespaces(target: targets.Target) -> frozenset[str]:
    """Return the types of namespaces that a systemd knows."""
    return _select_known(_NAMESPACES, target)


def families(target: targets.Target) -> frozenset[str]:
    """Return the address families that a systemd knows, as AF_INET6."""
    found = _select_known(_parse_dated(_FAMILIES), target)
    return frozenset(f"AF_{name}".upper() for name in found)


def architectures(target: targets.Target) -> frozenset[str]:
    """Return the architectures that a systemd knows."""
    return _select_known(_parse_dated(_ARCHITECTURES), target)


def split(value: str) -> list[str]:
    """Split at white space and unquote.

    Raises:
        BadValueError: A quote is not closed.
    """
    try:
        return splitting.split_words(value)
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error


def split_raw(value: str) -> list[str]:
    """Split at white space; quotes stay as they are (flags 0).

    Raises:
        BadValueError: The value ends in a backslash.
    """
    return _take_all(splitting.Splitter(value))


def _take_all(splitter: splitting.Splitter) -> list[str]:
    try:
        return splitting.take_all(splitter)
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error


def one_of(word: str, names: list[str] | dict[str, int], what: str) -> None:
    """Check that a word is in a list of names.

    Args:
        word: The word.
        names: The names that systemd knows.
        what: The kind of the names with its article, such as
            ``a secure bit``.

    Raises:
        BadValueError: The word is not a name of the list.
    """
    if word not in names:
        raise contexts.BadValueError(
            f"{word!r} is not {what}", contexts.nearest(word, names)
        )


def _require_dated(
    word: str, known: dict[str, int], what: str, context: contexts.Context
) -> None:
    one_of(word, known, what)
    since = known[word]
    if since > context.target.version:
        raise contexts.BadValueError(
            f"{word!r} needs systemd {since} or later; leave it out",
            since=since,
        )


def check_capabilities(value: str, _context: contexts.Context) -> None:
    """Check CapabilityBoundingSet= (systemd.exec(5), capabilities(7)).

    systemd skips an unknown name without a message. If no name is
    left, the empty set resets the lines before.
    """
    names = capabilities()

    def check(word: str) -> None:
        number = enums.parse_integer(word)
        if number is not None:
            if 0 <= number <= 62:
                return
            raise contexts.BadValueError(
                f"{word!r} is not a capability's number: 0 to 62"
            )
        if word.upper() not in names:
            raise contexts.BadValueError(
                f"{word!r} is not a capability: systemd skips it without a"
                " message",
                contexts.nearest(word.upper(), names),
            )

    contexts.check_each(split(value[value.startswith("~") :]), check)


def check_syscalls(value: str, context: contexts.Context) -> None:
    """Check SystemCallFilter= (systemd.exec(5)): calls and @groups."""
    is_denied = value.startswith("~")

    def check(word: str) -> None:
        name, colon, error = word.partition(":")
        if colon:
            _check_syscall_error(error, is_denied, context)
        _check_syscall(name, context)

    contexts.check_each(split_raw(value[is_denied:]), check)


def _check_syscall_error(
    error: str, is_denied: bool, context: contexts.Context
) -> None:
    if context.option != "SystemCallFilter" or not is_denied:
        raise contexts.BadValueError(
            "an error behind a colon is for denied calls alone: write"
            " SystemCallFilter=~CALL:ERROR"
        )
    if error != "kill" and not scalars.is_errno(error):
        raise contexts.BadValueError(
            f"{error!r} is not an error: write a name such as EPERM, a"
            " number up to 4095, or kill"
        )


def _check_syscall(name: str, context: contexts.Context) -> None:
    is_group = name.startswith("@")
    known = _parse_dated(
        _names.SYSTEM_CALL_GROUPS if is_group else _names.SYSTEM_CALLS
    )
    what = "group of system calls" if is_group else "system call"
    if name not in known:
        raise contexts.BadValueError(
            f"{name!r} is not a {what}: systemd skips it",
            contexts.nearest(name, known),
        )
    since = known[name]
    if is_group and since > context.target.version:
        raise contexts.BadValueError(
            f"{name!r} needs systemd {since} or later; leave it out",
            since=since,
        )


def check_namespaces(value: str, context: contexts.Context) -> None:
    """Check RestrictNamespaces= (systemd.exec(5), namespaces(7))."""
    if enums.parse_boolean(value) is not None:
        return

    def check(word: str) -> None:
        since = _NAMESPACES.get(word)
        is_asked = context.option == "DelegateNamespaces" and value[0] != "~"
        if word == "user" and is_asked:
            raise contexts.BadValueError(
                "'user' cannot be delegated; leave it out"
            )
        if since is None:
            raise contexts.BadValueError(
                f"{word!r} is not a type of namespace: write yes, no or some"
                f" of {', '.join(_NAMESPACES)}",
                contexts.nearest(word, [*_NAMESPACES, "yes", "no"]),
            )
        if since > context.target.version:
            raise contexts.BadValueError(
                f"{word!r} needs systemd {since} or later; leave it out",
                since=since,
            )

    contexts.check_each(split_raw(value[value.startswith("~") :]), check)


def check_secure_bits(value: str, _context: contexts.Context) -> None:
    """Check SecureBits= (systemd.exec(5)); systemd skips bad words."""
    contexts.check_each(
        split(value), lambda word: one_of(word, _SECURE_BITS, "a secure bit")
    )


def check_architectures(value: str, context: contexts.Context) -> None:
    """Check SystemCallArchitectures= (systemd.exec(5))."""
    contexts.check_each(
        split(value),
        lambda word: _require_dated(
            word, _parse_dated(_ARCHITECTURES), "an architecture", context
        ),
    )


def check_address_families(value: str, context: contexts.Context) -> None:
    """Check RestrictAddressFamilies= (systemd.exec(5))."""
    if value == "none":
        if context.target.version < 249:
            raise contexts.BadValueError(
                "none needs systemd 249 or later; to allow no family, write"
                " two lines: AF_UNIX, then ~AF_UNIX",
                since=249,
            )
        return

    # systemd ignores the case of address families, in contrast to that
    # of architectures.
    known = {
        f"AF_{name}".upper(): since
        for name, since in _parse_dated(_FAMILIES).items()
    }
    what = "an address family such as AF_INET"
    contexts.check_each(
        split(value[value.startswith("~") :]),
        lambda word: _require_dated(word.upper(), known, what, context),
    )


def check_filesystems(value: str, context: contexts.Context) -> None:
    """Check RestrictFileSystems= (systemd.exec(5)): types, @groups."""

    def check(word: str) -> None:
        if word.startswith("@"):
            groups = _names.FILESYSTEM_GROUPS.split()
            one_of(word, groups, "a group of file systems")
        context.remark_comma(word, "file system")

    contexts.check_each(split(value[value.startswith("~") :]), check)


def check_coredump_filter(value: str, _context: contexts.Context) -> None:
    """Check CoredumpFilter= (systemd.exec(5), core(5)): names, hex."""

    def check(word: str) -> None:
        if not re.fullmatch(r"\+?(0[xX])?[0-9a-fA-F]{1,16}", word):
            one_of(word, _COREDUMP, "a coredump filter")

    contexts.check_each(split_raw(value), check)


def check_exit_statuses(value: str, _context: contexts.Context) -> None:
    """Check SuccessExitStatus= (systemd.service(5)): codes, signals."""

    def check(word: str) -> None:
        number = enums.parse_integer(word)
        if number is not None:
            is_known = 0 <= number <= 255
        else:
            is_known = word in _EXIT_STATUSES or scalars.parse_signal(word)
        if not is_known:
            raise contexts.BadValueError(
                f"{word!r} is neither an exit status (0 to 255 or its name)"
                " nor a signal such as SIGTERM",
                contexts.nearest(word, _EXIT_STATUSES),
            )

    contexts.check_each(split_raw(value), check)
