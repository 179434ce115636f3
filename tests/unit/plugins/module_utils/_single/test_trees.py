# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units of a directory are found, each with its drop-ins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    trees,
)

SERVICE = "[Service]\nExecStart=/bin/x\n"


@pytest.mark.parametrize(
    ("path", "is_one", "are_several"),
    [
        ("/etc/a.service.d/b.conf", True, False),
        ("/etc/a.service.d", False, True),
        ("/etc/a.service.d/", False, True),
        ("/etc/service.d", False, True),
        ("/etc/conf.d", False, False),
        ("/etc/a.service.d/b.txt", False, False),
        ("/etc/a.service", False, False),
    ],
)
def test_which_paths_are_drop_ins(
    path: str, is_one: bool, are_several: bool
) -> None:
    assert trees.is_drop_in(path) == is_one
    assert trees.is_drop_ins(path) == are_several


def test_drop_ins_are_grouped_with_their_unit() -> None:
    service, other = trees.group(
        {
            "a.service": SERVICE,
            "a.service.d/b.conf": "b",
            "x/c.timer.d/d.conf": "d",
        }
    )
    assert (service.name, service.text) == ("a.service", SERVICE)
    assert service.drop_ins == {"b.conf": "b"}
    assert service.asked == frozenset()
    assert (other.name, other.text, other.title) == (
        "c.timer",
        b"",
        "x/c.timer",
    )
    assert other.asked == {"d.conf"}


def test_an_instance_has_the_drop_ins_of_its_template() -> None:
    found = trees.group(
        {
            "a@.service": SERVICE,
            "a@.service.d/b.conf": "template",
            "a@.service.d/c.conf": "template",
            "a@1.service.d/c.conf": "instance",
        }
    )
    instance = next(one for one in found if one.name == "a@1.service")
    assert instance.text == SERVICE
    assert instance.drop_ins == {"b.conf": "template", "c.conf": "instance"}
    assert instance.asked == {"c.conf"}


def test_names_that_systemd_reads_in_a_directory(tmp_path: Path) -> None:
    for name in ("b.conf", "a.conf", ".hidden.conf", "c.txt"):
        (tmp_path / name).write_text("")
    assert list(trees.drop_in_names(str(tmp_path))) == ["a.conf", "b.conf"]
    assert list(trees.drop_in_names(str(tmp_path / "none"))) == []
    assert list(trees.drop_in_names(str(tmp_path / "a.conf"))) == []


def test_links_that_want_a_unit_are_passed_over(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "b.service"
    wants = root / "multi-user.target.wants"
    wants.mkdir(parents=True)
    (root / "a.service").write_text(SERVICE)
    elsewhere.write_text(SERVICE)
    (wants / "b.service").symlink_to(elsewhere)
    found = trees.read_directory(str(root))
    assert [one.name for one in found] == ["a.service"]


def test_a_directory_without_a_unit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("")
    with pytest.raises(errors.HostError, match=str(tmp_path)):
        trees.read_directory(str(tmp_path))


def test_a_mask_is_empty(tmp_path: Path) -> None:
    link = tmp_path / "a.service"
    link.symlink_to(os.devnull)
    assert trees.read(str(link)) == b""


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "a.service")
    with pytest.raises(errors.HostError, match=path):
        trees.read(path)
    with pytest.raises(errors.HostError, match=str(tmp_path)):
        trees.read(str(tmp_path))
