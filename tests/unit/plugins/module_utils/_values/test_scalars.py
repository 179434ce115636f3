# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers, sizes, times and other single values."""

from __future__ import annotations

import pytest
import value_types

from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    scalars,
)

CASES: value_types.Cases = {
    "boolean": (
        ("yes", "NO", "1", "0", "t", "f", "y", "n", "on", "Off", "True"),
        ("maybe", "2", "yess"),
    ),
    "cpu-quota": (
        ("20%", "200%", "0.5%", "21474836%"),
        ("0%", "20", "-5%", "5.555%", "21474837%", "4294967295%", "\u0662%"),
    ),
    "errno": (
        ("EPERM", "1", "kill", "eperm", "EWOULDBLOCK", "EHWPOISON"),
        ("EFOO", "0", "9999", "perm", "0", "ENOPE", "perm"),
    ),
    "exit-status-code": (("0", "255"), ("256", "-1", "x")),
    "integer": (
        ("1", "-1", "0x10", "0o17", "\x0b1", "-0"),
        (
            "x", "1.5", "99999999999", "1\x0c", "\u0661", "1\xa0", "\xa01",
            "0o8",
        ),
    ),
    "kill-mode": (
        ("control-group", "mixed", "process", "none"),
        ("all", "yes"),
    ),
    "log-level": (("info", "7", "emerg"), ("infos", "8")),
    "long": (("1", "-1", "9223372036854775807"), ("x", "9223372036854775808")),
    "memory": (
        ("1", "512M", "1.5G", "20%", "infinity"),
        ("0", "0%", "1g", "101%", "1GB", "-1"),
    ),
    "memory-0": (("0", "512M", "20%", "infinity"), ("1g", "x", "101%")),
    "mode": (("0640", "644", "07777"), ("0888", "rw", "10000", "u=rw", "-1")),
    "nice": (("0", "-20", "19", "+5"), ("20", "-21", "x", "1.5")),
    "oom-score": (("-1000", "1000", "0"), ("1001", "x")),
    "percentage": (
        ("0%", "100%", "50.5%", "5%"),
        ("101%", "50", "-1%", "\u0662%"),
    ),
    "protect-hostname": (
        (
            "yes", "no", "private", "private:a", "private", "yes:web1",
            "private:a.b-c",
        ),
        (
            "strict", "public", "yes:a_b", "yes:", "yes:foo.", "yes:-x",
            "no:foo", "yes:a b", "yes:" + "a" * 65,
        ),
    ),
    "quota": (("1G", "20%", "off"), ("x", "-1", "150%")),
    "restart": (("no", "always", "on-failure"), ("yes", "never", "on-fail")),
    "rlimit-count": (
        (
            "1024", "1024:4096", "infinity", "1:infinity", "5: 10", "0o17",
            r"1\024", r"\1:\2",
        ),
        ("-1", "4:1", "1K", "5 : 10", "5 :10", "\u0665", "1:2:3", "1\\", "5:"),
    ),
    "rlimit-microseconds": (
        ("5", "5ms", "infinity", "1:5ms"),
        ("x", "-1", "5ms:1"),
    ),
    "rlimit-seconds": (
        ("5", "5min", "infinity", "1:2", "1:5s", "1:5ms"),
        ("x", "2:1", "5s:1", "5:1s", "1\x0c"),
    ),
    "rlimit-size": (("64M", "1K:2K", "infinity"), ("64m", "2K:1K")),
    "signal": (
        ("SIGTERM", "TERM", "9", "SIGRTMIN+3", "RTMAX-1", "9"),
        ("SIGFOO", "0", "99", "term", "\u0669"),
    ),
    "size": (
        ("1", "512K", "1G500M", "1.5M", "1 G"),
        (
            "1k", "1KB", "x", "-1", "500M1G", "\u0665", "1\xa0G", "1\u3000K",
            "16E", "9" * 5000,
        ),
    ),
    "tasks-max": (("1", "10%", "infinity"), ("0", "-1", "x", "101%")),
    "time-span": (
        (
            "5", "5s", "5 min 20 s", "1.5h", "infinity", "1h30m", "0",
            "2weeks", "5\xb5s", "5 s", "\t5", "18446744073708",
            "213503981d", "00000000000000000000005",
        ),
        (
            "5x", "-5s", "5 x", "1.5.5", "s", "1.", "5s infinity", "5\xa0s",
            "\u0665", "5\u3000", "18446744073709", "213503982d",
            "99999999999d", "9" * 5000, "584541y 584541y",
        ),
    ),
    "time-span-finite": (("5", "0", "1min 5s"), ("infinity", "5x")),
    "time-span-ns": (
        ("50us", "100ns", "5", "583y"),
        ("x", "-1", "584y", "9223372036854775808"),
    ),
    "timer-span": (("5min", "1d"), ("x", "%5", "99999999999d")),
    "unsigned": (("0", "4294967295", "0x10"), ("-1", "4294967296", "x", "08")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "rule"),
    [
        ("memory", "17E", "is too large"),
        ("memory-0", "17E", "is too large"),
        ("size", "17E", "is too large"),
        ("rlimit-size", "1:17E", "is too large"),
        ("quota", "17E", "is too large"),
        ("device-limit", "/dev/sda 19E", "is too large"),
        ("device-bandwidth", "/dev/sda 19E", "is too large"),
        ("tasks-max", "99999999999999999999", "is too large"),
        ("tasks-max", "101%", "from 0% to 100%"),
        ("time-span", "99999999999d", "is too long"),
        ("time-span-ns", "600y", "is too long"),
        ("timer-span", "99999999999d", "is too long"),
        ("rlimit-seconds", "99999999999d", "is too long"),
        ("rlimit-microseconds", "99999999999d", "is too long"),
        ("device-latency", "/dev/sda 99999999999d", "is too long"),
        ("oom-duration", "99999999999d", "is too long"),
    ],
)
def test_a_value_of_the_right_shape_that_overflows(
    kind: str, value: str, rule: str
) -> None:
    with pytest.raises(contexts.BadValueError, match=rule) as caught:
        value_types.check(kind, value)
    assert not caught.value.nearest


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1min 2s 3ms 4us", 62.003004),
        ("1M 1m 1msec", 2629860.001),
        ("1month 1mo", None),
        ("99999999999d", None),
        ("5\u03bcs", 5e-6),
        ("1y1w1d", 31557600 + 8 * 86400),
        ("x", None),
    ],
)
def test_seconds_of_a_time_span(value: str, seconds: float | None) -> None:
    assert scalars.parse_time_span(value) == seconds


def test_every_type_has_cases() -> None:
    assert value_types.kinds_to_test(scalars) == set(CASES)
