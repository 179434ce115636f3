# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reading of a unit tells which line counts, and as what value."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.module_utils._values import (
    lists,
    merged,
    merged_lists,
)

TARGET = targets.Target(257)


def unit(
    *lines: str, section: str = "Service", target: targets.Target = TARGET
) -> merged.MergedUnit:
    """Return a unit of lines of one section."""
    triples = []
    for line in lines:
        name, _equals, value = line.partition("=")
        triples.append((section, name, value))
    return merged.MergedUnit.of(triples, target)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], None),
        (["PrivateTmp=yes"], True),
        (["PrivateTmp=1", "PrivateTmp=off"], False),
        # A value that the target does not read leaves the one before.
        (["PrivateTmp=yes", "PrivateTmp=banana"], True),
        (["PrivateTmp=yes", "PrivateTmp="], True),
        (["PrivateTmp=disconnected"], "disconnected"),
        (["PrivateTmp=yes", "PrivateTmp=disconnected"], "disconnected"),
    ],
)
def test_setting(lines: list[str], expected: bool | str | None) -> None:
    found = unit(*lines)
    assert found.setting("Service", "PrivateTmp") == expected
    assert found.is_on("Service", "PrivateTmp") is (expected is True)
    assert found.is_off("Service", "PrivateTmp") is (expected is False)


@pytest.mark.parametrize(
    ("version", "line", "expected"),
    [
        (257, "PrivateUsers=full", None),
        (258, "PrivateUsers=full", "full"),
        (257, "ProtectHostname=private:web", None),
        (258, "ProtectHostname=private:web", "private"),
        (258, "ProtectHostname=yes:web", True),
        (258, "ProtectHostname=no", False),
        (257, "KeyringMode=private", "private"),
        (257, "KeyringMode=yes", None),
        (257, "User=root", None),
        (257, "NoSuch=yes", None),
    ],
)
def test_setting_by_version(
    version: int, line: str, expected: bool | str | None
) -> None:
    found = unit(line, target=targets.Target(version))
    name = line.partition("=")[0]
    assert found.setting("Service", name) == expected


def test_an_empty_line_resets_what_has_three_states() -> None:
    found = unit("PrivateMounts=yes", "PrivateMounts=")
    assert found.setting("Service", "PrivateMounts") is None


@pytest.mark.parametrize(
    ("line", "span", "integer", "mode"),
    [
        ("RestartSec=5min", 300.0, None, None),
        ("RestartSec=infinity", float("inf"), None, None),
        ("RestartSec=x", None, None, None),
        ("RestartSteps=0x10", None, 16, None),
        ("UMask=0027", None, None, 0o027),
        ("UMask=77777", None, None, None),
        ("UMask=8", None, None, None),
    ],
)
def test_numbers(
    line: str, span: float | None, integer: int | None, mode: int | None
) -> None:
    name = line.partition("=")[0]
    found = unit(line)
    if name == "RestartSec":
        assert found.span("Service", name) == span
    if name == "RestartSteps":
        assert found.integer("Service", name) == integer
    if name == "UMask":
        assert found.mode("Service", name) == mode


def test_words_and_values() -> None:
    found = unit("Sockets=a.socket b.socket", "Sockets=c.socket")
    assert found.words("Service", "Sockets") == [
        "a.socket", "b.socket", "c.socket",
    ]  # fmt: skip
    lines = unit("DeviceAllow=a", "DeviceAllow=", "DeviceAllow=b")
    assert lines.values("Service", "DeviceAllow") == ["a", "", "b"]
    assert [i.value for i in lines.all("Service", "DeviceAllow")] == ["b"]


@pytest.mark.parametrize(
    ("lines", "counting"),
    [
        (["Nice=1", "Nice=2"], ["Nice=2"]),
        (
            ["TimeoutStartSec=5", "TimeoutSec=6"],
            ["TimeoutSec=6"],
        ),
        (
            ["TimeoutSec=6", "TimeoutStartSec=5"],
            ["TimeoutSec=6", "TimeoutStartSec=5"],
        ),
        (["DeviceAllow=a", "DeviceAllow="], []),
    ],
)
def test_the_line_that_counts(lines: list[str], counting: list[str]) -> None:
    found = [f"{i.name}={i.value}" for i in unit(*lines).counting()]
    assert found == counting


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["CAP_CHOWN", "cap_kill"], {"CAP_CHOWN", "CAP_KILL"}),
        (["CAP_CHOWN CAP_KILL", "~CAP_KILL"], {"CAP_CHOWN"}),
        (["0 CAP_KILL"], {"CAP_CHOWN", "CAP_KILL"}),
        ([""], set()),
        (["CAP_CHOWN", ""], set()),
        (["~CAP_NOPE"], set(lists.capabilities())),
        (["CAP_CHOWN", "~"], set(lists.capabilities())),
        ([], set(lists.capabilities())),
    ],
)
def test_capabilities(lines: list[str], names: set[str]) -> None:
    given = [f"CapabilityBoundingSet={line}" for line in lines]
    bits = unit(*given).capabilities("Service", "CapabilityBoundingSet")
    assert set(merged_lists.capability_names(bits)) == names


def test_no_capability_is_ambient_by_default() -> None:
    assert unit().capabilities("Service", "AmbientCapabilities") == 0


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], None),
        (["yes"], set()),
        (["user mnt", "ipc"], {"user", "mnt", "ipc"}),
        (["user mnt", "~mnt"], {"user"}),
        (["user", "mnt nope"], {"user"}),
        (["user", ""], None),
    ],
)
def test_namespaces(lines: list[str], expected: set[str] | None) -> None:
    found = unit(*[f"RestrictNamespaces={line}" for line in lines])
    assert found.namespaces("Service") == expected


@pytest.mark.parametrize(
    ("version", "lines", "names", "is_allow"),
    [
        (257, [], set(), False),
        (257, ["AF_UNIX AF_INET"], {"AF_UNIX", "AF_INET"}, True),
        (257, ["AF_LOCAL", "af_route"], {"AF_UNIX", "AF_NETLINK"}, True),
        (257, ["AF_UNIX AF_INET", "~AF_INET"], {"AF_UNIX"}, True),
        (257, ["~AF_PACKET"], {"AF_PACKET"}, False),
        (257, ["~AF_PACKET", "AF_PACKET"], set(), False),
        (257, ["none"], set(), True),
        (257, ["none", "~AF_UNIX"], {"AF_UNIX"}, False),
        (257, ["AF_UNIX", ""], set(), False),
        (257, ["AF_UNIX", "~AF_UNIX", "~AF_INET"], set(), True),
        (247, ["none"], set(), True),
        (257, ["AF_NOPE AF_UNIX"], {"AF_UNIX"}, True),
        (258, ["AF_NOPE AF_UNIX"], set(), True),
    ],
)
def test_families(
    version: int, lines: list[str], names: set[str], is_allow: bool
) -> None:
    found = unit(
        *[f"RestrictAddressFamilies={line}" for line in lines],
        target=targets.Target(version),
    )
    filtered = found.families("Service")
    assert (set(filtered.names), filtered.is_allow) == (names, is_allow)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], set()),
        (["native", "x86-64 nope"], {"native", "x86-64"}),
        (["native", ""], set()),
        (["native", "", "arm"], {"arm"}),
    ],
)
def test_architectures(lines: list[str], expected: set[str]) -> None:
    found = unit(*[f"SystemCallArchitectures={line}" for line in lines])
    assert found.architectures("Service") == expected
