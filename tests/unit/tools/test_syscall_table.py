# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System-call groups of several versions become one text, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
import syscall_table

LISTING = """\
@default
    # System calls that are always permitted
    read
    write

@mount
    @default
    mount
not a line of the listing
"""


def test_a_listing_of_systemd_analyze() -> None:
    assert syscall_table.read_listing(LISTING) == {
        "@default": {"read", "write"},
        "@mount": {"@default", "mount"},
    }


def test_the_source_of_systemd(tmp_path: Path) -> None:
    (tmp_path / "src/shared").mkdir(parents=True)
    (tmp_path / "src/basic").mkdir()
    (tmp_path / "src/basic/syscall-list.txt").write_text("read\nwrite\n")
    (tmp_path / "src/shared/seccomp-util.c").write_text(
        "const X syscall_filter_sets[_SYSCALL_FILTER_SET_MAX] = {\n"
        '.name = "@mount",\n.help = "a \\"b\\"",\n'
        '.value =\n"@default\\0"\n"mount\\0"\n},\n'
        "\n};\n"
    )
    assert syscall_table.read_source(tmp_path) == {
        "@mount": {"@default", "mount"},
        "@known": {"read", "write"},
    }


def test_a_dump_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "257.txt"
    path.write_text("@default read write\n@mount @default mount\n")
    assert syscall_table.read_dump(str(path)) == {
        "@default": {"read", "write"},
        "@mount": {"@default", "mount"},
    }


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ([True, True, True], ""),
        ([False, True, True], ":252-"),
        ([True, False, False], ":-247"),
        ([False, True, False], ":252-252"),
        ([True, False, True], ":-247,257-"),
    ],
)
def test_the_versions_of_a_member(present: list[bool], expected: str) -> None:
    assert syscall_table.spans(present, [247, 252, 257]) == expected


def test_a_long_line_goes_on_behind_a_blank() -> None:
    words = ["@group", *[f"call-{number:03}" for number in range(30)]]
    first, *others = syscall_table.wrap(words).splitlines()
    assert first.startswith("@group call-000")
    assert others
    assert all(line.startswith(" call-") for line in others)
    assert " ".join([first, *others]).split() == words


def test_the_table_has_all_versions() -> None:
    text = syscall_table.table(
        {
            257: {"@mount": {"mount", "mount_setattr"}},
            252: {"@mount": {"mount"}, "@old": {"read"}},
        }
    )
    assert "VERSIONS = (252, 257)" in text
    assert "@mount mount mount_setattr:257-\n" in text
    assert "@old read:-252\n" in text
