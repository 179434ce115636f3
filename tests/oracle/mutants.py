# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit files with one mistake each, or none: the cases of the oracle.

A case is a unit of each kind that systemd loads without a word, and one
more assignment: every directive of every section, with values of every
value type. What is right for one directive is wrong for the next.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    table,
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
)

# The lines without which a unit is not loaded; {n} is the number of the
# case.
BASES = {
    "Service": ("m{n}.service", "[Service]\nExecStart=/bin/true\n"),
    "Socket": (
        "m{n}.socket",
        "[Socket]\nListenStream=/run/m{n}.sock\nService=oracle-base.service\n",
    ),
    "Timer": (
        "m{n}.timer",
        "[Timer]\nOnCalendar=daily\nUnit=oracle-base.service\n",
    ),
    "Path": (
        "m{n}.path",
        "[Path]\nPathExists=/run/m{n}\nUnit=oracle-base.service\n",
    ),
    "Mount": ("mnt-m{n}.mount", "[Mount]\nWhat=tmpfs\nWhere=/mnt/m{n}\n"),
    "Automount": ("mnt-m{n}.automount", "[Automount]\nWhere=/mnt/m{n}\n"),
    "Swap": ("dev-m{n}.swap", "[Swap]\nWhat=/dev/m{n}\n"),
    "Slice": ("m{n}.slice", "[Slice]\n"),
    "Unit": ("m{n}.service", "[Service]\nExecStart=/bin/true\n[Unit]\n"),
}
# The line that the base already has and that one more makes a second.
_OWN = {"ExecStart", "Service", "Unit", "What", "Where"}

_WORDS = r"""
yes no on off true FALSE 1 0 t y maybe yess -1 42 007 08 0x1f 0b11 1.5
65535 65536 99999999999999999999 +5 5s 5sec 5min 1h30m 2 h 1.5h 5x
infinity inf 10ms 5 10 -5s 1G 512M 1.5G 1g 1GB 1G500M 500M1G 10% 0% 150%
50.5% 0.05% 12.345% 10%% 100 64:128 128:64 1G:infinity -10:5
0644 644 0999 u+rwx 07777 10000 SIGTERM TERM SIGTREM SIGRTMIN+3 15 99
SIGRTMAX-1 sigterm CAP_SYS_ADMIN cap_kill CAP_SYS_ADMN ~CAP_KILL ~
@system-service @system-servic ~@mount ~@mont read write:EPERM ~read:EPERM
~read:EFOO openn AF_INET AF_INET6 AF_INTE ~AF_UNIX none net user ~net usr
native x86-64 nativ arm64 any localhost 10.0.0.0/8 10.0.0.0/33 all
192.168.1.300 ::1/128 fe80::1 link-local multicast 1.2.3.4/255.0.0.0
/foo /foo/bar foo ../foo /foo/../bar /foo/ // -/foo +/foo -+/foo
/foo:/bar /foo:/bar:rbind /foo:/bar:nope /foo:/bar:norbind foo/bar
foo:bar foo:bar:ro private/x file:/foo append:/foo truncate:/foo
file:foo fd:x fd: null journal syslog kmsg tty socket inherit
foo.service foo.target foo.slice foo.socket foo.servic multi-user
foo@.service foo@1.service foo@%i.service user.slice
%n %i %t/foo %h %q %d %Q %5 50% 100%% %% a%20b
root nobody 1000 foo:bar 0day -user user.name 65534 4294967295
A=b A=b\ C A A-B=c 1A=b "A=b 'A=b A=%H A=%5 _X=1
/bin/true -/bin/true +/bin/true !/bin/true !!/bin/true @/bin/true
:/bin/true |/bin/true ++/bin/true bin/true true /bin/ /bin/true;
eth0 verylonginterfacename a/b lo
daily weekly hourly foo *-*-* 12:00 25:00 Mon Mon..Fri Fri..Mon
Mon,Tue 2030-02-30 *:0/15 *:0/70 @1700000000 2030-13-01
simple oneshot forking notify notify-reload exec dbus idle simpl
always on-failure never on-abort replace isolate fail flush
full strict read-only tmpfs connected disconnected self identity private
strct invisible ptraceable pid default private shared slave
mixed process control-group inactive both ipv6-only
cpu memory io bogus main cgroup direct debug kill stop continue
warning notice info daemon local0 local9 local8 rr fifo batch realtime
best-effort idle bind interleave avoid omit auto closed
https://example.org man:foo(5) foo://bar file:/x http:/x
org.example.Foo org..foo org 1org.foo
FOO=bar foo=bar FOO BAR= 0-3 0,2 3-1 numa 0-
tcp:80 udp:1-100 ipv4:tcp:80 ipv6 ipv4:any tcp tcp:0 80 any:80 1024-2048
/dev/null /dev/null_rw /dev/sda char-pts block-sd* /etc/passwd
80 8080 0 127.0.0.1:80 [::1]:80 @abstract 1.2.3.4:99999 vsock:2:1234
base64:AAAA AAAA AAA= !!!! cred:/run/x cred:data cred :x foo*
root:ro home:ro,noexec bogus:ro verity+signed root=verity usr=bogus
keep-caps noroot keep-cap private-anonymous 0x33 elf-header
255 256 SIGKILL NOPERM FOO_BAR EPERM EFOO
ext4 @basic-api @bogus us ns usec low-delay lenient restart
route kobject-uevent bogus:1 cgroup:inet:t:s foo:inet:t:s
truncated restart-dependencies soft-reboot reboot exit-force halt poweroff
"""
POOL: tuple[str, ...] = (
    *contexts.words_of(_WORDS),
    "",
    "5min 20s",
    "5 min",
    "5 min 20 s",
    "yes # comment",
    "yes ; comment",
    "CAP_KILL CAP_CHOWN",
    "CAP_KILL CAP_CHOW",
    "AF_INET AF_UNIX",
    "AF_INET,AF_UNIX",
    "read write",
    "read, write",
    "@system-service @resources",
    "/foo /bar",
    "/foo bar",
    '"/foo bar"',
    '"unclosed',
    "'unclosed",
    "foo.service bar.service",
    "foo.service, bar.service",
    "A=b C=d",
    '"A=b c" D=e',
    "A=b c",
    "A=\\x41",
    "A=\\q",
    "/bin/true > /dev/null",
    "/bin/true 'a b' \"c\"",
    "/bin/true 'a b",
    "/bin/true \\q",
    "/bin/true %5",
    "/bin/true %n",
    "/bin/true $FOO ${BAR}",
    "/bin/true ; /bin/false",
    "/bin/true \\; x",
    "/dev/null rw",
    "/dev/null rwm",
    "/dev/null rx",
    "/dev/sda 100",
    "/dev/sda 0",
    "/dev/sda 5M",
    "/dev/sda 5ms",
    "/dev/sda bogus",
    "/dev/sda infinity",
    "/foo 100",
    "foo bar baz",
    "Mon *-*-* 12:00:00",
    "Mon *-*-* 12:00:00 UTC",
    "Mon *-*-* 12:00:00 Europe/Berlin",
    "*-*~3 10:00",
    "*-02-30",
    "2030-01-01 12:00:60",
    "route 1",
    "route x",
    "net user",
    "net usr",
    "~net user",
    "root home",
    "root:ro home:ro",
    "noroot keep-caps",
    "0-3 5",
    "10.0.0.0/8 ::1",
    "any 10.0.0.0/99",
    "1 2 SIGKILL",
    "1 999",
    "FOO=bar BAR=baz",
    "|/foo",
    "!/foo",
    "|!/foo",
    "!|/foo",
    "| /foo",
    ">= 2",
    ">=512M",
    "~foo",
    "foo(",
    "[a-z]+",
    "a" * 300,
    "x" * 5000,
    "\u00fcml\u00e4ut",
    "\u2028",
    "a\tb",
    "-",
    "*",
    "?",
    "=",
    "==",
    "A==b",
    ",",
    ":",
    "::",
    "/",
    ".",
    "..",
    "@",
    "%",
    # Digits and blanks that Python knows and C does not, or reads
    # otherwise.
    "1\u00a0",
    "\u00a01",
    "\u0661",
    "1\f",
    "5\u00a0s",
    "5: 10",
    "5 : 10",
    "0o17",
    "1:5ms",
    "5ms:1",
    # Upper and lower case, and what has two spellings.
    "eperm",
    "EWOULDBLOCK",
    "~read:eperm",
    "~read:0",
    "af_inet",
    "AF_MCTP",
    "loongarch64",
    "TCP",
    "IPV4:80",
    "10.0.0.0/+8",
    "10.0.0.1/08",
    "fe80::1%lo",
    "/../a",
    "//a/./b/.",
    "/a:/b:",
    "/a:/b:rbind:x",
    "foo:private",
    "a@b.slice",
    "a--b.slice",
    "time",
    "~time",
    "x:",
    "A=\\xff",
    "A=\\xc3\\xa4",
    "/bin/true \\ud800",
    ":1.5",
    "yes:host",
    "yes:a_b",
    "no:host",
    "cgroup:inet:a-b:c",
    "devices.x",
    "%c",
    "root=verity:root=verity",
    "10:00 AM",
    "10:00:00.1234567",
    "vsock:4294967296:1",
    "vsock:2:80",
    "[1.2.3.4]:80",
    "route -1",
    "user.a=b",
    '"user.a=b c"',
    "a*\\:/b",
    "/dev/",
    "/a:b:,",
)
# Twenty kinds of mistakes and of correct values, tried on every
# directive; the whole pool is tried on one directive per value type.
COMMON = (
    "yes", "no", "maybe", "", "1", "-1", "0", "99999999999999999999",
    "1.5", "5min 20s", "infinity", "512M", "10%", "/foo", "foo",
    "../foo", "foo.service", "A=b", "%n", "%5", "50%", '"unclosed',
    "yes # comment", "CAP_SYS_ADMN", "SIGTERM", "root", "strict",
    "foo bar", "\u00fcml\u00e4ut", "/foo /bar",
)  # fmt: skip


class Case(NamedTuple):
    """One unit file with one assignment that is tried.

    Attributes:
        name: Its file name.
        text: Its text.
        section: The section of the assignment.
        option: The directive.
        value: The value.
        kind: The value type in the table; empty if it has none.
    """

    name: str
    text: str
    section: str
    option: str
    value: str
    kind: str


def make_case(
    number: int, section: str, option: str, value: str, kind: str = ""
) -> Case:
    """Return the case of one assignment."""
    name, base = BASES[section]
    lines = base.format(n=number)
    if option in _OWN:
        lines = "".join(
            line
            for line in lines.splitlines(keepends=True)
            if not line.startswith(f"{option}=")
        )
    text = f"{lines}{option}={value}\n"
    return Case(name.format(n=number), text, section, option, value, kind)


def directives(target: targets.Target) -> Iterator[tuple[str, str, str]]:
    """Yield section, directive and value type of all that there is."""
    for section in BASES:
        for option in table.names(section):
            found = table.find(section, option)
            assert found is not None
            yield section, option, found.form(target).kind


def all_cases(
    target: targets.Target, seed: int = 0, share: float = 1.0
) -> list[Case]:
    """Return the cases of a version.

    Args:
        target: The version, for the value types are its.
        seed: Which share, if not all is wanted.
        share: How much of it, 0 to 1.
    """
    chosen: list[tuple[str, str, str, str]] = []
    seen: set[str] = set()
    for section, option, kind in directives(target):
        values = list(COMMON)
        # Conditions share a type and have a syntax of their own each.
        key = option if kind == "condition" else kind
        if key not in seen:
            seen.add(key)
            values = list(dict.fromkeys((*COMMON, *POOL)))
        chosen += [(section, option, value, kind) for value in values]
    if share < 1:
        picked = random.Random(seed)
        chosen = picked.sample(chosen, int(len(chosen) * share))
    return [
        make_case(number, section, option, value, kind)
        for number, (section, option, value, kind) in enumerate(chosen)
    ]
