# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of the collection are those of the data."""

from __future__ import annotations

import names

ROOM = names.ROOT / "plugins" / "module_utils" / "_values"


def test_the_module_is_up_to_date() -> None:
    committed = (ROOM / "_names.py").read_text(encoding="utf-8")
    assert committed == names.make_module()


def test_a_name_has_the_version_that_brought_it() -> None:
    found = list(names.dated({"new": 252, "old": 247}))
    assert found == ["new@252", "old"]


def test_a_constant_keeps_its_lines_short() -> None:
    words = ["a-long-name"] * 20
    text = names.constant("NAMES", words)
    assert text.startswith('\nNAMES = """\\\na-long-name ')
    assert max(map(len, text.splitlines())) < 80
    assert text.split('"""')[1].lstrip("\\").split() == words
