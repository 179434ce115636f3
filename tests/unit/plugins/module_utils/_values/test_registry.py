# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value type is known by its name, and each has cases."""

from __future__ import annotations

import pytest
import value_types
from hypothesis import given, settings, strategies as st

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    calendar,
    conditions,
    contexts,
    credentials,
    devices,
    exec_lines,
    install_section,
    lists,
    paths,
    registry,
    resources,
    scalars,
    sockets,
    streams,
    unit_names,
)

# Each has a test of its own that asks for cases of all of its types.
MODULES = (
    calendar,
    conditions,
    credentials,
    devices,
    exec_lines,
    install_section,
    lists,
    paths,
    resources,
    scalars,
    sockets,
    streams,
    unit_names,
)

CASES: value_types.Cases = {
    "personality": (("x86", "x86-64"), ("x87", "amd64")),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), value_types.accepted(CASES))
def test_accepted(kind: str, value: str) -> None:
    assert value_types.is_accepted(kind, value)


@pytest.mark.parametrize(("kind", "value"), value_types.refused(CASES))
def test_refused(kind: str, value: str) -> None:
    assert not value_types.is_accepted(kind, value)


def test_every_type_has_cases() -> None:
    of_modules = set().union(*map(value_types.kinds_of, MODULES))
    assert set(registry.TYPES) - of_modules == set(CASES)


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
    assert value_types.is_accepted(kind, value) in (True, False)


@pytest.mark.parametrize(
    ("kind", "value", "known", "unknown"),
    [
        # Values that came later, and the last version before.
        ("enum:private-users", "full", 258, 257),
        ("enum:service-type", "notify-reload", 253, 252),
        ("address-families", "none", 249, 247),
        ("standard-output", "truncate:/a", 248, 247),
        ("syscalls", "@sandbox", 257, 252),
        ("namespaces", "time", 252, 251),
        ("exec", "|/bin/x", 258, 257),
        ("string", "%d", 250, 247),
        ("cpu-affinity", "0%i", 249, 248),
        ("tasks-max", "0.05%", 248, 247),
        ("load-credential", "a", 249, 248),
        ("string", "%D", 256, 255),
        ("listen", "vsock-stream:2:80", 254, 253),
        ("listen", "vsock:-1:1", 258, 257),
        ("image-options", "root-verity-sig:ro", 250, 249),
        ("enum:emergency-action", "halt-force", 254, 253),
        ("enum:emergency-action", "kexec-force", 254, 253),
        ("enum:job-mode", "restart-dependencies", 254, 253),
        ("enum:job-mode", "triggering", 244, 243),
        ("enum:socket-protocol", "mptcp", 257, 256),
        ("personality", "loongarch64", 250, 249),
        ("architectures", "loongarch64", 255, 254),
        ("architectures", "parisc", 252, 251),
        ("path", "/../x", 255, 254),
        ("device-limit", "/../dev/sda 5M", 255, 254),
        ("device-weight", "/../dev/sda 5", 255, 254),
        ("device-allow", "/../dev/null r", 255, 254),
        ("base64", "ab-_", 255, 254),
        ("socket-bind", "tcp:0", 256, 255),
        ("interfaces", "a" * 16, 256, 255),
        ("time-span", "5\u03bcs", 251, 250),
        ("enum:timestamping", "\u03bcs", 251, 250),
        ("image-policy", "root=verity++signed", 258, 257),
        ("image-policy", "root=encryptedwithintegrity", 258, 257),
        ("log-fields", "A%A=x", 248, 247),
        # Values that went, and the first version without.
        ("listen", "127.0.0.1: 80", 247, 248),
        ("listen", "[::1]: 80%%lo", 247, 248),
        ("listen", "vsock:2:4294967295", 255, 256),
        ("pid-file", "/dev/x", 255, 256),
        ("exec", "/bin/.", 255, 256),
        ("interface", "a%%b", 247, 248),
        ("image-options", "root-secondary:ro", 252, 253),
        ("image-options", "usr-secondary-verity:ro", 247, 253),
        ("image-options", "root-other-verity-sig:ro", 252, 253),
        ("mount-images", "/a:/b:root-secondary:ro", 252, 257),
        ("set-credential", "a:", 247, 252),
        ("set-credential", "a:\\ud800", 257, 262),
        ("text", "\\ud800", 257, 262),
        ("text", "\\udfff", 257, 262),
        ("open-file", "/a\\ud800:b", 257, 262),
        ("log-fields", "A=\\ud800", 257, 262),
    ],
)
def test_values_of_some_versions(
    kind: str, value: str, known: int, unknown: int
) -> None:
    assert value_types.is_accepted(kind, value, known)
    assert not value_types.is_accepted(kind, value, unknown)


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
        targets.Target(257),
        "hello.service",
        "Unit",
        value_types.directive(kind),
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
        ("exec", "/bin/x &&/bin/y", "shell-syntax"),
        ("exec", "/bin/x ||exit", "shell-syntax"),
        ("exec", "/bin/x a; /bin/y", "shell-syntax"),
        ("exec", "cd /opt;/usr/bin/python3 x", "exec-no-program"),
        ("exec", "source /x", "exec-no-program"),
        ("exec", "-export A=1", "exec-no-program"),
        ("exec", "ulimit -n 5", "exec-no-program"),
        ("exec", "exec /bin/x", "exec-no-program"),
        ("exec", "if true", "exec-no-program"),
        ("exec", "[[ -f /x ]]", "exec-no-program"),
        ("exec", "/bin/a;/bin/b", "exec-no-program"),
        ("exec", "/bin/a&&/bin/b", "exec-no-program"),
        ("exec", "/bin/a|/bin/b", "exec-no-program"),
        ("exec", "/bin/a>/x", "exec-no-program"),
        ("exec", "(cd /x)", "exec-no-program"),
        ("exec", "/bin/x ; cd /x", "exec-no-program"),
        ("bind-paths", "/a,/b", "comma-list"),
        ("colon-paths", "/a,/b", "comma-list"),
        ("condition-path", "/a,/b", "comma-list"),
        ("directories", "a,b", "comma-in-word"),
        ("environment", 'A="1", B=2', "comma-in-word"),
        ("environment", '"A=1",', "comma-in-word"),
        ("environment", "A=1, B=2", "comma-in-word"),
        ("environment-file", "-/a,/b", "comma-list"),
        ("filesystems", "ext4,xfs", "comma-list"),
        ("interfaces", "eth0,eth1", "comma-list"),
        ("load-credential", "a:/b,c:/d", "comma-list"),
        ("namespace-paths", "-/a,/b", "comma-list"),
        ("namespace-paths", "/a,-/b", "comma-list"),
        ("namespace-paths", "/a, /b", "comma-list"),
        ("paths", "/a,/b", "comma-list"),
        ("temporary-filesystems", "/a:ro,/b", "comma-list"),
        ("temporary-filesystems", "/a,/b", "comma-list"),
        ("users", "adm,tty", "comma-list"),
        ("exec", "/bin/x $(date)", "shell-substitution"),
        ("exec", r"/bin/grep \.x", "unknown-escape"),
        ("exec", r"/bin/grep '^a\.b$'", "unknown-escape"),
        ("exec", "/bin/x \\", "unknown-escape"),
        ("user", "nobody", "user-nobody"),
        ("user", "a.b", "odd-user-name"),
        ("kill-mode", "none", "kill-mode-none"),
        ("standard-output", "syslog", "obsolete-output"),
        ("pid-file", "/var/run/a", "var-run"),
        ("pid-file", "//var/run", "var-run"),
        ("listen", "/var/run/a", "var-run"),
        ("listen", "/var/run/%N", "var-run"),
    ],
)
def test_remarks(kind: str, value: str, code: str) -> None:
    context = contexts.Context(
        targets.Target(257),
        "hello.service",
        "Unit",
        value_types.directive(kind),
    )
    registry.check_value(kind, value, context)
    assert [remark.code for remark in context.remarks] == [code]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("directories", "a b"),
        ("environment", "A=1,2 B=3"),
        ("environment", "A=1,"),
        ("environment", '"A=1,2" "B=3,"'),
        ("exec", "/opt/a,b/x --list a,b"),
        ("exec", "/bin/find / -exec ls ;"),
        ("exec", "/bin/x 'a; /b'"),
        ("exec", "/bin/x a;"),
        ("exec", r"/bin/x a \; /bin/y"),
        ("exec", "/bin/x a ; /bin/y"),
        ("exec", "/bin/x a;b http://x/?a=1&&b=2"),
        ("exec", "/bin/echo cd"),
        ("exec", "/usr/bin/test -f /x"),
        ("exec", "/opt/a&b/x"),
        ("exec", "/opt/cd/source"),
        ("condition-path", "/a{,/b}"),
        ("namespace-paths", "/a /b"),
        ("path", "/srv/a,b/c"),
        ("temporary-filesystems", "/a:ro,size=1M"),
        ("users", "adm tty"),
    ],
)
def test_no_remark(kind: str, value: str) -> None:
    assert value_types.check(kind, value).remarks == []


@pytest.mark.parametrize(
    ("kind", "value", "remedy"),
    [
        ("capabilities", "CAP_KILL,CAP_CHOWN", "write CAP_KILL CAP_CHOWN"),
        ("unit-names", "a.service,b.service", "write a.service b.service"),
        ("syscalls", "read,write", "write read write"),
        ("secure-bits", "noroot,", "write noroot"),
    ],
)
def test_the_comma_is_to_blame(kind: str, value: str, remedy: str) -> None:
    with pytest.raises(contexts.BadValueError, match=remedy) as caught:
        value_types.check(kind, value)
    assert "splits this list at blanks" in str(caught.value)
    # A part that is bad by itself has its own reason.
    with pytest.raises(contexts.BadValueError) as caught:
        value_types.check(kind, f"{value},&")
    assert "blanks" not in str(caught.value)
