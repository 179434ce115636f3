# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module returns its findings as Ansible reads them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._single import (
    sources,
)
from ansible_collections.pyfleet.services.plugins.module_utils._unit import (
    targets,
)
from ansible_collections.pyfleet.services.plugins.modules import (
    unit_validate,
)

SERVICE = "[Service]\nExecStart=/bin/x\n"
# As fixture `call` runs it.
MODULE = unit_validate
GIVEN: dict[str, Any] = {"systemd_version": "257"}
Call = Callable[..., dict[str, Any]]


def test_a_valid_unit(call: Call) -> None:
    result = call(name="a.service", content=SERVICE)
    assert result["valid"] is True
    assert result["findings"] == []
    assert result["exposure"]["score"] > 9
    assert "units" not in result


def test_bytes_that_are_not_utf_8(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "a.service"
    path.write_bytes(b"[Service]\nExecStart=/bin/x\nUser=\xff\xc3\n")
    result = call(path=str(path))
    assert result["failed"]
    assert [one["code"] for one in result["findings"]] == ["invalid-utf8"]
    assert result["findings"][0]["value"] == "User=\\xff\\xc3"
    assert "bytes that are not UTF-8" in result["msg"]


def test_a_file_name_with_odd_bytes(call: Call, tmp_path: Path) -> None:
    name = b"\xff.service"
    folder = os.fsencode(tmp_path) + b"/a.service.d"
    os.mkdir(folder)
    for path in (os.fsencode(tmp_path) + b"/" + name, folder + b"/\xfe.conf"):
        Path(os.fsdecode(path)).write_text("[Service]\nUser=a b\n")
    result = call(path=str(tmp_path))
    assert set(result["units"]) == {"\\xff.service", "a.service"}
    assert {one["file"] for one in result["findings"]} == {
        "\\xff.service",
        "a.service.d/\\xfe.conf",
    }


def test_several(call: Call) -> None:
    result = call(
        files={
            "a.service": SERVICE,
            "a.service.d/b.conf": "[Service]\nNice=99\n",
            "c.timer": "[Timer]\n",
        }
    )
    assert list(result["units"]) == ["a.service", "c.timer"]
    found = {(one["file"], one["code"]) for one in result["findings"]}
    assert ("a.service.d/b.conf", "invalid-value") in found
    assert ("c.timer", "timer-no-time") in found
    assert "exposure" in result["units"]["a.service"]


def test_a_drop_in_and_the_one_that_completes_it(
    call: Call, tmp_path: Path
) -> None:
    """Each of the two would be wrong without the other."""
    (tmp_path / "a.service").write_text(SERVICE + "Nise=5\n")
    folder = tmp_path / "a.service.d"
    folder.mkdir()
    reset, new = folder / "10-reset.conf", folder / "20-set.conf"
    reset.write_text("[Service]\nExecStart=\n")
    new.write_text("[Service]\nExecStart=/bin/y\n")
    for path in (reset, new):
        assert call(path=str(path))["findings"] == []
    new.unlink()
    (finding,) = call(path=str(reset))["findings"]
    assert finding["code"] == "no-exec"
    new.write_text("[Service]\nExecStart=/bin/y\n")
    reset.unlink()
    (finding,) = call(path=str(new))["findings"]
    assert finding["code"] == "exec-multiple"
    new.write_text("[Service]\nNice=99\n")
    (finding,) = call(path=str(new))["findings"]
    assert (finding["code"], finding["file"]) == (
        "invalid-value",
        "20-set.conf",
    )


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        ({"a.service": ""}, False),
        ({"a.service.d/b.conf": "[Service]\nNice=5\n"}, False),
        ({"service.d/b.conf": "[Service]\nNice=5\n"}, False),
        ({"a.service": SERVICE}, True),
    ],
)
def test_exposure_is_that_of_what_runs(
    call: Call, files: dict[str, str], shown: bool
) -> None:
    result = call(files=files, exposure_max=9.9)
    assert result["valid"]
    (found,) = result["units"].values()
    assert ("exposure" in found) is shown


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"name": "/tmp/x.service", "content": ""}, "not the name of a file"),
        ({"name": "a.service", "content": "", "exposure_max": 11}, "0 to 10"),
        ({"name": "a.service", "content": "", "features": ["X"]}, "feature"),
        ({"files": {"a.service": ""}, "name": "b.service"}, "name is for"),
        ({"path": "/nonexistent"}, "No such file"),
        ({"name": "a.service", "content": "", "systemd_version": "1"}, "old"),
    ],
)
def test_refused(call: Call, arguments: dict[str, Any], reason: str) -> None:
    result = call(**arguments)
    assert result["failed"]
    assert reason in result["msg"]


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ({"content": "export A=1\n"}, ["content"]),
        ({"files": {"a": "A\n", "b": "A=1\n"}}, ["a"]),
    ],
)
def test_environment_files(
    given: dict[str, Any], files: list[str], call: Call
) -> None:
    result = call(type="environment", **given)
    assert result["failed"]
    assert result["valid"] is False
    assert [one["file"] for one in result["findings"]] == files
    assert set(result.get("units", {})) == set(given.get("files", {}))
    assert "exposure" not in result


def test_an_environment_file_without_mistakes(
    call: Call, tmp_path: Path
) -> None:
    path = tmp_path / "a.env"
    path.write_text("A=1\n")
    result = call(type="environment", path=str(path))
    assert result["valid"] is True
    assert result["findings"] == []


@pytest.mark.parametrize("version", [None, "257"])
@pytest.mark.parametrize("is_several", [False, True])
def test_the_environment_files_of_a_unit_are_the_host_s(
    version: str | None,
    is_several: bool,
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "a.env"
    path.write_text("A=1\nexport B=hunter2\n")
    monkeypatch.setattr(
        sources,
        "read_target",
        lambda *_unused: targets.Target(257),
    )
    text = f"{SERVICE}EnvironmentFile=-{path}\n"
    one = {"name": "a.service", "content": text}
    given = {"files": {"a.service": text}} if is_several else one
    result = call(systemd_version=version, verify=False, **given)
    # The files of this host are not those of another systemd.
    assert result["valid"] is (version is not None)
    found = [(one["file"], one["line"]) for one in result["findings"]]
    assert found == ([] if version else [(str(path), 2)])
    assert "hunter2" not in str(result)


def test_many_findings_are_shared_out(call: Call) -> None:
    files = {f"{name}.service": SERVICE for name in "abc"}
    files["b.service"] += "Nice=99\n" * 500
    result = call(files=files)
    assert result["failed"]
    assert result["valid"] is False
    assert len(result["findings"]) == 333
    assert result["findings_left_out"] == {"error": 167}
    units = result["units"]
    assert units["b.service"]["findings_left_out"] == {"error": 167}
    assert "findings_left_out" not in units["a.service"]


def test_the_message_of_many_units_ends(call: Call) -> None:
    bad = SERVICE + "Nice=99\n" * 150
    result = call(files={f"a{number}.service": bad for number in range(12)})
    lines = result["msg"].splitlines()
    assert len(lines) == 1001
    assert lines[-1].startswith("there are 212 further lines")
    assert len(result["findings"]) == 12 * 83


def test_few_findings_are_all_there(call: Call) -> None:
    result = call(name="a.service", content=SERVICE + "Nice=99\n" * 900)
    assert len(result["findings"]) == 900
    assert "findings_left_out" not in result
