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
import rendering

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
    (text,) = claims.taken(layout, [])
    assert text.startswith(f"the {kind} hello exists and is not ours")


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


OURS_TEXT = (
    "# Written by the Ansible collection pyfleet.services 1.\n[Service]\n"
)


def test_the_header_is_that_of_our_unit_files() -> None:
    text = rendering.unit(rendering.CONTEXT).text
    assert text.encode().startswith(claims._HEADER)
    assert "/opt/hello/envs/" in text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (OURS_TEXT, claims.CHANGED),
        ("[Service]\nExecStart=/opt/hello/envs/0/bin/a\n", claims.CHANGED),
        ("[Service]\nExecStart=/opt/hello/bin/a\n", claims.FOREIGN),
        ("[Service]\nExecStart=/opt/hello-x/envs/0/a\n", claims.FOREIGN),
        ("", claims.MASK),
        ("-> /dev/null", claims.MASK),
        ("-> {current}/hello.service", claims.OURS),
        ("-> {etc}/1/hello.service", claims.CHANGED),
        ("-> ../../pyfleet/hello/1/hello.service", claims.CHANGED),
        ("-> {etc}-x/1/hello.service", claims.FOREIGN),
        ("-> /usr/lib/systemd/system/hello.service", claims.FOREIGN),
        ("mkdir", claims.FOREIGN),
    ],
)
def test_the_kind_of_a_place(tmp_path: Path, content: str, kind: str) -> None:
    layout = place(tmp_path)
    put(layout, layout.unit_link("hello.service"), content)

    assert claims.kind_of_link(layout, "hello.service") == kind
    own = claims.own(layout, ["hello.service"])
    assert bool(own) is (kind in (claims.OURS, claims.CHANGED))
    for recorded in ((), ("hello.service",)):
        inputs.write_claim(layout, b"key")
        said = list(claims.taken(layout, ["hello.service"], recorded))
        is_known = bool(recorded) and kind != claims.FOREIGN
        assert bool(said) is not (kind == claims.OURS or is_known)


def test_nothing_is_there(tmp_path: Path) -> None:
    layout = place(tmp_path)
    assert claims.kind_of_link(layout, "hello.service") == ""
    assert claims.own(layout, ["hello.service"]) == ["hello.service"]


def test_the_place_that_systemd_reads_decides(tmp_path: Path) -> None:
    """A package brings a unit of that name: ours goes on before it."""
    layout = place(tmp_path)
    link = layout.unit_link("hello.service")
    put(layout, link, f"-> {layout.current}/hello.service")
    put(layout, f"{layout.unit_folders[3]}/hello.service", OURS_TEXT)
    assert claims.own(layout, ["hello.service"]) == ["hello.service"]
    os.remove(link)
    assert claims.own(layout, ["hello.service"]) == []


@pytest.mark.parametrize(("number", "option"), [(0, ""), (1, "--runtime ")])
def test_a_mask_names_its_remedy(
    tmp_path: Path, number: int, option: str
) -> None:
    layout = place(tmp_path)
    path = f"{layout.unit_folders[number]}/hello.service"
    put(layout, path, "-> /dev/null")

    found = list(claims.masks(layout, ["hello.service", "x.service"]))

    text = f"`systemctl unmask {option}hello.service` lifts that"
    assert found == [("hello.service", f"masked by {path}: {text}")]


def put(layout: layouts.Layout, path: str, content: str) -> None:
    """Put a file with this content, a link or a directory at a path."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if content == "mkdir":
        os.mkdir(path)
    elif content.startswith("-> "):
        target = content[3:].format(current=layout.current, etc=layout.etc)
        os.symlink(target, path)
    else:
        Path(path).write_text(content)


def test_a_claim_is_for_root(tmp_path: Path) -> None:
    layout = place(tmp_path)
    inputs.write_claim(layout, b"key")
    assert claims.is_claimed(layout)
    assert Path(layout.key).read_bytes() == b"key"
    assert Path(layout.key).stat().st_mode & 0o777 == 0o600


def test_a_claim_tells_if_it_is_new(tmp_path: Path) -> None:
    layout = place(tmp_path)
    assert inputs.write_claim(layout, b"key")
    assert not inputs.write_claim(layout, b"key")
    os.chown(layout.etc, 12345, 0)
    assert inputs.write_claim(layout, b"key")


def test_a_current_generation_claims_the_names(tmp_path: Path) -> None:
    layout = place(tmp_path)
    inputs.write_claim(layout, b"key")
    os.remove(layout.claim)
    assert not claims.is_claimed(layout)
    os.symlink("1", layout.current)
    assert claims.is_claimed(layout)


def test_a_name_is_known_by_the_host() -> None:
    assert claims.is_known(pwd.getpwnam, "root")
    assert not claims.is_known(grp.getgrnam, "no-such-group")
