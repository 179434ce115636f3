# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of directives that take one word of a closed list.

The lists come from upstream's string tables (``*_to_string`` in
src/core and src/basic) and from the manual page of each directive. The
versions come from the tables of all tags up to 256, of 257 and 262
and, for the variants, from the tables of their trees.
"""

from __future__ import annotations

import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
)

# name|form|members. The form ``bool`` accepts booleans as well; the
# form of a number accepts the integers from 0 up to that number. A
# member may have its first version and a variant that has the member
# too: ``notify-reload@253+el9``. A line that begins with a space
# continues the line before.
_ENUMS = """\
bind-ipv6-only|bool|default both ipv6-only
collect-mode||inactive inactive-or-failed
cpuset-partition||member root isolated
cpu-scheduling|2147483647|other batch idle fifo rr ext@258
defer-trigger|bool|patient
device-policy||auto closed strict
emergency-action||none reboot reboot-force reboot-immediate poweroff
 poweroff-force poweroff-immediate exit@240+el8 exit-force@240+el8
 soft-reboot@254 soft-reboot-force@254 kexec@254 kexec-force@254 halt@254
 halt-force@254 halt-immediate@254
exit-type||main cgroup
io-class|7|none realtime best-effort idle
job-mode||fail replace replace-irreversibly isolate flush
 ignore-dependencies ignore-requirements triggering@244
 restart-dependencies@254 lenient@258
keyring-mode||inherit private shared
kill-mode||control-group process mixed none
log-facility|127|kern user mail daemon auth syslog lpr news uucp cron
 authpriv ftp local0 local1 local2 local3 local4 local5 local6 local7
log-level|7|emerg alert crit err warning notice info debug
managed-oom||auto kill
memory-thp||inherit disable madvise system
notify-access||none main exec all
numa-policy||default preferred bind interleave local preferred-many@258
 weighted-interleave@258
oom-policy||continue stop kill
oom-preference||none avoid omit
personality||x86 x86-64 ppc ppc-le ppc64 ppc64-le s390 s390x arm arm-be
 arm64 arm64-be mips mips-le mips64 mips64-le riscv32 riscv64
 loongarch64@250 alpha sparc sparc64 ia64 parisc parisc64 sh sh64 m68k
 tilegx cris arc arc-be
preserve-mode|bool|restart
pressure-watch|bool|auto skip
private-bpf|bool|
private-pids|bool|
private-tmp|bool|connected disconnected
private-users|bool|self identity full@258 managed@260
proc-subset||all pid
propagation||shared slave private
protect-control-groups|bool|private strict
protect-home|bool|read-only tmpfs
protect-proc||default noaccess invisible ptraceable
protect-system|bool|full strict
restart||no on-success on-failure on-abnormal on-watchdog on-abort always
restart-mode||normal direct debug@257
service-type||simple forking oneshot dbus notify idle exec@240+el8
 notify-reload@253+el9
socket-protocol||udplite sctp mptcp@257
timeout-failure||terminate abort kill
timestamping|bool|off us ns usec nsec µs μs@251
utmp-mode||init login user
"""

BOOLEANS = {
    **dict.fromkeys(("1", "yes", "y", "true", "t", "on"), True),
    **dict.fromkeys(("0", "no", "n", "false", "f", "off"), False),
}


_INTEGER = re.compile(
    r"[ \t\n\v\f\r]*([+-]?)"
    r"(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|[0-9]+)"
)
_DIGITS_MAX = 66


def parse_integer(value: str) -> int | None:
    """Read an integer as strtol() does with base 0.

    A leading ``0`` is octal, ``0x`` hexadecimal; see safe_atou() and
    safe_atoi() of src/basic/parse-util.c. White space may stand before
    the integer, not behind it.

    Returns:
        The integer, or None if the value is not an integer.
    """
    match = _INTEGER.fullmatch(value)
    if match is None:
        return None
    digits = match[2]
    # int() takes long over many digits, or refuses them. No number of
    # systemd has more than 64 bits.
    if len(digits) > _DIGITS_MAX and len(digits[2:].lstrip("0")) > 64:
        return None
    is_octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
    try:
        number = int(digits, 8) if is_octal else int(digits, 0)
    except ValueError:
        return None
    return -number if match[1] == "-" else number


def parse_boolean(value: str) -> bool | None:
    """Read a boolean (systemd.syntax(7)); None for any other word."""
    return BOOLEANS.get(value.lower())


def members(name: str, target: targets.Target) -> dict[str, int]:
    """Return the words of an enum, each with a version.

    The version is 0 for a word that the target knows, and the first
    version that knows the word otherwise.
    """
    found = {}
    for word in _load_rows()[name][1].split():
        member, _at, when = word.partition("@")
        version, _plus, variant = when.partition("+")
        since = int(version or 0)
        is_there = target.version >= since or (
            variant and variant == target.variant
        )
        found[member] = 0 if is_there else since
    return found


def is_bool(name: str) -> bool:
    """Tell whether an enum accepts booleans as well."""
    return _load_rows()[name][0] == "bool"


def parse_setting(
    kind: str, value: str, target: targets.Target
) -> bool | str | None:
    """Read a boolean or a word; None if the target does not read it.

    Args:
        kind: The value type, such as ``boolean`` or ``enum:restart``.
        value: What stands behind the ``=``.
        target: The systemd that reads it.
    """
    if kind.startswith("boolean"):
        return parse_boolean(value)
    if kind == "protect-hostname":
        # A host name may stand behind a colon.
        word = value.partition(":")[0]
        return word if word == "private" else parse_boolean(word)
    name = kind.partition(":")[2]
    if not kind.startswith("enum:"):
        return None
    if members(name, target).get(value) == 0:
        return value
    return parse_boolean(value) if is_bool(name) else None


def check_enum(name: str, value: str, context: contexts.Context) -> None:
    """Check a word of a closed list.

    Raises:
        BadValueError: The list lacks the word, or lacks it in this
            version.
    """
    form = _load_rows()[name][0]
    if _has_other_form(name, form, value, context):
        return
    words = members(name, context.target)
    since = words.get(value)
    if since == 0:
        return
    known = [word for word, later in words.items() if not later]
    if form == "bool":
        known = ["yes", "no", *known]
    if since:
        raise contexts.BadValueError(
            f"{value!r} needs systemd {since} or later; for systemd"
            f" {context.target.version} write one of: {', '.join(known)}",
            since=since,
        )
    raise contexts.BadValueError(
        f"must be one of: {', '.join(known)}", contexts.nearest(value, known)
    )


def _has_other_form(
    name: str, form: str, value: str, context: contexts.Context
) -> bool:
    """Tell whether a value is a boolean or number instead of a word."""
    if form == "bool":
        return parse_boolean(value) is not None
    number = parse_integer(value) if form.isdigit() else None
    if number is None:
        return False
    return 0 <= number <= _find_highest(name, form, context)


def _find_highest(name: str, form: str, context: contexts.Context) -> int:
    """Return the highest number that stands for a word."""
    # 262 refuses policies that the kernel does not have.
    if name == "cpu-scheduling" and context.target.version >= 258:
        return 7
    return int(form)


_ROWS: dict[str, tuple[str, str]] = {}


def _load_rows() -> dict[str, tuple[str, str]]:
    if not _ROWS:
        for line in _ENUMS.replace("\n ", " ").splitlines():
            name, form, words = line.split("|")
            _ROWS[name] = (form, words)
    return _ROWS
