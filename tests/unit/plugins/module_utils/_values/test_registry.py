# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value type, by tables of what it accepts and what it refuses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings, strategies as st

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    contexts,
    registry,
)

# type: (accepted, refused), for 257 and unit hello.service; words are
# set apart by two bars.
TABLE: dict[str, tuple[str, str]] = {
    "address-families": (
        "AF_INET||AF_INET AF_INET6||~AF_UNIX||none",
        "AF_INTE||INET||AF_INET,AF_UNIX||none AF_INET||'AF_INET",
    ),
    "alias-names": ("a.service||a.service b.service", "a||a.socket||a.servic"),
    "architectures": ("native||x86-64 x86", "nativ||amd64"),
    "base64": ("AAAA||AA==||AAAA BBBB||BAQ=", "AAA||!!!!||BAR=||BB=="),
    "bind-paths": (
        "/a||/a:/b||-/a:/b:rbind||/a:/b:norbind /c||/a:/b:",
        "a||/a:b||/a:/b:bind||/a/../b||/a:",
    ),
    "blkio-weight": ("10||1000", "9||1001||x"),
    "boolean": ("yes||NO||1||0||t||f||y||n||on||Off||True", "maybe||2||yess"),
    "bpf-program": ("egress:/sys/fs/bpf/x", "x:/a||egress||egress:a"),
    "bus-name": ("org.example.App||a-b.c_d", "org||org..a||1org.a||org.1a"),
    "calendar": (
        "daily||Weekly||*-*-* 12:00||12:00||Mon||Mon..Fri 08:30||Mon,Tue"
        "||*:0/15||*-*-01 03:00:00||2030-01-01||@1700000000||*-*~3 10:00"
        "||Mon *-*-* 12:00:00 UTC||12:00 Europe/Berlin||03-05||70-01-01"
        "||12:00:00.1234567||12:00:59.9999994||2030-1-1  10:00||Mon,||Mon, 1-1"
        "||Mon UTC||12:5..5||12:1..5/10||12:0..60/7||12:00:1..2/2||12:00 GB"
        "||12:00:5.5..6.5||*-*~28/27||@ +1||@-0||@7258118399||2030/169-1-1"
        "||12:00 CEST||12:00 posix/Europe/Berlin||12:00 localtime||12:00 utc"
        "||12:00 right/UTC"
        "||*:1" + ",1" * 240,
        "dayly||25:00||12:60||Fri..Mon||2030-13-01||*:0/70||Foo||12||*-*-32"
        "||1969-01-01||@x||12:00:61||*:5..1||*:0/0||*-*~30"
        "||12:00 AM||12:00  utc||12:00  Europe/Berlin||12:00 Europe||12:00 US"
        "||12:00:59.9999995||12:00:5..5||12:00:1..1.5||*-*~1/1||*-*-\u0661"
        "||*-*-1\u3000||\u017fun||wee\u212aly||@\u0661||@7258118400||@-1"
        "||Mon,12:00||Mon,*-*-*||Mon..Fri..Sun||Mon.. Fri||Mond||12:00 Mon"
        "||Mon Sund||2030-1-1 12:00 %i||12:00:1..2/2148"
        "||12:0..60||12:0.5||@1 10:00||2030-1-1,10:00||%i 10:00||daily %i"
        "||12:00:5..5.9||12:1,||12:1,,2||2030/170-1-1||12:4294967296"
        "||*:1" + ",1" * 241,
    ),
    "capabilities": (
        "CAP_KILL||cap_chown CAP_KILL||~CAP_SYS_ADMIN||12||~",
        "CAP_NOPE||CAP_KILL CAP_KIL||KILL||CAP_KILL,CAP_CHOWN||64",
    ),
    "cgroup-name": ("main||a.b", "_a||a/b||tasks||cgroup.procs||cpu.max"),
    "colon-paths": ("/a:/b||/a", "a:/b||/a::/b"),
    "concurrency": ("infinity||5||0", "-1||x"),
    "controllers": ("cpu||cpu memory", "cpus||cpu,memory"),
    "coredump-filter": ("default||0x33||private-anonymous 33", "elf||xyz"),
    "cpu-affinity": ("numa||0-3||0,2 4", "3-1||a||-1"),
    "cpu-list": ("0||0-3,5", "%i||3-1"),
    "cpu-quota": ("20%||200%||0.5%", "0%||20||-5%||5.555%"),
    "cpu-set": ("0||0-3,5||0 1", "3-1||0-||x||99999"),
    "cpu-shares": ("2||262144", "1||262145"),
    "cpu-weight": ("1||10000||idle", "0||10001||fast"),
    "delegate": ("yes||no||cpu memory", "cpus||maybe"),
    "device-allow": (
        "/dev/null||/dev/null rw||char-pts rwm||block-sd* r||/dev/||/dev"
        "||/dev/x/||/dev/%i||//dev/null r||/./dev//null||/dev/./x",
        "/etc/passwd||/dev/null x||dev/null||/devx||/dev/../x r||%i r||/",
    ),
    "device-bandwidth": ("/dev/sda 5M", "/dev/sda||/dev/sda x"),
    "device-blkio-weight": (
        "/dev/sda 10||/a 0x20||/a +50",
        "/dev/sda 5||/dev/sda||/a 1001||/a 1x",
    ),
    "device-latency": ("/dev/sda 5ms", "/dev/sda||/dev/sda x"),
    "device-limit": ("/dev/sda 5M||/dev/sda infinity", "/dev/sda 0||x"),
    "device-weight": (
        "/dev/sda 100||sda 5||/ 5",
        "/dev/sda 0||/dev/sda||%i 5||'' 5||. 5||./ 5||/a/../b 5",
    ),
    "directories": (
        "a||a/b c||a:b||a:b:ro||%p||a\\:b",
        "/a||../a||private/x||a:/b||a:b:rw||.",
    ),
    "documentation": (
        "man:a(5)||https://a.b file:/x||info:a", "foo||http:/a||ftp://a",
    ),
    "environment": (
        "A=b||A=b C=d||\"A=b c\"||A=||A==||_A1=%H||A=50%%||A=\\x41",
        "A||1A=b||A-B=c||A=b c||\"A=b||A=%5||A=\\q",
    ),
    "environment-file": ("/a||-/a||/a b", "a||-a||/a/../b"),
    "environment-names": ("A B||_x", "A=b||1A"),
    "environment-unset": ("A||A=b||\"A=b c\"", "1A||A-B"),
    "errno": ("EPERM||1||kill", "EFOO||0||9999||perm"),
    "exec": (
        "/bin/x||-/bin/x a||+/bin/x||!/bin/x||!!/bin/x||@/bin/x y||:/bin/x"
        "||x||/bin/x ; /bin/y||/bin/x '>' b||/bin/x $A ${B} %n||-@/bin/x y",
        "bin/x||./x||/bin/||'/bin/x||/bin/x 'a||/bin/x %5||/bin/x \\q||-"
        "||@/bin/x||++/bin/x||/a\"b||..||/bin/../",
    ),
    "exit-status-code": ("0||255", "256||-1||x"),
    "exit-statuses": (
        "0 1 SIGKILL||TEMPFAIL||SIGRTMIN+3||250", "256||SIGFOO||-1||FOO",
    ),
    "extension-images": (
        "/a||-/a:ro||/a:root:ro||/a:%i",
        "a||/a:bogus:ro||/dev/a||-/proc/a||/a:%5||/a:root:x:%5",
    ),
    "fd-name": ("a b||x", "a:b||\u00e4"),
    "fd-names": ("a b||a\\q", "a:b||a*||'a b'||x x||x \\x||a\\\\b||a\\ b"),
    "filesystems": ("ext4||~@network||@basic-api tmpfs", "@bogus"),
    "image-options": (
        "ro||root:ro home:ro,noexec||root\\:ro||usr-verity-sig:ro",
        "bogus:ro||a:b:c||root-other:ro||root-secondary:ro||root:%5",
    ),
    "image-policy": (
        "*||-||root=verity+signed||=absent||root=-||=||root = verity"
        "||root=verity:home=open||ro\\ot=verity",
        "root||a=b||root=verity:root=verity||root=verity:root=signed"
        "||=absent:=open||root=verity++signed||root=+verity||root=verity:"
        "||root=encryptedwithintegrity||root\u3000=verity||root=verity=signed"
        "||root\\",
    ),
    "import-credential": (
        f"a||a*||*||a:b||{'x' * 254}*",
        f"a*b||a?||a:b/c||a\\:b||{'x' * 255}*",
    ),
    "instance": ("a||a-b", "a b||a/b"),
    "integer": ("1||-1||0x10", "x||1.5||99999999999"),
    "interface": ("eth0||*", "a/b||waytoolongforalinux||12||all"),
    "interface-bound": ("vrf-a", "a/b||all"),
    "interfaces": ("eth0 lo||~lo", "a/b||eth0 a:b"),
    "io-priority": ("0||7", "8||-1"),
    "ip-networks": (
        "any||localhost link-local||10.0.0.0/8||::1/128||1.2.3.4",
        "all||10.0.0.0/33||1.2.3||1.2.3.4/255.0.0.0||any x",
    ),
    "ip-tos": ("low-delay||0||255", "256||fast"),
    "kill-mode": ("control-group||mixed||process||none", "all||yes"),
    "label": ("a||-a||unconfined", "%5"),
    "listen": (
        "80||+80||127.0.0.1:80||[::1]:80||/run/a||@a||vsock:2:1234||%t/a"
        "||vsock::1||vsock: 0x2: 010||vsock:4294967295:1||vsock-stream:2:80"
        "||vsock-dgram::80||vsock-seqpacket:2:80||1.2.3.4:80%%lo"
        "||[::1]:80%%eth0.5||[::1]:80%%1||[::ffff:1.2.3.4]:0x50",
        "0||65536||1.2.3.4||1.2.3.4:0||a||[::1]||/||vsock:a||:::1||::1:80"
        "||[1.2.3.4]:80||127.0.0.1: 80||[::1]: 80||1.2.3.4%%lo:80"
        "||[::1%%lo]:80||1.2.3.4:80%%||1.2.3.4:80%%a/b||[::1]:80%%0||80%%lo"
        "||vsock:4294967296:1||vsock:1:4294967296||vsock:1:4294967295"
        "||vsock:1:-1||vsock:-1:1||vsock:1:||vsock:2 :80||vsock-foo:1:1"
        "||vsock:2:80:1||vsock-:2:80||vsock:\u0661:1||\u0661||8\u0661"
        "||127.0.0.1:\u0661||[::1]:\u30001||127.0.0.1:\xa080||08",
    ),
    "listen-netlink": (
        "route||kobject-uevent 1||5||route -0||route 4294967295||route 0x5",
        "bogus||route x||route -1||route 4294967296||route 5 6"
        "||route \u0661||\u0661||2147483648",
    ),
    "listen-path": ("/run/a", "a||/proc/x"),
    "load-credential": (
        "a:/b||a||a:b||a\\b:/c||a:/b:c",
        "a/b||a:../b||:/a||a*\\:/b||a\\:b:/c||a\\",
    ),
    "log-fields": (
        f"FOO=bar||A=1 \"B=2 3\"||%BA=x||A%w%A%M%W=x||{'A' * 64}%A=x"
        "||A%U=x||A=\\uffff||A=%%A5",
        f"foo=bar||FOO||_A=b||%A=x||A%b=x||A%m=x||{'A' * 65}=x||A%%A=x"
        f"||A%H=x||{'A' * 64}%U=x||A=\\U0010ffff||A=%5",
    ),
    "log-level": ("info||7||emerg", "infos||8"),
    "log-namespace": (
        f"a||a.b||{'a' * 222}", f"a/b||a b||.||..||{'a' * 223}",
    ),
    "long": ("1||-1||9223372036854775807", "x||9223372036854775808"),
    "log-pattern": ("a.*||~b||[a-z]+", "~||(a"),
    "memory": ("1||512M||1.5G||20%||infinity", "0||0%||1g||101%||1GB||-1"),
    "memory-0": ("0||512M||20%||infinity", "1g||x||101%"),
    "mode": ("0640||644||07777", "0888||rw||10000||u=rw||-1"),
    "mount-images": (
        "/a:/b||-/a:/b:ro||/a:/b:root:ro||/dev/a:/b||/a:/b:%i",
        "/a||a:/b||/a:b||/a:/dev/b||/a:/b:%5||/a:/b:root:x:%5"
        "||/a:/b:root-other:ro",
    ),
    "namespace-paths": ("/a||-/a +/b||-+/a", "a||+-/a||/a/../b"),
    "namespaces": ("yes||no||net user||~ipc", "usr||net,user"),
    "nft-set": ("cgroup:inet:t:s||user:ip:t:s", "a:inet:t:s||cgroup:x:t:s"),
    "nice": ("0||-20||19||+5", "20||-21||x||1.5"),
    "numa-mask": ("all||0-1", "numa||x||%i"),
    "numa-set": ("all||0-1||%i", "numa||x||%5"),
    "oom-duration": ("1s||2min", "0||500ms||infinity||x"),
    "oom-rules": ("a b||a-b||+a", "a/b||*||a\\\\q"),
    "oom-score": ("-1000||1000||0", "1001||x"),
    "open-file": (
        "/a||/a:b||/a:b:read-only||/a::append,graceful||/a/../b||/:a"
        "||/a:b:||/a:b:,||/a:b:,read-only,,graceful,||/a:b:read-only:||/a/."
        "||/a\\s||/\u00fc:b||/a\\xff:b||/a\\ud800:b",
        "a||/a:b:x||/||/a/..||||/a:b\\x3a||/a:\u00fc||/\u00fc||/a\\x3ab"
        "||/a\\n||/.||/a::::||/a:b:read-only,read-only||/a:b:read-only,append"
        f"||/a:{'x' * 256}||/{'x' * 256}:a||/{'x/' * 2048}:a||/a:\u00a0"
        "||/a\\U0000d800:b",
    ),
    "path": ("/a||/a b||%t/x||//", "a||/a/../b||%Q||"),
    "path-each": ("/a||%t/a", "a||%Q"),
    "paths": ("/a /b||'/a b'", "a||/a b"),
    "percentage": ("0%||100%||50.5%", "101%||50||-1%"),
    "pid-file": ("/run/a||a.pid||/var/run/a", "../a||/proc/a"),
    "priority-99": ("0||99", "100||-1"),
    "protect-hostname": ("yes||no||private||private:a", "strict||public"),
    "quota": ("1G||20%||off", "x||-1||150%"),
    "reboot-parameter": ("a", "\u00e4"),
    "refresh-on-reload": ("yes||extensions credentials||~credentials", "x"),
    "restart": ("no||always||on-failure", "yes||never||on-fail"),
    "rlimit-count": ("1024||1024:4096||infinity||1:infinity", "-1||4:1||1K"),
    "rlimit-microseconds": ("5||5ms||infinity", "x||-1"),
    "rlimit-nice": ("-5||+10||40||0", "-21||+20||41||x||-10:5"),
    "rlimit-seconds": ("5||5min||infinity||1:2", "x||2:1"),
    "rlimit-size": ("64M||1K:2K||infinity", "64m||2K:1K"),
    "root-hash": (
        "00112233445566778899aabbccddeeff||/a"
        "||0 011223344556677 8899aabbccddee\tff",
        "00||xyz||00112233445566778899aabbccddeef f0"
        "||0011223344556677\u30008899aabbccddeeff",
    ),
    "root-hash-signature": ("base64:AAAA||/a", "AAAA||base64:A"),
    "secure-bits": ("keep-caps||noroot noroot-locked", "keep-cap||root"),
    "service-unit": ("a.service||a@b.service", "a.socket||a||a@.service"),
    "set-credential": (
        "a:b||a:\\x41||a\\\\:b||a:\\x00||a:\\000||a:\\u0000||a:\\ud800"
        "||a:\\\\U0000d800||a:\\\\x00",
        "a||a:||a/b:c||a:\\q||a\\:b||a\\:b:c||a:\\0||a:\\U0000d800"
        "||a:\\\\\\x0",
    ),
    "signal": ("SIGTERM||TERM||9||SIGRTMIN+3||RTMAX-1", "SIGFOO||0||99||term"),
    "size-long": ("1||7E||5 K", "8E||-1||0x1f"),
    "size": ("1||512K||1G500M||1.5M", "1k||1KB||x||-1||500M1G"),
    "slice-unit": (
        "a.slice||user-1.slice",
        "a.service||a||a@.slice||a@b.slice",
    ),
    "socket-bind": (
        "any||80||tcp:80||ipv4:udp:1-5||ipv6||tcp||ipv4:tcp",
        "80:any||tcp:70000||x||1-||5-1||udp:tcp||ipv4:",
    ),
    "socket-units": ("a.socket b.socket", "a.service||a"),
    "standard-input": ("null||tty||file:/a||fd:x||data", "file:a||append:/a||x"),  # noqa: E501
    "standard-output": (
        "journal||null||file:/a||append:/a||truncate:/a||fd:x||syslog",
        "journals||file:a||truncate:a",
    ),
    "string": ("a b||%n||50%", "%5||%Q"),
    "swap-priority": ("-1||0||32767", "-2||32768"),
    "syscalls": (
        "read||@system-service write||~@mount||~read:EPERM||~@mount:kill",
        "reed||@mont||read:EPERM||~read:EFOO||read, write",
    ),
    "tasks-max": ("1||10%||infinity", "0||-1||x||101%"),
    "temporary-filesystems": ("/a||/a:ro,size=1M /b", "a||a:ro"),
    "text": (
        "a\\nb||x||\\x25i||\\ufffe||\\ud800||\\\\U0000d800",
        "\\q||%5||\\x255||%\\x35||\\x00||\\U0000d800||\\U0010ffff"
        "||\\U0000fdd0",
    ),
    "time-span-finite": ("5||0||1min 5s", "infinity||5x"),
    "personality": ("x86||x86-64", "x87||amd64"),
    "time-span": (
        "5||5s||5 min 20 s||1.5h||infinity||1h30m||0||2weeks||5\u00b5s",
        "5x||-5s||5 x||1.5.5||s||1.||5s infinity",
    ),
    "time-span-ns": ("50us||100ns||5", "x||-1"),
    "timer-span": ("5min||1d", "x||%5"),
    "unit-name": ("a.service||a@b.timer||%p.target", "a||a.servic||hello.service"),  # noqa: E501
    "unit-names": (
        "a.service b.target||foo@%i.service||a@.service||dev-sda1.device",
        "a||a.service, b.service||a.servic||a b.service",
    ),
    "unsigned": ("0||4294967295||0x10", "-1||4294967296||x||08"),
    "user": ("a||root||1000||a.b||user-1", "a:b||-1||4294967295||65535||a/b||007"),  # noqa: E501
    "users": ("a b||100", "a:b||a 4294967295||a -"),
    "weight": ("1||10000", "0||10001||idle"),
    "working-directory": ("/a||-/a||~||-~||%S/x", "a||../a||-a"),
    "xattr": (
        "user.a=b||user.a=b c||user.a=~'||user.=x||user.a=\\q||user.%i=b",
        "a=b||user.a||\"user.a=b c\"||'user.a=b'||user.a=%5",
    ),
    "enum:protect-system": ("yes||no||full||strict||TRUE", "strct||2||full "),
    "enum:service-type": ("simple||notify-reload||exec", "simpl||Simple||yes"),
    "enum:log-facility": ("daemon||local7||3||0x10", "local8||128||-1"),
    "enum:emergency-action": ("none||soft-reboot||halt", "stop||yes"),
    "enum:private-tmp": ("yes||no||connected||disconnected", "shared"),
    "enum:bind-ipv6-only": ("both||yes||no||default", "ipv6"),
    "enum:propagation": ("shared||slave||private", "rshared||yes"),
}  # fmt: skip
# These take any text, because systemd does or because it tells nothing.
ANYTHING = {
    "boolean-fatal", "bpf-attachments", "bpf-commands", "bpf-maps",
    "bpf-programs", "condition", "condition-boolean", "condition-path",
    "none", "path-fatal", "plain-string", "unknown",
}  # fmt: skip


# Where a plainer reading goes wrong: digits and blanks are those of
# ASCII, and each parser has ways of its own.
ODD = (
    ("integer", "0o17||\x0b1||-0", "1\x0c||\u0661||1\u00a0||\u00a01||0o8"),
    ("time-span", "5 s||\t5", "5\u00a0s||\u0665||5\u3000"),
    ("size", "1 G", "\u0665||1\u00a0G||1\u3000K"),
    ("percentage", "5%", "\u0662%"),
    ("cpu-quota", "21474836%", "21474837%||4294967295%||\u0662%"),
    ("rlimit-count", "5: 10||0o17", "5 : 10||5 :10||\u0665"),
    ("rlimit-seconds", "1:5s||1:5ms", "5s:1||5:1s||1\f"),
    ("rlimit-microseconds", "1:5ms", "5ms:1"),
    ("signal", "9", "\u0669"),
    ("errno", "eperm||EWOULDBLOCK||EHWPOISON", "0||ENOPE||perm"),
    (
        "syscalls",
        "~read:0||~read:eperm",
        "~read:ENOPE||~read:9999",
    ),
    ("enum:log-facility", "-0||+3", "-1||200"),
    ("address-families", "af_inet||AF_decnet", "inet"),
    ("socket-bind", "TCP||ipv4:UDP:80", "IPV4:80"),
    (
        "ip-networks",
        "10.0.0.0/+8||10.0.0.0/0x8||::1/+128||10.0.0.0/010",
        "10.0.0.1/08||fe80::1%lo||10.0.0.0/33||::1/129||10.0.0.0/",
    ),
    ("cgroup-name", "hugetlb.x||misc.x", "devices.x||blkio.x||cgroup.x"),
    ("bpf-program", ":device:/x||device:::/x", "device:"),
    (
        "nft-set",
        "cgroup:inet:a_b:c.d",
        "cgroup:inet:a-b:c||cgroup:inet:1a:b||cgroup:inet::b"
        "||cgroup:inet:a:b,||cgroup:inet:%i:b",
    ),
    (
        "protect-hostname",
        "private||yes:web1||private:a.b-c",
        f"yes:a_b||yes:||yes:foo.||yes:-x||no:foo||yes:a b||yes:{'a' * 65}",
    ),
    ("environment-unset", "A=\\xc3\\xa4", "A=\\xff"),
    ("pid-file", "/../a", "/a/../b"),
    ("unit-name", "a@b.timer", "a@b.slice"),
    ("bind-paths", "/a:/b:||/../a", "/a:/b:rbind:x||/a:/b::"),
    ("directories", "foo:private", "private||private/a||A=\\xff||A=\udcff"),
    ("bus-name", ":1.5", "::1||:1"),
    ("user", "\u0661", "01"),
    (
        "environment",
        "A=\\x41||A=\\xc3\\xa4",
        "A=\\xff||A=\\ud800||A=\\U0010ffff||A=\\U0000fdd0||A=\\uffff",
    ),
    ("exec", "/bin/x \\u00e4||/bin/x \\xff", "/bin/x \\ud800"),
    (
        "unit-names",
        "a@b.service||a--b.slice",
        "a@b.slice||a@b.mount||a@b.scope||a@b.swap||a@b.device",
    ),
)


def is_accepted(kind: str, value: str, version: int = 257) -> bool:
    """Tell whether a type takes a value."""
    unit = "hello@.service" if kind == "instance" else "hello.service"
    context = contexts.Context(
        targets.Target(version), unit, "Unit", option(kind)
    )
    try:
        registry.check_value(kind, value, context)
    except contexts.BadValueError:
        return False
    return True


def option(kind: str) -> str:
    """Return a directive whose name the type looks at."""
    return {
        "syscalls": "SystemCallFilter",
        "set-credential": "SetCredential",
        "user": "User",
        "unit-name": "Unit",
    }.get(kind, "Any")


def cases(column: int) -> list[tuple[str, str]]:
    """Return type and value of one column of the table."""
    return [
        (kind, value)
        for kind, *columns in (*((k, *row) for k, row in TABLE.items()), *ODD)
        for value in columns[column].split("||")
        if value
    ]


@pytest.mark.parametrize(("kind", "value"), cases(0))
def test_accepted(kind: str, value: str) -> None:
    assert is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), cases(1))
def test_refused(kind: str, value: str) -> None:
    assert not is_accepted(kind, value)


@pytest.mark.parametrize("kind", sorted(registry.TYPES))
@settings(max_examples=60, deadline=None)
@given(
    value=st.text(
        alphabet=st.sampled_from(
            "aZ0195 -+~@:/.,=%$\\'\"[]()*|!\u00e4\u2030x"
        ),
        min_size=1,
        max_size=12,
    )
)
def test_no_value_breaks_a_type(kind: str, value: str) -> None:
    assert is_accepted(kind, value) in (True, False)


def test_every_type_has_a_table() -> None:
    assert set(registry.TYPES) - ANYTHING == {
        kind for kind in TABLE if not kind.startswith("enum:")
    }


@pytest.mark.parametrize(
    ("kind", "value", "first", "before"),
    [
        ("enum:private-users", "full", 258, 257),
        ("enum:service-type", "notify-reload", 253, 252),
        ("address-families", "none", 249, 247),
        ("standard-output", "truncate:/a", 248, 247),
        ("syscalls", "@sandbox", 257, 252),
        ("namespaces", "time", 252, 247),
        ("exec", "|/bin/x", 258, 257),
        ("string", "%d", 250, 247),
        ("cpu-affinity", "0%i", 250, 247),
        ("tasks-max", "0.05%", 249, 247),
        ("load-credential", "a", 251, 247),
        ("string", "%D", 256, 252),
        ("listen", "vsock-stream:2:80", 254, 252),
        ("listen", "vsock:-1:1", 258, 257),
        ("image-options", "root-verity-sig:ro", 250, 247),
        ("image-policy", "root=verity++signed", 258, 257),
        ("image-policy", "root=encryptedwithintegrity", 258, 257),
        ("log-fields", "A%A=x", 248, 247),
    ],
)
def test_values_that_came_later(
    kind: str, value: str, first: int, before: int
) -> None:
    assert is_accepted(kind, value, first)
    assert not is_accepted(kind, value, before)


@pytest.mark.parametrize(
    ("kind", "value", "last", "after"),
    [
        ("listen", "127.0.0.1: 80", 247, 252),
        ("listen", "[::1]: 80%%lo", 247, 252),
        ("listen", "vsock:2:4294967295", 252, 257),
        ("image-options", "root-secondary:ro", 252, 257),
        ("image-options", "usr-secondary-verity:ro", 247, 257),
        ("image-options", "root-other-verity-sig:ro", 252, 257),
        ("mount-images", "/a:/b:root-secondary:ro", 252, 257),
        ("set-credential", "a:", 247, 252),
        ("set-credential", "a:\\ud800", 257, 262),
        ("text", "\\ud800", 257, 262),
        ("text", "\\udfff", 257, 262),
        ("open-file", "/a\\ud800:b", 257, 262),
        ("log-fields", "A=\\ud800", 257, 262),
    ],
)
def test_values_that_went(
    kind: str, value: str, last: int, after: int
) -> None:
    assert is_accepted(kind, value, last)
    assert not is_accepted(kind, value, after)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("Mon,12:00", "'12:00' is not a day of the week"),
        ("Mon..Tue..Wed 12:00", "does not begin with a list of days"),
        ("Fri..Mon", "the days up to Mon run backwards"),
        ("12:0/0", "'0/0' has a step of zero"),
        ("12:0..60", "minute '0..60' is out of range"),
        ("12:0.5", "minute '0.5' must be a whole number"),
        ("12:x", "minute 'x' is not a number"),
    ],
)
def test_what_is_wrong_with_a_calendar(value: str, rule: str) -> None:
    context = contexts.Context(
        targets.Target(257), "a.timer", "Timer", "OnCalendar"
    )
    with pytest.raises(contexts.BadValueError, match=re.escape(rule)):
        registry.check_value("calendar", value, context)


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("/run/a", True),
        ("@a", True),
        ("vsock:2:80", False),
        ("vsock-seqpacket:2:80", False),
        ("[::1]:80", False),
        ("80", False),
    ],
)
def test_sequential_packets(value: str, accepted: bool) -> None:
    context = contexts.Context(
        targets.Target(257), "a.socket", "Socket", "ListenSequentialPacket"
    )
    try:
        registry.check_value("listen", value, context)
    except contexts.BadValueError:
        assert not accepted
    else:
        assert accepted


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("device-weight", "%i 5"),
        ("device-allow", "%i r"),
        ("xattr", "%i=b"),
        ("calendar", "%i"),
        ("listen", "%i"),
    ],
)
def test_an_unknown_instance_is_not_judged(kind: str, value: str) -> None:
    context = contexts.Context(
        targets.Target(257), "a@.service", "Service", "Any"
    )
    registry.check_value(kind, value, context)


def test_a_backported_value() -> None:
    context = contexts.Context(
        targets.Target(252, "el9"), "a.service", "Service", "Type"
    )
    registry.check_value("enum:service-type", "notify-reload", context)


@pytest.mark.parametrize(
    ("kind", "value", "nearest"),
    [
        ("enum:protect-system", "strct", "strict"),
        ("capabilities", "~CAP_SYS_ADMN", "CAP_SYS_ADMIN"),
        ("syscalls", "~@mont", "@mount"),
        ("namespaces", "usr", "user"),
        ("architectures", "nativ", "native"),
        ("ip-networks", "all", "any"),
        ("signal", "SIGTREM", "SIGTERM"),
        ("unit-names", "a.servic", "a.service"),
        ("boolean", "flase", "false"),
        ("environment", "A=50%5", "A=50%%5"),
    ],
)
def test_suggestions(kind: str, value: str, nearest: str) -> None:
    context = contexts.Context(
        targets.Target(257), "hello.service", "Unit", option(kind)
    )
    with pytest.raises(contexts.BadValueError) as caught:
        registry.check_value(kind, value, context)
    assert caught.value.nearest == nearest


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("exec", "/bin/x > /dev/null", "shell-syntax"),
        ("exec", "/bin/x 2>&1", "shell-syntax"),
        ("exec", "/bin/x | /bin/y", "shell-syntax"),
        ("exec", "/bin/x && /bin/y", "shell-syntax"),
        ("exec", "/bin/x $(date)", "shell-substitution"),
        ("user", "nobody", "user-nobody"),
        ("user", "a.b", "odd-user-name"),
        ("kill-mode", "none", "kill-mode-none"),
        ("standard-output", "syslog", "obsolete-output"),
        ("pid-file", "/var/run/a", "var-run"),
        ("listen", "/var/run/a", "var-run"),
        ("listen", "/var/run/%N", "var-run"),
    ],
)
def test_remarks(kind: str, value: str, code: str) -> None:
    context = contexts.Context(
        targets.Target(257), "hello.service", "Unit", option(kind)
    )
    registry.check_value(kind, value, context)
    assert [remark.code for remark in context.remarks] == [code]


@pytest.mark.parametrize(
    "value",
    [
        "/bin/x ' > '",
        "/bin/x a>b",
        "/bin/sh -c 'a > b $(date)'",
        "/bin/x -c ${A:-b}",
    ],
)
def test_no_remark(value: str) -> None:
    context = contexts.Context(
        targets.Target(257), "hello.service", "Service", "ExecStart"
    )
    registry.check_value("exec", value, context)
    assert context.remarks == []


@pytest.mark.parametrize(
    ("unit", "value", "accepted"),
    [
        ("a.service", "%i", False),
        ("a@b.service", "%i", False),
        ("a@.service", "%i", True),
        ("a@b.service", "/%i", True),
        ("a-b.service", "%f", True),
        ("a.service", "%n", False),
    ],
)
def test_specifiers_of_the_name(unit: str, value: str, accepted: bool) -> None:
    context = contexts.Context(
        targets.Target(257), unit, "Service", "WorkingDirectory"
    )
    try:
        registry.check_value("working-directory", value, context)
    except contexts.BadValueError:
        assert not accepted
    else:
        assert accepted


@pytest.mark.parametrize(
    ("unit", "value", "accepted"),
    [
        ("a.service", "b.target.wants/a.service", True),
        ("a.service", "b.target.requires/a.service", True),
        ("a.service", "b.target.upholds/a.service", False),
        ("a.service", "b.target.wants/c.service", False),
        ("a.service", "b.wants/a.service", False),
        ("a@.service", "b.target.wants/a@%i.service", True),
    ],
)
def test_alias_below_wants(unit: str, value: str, accepted: bool) -> None:
    context = contexts.Context(targets.Target(257), unit, "Install", "Alias")
    try:
        registry.check_value("alias-names", value, context)
    except contexts.BadValueError:
        assert not accepted
    else:
        assert accepted


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("ConditionFirstBoot", "yes", "maybe"),
        ("AssertACPower", "!no", "x"),
        ("ConditionCapability", "CAP_KILL", "KILL"),
        ("ConditionCPUs", ">= 2", "many"),
        ("ConditionMemory", "|>=512M", "x"),
        ("ConditionMemoryPressure", "10%/1min", "x"),
        ("ConditionHost", "anything", "%5"),
    ],
)
def test_conditions(name: str, good: str, bad: str) -> None:
    context = contexts.Context(targets.Target(257), "a.service", "Unit", name)
    registry.check_value("condition", good, context)
    with pytest.raises(contexts.BadValueError):
        registry.check_value("condition", bad, context)


@pytest.mark.parametrize("value", ["/a", "|/a", "!/a", "|!/a"])
def test_condition_path(value: str) -> None:
    assert is_accepted("condition-path", value)
    assert not is_accepted("condition-path", value.replace("/", ""))


def test_a_path_is_text() -> None:
    assert is_accepted("bind-paths", r"/a\xc3\xa4:/b", 262)
    assert not is_accepted("bind-paths", r"/a\xff:/b", 262)
