# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A unit whose name two applications may make is its owner's alone."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    layouts,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    claims,
    inputs,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="files are root's")

UNIT = "aa-worker.service"


def place(root: Path) -> layouts.Layout:
    """Return an application on a host that has nothing of it."""
    (root / "etc").mkdir()
    return layouts.Layout("hello", str(root))


@pytest.mark.parametrize("owner", ["aa", "aa-worker"])
@pytest.mark.parametrize("app", ["aa", "aa-worker"])
@pytest.mark.parametrize("kind", ["permanent", "probation"])
def test_a_link_tells_the_owner(
    owner: str, app: str, kind: str, tmp_path: Path
) -> None:
    """Application `aa` with service `worker`, and `aa-worker`."""
    theirs = layouts.Layout(owner, str(tmp_path))
    if kind == "permanent":
        link = Path(theirs.unit_link(UNIT))
        target = f"{theirs.current}/{UNIT}"
    else:
        link = Path(theirs.probation_link(UNIT))
        target = f"{theirs.generation(7)}/{UNIT}"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    expected = [UNIT] if owner == app else []
    assert claims.own(layouts.Layout(app, str(tmp_path)), [UNIT]) == expected


@pytest.mark.parametrize(
    "kind", ["opt", "state", "cache", "logs", "visible_config"]
)
def test_a_directory_of_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(claims, "is_known", lambda *_unused: False)
    layout = place(tmp_path)
    assert list(claims.taken(layout, [])) == []
    path = getattr(layout, kind)
    Path(path).mkdir(parents=True)

    (text,) = claims.taken(layout, [])

    assert text == f"{path} exists and is not ours"
    said = claims.refusal("app.", layout, [text])
    assert text in said
    assert said.startswith("app.name: ")
    inputs.write_claim(layout, b"key")
    assert list(claims.taken(layout, [])) == []


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({pwd.getpwnam, grp.getgrnam}, "account"),
        ({grp.getgrnam}, "group"),
    ],
)
def test_an_account_of_somebody_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    known: set[object],
    kind: str,
) -> None:
    monkeypatch.setattr(claims, "is_known", lambda ask, _name: ask in known)
    layout = place(tmp_path)
    assert list(claims.taken(layout, [])) == [
        f"the {kind} hello exists and is not ours"
    ]


@pytest.mark.parametrize("number", range(5))
def test_a_unit_of_somebody_else(tmp_path: Path, number: int) -> None:
    """In any directory where systemd looks, whoever has the names."""
    layout = place(tmp_path)
    inputs.write_claim(layout, b"key")
    folder = Path(layout.unit_folders[number])
    folder.mkdir(parents=True)
    (folder / "hello.service").touch()

    (text,) = claims.taken(layout, ["hello.service", "hello-x.service"])

    assert text == (
        f"the unit hello.service exists ({folder}/hello.service) and is not "
        "ours"
    )
    assert claims.own(layout, ["hello.service"]) == []


def test_a_claim_is_for_root(tmp_path: Path) -> None:
    layout = place(tmp_path)
    inputs.write_claim(layout, b"key")
    assert claims.is_claimed(layout)
    assert Path(layout.key).read_bytes() == b"key"
    assert Path(layout.key).stat().st_mode & 0o777 == 0o600


def test_a_name_is_known_by_the_host() -> None:
    assert claims.is_known(pwd.getpwnam, "root")
    assert not claims.is_known(grp.getgrnam, "no-such-group")
