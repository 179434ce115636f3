# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox follows the needs, and says what it leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._harden import (
    needs,
    sandbox,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    merged,
)

GIVEN: dict[str, Any] = {
    "paths": ["/srv/data"],
    "devices": ["/dev/ttyUSB0"],
    "groups": ["redis"],
    "access": "read",
}

# All directives which the strict sandbox promises without any need.
SHUT = {
    "NoNewPrivileges": ["yes"],
    "CapabilityBoundingSet": [""],
    "AmbientCapabilities": [""],
    "RestrictSUIDSGID": ["yes"],
    "LockPersonality": ["yes"],
    "KeyringMode": ["private"],
    "ProtectSystem": ["strict"],
    "ProtectHome": ["yes"],
    "PrivateTmp": ["yes"],
    "PrivateMounts": ["yes"],
    "UMask": ["0077"],
    "RemoveIPC": ["yes"],
    "PrivateDevices": ["yes"],
    "PrivateUsers": ["yes"],
    "ProtectProc": ["invisible"],
    "ProcSubset": ["pid"],
    "ProtectClock": ["yes"],
    "ProtectHostname": ["yes"],
    "ProtectKernelLogs": ["yes"],
    "ProtectKernelModules": ["yes"],
    "ProtectKernelTunables": ["yes"],
    "ProtectControlGroups": ["yes"],
    "RestrictNamespaces": ["yes"],
    "RestrictRealtime": ["yes"],
    "MemoryDenyWriteExecute": ["yes"],
    "SystemCallArchitectures": ["native"],
    "SystemCallErrorNumber": ["EPERM"],
    "SystemCallFilter": [
        "@system-service",
        "~@privileged @resources @keyring io_uring_enter "
        "io_uring_register io_uring_setup",
    ],
    "PrivateNetwork": ["yes"],
    "RestrictAddressFamilies": ["AF_UNIX"],
    "IPAddressDeny": ["any"],
}
DENIED = SHUT["SystemCallFilter"][1]
FILTER = "@system-service"


def built_with(version: int, feature: str) -> targets.Target:
    """Return a systemd whose build has a word for a feature."""
    return targets.Target(version, features=frozenset({feature, "+SECCOMP"}))


def built(*needs: Any, **how: Any) -> dict[str, list[str]]:
    """Return the directives for needs as lists of values."""
    target = how.pop("target", targets.Target(257))
    found = sandbox.sandbox(needs, target=target, **how)
    values: dict[str, list[str]] = {}
    for option, value in found.assignments():
        values.setdefault(option, []).append(value)
    return values


def changes(*needs: Any, **how: Any) -> dict[str, list[str]]:
    """Return what needs change in the strict sandbox; [] is lifted."""
    values = built(*needs, **how)
    names = sorted(SHUT.keys() | values.keys())
    return {
        name: values.get(name, [])
        for name in names
        if values.get(name, []) != SHUT.get(name, [])
    }


def spec(word: str) -> Any:
    """Return a need as a user would write it."""
    takes = needs.NEEDS[word].takes
    return {word: GIVEN[takes]} if takes else word


def test_without_needs_everything_is_shut() -> None:
    assert built() == SHUT


INTERNET = {
    "PrivateNetwork": [],
    "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6"],
}
OPENINGS: list[tuple[list[Any], dict[str, list[str]]]] = [
    (["network"], {**INTERNET, "IPAddressDeny": []}),
    (["localhost"], {**INTERNET, "IPAddressAllow": ["localhost"]}),
    (["localhost", "network"], {**INTERNET, "IPAddressDeny": []}),
    (["network", "localhost"], {**INTERNET, "IPAddressDeny": []}),
    (
        ["outbound"],
        {**INTERNET, "IPAddressDeny": [], "SocketBindDeny": ["any"]},
    ),
    (["outbound", "network"], {**INTERNET, "IPAddressDeny": []}),
    (["outbound", "localhost"], {**INTERNET, "IPAddressDeny": []}),
    (["netlink"], {"RestrictAddressFamilies": ["AF_UNIX AF_NETLINK"]}),
    (["vsock"], {"RestrictAddressFamilies": ["AF_UNIX AF_VSOCK"]}),
    (
        ["can"],
        {"PrivateNetwork": [], "RestrictAddressFamilies": ["AF_UNIX AF_CAN"]},
    ),
    (
        ["bluetooth"],
        {
            "PrivateNetwork": [],
            "RestrictAddressFamilies": ["AF_UNIX AF_BLUETOOTH"],
        },
    ),
    (
        ["packet"],
        {
            "PrivateNetwork": [],
            "PrivateUsers": [],
            "RestrictAddressFamilies": ["AF_UNIX AF_PACKET"],
            "CapabilityBoundingSet": ["CAP_NET_RAW"],
            "AmbientCapabilities": ["CAP_NET_RAW"],
        },
    ),
    (
        ["privileged-port", "localhost"],
        {
            **INTERNET,
            "IPAddressAllow": ["localhost"],
            "PrivateUsers": [],
            "CapabilityBoundingSet": ["CAP_NET_BIND_SERVICE"],
            "AmbientCapabilities": ["CAP_NET_BIND_SERVICE"],
        },
    ),
    (["jit"], {"MemoryDenyWriteExecute": []}),
    (["procfs"], {"ProcSubset": []}),
    (["processes"], {"ProtectProc": []}),
    (["peer-users"], {"PrivateUsers": []}),
    (["personality"], {"LockPersonality": []}),
    (["abi32"], {"SystemCallArchitectures": []}),
    (["sysv-ipc"], {"RemoveIPC": []}),
    (["setgid-bits"], {"RestrictSUIDSGID": []}),
    (["kernel-settings"], {"ProtectKernelTunables": [], "ProcSubset": []}),
    (["memlock"], {"LimitMEMLOCK": ["infinity"]}),
    (["share-files"], {"UMask": ["0027"]}),
    (["cgroups"], {"ProtectControlGroups": [], "Delegate": ["yes"]}),
    (
        ["shared-tmp"],
        {"PrivateTmp": [], "ReadWritePaths": ["/tmp", "/var/tmp"]},
    ),
    ([{"home": "read"}], {"ProtectHome": ["read-only"]}),
    ([{"home": "write"}], {"ProtectHome": ["no"]}),
    (
        [{"write": ["/srv/a", "/srv/b%c"]}],
        {"ReadWritePaths": ["/srv/a", "/srv/b%%c"]},
    ),
    (
        [{"write": ["/home/app"]}, {"home": "read"}],
        {"ProtectHome": ["read-only"], "ReadWritePaths": ["/home/app"]},
    ),
    ([{"write": ["/srv/a", "/srv/a"]}], {"ReadWritePaths": ["/srv/a"]}),
    (
        [{"groups": ["redis", "mail"]}],
        {"SupplementaryGroups": ["redis", "mail"]},
    ),
    (
        [{"devices": ["/dev/ttyUSB0", "char-rtc r"]}],
        {
            "PrivateDevices": [],
            "DevicePolicy": ["closed"],
            "DeviceAllow": ["/dev/ttyUSB0 rw", "char-rtc r"],
        },
    ),
    (
        ["gpu"],
        {
            "PrivateDevices": [],
            "MemoryDenyWriteExecute": [],
            "ProcSubset": [],
            "DevicePolicy": ["closed"],
            "DeviceAllow": ["char-drm rw", "char-kfd rw", "char-nvidia* rw"],
        },
    ),
    (
        ["scheduling"],
        {"SystemCallFilter": [FILTER, DENIED.replace(" @resources", "")]},
    ),
    (
        ["realtime"],
        {
            "SystemCallFilter": [FILTER, DENIED.replace(" @resources", "")],
            "RestrictRealtime": [],
            "LimitRTPRIO": ["99"],
        },
    ),
    (
        ["keyring"],
        {"SystemCallFilter": [FILTER, DENIED.replace(" @keyring", "")]},
    ),
    (
        ["io-uring"],
        {"SystemCallFilter": [FILTER, "~@privileged @resources @keyring"]},
    ),
    (["chown"], {"SystemCallFilter": [FILTER, DENIED, "@chown"]}),
    (
        ["debug", "chown"],
        {"SystemCallFilter": [FILTER, DENIED, "@debug @chown"]},
    ),
    (["same-user-setuid"], {"SystemCallFilter": [FILTER, DENIED, "@setuid"]}),
    (
        ["become-users"],
        {
            "SystemCallFilter": [FILTER, DENIED, "@setuid"],
            "PrivateUsers": [],
            "CapabilityBoundingSet": ["CAP_SETGID CAP_SETUID"],
            "AmbientCapabilities": ["CAP_SETGID CAP_SETUID"],
        },
    ),
    (
        ["namespaces"],
        {
            "SystemCallFilter": [FILTER, DENIED, "capset chroot"],
            "RestrictNamespaces": ["net pid user"],
        },
    ),
]


@pytest.mark.parametrize(("needs", "expected"), OPENINGS)
def test_a_need_opens_what_it_names_and_no_more(
    needs: list[Any], expected: dict[str, list[str]]
) -> None:
    assert changes(*needs) == expected


def test_every_need_is_in_the_table_of_openings() -> None:
    seen = {
        word if isinstance(word, str) else next(iter(word))
        for needs, _unused in OPENINGS
        for word in needs
    }
    assert needs.NEEDS.keys() - seen == {"setuid"}


def test_setuid_keeps_nothing_that_implies_no_new_privileges() -> None:
    # context_has_no_new_privileges() in src/core/execute.c of 252.
    implying = {
        "NoNewPrivileges",
        "LockPersonality",
        "MemoryDenyWriteExecute",
        "PrivateDevices",
        "ProtectClock",
        "ProtectHostname",
        "ProtectKernelTunables",
        "ProtectKernelModules",
        "ProtectKernelLogs",
        "RestrictAddressFamilies",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
        "SystemCallArchitectures",
        "SystemCallFilter",
        "SystemCallLog",
    }
    values = built("setuid", "chown", "netlink")
    assert not implying & values.keys()
    assert "CAP_SETUID" in values["CapabilityBoundingSet"][0]
    assert values["AmbientCapabilities"] == [""]
    assert values["ProtectSystem"] == ["strict"]


def test_relaxed_is_strict_with_its_preset_needs() -> None:
    assert built("network", profile="relaxed") == built(
        "jit", "procfs", "scheduling", "netlink", "network"
    )
    assert built("jit", profile="relaxed") == built(*needs.PROFILES["relaxed"])


REFUSALS = [
    (["netwrk"], "'netwrk' does not exist: did you mean 'network'?"),
    (["xyzzy"], "'xyzzy' does not exist: choose localhost"),
    ("network", "must be a list"),
    ([{"network": True}], "takes no value, not True"),
    ([{"network": None}], "takes no value"),
    ([7], "7 must be a word"),
    ([{"write": ["/a"], "home": "read"}], "must be a word, or one word"),
    (["write"], "takes a list of paths, not None"),
    ([{"write": "/srv"}], "takes a list of paths, not '/srv'"),
    ([{"write": []}], "takes a list of paths"),
    ([{"write": [7]}], "takes a list of paths"),
    ([{"write": ["srv"]}], "must be an absolute path"),
    ([{"write": ["-/srv"]}], "must be an absolute path"),
    ([{"write": ["/srv/../etc"]}], "must be an absolute path"),
    ([{"write": ["/srv/a b"]}], "must be an absolute path"),
    ([{"write": ["/srv\nUser=root"]}], "must be an absolute path"),
    ([{"write": ["/srv\\"]}], "must be an absolute path"),
    ([{"write": ["//"]}], "is the whole system"),
    ([{"write": ["/home/app"]}], "add the need 'home'"),
    ([{"write": ["/root"]}], "add the need 'home'"),
    ([{"write": ["/tmp/x"]}], "add the need 'shared-tmp'"),
    ([{"write": ["/proc/sys"]}], "add the need 'kernel-settings'"),
    ([{"home": "all"}], "takes 'read' or 'write', not 'all'"),
    (["home"], "takes 'read' or 'write', not None"),
    ([{"devices": ["/etc/passwd"]}], "must be a path below /dev"),
    ([{"devices": ["/dev/../etc"]}], "must be a path below /dev"),
    ([{"devices": ["/dev/x rwx"]}], "must be a path below /dev"),
    ([{"groups": ["no group"]}], "is not the name of a group"),
    ([{"groups": ["0"]}], "is not the name of a group"),
    (["jit", "jit"], "is given twice"),
    (["privileged-port"], "does nothing by itself: add network or local"),
]


@pytest.mark.parametrize(("needs", "message"), REFUSALS)
def test_a_wrong_need_is_refused_with_the_rule(
    needs: Any, message: str
) -> None:
    with pytest.raises(sandbox.SandboxError) as caught:
        sandbox.sandbox(needs, target=targets.Target(257))
    assert message in str(caught.value)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(sandbox.SandboxError, match="strict or relaxed"):
        sandbox.sandbox([], profile="lax", target=targets.Target(257))


LACKS = [
    (
        239,
        "",
        {
            "RestrictSUIDSGID",
            "ProtectHostname",
            "ProtectKernelLogs",
            "ProtectClock",
            "ProtectProc",
            "ProcSubset",
        },
    ),
    (
        239,
        "el8",
        {
            "ProtectHostname",
            "ProtectKernelLogs",
            "ProtectClock",
            "ProtectProc",
            "ProcSubset",
        },
    ),
    (246, "", {"ProtectProc", "ProcSubset"}),
    (247, "", set()),
]


@pytest.mark.parametrize(("version", "variant", "missing"), LACKS)
def test_what_the_version_lacks_is_left_out_with_a_notice(
    version: int, variant: str, missing: set[str]
) -> None:
    found = sandbox.sandbox([], target=targets.Target(version, variant))
    assert SHUT.keys() - dict(found.assignments()).keys() == missing
    assert {notice.option for notice in found.notices} == missing
    for notice in found.notices:
        assert f"systemd {version} does not have it" in notice.message


def test_io_uring_is_named_only_where_it_is_allowed_at_all() -> None:
    lines = built(target=targets.Target(242))["SystemCallFilter"]
    assert lines == [FILTER, "~@privileged @resources @keyring"]


def test_a_build_without_bpf_gets_no_bind_filter() -> None:
    found = sandbox.sandbox(
        ["outbound"], target=built_with(252, "-BPF_FRAMEWORK")
    )
    assert "SocketBindDeny" not in dict(found.assignments())
    assert [n.message for n in found.notices] == [
        "SocketBindDeny= is left out, systemd is built with "
        "-BPF_FRAMEWORK: the service can listen."
    ]


def test_a_build_with_bpf_gets_the_bind_filter_without_a_notice() -> None:
    found = sandbox.sandbox(
        ["outbound"], target=built_with(257, "+BPF_FRAMEWORK")
    )
    assert ("SocketBindDeny", "any") in found.assignments()
    assert not found.notices


KINDS = [
    ("mount", "ProtectSystem"),
    ("mount", "PrivateDevices"),
    ("network", "PrivateNetwork"),
    ("user", "PrivateUsers"),
    ("seccomp", "SystemCallFilter"),
    ("address", "IPAddressDeny"),
]


@pytest.mark.parametrize(("kind", "option"), KINDS)
def test_what_the_host_does_not_enforce_is_left_out(
    kind: str, option: str
) -> None:
    missing = frozenset({kind})
    found = sandbox.sandbox(
        [],
        target=targets.Target(257),
        weakness=sandbox.Weakness(missing, missing),
    )
    assert option not in dict(found.assignments())
    assert {
        notice.kind for notice in found.notices if notice.option == option
    } == {kind}


WEAK = sandbox.Weakness(
    private=frozenset({"address"}),
    shared=frozenset({"address", "mount", "network"}),
)
WEAKER = sandbox.Weakness(
    private=frozenset({"user"}), shared=frozenset({"mount"})
)


@pytest.mark.parametrize(
    ("needs", "weakness", "missing"),
    [
        ([], WEAK, {"address"}),
        (["peer-users"], WEAK, {"address", "mount", "network"}),
        ([], WEAKER, {"user", "mount"}),
        (["peer-users"], WEAKER, {"mount"}),
    ],
)
def test_namespaces_may_depend_on_that_of_users(
    needs: list[str], weakness: sandbox.Weakness, missing: set[str]
) -> None:
    found = sandbox.sandbox(
        needs, target=targets.Target(257), weakness=weakness
    )
    assert {notice.kind for notice in found.notices} == missing


@pytest.mark.parametrize(
    ("users", "kept"),
    [("yes", {"PrivateTmp", "PrivateUsers"}), ("no", {"PrivateUsers"})],
)
def test_what_is_void_is_taken_out_of_a_unit(
    users: str, kept: set[str]
) -> None:
    assignments = [
        ("Socket", "PrivateTmp", "yes"),
        ("Service", "PrivateTmp", "yes"),
        ("Service", "IPAddressDeny", "any"),
        ("Service", "PrivateUsers", users),
        ("Service", "User", "app"),
    ]
    unit = merged.MergedUnit.of(assignments, targets.Target(257))
    found = sandbox.enforced(unit, WEAK)
    assert found.assigned[0] == unit.assigned[0]
    names = {i.name for i in found.assigned if i.section == "Service"}
    assert names == {*kept, "User"}
    strong = sandbox.enforced(unit, sandbox.Weakness())
    assert strong.assigned == unit.assigned


def test_what_the_build_lacks_is_not_blamed_on_the_host() -> None:
    missing = frozenset({"bind"})
    found = sandbox.sandbox(
        ["outbound"],
        target=built_with(252, "-BPF_FRAMEWORK"),
        weakness=sandbox.Weakness(missing, missing),
    )
    assert [notice.kind for notice in found.notices] == [""]


def test_a_build_without_seccomp_gets_no_filter() -> None:
    values = built(
        target=targets.Target(257, features=frozenset({"-SECCOMP"}))
    )
    assert (
        not {"SystemCallFilter", "SystemCallErrorNumber", "RestrictNamespaces"}
        & values.keys()
    )


@pytest.mark.parametrize(
    ("group", "warns"), [("docker", True), ("disk", True), ("mail", False)]
)
def test_groups_as_good_as_root_are_warned_of(group: str, warns: bool) -> None:
    found = sandbox.sandbox([{"groups": [group]}], target=targets.Target(257))
    assert [n for n in found.notices if group in n.message] == list(
        found.notices
    )
    assert bool(found.notices) is warns


def test_shared_files_change_the_mode_of_the_state_directory() -> None:
    assert sandbox.sandbox([], target=targets.Target(257)).state_mode == "0700"
    shared = sandbox.sandbox(["share-files"], target=targets.Target(257))
    assert shared.state_mode == "0750"


def test_comments_name_the_needs_that_opened_a_group() -> None:
    groups = sandbox.sandbox(
        ["network", "jit"], target=targets.Target(257)
    ).groups
    named = {
        group.options[0][0]: group.comment.partition(" (but for: ")[2]
        for group in groups
    }
    assert named.pop("RestrictNamespaces") == "jit)"
    assert named.pop("RestrictAddressFamilies") == "network)"
    assert set(named.values()) == {""}


@pytest.mark.parametrize("word", needs.NEEDS)
def test_no_comment_can_break_out_of_its_line(word: str) -> None:
    beside = list(needs.NEEDS[word].beside[:1])
    found = sandbox.sandbox([spec(word), *beside], target=targets.Target(257))
    for group in found.groups:
        assert group.comment.isprintable()
        assert not group.comment.endswith("\\")


@pytest.mark.parametrize("need", needs.NEEDS.values(), ids=str)
def test_every_need_is_documented(need: needs.Need) -> None:
    assert need.opens
    assert need.breaks.endswith(".")
    assert need.manual.startswith("systemd.")
