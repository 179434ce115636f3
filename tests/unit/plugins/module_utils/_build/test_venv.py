# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Environments are built whole from the wheels that were named."""

from __future__ import annotations

import base64
import ensurepip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._app import (
    artifact_ids,
    installer,
    layouts,
    limits,
    model,
)
from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    artifact,
    handover,
    sealing,
    venv,
    wheel_job,
)
from ansible_collections.pyfleet.services.plugins.module_utils._deploy import (
    inputs,
    request,
)
from ansible_collections.pyfleet.services.plugins.module_utils._host import (
    accounts,
    ancestors,
    errors,
    files,
    interpreter,
)

MODULE = b"def main():\n    print('hello from the wheel')\n"
SCRIPTS = b"[console_scripts]\ngreet = greet:main\n"


@pytest.fixture(autouse=True)
def _anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests' directory and interpreter be anywhere."""
    _everywhere(monkeypatch)


def _everywhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ancestors, "check", lambda path: None)
    patch.setattr(interpreter, "_HIDDEN", ())
    # The test builds as its own user, and without systemd.
    account = accounts.Account(
        "me", os.geteuid(), os.getegid(), "", "", "", ""
    )
    patch.setattr(handover, "builder", lambda _name: account)


def work(argv: Sequence[str], _writable: Sequence[str]) -> None:
    """Run the job as it is run in its sandbox."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise errors.HostError(done.stderr)


WORKSHOP = venv.Workshop("me", work)
DIGEST = "0a1b2c3d" * 8
CODE = "0123" * 16


@pytest.fixture(scope="session")
def pip_wheel(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Take pip as Python brings it along, or as it is installed."""
    bundled = Path(ensurepip.__file__).parent / "_bundled"
    found = sorted(bundled.glob("pip-*.whl"))
    if found:
        return str(found[-1])
    spec = importlib.util.find_spec("pip")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    target = tmp_path_factory.mktemp("pip") / "pip.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path in package.rglob("*"):
            if "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(package.parent))
    return str(target)


@pytest.fixture(autouse=True)
def _this_installer(pip_wheel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pip at hand be the collection's own."""
    found = hashlib.sha256(Path(pip_wheel).read_bytes()).hexdigest()
    monkeypatch.setattr(installer, "SHA256", found)
    monkeypatch.setattr(installer, "FILE", os.path.basename(pip_wheel))


def digest(content: bytes) -> str:
    found = hashlib.sha256(content).digest()
    return "sha256=" + base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def make_wheel(
    directory: Path,
    *,
    name: str = "greet",
    version: str = "1.0",
    extra: Mapping[str, bytes] | None = None,
    hashes: Mapping[str, str] | None = None,
) -> model.Wheel:
    """Write a wheel by hand; `hashes` are wrong entries of RECORD."""
    info = f"{name}-{version}.dist-info"
    content = {
        f"{name}.py": MODULE,
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        ).encode(),
        f"{info}/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: test\n"
            b"Root-Is-Purelib: true\nTag: py3-none-any\n"
        ),
        f"{info}/entry_points.txt": SCRIPTS.replace(
            b"greet:", name.encode() + b":"
        ).replace(b"greet =", name.encode() + b" ="),
        **(extra or {}),
    }
    rows = [
        f"{path},{(hashes or {}).get(path, digest(data))},{len(data)}"
        for path, data in content.items()
    ]
    rows.append(f"{info}/RECORD,,")
    content[f"{info}/RECORD"] = ("\n".join(rows) + "\n").encode()
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in content.items():
            archive.writestr(member, data)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return model.Wheel(name, version, sha256, str(path))


def build(path: Path, pip_wheel: str, *wheels: model.Wheel) -> bool:
    return venv.build(
        str(path),
        digest=DIGEST,
        python=interpreter.describe(sys.executable),
        wheels=wheels,
        pip_wheel=pip_wheel,
        workshop=WORKSHOP,
    )


def test_installed_and_runnable(
    tmp_path: Path, pip_wheel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))
    env = tmp_path / "with space"
    wheel = make_wheel(tmp_path, extra={"data.txt": b"x"})
    assert build(env, pip_wheel, wheel)
    said = subprocess.check_output([env / "bin" / "greet"], text=True)
    assert said == "hello from the wheel\n"
    assert artifact.verify(str(env)) == []
    assert venv.interpreter_problem(str(env)) is None
    site = Path(wheel_job.site_packages(str(env)))
    assert sorted(os.listdir(site)) == [
        "__pycache__",
        "data.txt",
        "greet-1.0.dist-info",
        "greet.py",
    ]
    # The virtualenv has no record of the wheel's path.
    assert "direct_url.json" not in os.listdir(site / "greet-1.0.dist-info")
    assert sorted(os.listdir(tmp_path)) == [
        f".{env.name}.manifest",
        Path(wheel.file).name,
        env.name,
    ]
    assert not build(env, pip_wheel, wheel)


def test_wrong_hash_is_refused(tmp_path: Path, pip_wheel: str) -> None:
    wheel = replace(make_wheel(tmp_path), sha256="0" * 64)
    with pytest.raises(errors.HostError, match=r"(?i)do not match the hash"):
        build(tmp_path / "env", pip_wheel, wheel)
    assert not artifact.is_complete(str(tmp_path / "env"))


def test_half_built_is_built_anew(tmp_path: Path, pip_wheel: str) -> None:
    env = tmp_path / "env"
    (env / "lib").mkdir(parents=True)
    (env / "lib" / "stale").write_text("")
    (tmp_path / f"{files.TEMPORARY_PREFIX}dead").mkdir()
    assert build(env, pip_wheel)
    assert not (env / "lib" / "stale").exists()
    assert sorted(os.listdir(tmp_path)) == [".env.manifest", "env"]


def test_several_wheels_and_odd_names(tmp_path: Path, pip_wheel: str) -> None:
    one = make_wheel(tmp_path, name="one_two", version="1.0+local.1")
    two = make_wheel(tmp_path, name="other", version="2")
    named = replace(one, name="One.Two")
    assert build(tmp_path / "env", pip_wheel, named, two)


def test_wheel_whose_record_lies(tmp_path: Path, pip_wheel: str) -> None:
    wheel = make_wheel(tmp_path, hashes={"greet.py": digest(b"other")})
    with pytest.raises(errors.HostError, match="does not have its hash"):
        build(tmp_path / "env", pip_wheel, wheel)
    assert not artifact.is_complete(str(tmp_path / "env"))


@pytest.mark.parametrize("member", ["a/../../evil.py", "/evil"])
def test_wheel_with_a_member_that_leads_out(
    tmp_path: Path, pip_wheel: str, member: str
) -> None:
    wheel = make_wheel(tmp_path, extra={member: b"evil"})
    env = tmp_path / "a" / "env"
    env.parent.mkdir()
    with pytest.raises(errors.HostError, match="evil"):
        build(env, pip_wheel, wheel)
    assert not artifact.is_complete(str(env))
    assert list(tmp_path.rglob("evil*")) == []
    assert not os.path.lexists("/evil")


@pytest.mark.skipif(os.geteuid() != 0, reason="artifacts are root's")
def test_nothing_of_a_wheel_runs_while_code_is_compiled(
    tmp_path: Path, pip_wheel: str, layout: layouts.Layout
) -> None:
    """Root compiles, and a .pth file runs in every Python that has it."""
    ran = tmp_path / "ran"
    hook = f"import pathlib; pathlib.Path({str(ran)!r}).touch()\n"
    wheel = make_wheel(tmp_path, extra={"hook.pth": hook.encode()})
    python = interpreter.describe(sys.executable)
    listed = replace(wheel, file=os.path.basename(wheel.file))
    sources = tmp_path / f"{CODE}.tar"
    (tmp_path / "app.py").write_text("VALUE = 1\n")
    with tarfile.open(sources, "w") as tar:
        tar.add(tmp_path / "app.py", "app.py")
    with tarfile.open(tmp_path / "bundle.tar", "w") as tar:
        for file in (wheel.file, pip_wheel, str(sources)):
            tar.add(file, os.path.basename(file))
    found = model.Lock(
        artifact_ids.environment_id([listed], python), python, [listed]
    )

    made = inputs.lay_down(
        request.Request(
            model.App(model.AppName(layout.app), code=CODE),
            found,
            "",
            str(tmp_path / "bundle.tar"),
            root=layout.root,
        ),
        gid=os.getegid(),
        workshop=WORKSHOP,
    )

    assert len(made) == 2
    assert list(Path(layout.code(CODE), "__pycache__").iterdir())
    assert not ran.exists()
    # The virtualenv's own Python does run this code.
    subprocess.run([f"{made[0]}/bin/python", "-I", "-c", ""], check=True)
    assert ran.exists()


def test_bytecode_of_a_wheel_is_not_used(
    tmp_path: Path, pip_wheel: str
) -> None:
    cache = os.path.basename(importlib.util.cache_from_source("greet.py"))
    wheel = make_wheel(
        tmp_path, extra={f"__pycache__/{cache}": b"evil bytecode"}
    )
    env = tmp_path / "env"
    assert build(env, pip_wheel, wheel)
    found = Path(wheel_job.site_packages(str(env)), "__pycache__", cache)
    assert found.read_bytes() != b"evil bytecode"
    assert artifact.verify(str(env)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "-r/etc/passwd"},
        {"name": "greet\n--index-url=x"},
        {"name": ""},
        {"version": "1.0; rm"},
        {"version": "../1.0"},
        {"sha256": "00"},
        {"sha256": "G" * 64},
        {"file": "greet-1.0-py3-none-any.whl"},
        {"file": "/tmp/greet-1.0.tar.gz"},
    ],
)
def test_odd_wheels_are_refused(
    tmp_path: Path,
    changes: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(venv, "_create", lambda *_unused: None)
    wheel = replace(make_wheel(tmp_path), **changes)
    with pytest.raises(
        errors.HostError, match="is not a wheel with a plain name"
    ):
        build(tmp_path / "env", "/no/pip.whl", wheel)


def test_pip_reads_no_settings_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Sequence[str], Mapping[str, str]]] = []

    def note(
        argv: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        seen.append((argv, environment))
        return subprocess.CompletedProcess(argv, 0, "", "")

    monkeypatch.setattr(wheel_job, "_run", note)
    wheel_job._install(specification(tmp_path))
    ((argv, given),) = seen
    assert "--isolated" in argv
    assert given["PIP_CONFIG_FILE"] == "/dev/null"
    assert given["HOME"] == given["TMPDIR"] == str(tmp_path)


def specification(scratch: Path, *wheels: model.Wheel) -> dict[str, Any]:
    return {
        "virtualenv": str(scratch),
        "scratch": str(scratch),
        "pip_wheel": "/pip.whl",
        "python": sys.executable,
        "limits": asdict(limits.WHEELS),
        "wheels": [asdict(wheel) for wheel in wheels],
    }


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("ERROR: no such wheel", "pip in {path} failed:\nERROR"),
        (
            "ERROR: Exception:\nTraceback (most recent call last):\n  x\n"
            "OSError: [Errno 5] Input/output error: '/env/x'\n",
            "pip in {path} broke down: OSError: [Errno 5] Input/output error",
        ),
        ("Traceback (most recent call last):\nMemoryError\n", "of memory"),
    ],
)
def test_what_pip_says_is_told_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str, said: str
) -> None:
    def fail(
        argv: Sequence[str], _environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(argv, 1, "", stderr)

    monkeypatch.setattr(wheel_job, "_run", fail)
    with pytest.raises(wheel_job.JobError) as error:
        wheel_job._install(specification(tmp_path))
    assert said.format(path=tmp_path) in str(error.value)
    assert "Traceback" not in str(error.value)


def test_a_foreign_installer_is_not_run(
    tmp_path: Path, pip_wheel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index may serve what it likes under the name of pip."""
    monkeypatch.setattr(installer, "SHA256", "0" * 64)
    with pytest.raises(errors.HostError, match="nothing was run"):
        build(tmp_path / "env", pip_wheel, make_wheel(tmp_path))


OWN = [
    ("python", "bin/python"),
    ("python3", "bin/python3"),
    ("activate", "bin/activate"),
]


@pytest.mark.parametrize(("script", "place"), OWN)
def test_a_wheel_does_not_replace_what_is_the_virtualenvs(
    tmp_path: Path, pip_wheel: str, script: str, place: str
) -> None:
    member = f"greet-1.0.data/scripts/{script}"
    wheel = make_wheel(tmp_path, extra={member: b"#!python\nprint('evil')\n"})
    with pytest.raises(errors.HostError, match="own file"):
        build(tmp_path / "env", pip_wheel, wheel)
    assert not artifact.is_complete(str(tmp_path / "env"))


def test_root_sees_what_the_job_did_not(
    tmp_path: Path, pip_wheel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job reads what an index served, and may be taken over by it."""
    env = tmp_path / "env"

    def evil(argv: Sequence[str], writable: Sequence[str]) -> None:
        work(argv, writable)
        (env / "bin" / "python").unlink()
        (env / "bin" / "python").symlink_to("/tmp/evil")

    monkeypatch.setattr(
        sys.modules[__name__], "WORKSHOP", venv.Workshop("me", evil)
    )
    with pytest.raises(errors.HostError, match="a wheel changed it"):
        build(env, pip_wheel, make_wheel(tmp_path))
    assert not artifact.is_complete(str(env))


def test_a_link_that_leads_out_is_refused(
    tmp_path: Path, pip_wheel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / "env"

    def evil(argv: Sequence[str], writable: Sequence[str]) -> None:
        work(argv, writable)
        (env / "bin" / "shadow").symlink_to("/etc/shadow")

    monkeypatch.setattr(
        sys.modules[__name__], "WORKSHOP", venv.Workshop("me", evil)
    )
    with pytest.raises(errors.HostError, match="out of the virtualenv"):
        build(env, pip_wheel, make_wheel(tmp_path))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entries": 3}, "at most 3 files"),
        ({"size": 100}, "files and 0 MiB"),
        ({"depth": 0}, "levels deep"),
    ],
)
def test_a_bomb_is_told_by_its_directory(
    tmp_path: Path, changes: dict[str, int], said: str
) -> None:
    wheel = make_wheel(tmp_path, extra={"big.txt": b"\0" * (1 << 20)})
    given = specification(tmp_path, wheel)
    given["limits"] = {**given["limits"], **changes}
    with pytest.raises(wheel_job.JobError, match=said):
        wheel_job.check_archives(given)


def test_a_full_disk_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = make_wheel(tmp_path)
    full = os.statvfs_result((4096, 4096, 9, 0, 0, 9, 9, 9, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    with pytest.raises(
        wheel_job.JobError, match=f"{tmp_path} has 0 MiB left; make room"
    ):
        wheel_job.check_archives(specification(tmp_path, wheel))


def test_another_wheel_than_named(tmp_path: Path, pip_wheel: str) -> None:
    wheel = replace(make_wheel(tmp_path), name="other")
    with pytest.raises(errors.HostError, match="other"):
        build(tmp_path / "env", pip_wheel, wheel)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, pip_wheel: str) -> Path:
    """One environment, as pip left it, for several tests."""
    base = tmp_path_factory.mktemp("record")
    with pytest.MonkeyPatch.context() as patch:
        _everywhere(patch)
        content = Path(pip_wheel).read_bytes()
        patch.setattr(installer, "SHA256", hashlib.sha256(content).hexdigest())
        patch.setattr(sealing, "seal", lambda *_unused, **__: None)
        build(base / "env", pip_wheel, make_wheel(base))
    # No RECORD has the bytecode, since the check comes before compiling.
    for cache in (base / "env").rglob("__pycache__"):
        shutil.rmtree(cache)
    return base / "env"


class TestRecord:
    @pytest.mark.parametrize("names", [[], ["other"], ["greet", "other"]])
    def test_other_distributions(
        self, pristine: Path, names: list[str]
    ) -> None:
        wheels = [model.Wheel(name, "1", "", "") for name in names]
        given = specification(pristine, *wheels)
        with pytest.raises(
            wheel_job.JobError, match="does not hold the packages"
        ):
            wheel_job.check_installed(given)

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("greet.py", b"changed", "greet.py does not have its hash"),
            ("greet.py", None, "greet.py is missing"),
            ("stray.pth", b"import os", "belongs to no installed"),
            ("../../../bin/greet", b"evil", "bin/greet does not have"),
        ],
    )
    def test_problems(
        self, pristine: Path, name: str, content: bytes | None, said: str
    ) -> None:
        path = str(pristine)
        assert list(wheel_job.record_problems(path)) == []
        file = Path(wheel_job.site_packages(path), name)
        before = file.read_bytes() if file.exists() else None
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        (problem,) = wheel_job.record_problems(path)
        assert said in problem
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)
        assert list(wheel_job.record_problems(path)) == []

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("/etc/passwd,sha256=x,1", "outside"),
            ("../../../../x,sha256=x,1", "outside"),
            ("greet.py,,1", "no strong hash"),
            ("greet.py,md5=x,1", "no strong hash"),
            ("../../../bin/python3,sha256=x,1", "own file"),
            ("../../../pyvenv.cfg,sha256=x,1", "own file"),
        ],
    )
    def test_odd_rows(self, pristine: Path, row: str, said: str) -> None:
        site = Path(wheel_job.site_packages(str(pristine)))
        record = site / "greet-1.0.dist-info" / "RECORD"
        before = record.read_text()
        record.write_text(f"{before}{row}\n")
        (problem,) = wheel_job.record_problems(str(pristine))
        assert said in problem
        record.unlink()
        with pytest.raises(wheel_job.JobError, match="RECORD cannot be read"):
            list(wheel_job.record_problems(str(pristine)))
        record.write_text(before)


def test_python_of_the_host_gone(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("/usr/bin/python3.99")
    problem = venv.interpreter_problem(str(tmp_path))
    assert "/usr/bin/python3.99, which is gone" in str(problem)


def test_metadata_that_fills_the_memory_is_not_read(
    tmp_path: Path, pip_wheel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel_job, "_METADATA_SIZE", 1 << 20)
    big = {"greet-1.0.dist-info/LICENSE": b"x" * (2 << 20)}
    wheel = make_wheel(tmp_path, extra=big)
    with pytest.raises(wheel_job.JobError, match="2 MiB of metadata"):
        wheel_job.check_archives(specification(tmp_path, wheel))


def test_nor_a_directory_of_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = make_wheel(tmp_path)
    found = wheel_job._read_directory_size(wheel.file)
    with zipfile.ZipFile(wheel.file) as archive:
        start = archive.start_dir
    assert start + found + 22 == os.path.getsize(wheel.file)
    monkeypatch.setattr(wheel_job, "_DIRECTORY_SIZE", found - 1)
    with pytest.raises(wheel_job.JobError, match="directory larger than"):
        wheel_job.check_archives(specification(tmp_path, wheel))


def test_what_was_refused_is_not_kept(tmp_path: Path, pip_wheel: str) -> None:
    lying = make_wheel(tmp_path, hashes={"greet.py": digest(b"other")})
    with pytest.raises(errors.HostError, match="does not have its hash"):
        build(tmp_path / "env", pip_wheel, lying)
    assert not (tmp_path / "env").exists()
