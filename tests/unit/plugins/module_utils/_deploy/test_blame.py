# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fault of the host is no verdict on a release."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    blame,
)


def ended(result: str, code: str, status: str) -> dict[str, str]:
    """Return how a unit ended, as systemd shows it."""
    return {
        "Result": result,
        "ExecMainCode": code,
        "ExecMainStatus": status,
    }


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        (ended("signal", "2", "9"), "somebody killed it"),
        (ended("oom-kill", "2", "9"), "memory ran out"),
        (ended("resources", "0", "0"), "systemd could not start it"),
        (ended("exit-code", "1", "226"), "could not set up"),
        (ended("exit-code", "1", "243"), "could not set up"),
    ],
)
def test_the_host(properties: dict[str, str], words: str) -> None:
    """The release is tried again."""
    lines = ["a.service: Failed at step NAMESPACE spawning /x: No such file"]
    assert words in blame.of_host(properties, lines)


@pytest.mark.parametrize(
    "properties",
    [
        {},
        ended("exit-code", "1", "1"),
        ended("exit-code", "1", "203"),
        # A program that exits so by itself.
        ended("exit-code", "1", "226"),
        ended("signal", "2", "11"),
        ended("core-dump", "3", "6"),
        ended("timeout", "2", "9"),
        ended("watchdog", "2", "6"),
        ended("protocol", "1", "0"),
        ended("start-limit-hit", "1", "1"),
    ],
)
def test_the_release(properties: dict[str, str]) -> None:
    """Unknown endings are its own, too: it is refused until it changes."""
    assert blame.of_host(properties, ["Traceback"]) == ""


def test_what_the_host_lacks() -> None:
    """A held port is told by its holder, a full disk by the program."""
    failed = ended("exit-code", "1", "1")
    assert blame.of_host(failed, [], "0.0.0.0 port 80 is held by x")
    assert blame.of_host(failed, ["OSError: No space left on device"])


def test_a_read_only_disk_is_the_host_s() -> None:
    """The sandbox leaves the service's own directories writable."""
    failed = ended("exit-code", "1", "1")
    line = "OSError: [Errno 30] Read-only file system: '/var/lib/{}/x'"
    assert blame.of_host(failed, [line.format("shop")], app="shop")
    assert not blame.of_host(failed, [line.format("other")], app="shop")
