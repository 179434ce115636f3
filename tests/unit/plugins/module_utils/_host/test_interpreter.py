# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interpreters tell what they are, and hidden ones are refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    ancestors,
    errors,
    interpreter,
)


@pytest.fixture
def _anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let interpreters be where the tests have them."""
    monkeypatch.setattr(interpreter, "_HIDDEN", ())
    monkeypatch.setattr(ancestors, "check", lambda _path: None)


def fake(path: Path, facts: object) -> str:
    path.write_text(f"#!/bin/sh\necho '{json.dumps(facts)}'\n")
    path.chmod(0o755)
    library = path.parent / "lib" / "python3.11"
    library.mkdir(parents=True, exist_ok=True)
    (library / "os.py").write_text("")
    return str(path)


def facts(**changes: object) -> list[object]:
    base = {
        "name": "cpython",
        "version": [3, 11, 2],
        "suffix": ".cpython-311-x86_64-linux-gnu.so",
        "machine": "x86_64",
        "pointer": 8,
        "libc": "glibc 2.36",
    }
    return list({**base, **changes}.values())


@pytest.mark.usefixtures("_anywhere")
class TestDescribe:
    def test_all_of_it(self, tmp_path: Path) -> None:
        path = fake(tmp_path / "python3.11", facts())
        (tmp_path / "python3").symlink_to("python3.11")
        assert interpreter.describe(
            str(tmp_path / "python3")
        ) == model.Interpreter(
            path=str(tmp_path / "python3"),
            real_path=path,
            implementation="cpython",
            version="3.11",
            patch="3.11.2",
            soabi="cpython-311-x86_64-linux-gnu",
            platform_tag="linux_x86_64",
            libc=("glibc", "2.36"),
            machine="x86_64",
        )

    @pytest.mark.parametrize(
        ("machine", "pointer", "tag"),
        [
            ("x86_64", 4, "linux_i686"),
            ("aarch64", 4, "linux_armv8l"),
            ("aarch64", 8, "linux_aarch64"),
            ("armv7l", 4, "linux_armv7l"),
        ],
    )
    def test_width(
        self, tmp_path: Path, machine: str, pointer: int, tag: str
    ) -> None:
        said = facts(machine=machine, pointer=pointer)
        found = interpreter.describe(fake(tmp_path / "python", said))
        assert found.platform_tag == tag

    def test_musl(self, tmp_path: Path) -> None:
        said = facts(libc="", suffix=".cpython-312-x86_64-linux-musl.so")
        found = interpreter.describe(fake(tmp_path / "python", said))
        assert found.libc == ("musl", "")

    def test_too_old(self, tmp_path: Path) -> None:
        path = fake(tmp_path / "python", facts(version=[3, 8, 18]))
        with pytest.raises(errors.HostError, match=r"Python 3\.8\.18"):
            interpreter.describe(path)

    @pytest.mark.parametrize("said", ["Hello", '{"a": 1}'])
    def test_no_python(self, tmp_path: Path, said: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\necho '{said}'\n")
        path.chmod(0o755)
        with pytest.raises(errors.HostError, match="not a Python interpreter"):
            interpreter.describe(str(path))

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(errors.HostError, match="is not there"):
            interpreter.describe(str(tmp_path / "python"))

    def test_own_facts_are_those_of_a_new_process(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = interpreter.describe(sys.executable)
        monkeypatch.setattr(sys, "executable", "/other")
        assert interpreter.describe(own.path) == own
        assert own.patch == "{}.{}.{}".format(*sys.version_info)

    def test_own_interpreter_is_not_started(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(interpreter, "_ask")
        interpreter.describe(sys.executable)


@pytest.mark.parametrize(
    ("path", "is_fine"),
    [
        ("/usr/bin/python3.11", True),
        ("/usr/local/bin/python3", True),
        ("/opt/python/bin/python3", True),
        ("/roots/python3", True),
        ("/root/.local/bin/python3", False),
        ("/home/ada/python3", False),
        ("/usr/../home/ada/python3", False),
        ("/tmp/python3", False),
        ("python3", False),
    ],
)
def test_places(path: str, is_fine: bool) -> None:
    assert (interpreter.location_problem(path) is None) is is_fine


def test_link_into_a_hidden_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "_HIDDEN", ("/home",))
    path = tmp_path / "python"
    path.symlink_to("/home/ada/python3.11")
    with pytest.raises(errors.HostError, match="below /home"):
        interpreter.describe(str(path))


class TestFind:
    def test_default_is_the_versioned_one(self) -> None:
        found = interpreter.find("")
        assert found == interpreter.default_python()
        said = subprocess.check_output(["/usr/bin/python3", "-V"], text=True)
        assert said.split()[1] == found.patch
        assert os.path.basename(found.real_path) == f"python{found.version}"
        assert interpreter.find(found.version).real_path == found.real_path
        assert interpreter.find(found.path) == found

    @pytest.mark.parametrize("odd", ["3", "3.1x", "python3", "2.7", "3.11\n"])
    def test_odd_wishes(self, odd: str) -> None:
        with pytest.raises(errors.HostError, match="neither a version"):
            interpreter.find(odd)

    def test_missing_version_lists_places(self) -> None:
        with pytest.raises(errors.HostError) as caught:
            interpreter.find("3.99")
        assert "/usr/local/bin/python3.99" in str(caught.value)

    def test_host_without_python(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(interpreter, "_DEFAULTS", ("/no/python3",))
        with pytest.raises(errors.HostError, match="tried /no/python3"):
            interpreter.default_python()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away")
@pytest.mark.usefixtures("_anywhere")
class TestOwner:
    """Root runs an interpreter, in check mode too."""

    @pytest.mark.parametrize(
        ("uid", "mode"), [(4242, 0o755), (0, 0o775), (0, 0o757)]
    )
    def test_what_others_could_exchange_is_not_run(
        self, tmp_path: Path, uid: int, mode: int
    ) -> None:
        ran = tmp_path / "ran"
        path = tmp_path / "python3.11"
        path.write_text(f"#!/bin/sh\ntouch {ran}\n")
        path.chmod(mode)
        os.chown(path, uid, 0)
        with pytest.raises(errors.HostError, match="others than root"):
            interpreter.describe(str(path))
        assert not ran.exists()

    def test_nor_a_link_of_somebody_elses(self, tmp_path: Path) -> None:
        real = fake(tmp_path / "python3.11", facts())
        link = tmp_path / "python3"
        link.symlink_to(real)
        os.lchown(link, 4242, 4242)
        with pytest.raises(errors.HostError, match="uid 4242"):
            interpreter.describe(str(link))


@pytest.mark.usefixtures("_anywhere")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away")
class TestLibrary:
    """An interpreter runs modules before it runs what it is told."""

    @pytest.fixture
    def python(self, tmp_path: Path) -> Path:
        """Return an interpreter that tells when it is run."""
        folder = tmp_path / "bin"
        folder.mkdir()
        path = Path(fake(folder / "python3.11", facts()))
        (folder / "lib").rename(tmp_path / "lib")
        path.write_text(f"{path.read_text()}touch {tmp_path}/ran\n")
        modules = tmp_path / "lib" / "python3.11"
        for name in ("encodings", "site-packages"):
            (modules / name).mkdir()
            (modules / name / "__init__.py").write_text("")
        return path

    def test_roots_own_is_run(self, python: Path) -> None:
        assert interpreter.describe(str(python)).version == "3.11"
        assert (python.parent.parent / "ran").exists()

    @pytest.mark.parametrize(
        ("name", "uid", "mode"),
        [
            ("os.py", 4242, 0o644),
            ("os.py", 0, 0o666),
            ("encodings", 4242, 0o755),
            ("encodings", 0, 0o777),
            ("encodings/__init__.py", 4242, 0o644),
            (".", 4242, 0o755),
            ("../libpython3.11.so.1.0", 4242, 0o644),
            ("../python311.zip", 4242, 0o644),
        ],
    )
    def test_modules_of_somebody_elses_are_not(
        self, python: Path, name: str, uid: int, mode: int
    ) -> None:
        place = python.parent.parent / "lib" / "python3.11" / name
        if not place.exists():
            place.write_text("")
        place.chmod(mode)
        os.chown(place, uid, 0)
        with pytest.raises(errors.HostError, match="part of the interpreter"):
            interpreter.describe(str(python))
        assert not (python.parent.parent / "ran").exists()

    def test_nor_what_a_link_leads_to(self, python: Path) -> None:
        evil = python.parent.parent / "evil"
        evil.mkdir()
        (evil / "__init__.py").write_text("")
        os.chown(evil / "__init__.py", 4242, 4242)
        modules = python.parent.parent / "lib" / "python3.11"
        (modules / "json").symlink_to(evil)
        with pytest.raises(errors.HostError, match="part of the interpreter"):
            interpreter.describe(str(python))

    def test_site_packages_are_not_imported(self, python: Path) -> None:
        modules = python.parent.parent / "lib" / "python3.11"
        os.chown(modules / "site-packages", 4242, 4242)
        assert interpreter.describe(str(python)).version == "3.11"

    def test_the_copy_of_a_virtualenv(self, python: Path) -> None:
        (python.parent.parent / "pyvenv.cfg").write_text("home = /home/ada")
        with pytest.raises(errors.HostError, match="made from"):
            interpreter.describe(str(python))

    def test_a_program_without_a_library(self, python: Path) -> None:
        alone = python.with_name("python3.99")
        python.rename(alone)
        with pytest.raises(errors.HostError, match="no library beside it"):
            interpreter.describe(str(alone))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away")
def test_nor_one_below_a_directory_of_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "_HIDDEN", ())
    fake(tmp_path / "python3.11", facts())
    with pytest.raises(errors.HostError, match="can be written by others"):
        interpreter.describe(str(tmp_path / "python3.11"))
