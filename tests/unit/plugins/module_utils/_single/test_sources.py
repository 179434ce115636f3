# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources are read as parameters give them, and names lead nowhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    errors,
    systemctl,
)
from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    sources,
    trees,
)

SERVICE = "[Service]\nExecStart=/bin/x\n"


def lay_out(folder: Path, **texts: str) -> None:
    """Write files; two underscores stand for a slash."""
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_unit_with_its_drop_ins(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        a_service=SERVICE,
        a_service_d__b_conf="[Service]\n",
        a_service_d__b_txt="no",
    )
    params = {"path": str(tmp_path / "a.service")}
    (found,) = sources.read_sources(params)
    assert (found.name, found.text) == ("a.service", SERVICE.encode())
    assert found.drop_ins == {"b.conf": b"[Service]\n"}
    assert not sources.are_several(params)


def test_options() -> None:
    (found,) = sources.read_sources(
        {"name": "a.service", "options": {"Service": {"User": "x"}}}
    )
    assert found.text == "[Service]\nUser=x\n"


def test_a_drop_in_is_read_with_its_unit(tmp_path: Path) -> None:
    lay_out(tmp_path, a_service_d__b_conf="[Service]\nNice=5\n")
    params = {"path": str(tmp_path / "a.service.d" / "b.conf")}
    (found,) = sources.read_sources(params)
    assert (found.name, found.text) == ("a.service", b"")
    assert list(found.drop_ins) == ["b.conf"]
    lay_out(tmp_path, a_service=SERVICE, a_service_d__c_conf="")
    (found,) = sources.read_sources(params)
    assert found.text == SERVICE.encode()
    assert sorted(found.drop_ins) == ["b.conf", "c.conf"]
    assert found.asked == {"b.conf"}


def test_a_drop_in_of_an_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its unit is the template, wherever systemd finds that."""
    vendor = tmp_path / "vendor"
    lay_out(vendor, **{"a@_service": SERVICE})
    monkeypatch.setattr(trees, "_DIRECTORIES", (str(vendor),))
    folder = tmp_path / "own"
    lay_out(folder, **{"a@1_service_d__b_conf": "[Unit]\n"})
    lay_out(folder, **{"a@_service_d__c_conf": "[Unit]\n"})
    path = str(folder / "a@1.service.d" / "b.conf")
    (found,) = sources.read_sources({"path": path})
    assert (found.name, found.text) == ("a@1.service", SERVICE.encode())
    assert sorted(found.drop_ins) == ["b.conf", "c.conf"]


def test_drop_ins_of_all_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator's come before the vendor's of the same name."""
    etc, lib, other = (tmp_path / name for name in ("etc", "lib", "other"))
    monkeypatch.setattr(trees, "_DIRECTORIES", (str(etc), str(lib)))
    lay_out(lib, a_service=SERVICE, a_service_d__b_conf="lib")
    lay_out(lib, a_service_d__c_conf="lib")
    for folder in (etc, other):
        lay_out(folder, a_service_d__b_conf="own", a_service_d__d_conf="own")
    expected = {"b.conf": b"own", "c.conf": b"lib", "d.conf": b"own"}
    path = etc / "a.service.d" / "d.conf"
    (found,) = sources.read_sources({"path": str(path)})
    assert found.drop_ins == expected
    assert found.asked == {"d.conf"}
    path = lib / "a.service.d" / "b.conf"
    (found,) = sources.read_sources({"path": str(path)})
    assert found.drop_ins == {**expected, "b.conf": b"lib"}
    path = other / "a.service.d" / "d.conf"
    (found,) = sources.read_sources({"path": str(path)})
    assert sorted(found.drop_ins) == ["b.conf", "d.conf"]


def test_a_drop_in_of_a_kind(tmp_path: Path) -> None:
    lay_out(tmp_path, service_d__b_conf="[Service]\nNice=5\n")
    path = str(tmp_path / "service.d" / "b.conf")
    (found,) = sources.read_sources({"path": path})
    assert (found.name, found.title) == ("any.service", "service")


def test_files() -> None:
    """A key with a directory is a drop-in of the unit beside it."""
    params = {
        "files": {
            "a.service": "1",
            "b.timer": "2",
            "a.service.d/c.conf": "3",
            "d@1.service.d/e.conf": "4",
            "d@.service": "5",
            "f.service.d/g.conf": "6",
        }
    }
    assert sources.are_several(params)
    found = sources.read_sources(params)
    assert [
        (one.title, one.text, dict(one.drop_ins), set(one.asked))
        for one in found
    ] == [
        ("a.service", "1", {"c.conf": "3"}, set()),
        ("b.timer", "2", {}, set()),
        ("d@.service", "5", {}, set()),
        ("d@1.service", "5", {"e.conf": "4"}, {"e.conf"}),
        ("f.service", b"", {"g.conf": "6"}, {"g.conf"}),
    ]


def test_a_directory(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        a_service=SERVICE,
        a_service_d__b_conf="[Service]\n",
        deep__er__a_service="[Service]\nExecStart=/bin/y\n",
        a_service_bak="no",
        README_md="no",
        conf_d__x_conf="no",
        service_d__k_conf="[Service]\n",
        wants_wants__z_service="no",
    )
    outside = tmp_path.parent / f"{tmp_path.name}-outside.service"
    outside.write_text("[Service]\n")
    (tmp_path / "alias.service").symlink_to("a.service")
    (tmp_path / "linked.service").symlink_to(outside)
    (tmp_path / "gone.service").symlink_to("/nonexistent")
    (tmp_path / "mask.service").symlink_to("/dev/null")
    params = {"path": f"{tmp_path}/"}
    assert sources.are_several(params)
    found = sources.read_sources(params)
    assert {one.title: list(one.drop_ins) for one in found} == {
        "a.service": ["b.conf"],
        "linked.service": [],
        "mask.service": [],
        "deep/er/a.service": [],
        "service": ["k.conf"],
    }
    assert {one.title: one.name for one in found}["service"] == "any.service"


def test_a_directory_of_drop_ins(tmp_path: Path) -> None:
    lay_out(
        tmp_path, a_service=SERVICE, a_service_d__b_conf="", a_service_d__c=""
    )
    params = {"path": str(tmp_path / "a.service.d")}
    assert not sources.are_several(params)
    (found,) = sources.read_sources(params)
    assert (found.name, found.text) == ("a.service", SERVICE.encode())
    assert found.asked == {"b.conf"}


def test_a_mask_is_an_empty_unit(tmp_path: Path) -> None:
    (tmp_path / "a.service").symlink_to("/dev/null")
    (found,) = sources.read_sources({"path": str(tmp_path / "a.service")})
    assert found.text == b""


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    """Who opens one waits for a writer."""
    os.mkfifo(tmp_path / "a.service")
    with pytest.raises(errors.HostError, match="not a regular file"):
        sources.read_sources({"path": str(tmp_path / "a.service")})


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"content": "x"}, "name is missing"),
        ({"path": "/nonexistent/a.service"}, "cannot read"),
        ({"path": "/nonexistent/a.service.d/b.conf"}, "cannot read"),
        ({"files": {"a.service": 5}}, "must be the text"),
        (
            {"name": "a.service", "content": "", "drop_ins": {"a.conf": None}},
            "must be the text",
        ),
        ({"files": {"a.service": ""}, "name": "a.service"}, "name is for"),
        ({"files": {"a.service": ""}, "drop_ins": {"b": ""}}, "drop_ins is"),
        ({"path": "/tmp", "name": "a.service"}, "name is for"),
        ({"path": "/a.service.d/b.conf", "drop_ins": {"b": ""}}, "drop_ins"),
    ],
)
def test_sources_that_are_none(params: dict[str, Any], reason: str) -> None:
    with pytest.raises(errors.HostError, match=reason):
        sources.read_sources(params)


@pytest.mark.parametrize(
    "name",
    [
        "/tmp/x.service", "../x.service", "..", ".", "d/x.service",
        "x\n.service", "x\0.service", "x" * 300 + ".service",
    ],
)  # fmt: skip
def test_a_name_leads_nowhere(name: str) -> None:
    one = {"name": name, "content": SERVICE}
    with pytest.raises(errors.HostError, match=r"name: .* is not the name"):
        sources.read_sources(one)
    with pytest.raises(errors.HostError, match="files: "):
        sources.read_sources({"files": {name: SERVICE}})
    folder = {"files": {f"{name}.d/b.conf": ""}}
    if name not in ("..", "."):
        with pytest.raises(errors.HostError, match="files: "):
            sources.read_sources(folder)


@pytest.mark.parametrize(
    "label",
    [
        "/tmp/x.conf", "../x.conf", "a/b.conf", "..", "x.conf\n", "x", "",
        "x.con", ".x.conf", "x.conf~",
    ],
)  # fmt: skip
def test_a_label_leads_nowhere(label: str) -> None:
    given = {"name": "a.service", "content": "", "drop_ins": {label: ""}}
    with pytest.raises(errors.HostError, match=r"drop_ins: .* write"):
        sources.read_sources(given)
    with pytest.raises(errors.HostError, match="files: "):
        sources.read_sources({"files": {f"a.service.d/{label}": ""}})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["-BPF_FRAMEWORK"], {"-BPF_FRAMEWORK"}),
        (
            ["-BPF_FRAMEWORK +APPARMOR", "+PAM\n"],
            {"-BPF_FRAMEWORK", "+APPARMOR", "+PAM"},
        ),
        (["+PAM default-hierarchy=unified"], {"+PAM"}),
        ([""], set()),
    ],
)
def test_features(given: list[str], expected: set[str]) -> None:
    assert sources.read_target("257", given).features == expected


@pytest.mark.parametrize("word", ["BPF_FRAMEWORK", "-bpf", "-", "-A,+B"])
def test_features_that_are_none(word: str) -> None:
    """Words that nothing is looked up by would be ignored."""
    with pytest.raises(errors.HostError, match="feature line"):
        sources.read_target("257", ["+PAM", word])


def test_no_systemd_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise errors.HostError("systemd does not answer")

    monkeypatch.setattr(systemctl, "manager", refuse)
    with pytest.raises(errors.HostError, match="systemd_version"):
        sources.read_target(None, None)


@pytest.mark.parametrize("limit", [None, 0.0, 2.5, 10.0])
def test_policy(limit: float | None) -> None:
    policy = sources.read_policy({"exposure_max": limit, "strict": True})
    assert (policy.exposure_max, policy.is_strict) == (limit, True)


@pytest.mark.parametrize("limit", [-0.1, 10.1, float("nan"), float("inf")])
def test_a_limit_that_no_service_has(limit: float) -> None:
    with pytest.raises(errors.HostError, match="from 0 to 10"):
        sources.read_policy({"exposure_max": limit, "strict": False})
