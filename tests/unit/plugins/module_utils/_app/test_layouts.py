# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each application has names of its own, below root-owned directories."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)

HELLO = layouts.Layout("hello")
DIGEST = "0123456789abcdef" * 4


def test_artifacts_are_named_by_their_ids() -> None:
    assert HELLO.environment(DIGEST) == "/opt/hello/envs/0123456789ab"
    assert HELLO.code(DIGEST) == "/opt/hello/code/0123456789ab"


def test_records_are_below_etc() -> None:
    assert HELLO.etc == "/etc/pyfleet/hello"
    for path in (HELLO.current, HELLO.claim, HELLO.failures, HELLO.key):
        assert path.startswith("/etc/pyfleet/hello/")


@pytest.mark.parametrize(
    ("key", "expected"),
    [("main", "hello.service"), ("worker", "hello-worker.service")],
)
def test_units_are_named_by_their_service_keys(
    key: str, expected: str
) -> None:
    assert HELLO.unit_name(key) == expected


def test_two_applications_do_not_meet() -> None:
    other = layouts.Layout("hello2")
    for name in ("opt", "etc", "state", "cache", "builder", "visible_config"):
        assert getattr(HELLO, name) != getattr(other, name)
