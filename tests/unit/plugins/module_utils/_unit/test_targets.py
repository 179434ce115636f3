# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets are read from what users and distributions write."""

from __future__ import annotations

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)


@pytest.mark.parametrize(
    ("text", "version", "variant"),
    [
        (252, 252, ""),
        ("252", 252, ""),
        ("252-el9", 252, "el9"),
        ("239-el8", 239, "el8"),
        ("257.13-1~deb13u1", 257, ""),
        ("239 (239-82.el8_10.5)", 239, "el8"),
        ("252-51.el9_6.1", 252, "el9"),
        ("257-9.el10", 257, ""),
        ("263", 263, ""),
        ("249.11-0ubuntu3.12", 249, ""),
        ("254.5+suse.29.gabc", 254, ""),
        ("258~rc1", 258, ""),
        ("258-rc1", 258, ""),
        ("v257", 257, ""),
        ("systemd 257", 257, ""),
        ("systemd 257 (257.13-1~deb13u1)", 257, ""),
        ("Systemd v252-el9", 252, "el9"),
    ],
)
def test_parse(text: str, version: int, variant: str) -> None:
    target = targets.Target.parse(text)
    assert (target.version, target.variant) == (version, variant)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "new",
        "238",
        7,
        True,
        "252-el8",
        "239-el9",
        "252_el9",
        "252-foo",
        "252el9",
        "systemd",
        "v",
        "version 257",
        None,
    ],
)
def test_parse_refuses(text: str) -> None:
    with pytest.raises(targets.TargetError):
        targets.Target.parse(text)


def test_features() -> None:
    target = targets.Target.parse(252, features=["+SECCOMP", "-BPF_FRAMEWORK"])
    assert target.has_feature("SECCOMP")
    assert not target.has_feature("BPF_FRAMEWORK")
    assert targets.Target(252).has_feature("BPF_FRAMEWORK")


def test_str() -> None:
    assert str(targets.Target(239, "el8")) == "239-el8"
    assert str(targets.Target(262)) == "262"
