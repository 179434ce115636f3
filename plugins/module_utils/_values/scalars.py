# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Value types that are one number, one word or one time span.

Each type has the name that the manual pages use, and its docstring
names the source of its rule. A check raises `BadValueError` or returns
nothing.
"""

from __future__ import annotations

import math
import re

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    splitting,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    enums,
    specifiers,
)

UINT32 = 2**32 - 1
_UINT64 = 2**64 - 1
_UINT64_DIGITS = 20


def check_range(value: str, low: int, high: int) -> None:
    """Check an integer from `low` to `high` (`enums.parse_integer`).

    Raises:
        BadValueError: It is not an integer, or out of range.
    """
    number = enums.parse_integer(value)
    if number is None:
        raise contexts.BadValueError(
            f"must be an integer from {low} to {high}"
        )
    if not low <= number <= high:
        raise contexts.BadValueError(f"is out of range: {low} to {high}")


def check_boolean(value: str, _context: contexts.Context) -> None:
    """Check a boolean (systemd.syntax(7)): yes, no, on, off, 1, 0."""
    if enums.parse_boolean(value) is None:
        raise contexts.BadValueError(
            "must be a boolean: yes or no",
            contexts.nearest(value, enums.BOOLEANS),
        )


def check_unsigned(value: str, _context: contexts.Context) -> None:
    """Check an unsigned 32-bit integer (safe_atou())."""
    check_range(value, 0, UINT32)


def check_integer(value: str, _context: contexts.Context) -> None:
    """Check a signed 32-bit integer (safe_atoi())."""
    check_range(value, -(2**31), 2**31 - 1)


def check_long(value: str, _context: contexts.Context) -> None:
    """Check a signed 64-bit integer (safe_atoli())."""
    check_range(value, -(2**63), 2**63 - 1)


def check_nice(value: str, _context: contexts.Context) -> None:
    """Check a nice level (systemd.exec(5), Nice=)."""
    check_range(value, -20, 19)


def check_oom_score(value: str, _context: contexts.Context) -> None:
    """Check an OOM score (systemd.exec(5), OOMScoreAdjust=)."""
    check_range(value, -1000, 1000)


def check_exit_status_code(value: str, _context: contexts.Context) -> None:
    """Check FailureActionExitStatus= (systemd.unit(5)): 0 to 255."""
    check_range(value, 0, 255)


_MODE = re.compile(r"[0-7]+")


def parse_mode(value: str) -> int | None:
    """Read an access mode in octal; None if it is not one."""
    if not _MODE.fullmatch(value):
        return None
    mode = int(value, 8)
    return mode if mode <= 0o7777 else None


def check_mode(value: str, _context: contexts.Context) -> None:
    """Check an access mode in octal (chmod(2), parse_mode())."""
    if parse_mode(value) is None:
        raise contexts.BadValueError(
            "must be an octal access mode such as 0640"
        )


_UNITS = (
    r"seconds|second|sec|s|minutes|minute|min|months|month|M|msec|ms|m"
    r"|hours|hour|hr|h|days|day|d|weeks|week|w|years|year|y"
    r"|usec|us|\u03bcs|\xb5s"
)
_BLANK = r"[ \t\n\r]"
_PART = (
    rf"{_BLANK}*(?:\+?(\d+)(?:\.(\d+))?|\.(\d+))"
    rf"(?:{_BLANK}*({{}})|(?={_BLANK})|\Z){_BLANK}*"
)
_ONE_SPAN = re.compile(_PART.format(_UNITS), re.ASCII)
# The microseconds of a unit, by its first letters.
_MICROSECONDS = {
    "us": 1, "\u03bc": 1, "\xb5": 1, "ms": 10**3, "s": 10**6,
    "mi": 60 * 10**6, "m": 60 * 10**6, "h": 3600 * 10**6,
    "d": 86400 * 10**6, "w": 604800 * 10**6, "mo": 2629800 * 10**6,
    "M": 2629800 * 10**6, "y": 31557600 * 10**6,
}  # fmt: skip


def _split_span(
    value: str, part: re.Pattern[str]
) -> list[re.Match[str]] | None:
    """Split a time span into its parts; None for any other text."""
    found = []
    index = 0
    while index < len(value):
        match = part.match(value, index)
        if match is None:
            return None
        found.append(match)
        index = match.end()
    return found or None


def parse_time_span(value: str, bare: str = "s") -> float | None:
    """Read a time span.

    Args:
        value: The time span (systemd.time(7)).
        bare: The unit of a bare number.

    Returns:
        The seconds, or None if the value is not a time span, or one
        that systemd cannot count.
    """
    if value.strip(splitting.WHITESPACE) == "infinity":
        return float("inf")
    parts = _split_span(value, _ONE_SPAN)
    count = _count(parts, bare, 1) if parts else None
    return None if count is None else count / 10**6


def _count(parts: list[re.Match[str]], bare: str, scale: int) -> int | None:
    """Add up a time span as parse_time() does (src/basic/time-util.c).

    Args:
        parts: The parts of the time span.
        bare: The unit of a bare number.
        scale: How many to count for each microsecond.

    Returns:
        The count, or None if it does not fit in 64 bits.
    """
    total = 0
    for whole, behind, alone, unit in (match.groups() for match in parts):
        each = _find_scale(unit or bare, scale)
        number = _number(whole or "0")
        if number >= min(_UINT64 // each, 2**63):
            return None
        total += number * each + _count_fraction(behind or alone, each)
    return total if total < _UINT64 else None


def _count_fraction(digits: str | None, each: int) -> int:
    """Count the digits behind a point as systemd does, one by one."""
    total = 0
    for digit in digits or "":
        each //= 10
        total += int(digit) * each
    return total


def _number(digits: str) -> int:
    # int() refuses a number of thousands of digits.
    return int(digits.lstrip("0")[: _UINT64_DIGITS + 1] or "0")


def _find_scale(unit: str, scale: int) -> int:
    if unit in ("nsec", "ns"):
        return 1
    if unit == "msec":
        unit = "ms"
    found = _MICROSECONDS.get(unit[:2]) or _MICROSECONDS[unit[:1]]
    return found * scale


def _is_span(value: str, part: re.Pattern[str]) -> bool:
    return (
        value.strip(splitting.WHITESPACE) == "infinity"
        or _split_span(value, part) is not None
    )


def _refuse_too_long(
    value: str, part: re.Pattern[str], bare: str, scale: int
) -> None:
    parts = _split_span(value, part)
    if parts and _count(parts, bare, scale) is None:
        years = 584542 // scale
        raise contexts.BadValueError(
            f"is too long: the longest time is {years} years; write a shorter"
            " time, or infinity"
        )


# The letters of a longer text are not the units of a time span.
_SPAN_GUESSED_MAX = 80
# The Greek letter came with 254 and with the stable releases of 251 to
# 253; all versions know the micro sign.
_GREEK_SINCE = 251


def check_time_span(value: str, context: contexts.Context) -> None:
    """Check a time span (systemd.time(7), "Parsing Time Spans")."""
    is_greek = "\u03bc" in value and context.target.version < _GREEK_SINCE
    if is_greek or not _is_span(value, _ONE_SPAN):
        raise contexts.BadValueError(
            "must be a time span such as 30, 5min 20s or infinity",
            _guess_span(value),
        )
    _refuse_too_long(value, _ONE_SPAN, "s", 1)


def _guess_span(value: str) -> str:
    """Return the span that a misspelt one means, such as ``5 mins``."""
    if len(value) > _SPAN_GUESSED_MAX:
        return ""
    units = _UNITS.split("|")
    meant = re.sub(
        r"[A-Za-z]+", lambda match: contexts.nearest(match[0], units), value
    )
    return meant if _is_span(meant, _ONE_SPAN) and meant != value else ""


def check_time_span_finite(value: str, context: contexts.Context) -> None:
    """Check RestartRandomizedDelaySec= (systemd.service(5))."""
    check_time_span(value, context)
    if value == "infinity":
        raise contexts.BadValueError(
            "must be a time span such as 30s, and less than infinity"
        )


def check_time_span_ns(value: str, _context: contexts.Context) -> None:
    """Check a time span whose unit is nanoseconds (parse_nsec())."""
    # Few units need the pattern, so it is not compiled on import.
    part = re.compile(_PART.format(f"{_UNITS}|nsec|ns"), re.ASCII)
    if not _is_span(value, part):
        raise contexts.BadValueError(
            "must be a time span such as 50us or 100ns"
        )
    _refuse_too_long(value, part, "ns", 1000)


def check_time_span_expanded(value: str, context: contexts.Context) -> None:
    """Check a timer's time span, which may have specifiers."""
    expanded = specifiers.expand(value, context)
    if not specifiers.is_open(value, context):
        check_time_span(expanded, context)


_SIZE_PART = re.compile(r"\s*\+?(\d+)(?:\.\d*)?[ \t]*([EPTGMKB]?)", re.ASCII)
_SIZE_ORDER = "EPTGMKB"


def parse_size(value: str, base: int = 1024) -> int | None:
    """Read a size with its suffixes (parse_size()).

    The suffixes K, M, G, T, P and E are upper case, and the largest
    must come first: ``1G500M`` is a size, ``500M1G`` is not.

    Returns:
        The bytes, or None if the value is not a size.
    """
    total = _add_up(value, base)
    return total if total is None or total <= _UINT64 else None


def _add_up(value: str, base: int) -> int | None:
    """Read a size of any length; None if the value is not a size."""
    index, total, place = 0, 0, -1
    while True:
        match = _SIZE_PART.match(value, index)
        if match is None:
            return None
        order = _SIZE_ORDER.find(match[2]) if match[2] else 7
        if order <= place:
            return None
        place = order
        # int() refuses a number of thousands of digits.
        digits = match[1].lstrip("0")[: _UINT64_DIGITS + 1] or "0"
        total += int(digits) * int(base ** max(0, 6 - order))
        index = match.end()
        if index >= len(value):
            return total


def refuse_too_large(value: str, base: int = 1024) -> None:
    """Refuse a size that systemd cannot count.

    Raises:
        BadValueError: It is a size, and too large.
    """
    if (_add_up(value, base) or 0) > _UINT64:
        raise contexts.BadValueError(
            "is too large: a size is below 2^64 bytes"
            f" ({'16E' if base == 1024 else '18.4E'}); write a smaller one"
        )


def _guess_size(value: str) -> str:
    """Return the size that a misspelt one means, such as ``512MB``."""
    meant = re.sub(r"(?i)i?B", "", value).upper()
    return meant if parse_size(meant) is not None else ""


def check_size(value: str, _context: contexts.Context) -> None:
    """Check a size in bytes (systemd.socket(5), ReceiveBuffer=)."""
    if parse_size(value) is None:
        refuse_too_large(value)
        raise contexts.BadValueError(
            "must be a size in bytes, such as 512K or 2G (the suffixes"
            " K, M, G, T, P, E are upper case, without a B)",
            _guess_size(value),
        )


# systemd knows hundredths of a percent from 248 on (parse_permyriad()).
_HUNDREDTHS_SINCE = 248
_PERCENT = re.compile(r"\+?(\d+)(?:\.(\d{1,2}))?%", re.ASCII)


def parse_percentage(value: str, context: contexts.Context) -> float | None:
    """Read a percentage, permille or permyriad; None for other text."""
    match = _PERCENT.fullmatch(value)
    is_coarse = context.target.version < _HUNDREDTHS_SINCE
    if match and is_coarse and len(match[2] or "") > 1:
        return None
    if match:
        return float(f"{match[1]}.{match[2] or 0}")
    permille = r"\+?(\d+)(?:\.(\d))?\u2030|\+?(\d+)\u2031"
    match = re.fullmatch(permille, value, re.ASCII)
    if match is None:
        return None
    if match[3]:
        return float(match[3]) / 100
    return float(f"{match[1]}.{match[2] or 0}") / 10


def check_percentage(value: str, context: contexts.Context) -> None:
    """Check a percentage up to 100% (parse_permyriad())."""
    percent = parse_percentage(value, context)
    if percent is None or percent > 100:
        raise contexts.BadValueError("must be a percentage from 0% to 100%")


def check_cpu_quota(value: str, context: contexts.Context) -> None:
    """Check CPUQuota= (systemd.resource-control(5)): 20%, 200% ..."""
    percent = parse_percentage(value, context)
    # systemd counts hundredths of a percent in 32 bits.
    if percent is None or not 0 < percent * 100 < 2**31:
        raise contexts.BadValueError(
            "must be a percentage above zero of one CPU's time, such as"
            " 20% or 200%"
        )


def check_memory(value: str, context: contexts.Context) -> None:
    """Check MemoryMax= and others (systemd.resource-control(5))."""
    check_memory_0(value, context)
    percent = parse_percentage(value, context)
    if parse_size(value) == 0 or percent == 0:
        raise contexts.BadValueError("must be above zero, or infinity")


def check_memory_0(value: str, context: contexts.Context) -> None:
    """Check a memory limit that may be zero (MemoryLow= and others)."""
    if value == "infinity":
        return
    percent = parse_percentage(value, context)
    if percent is not None:
        if percent > 100:
            raise contexts.BadValueError(
                "must be a percentage from 0% to 100%"
            )
        return
    refuse_too_large(value)
    size = parse_size(value)
    if size is None or size >= _UINT64:
        raise contexts.BadValueError(
            "must be a size such as 512M, a percentage such as 20%, or"
            " infinity",
            nearest=_guess_size(value),
        )


def check_tasks_max(value: str, context: contexts.Context) -> None:
    """Check TasksMax= (systemd.resource-control(5))."""
    if value == "infinity":
        return
    percent = parse_percentage(value, context)
    if percent is not None and percent <= 100:
        return
    if percent is not None:
        raise contexts.BadValueError("must be a percentage from 0% to 100%")
    number = enums.parse_integer(value)
    if number is not None and number >= _UINT64:
        raise contexts.BadValueError(
            "is too large: a count is below 2^64; write a smaller one, or"
            " infinity"
        )
    if number is None or number <= 0:
        raise contexts.BadValueError(
            "must be a count above zero, a percentage, or infinity"
        )


def check_quota(value: str, context: contexts.Context) -> None:
    """Check StateDirectoryQuota= (systemd.exec(5)): size or percent."""
    if value == "off":
        return
    percent = parse_percentage(value, context)
    if percent is not None and percent <= 100:
        return
    check_size(value, context)


# The names of signal(7) without the SIG that may stand before them.
SIGNALS = contexts.words_of(
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM"
    " TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM"
    " PROF WINCH IO PWR SYS"
)


def parse_signal(value: str) -> bool:
    """Tell whether a value is a signal (signal_from_string())."""
    number = enums.parse_integer(value)
    if number is not None:
        return 0 < number <= 64
    name = value[3:] if value.startswith("SIG") else value
    realtime = r"RTMIN(\+\d{1,9})?|RTMAX(-\d{1,9})?"
    if re.fullmatch(realtime, name, re.ASCII):
        return int(re.sub(r"\D", "", name) or 0) <= 30
    return name in SIGNALS


def check_signal(value: str, _context: contexts.Context) -> None:
    """Check a signal's name or number (systemd.kill(5), signal(7))."""
    if not parse_signal(value):
        names = [f"SIG{name}" for name in SIGNALS]
        wanted = value.upper()
        wanted = wanted if wanted.startswith("SIG") else f"SIG{wanted}"
        raise contexts.BadValueError(
            "must be a signal such as SIGTERM", contexts.nearest(wanted, names)
        )


# The names of errno(3) of Linux without the E at their beginning.
ERRORS = contexts.words_of(
    "2BIG ACCES ADDRINUSE ADDRNOTAVAIL ADV AFNOSUPPORT AGAIN ALREADY BADE"
    " BADF BADFD BADMSG BADR BADRQC BADSLT BFONT BUSY CANCELED CHILD CHRNG"
    " COMM CONNABORTED CONNREFUSED CONNRESET DEADLK DEADLOCK DESTADDRREQ DOM"
    " DOTDOT DQUOT EXIST FAULT FBIG HOSTDOWN HOSTUNREACH HWPOISON IDRM ILSEQ"
    " INPROGRESS INTR INVAL IO ISCONN ISDIR ISNAM KEYEXPIRED KEYREJECTED"
    " KEYREVOKED L2HLT L2NSYNC L3HLT L3RST LIBACC LIBBAD LIBEXEC LIBMAX"
    " LIBSCN LNRNG LOOP MEDIUMTYPE MFILE MLINK MSGSIZE MULTIHOP NAMETOOLONG"
    " NAVAIL NETDOWN NETRESET NETUNREACH NFILE NOANO NOBUFS NOCSI NODATA"
    " NODEV NOENT NOEXEC NOKEY NOLCK NOLINK NOMEDIUM NOMEM NOMSG NONET NOPKG"
    " NOPROTOOPT NOSPC NOSR NOSTR NOSYS NOTBLK NOTCONN NOTDIR NOTEMPTY NOTNAM"
    " NOTRECOVERABLE NOTSOCK NOTSUP NOTTY NOTUNIQ NXIO OPNOTSUPP OVERFLOW"
    " OWNERDEAD PERM PFNOSUPPORT PIPE PROTO PROTONOSUPPORT PROTOTYPE RANGE"
    " REMCHG REMOTE REMOTEIO RESTART RFKILL ROFS SHUTDOWN SOCKTNOSUPPORT SPIPE"
    " SRCH SRMNT STALE STRPIPE TIME TIMEDOUT TOOMANYREFS TXTBSY UCLEAN UNATCH"
    " USERS WOULDBLOCK XDEV XFULL"
)


def check_errno(value: str, _context: contexts.Context) -> None:
    """Check SystemCallErrorNumber= (systemd.exec(5)): EPERM, kill."""
    if value == "kill":
        return
    if not is_errno(value) or enums.parse_integer(value) == 0:
        raise contexts.BadValueError(
            "must be the name or number of an error, such as EPERM, or kill",
            contexts.nearest(value, [f"E{name}" for name in ERRORS]),
        )


def is_errno(value: str) -> bool:
    """Tell whether a value is an error's name or number (errno(3))."""
    number = enums.parse_integer(value)
    if number is not None:
        return 0 <= number <= 4095
    name = value.upper()
    return name[:1] == "E" and name[1:] in ERRORS


def check_log_level(value: str, context: contexts.Context) -> None:
    """Check a log level (systemd.exec(5), SyslogLevel=)."""
    enums.check_enum("log-level", value, context)


def split_rlimit(value: str) -> list[str]:
    """Split ``soft:hard`` as rlimit_parse() does.

    systemd drops a backslash and takes the character behind it.
    """
    splitter = splitting.Splitter(value, separators=":", coalesce=False)
    try:
        parts = splitting.take_all(splitter)
    except splitting.WordError as error:
        raise contexts.BadValueError(str(error)) from error
    if len(parts) > 2:
        raise contexts.BadValueError(
            "has more than two limits: write soft:hard"
        )
    return parts


def _check_rlimit(value: str, kind: str) -> None:
    numbers = [_parse_rlimit(part, kind) for part in split_rlimit(value)]
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        raise contexts.BadValueError(
            "has a soft limit above its hard limit: write soft:hard"
        )


def _parse_rlimit(value: str, kind: str) -> float:
    if value == "infinity":
        return float("inf")
    number: float | None
    if kind == "size":
        refuse_too_large(value)
        number = parse_size(value)
        shape = "a size such as 64M"
    elif kind == "count":
        number = enums.parse_integer(value)
        shape = "a count such as 4096"
    else:
        _refuse_too_long(value, _ONE_SPAN, kind, 1)
        number = parse_time_span(value, kind)
        # systemd rounds up to whole seconds.
        if kind == "s" and number not in (None, float("inf")):
            number = math.ceil(number or 0)
        shape = "a time span such as 30s"
    if number is None or not 0 <= number < _UINT64:
        raise contexts.BadValueError(
            f"must be {shape}, infinity, or soft:hard (systemd.exec(5))"
        )
    return number


def check_rlimit_count(value: str, _context: contexts.Context) -> None:
    """Check a limit on a count (systemd.exec(5), LimitNOFILE=)."""
    _check_rlimit(value, "count")


def check_rlimit_size(value: str, _context: contexts.Context) -> None:
    """Check a limit on a size (systemd.exec(5), LimitAS=)."""
    _check_rlimit(value, "size")


def check_rlimit_seconds(value: str, _context: contexts.Context) -> None:
    """Check a limit on seconds (systemd.exec(5), LimitCPU=)."""
    _check_rlimit(value, "s")


def check_rlimit_microseconds(value: str, _context: contexts.Context) -> None:
    """Check a limit on microseconds (systemd.exec(5), LimitRTTIME=)."""
    _check_rlimit(value, "us")


def check_kill_mode(value: str, context: contexts.Context) -> None:
    """Check KillMode= (systemd.kill(5)); ``none`` is deprecated."""
    enums.check_enum("kill-mode", value, context)
    if value == "none":
        context.remark(
            "kill-mode-none",
            "has none, which is deprecated and leaves processes behind when"
            " the unit stops; write mixed or control-group",
            "mixed",
        )


_HOST_NAME = (
    r"(?=.{1,64}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)


def check_protect_hostname(value: str, context: contexts.Context) -> None:
    """Check ProtectHostname= of 258 and later (systemd.exec(5)).

    A host name may stand behind a colon: ``private:web1``.
    """
    mode, colon, name = value.partition(":")
    if mode != "private":
        check_boolean(mode, context)
    if not colon:
        return
    if enums.parse_boolean(mode) is False:
        raise contexts.BadValueError(
            "takes a host name only with yes or private: write private:NAME"
        )
    expanded = specifiers.expand(name, context)
    if not specifiers.is_open(name, context) and not re.fullmatch(
        _HOST_NAME, expanded
    ):
        raise contexts.BadValueError(
            f"{name!r} is not a host name such as web1.example.org"
        )


def check_restart(value: str, context: contexts.Context) -> None:
    """Check Restart= (systemd.service(5)), which takes no boolean."""
    if value in ("yes", "true", "on") and value not in enums.members(
        "restart", context.target
    ):
        raise contexts.BadValueError(
            "must not be a boolean: write always or on-failure", "always"
        )
    enums.check_enum("restart", value, context)
