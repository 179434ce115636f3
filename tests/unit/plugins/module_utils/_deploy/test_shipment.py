# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle holds plain files, and is unpacked for root alone."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    shipment,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    files,
)


def bundle(tmp_path: Path, *members: tarfile.TarInfo) -> str:
    """Return the path of a bundle of empty members."""
    path = tmp_path / "bundle.tar"
    with tarfile.open(path, "w") as tar:
        for member in members:
            tar.addfile(member)
    return str(path)


def member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, "x", 0o777
    return info


def test_it_is_unpacked_below_its_parent_and_goes(tmp_path: Path) -> None:
    path = bundle(tmp_path, member("a.whl"))
    parent = tmp_path / "opt"
    parent.mkdir()

    with shipment.unpacked(path, str(parent)) as folder:
        assert folder and os.path.dirname(folder) == str(parent)
        # The next run knows it by its name, if this one is killed.
        assert os.path.basename(folder).startswith(files.TEMPORARY_PREFIX)
        found = shipment.path(folder, "a.whl")
        assert os.stat(found).st_mode & 0o777 == 0o600
        with pytest.raises(errors.HostError, match=r"b\.whl is needed"):
            shipment.path(folder, "b.whl")

    assert os.listdir(parent) == []
    assert shipment.names(path) == ["a.whl"]


def test_nothing_was_shipped() -> None:
    assert shipment.names(None) == []
    with shipment.unpacked(None, None) as folder:
        assert folder is None
        with pytest.raises(errors.HostError, match="was not shipped"):
            shipment.path(folder, "a.whl")


@pytest.mark.parametrize(
    "entry",
    [
        member("../a"),
        member("/a"),
        member("a/b"),
        member("a", tarfile.SYMTYPE),
        member("a", tarfile.LNKTYPE),
        member("a", tarfile.DIRTYPE),
        member("a", tarfile.FIFOTYPE),
    ],
    ids=lambda entry: f"{entry.name} {entry.type!r}",
)
def test_a_member_that_leads_elsewhere(
    tmp_path: Path, entry: tarfile.TarInfo
) -> None:
    path = bundle(tmp_path, entry)
    with (
        pytest.raises(errors.HostError, match="is not a plain file"),
        shipment.unpacked(path, str(tmp_path)),
    ):
        pass
    assert os.listdir(tmp_path) == ["bundle.tar"]


def test_a_bundle_that_did_not_arrive_whole(tmp_path: Path) -> None:
    path = tmp_path / "bundle.tar"
    path.write_bytes(b"x" * 700)
    with (
        pytest.raises(errors.HostError, match="did not arrive whole"),
        shipment.unpacked(str(path), str(tmp_path)),
    ):
        pass
