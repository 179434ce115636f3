# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of the fleet, and whose images they boot."""

from __future__ import annotations

import pytest
from testfleet.errors import FleetError
from testfleet.specs import HOSTS, select


def test_default_hosts() -> None:
    names = [spec.name for spec in select([], {})]
    assert names == ["bullseye", "bookworm", "trixie", "sid", "unkind"]


def test_named_hosts_once_in_the_order_given() -> None:
    specs = select(["sid", "trixie", "sid"], {})
    assert [spec.name for spec in specs] == ["sid", "trixie"]


def test_unknown_host_is_told_what_there_is() -> None:
    with pytest.raises(FleetError, match=r"host centos.*bullseye"):
        select(["trixie", "centos"], {})


def test_molecule_has_hosts_of_its_own() -> None:
    own = [s for s in HOSTS.values() if s.inventory == "molecule"]
    assert [s.name for s in own] == ["molecule-trixie", "molecule-unkind"]
    assert not any(spec.by_default for spec in own)
    environ = {"PYFLEET_IMAGE_MOLECULE_TRIXIE": "own"}
    assert select(["molecule-trixie"], environ)[0].image == "own"


def test_unkind_is_as_unkind_as_the_field() -> None:
    unkind = HOSTS["unkind"]
    assert unkind.user != "root"
    assert not unkind.pipelining
    assert not {"python3-venv", "python3-distutils", "acl"} & set(
        unkind.packages
    )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"PYFLEET_IMAGE_SID": "own/sid:1"}, None),
        ({"PYFLEET_IMAGE_TRIXIE": "own/trixie:1"}, "own/trixie:1"),
        ({"PYFLEET_IMAGES_FROM": "reg/{host}:{suite}"}, "reg/trixie:trixie"),
        (
            {"PYFLEET_IMAGES_FROM": "reg/x", "PYFLEET_IMAGE_TRIXIE": "y"},
            "y",
        ),
    ],
)
def test_own_images(environ: dict[str, str], expected: str | None) -> None:
    assert select(["trixie"], environ)[0].image == expected
