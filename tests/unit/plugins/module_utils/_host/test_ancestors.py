# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nobody but root can exchange a directory above a path."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    errors,
)


def result(mode: int, uid: int = 0) -> os.stat_result:
    return os.stat_result((mode, 1, 1, 1, uid, 0, 0, 0, 0, 0))


class TestAncestors:
    @pytest.mark.parametrize(
        ("mode", "uid", "problem"),
        [
            (stat.S_IFDIR | 0o755, 0, None),
            (stat.S_IFDIR | 0o700, 0, None),
            (stat.S_IFLNK | 0o777, 0, None),
            (stat.S_IFDIR | 0o755, 1000, "belongs to uid 1000"),
            (stat.S_IFLNK | 0o777, 1000, "belongs to uid 1000"),
            (stat.S_IFDIR | 0o775, 0, "mode 0775"),
            (stat.S_IFDIR | 0o757, 0, "mode 0757"),
            (stat.S_IFDIR | 0o1777, 0, "mode 1777"),
            (stat.S_IFREG | 0o644, 0, "regular file, not a directory"),
        ],
    )
    def test_rule(self, mode: int, uid: int, problem: str | None) -> None:
        said = ancestors.problem_of("/opt", result(mode, uid))
        assert (said is None) if problem is None else (problem in str(said))

    def test_real_paths(self, tmp_path: Path) -> None:
        ancestors.check("/usr/bin/python3")
        ancestors.check("/usr/not/there/yet")
        with pytest.raises(errors.HostError, match=r"^/tmp can be"):
            ancestors.check("/tmp/x/y")

    def test_links_are_followed_to_the_end(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[str] = []
        monkeypatch.setattr(
            ancestors,
            "_check_component",
            lambda path, _unused: seen.append(path),
        )
        (tmp_path / "real" / "opt").mkdir(parents=True)
        (tmp_path / "one").symlink_to("real/../two")
        (tmp_path / "two").symlink_to(tmp_path / "real")
        ancestors.check(str(tmp_path / "one" / "opt" / "app"))
        base = str(tmp_path)
        assert seen[-1] == f"{base}/real/opt"
        for name in ("one", "real", "real/..", "two"):
            assert f"{base}/{name}" in seen

    def test_loop_of_links(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            ancestors, "_check_component", lambda *_unused: None
        )
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(errors.HostError, match="loop of links"):
            ancestors.check(str(tmp_path / "a" / "x"))
