# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that installs wheels believes no wheel."""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path

import pytest

from ansible_collections.pyfleet.services.plugins.module_utils._build import (
    wheel_job,
)

CODE = b"A = 1\n"


def digest(data: bytes, algorithm: str = "sha256") -> str:
    found = base64.urlsafe_b64encode(hashlib.new(algorithm, data).digest())
    return f"{algorithm}={found.rstrip(b'=').decode()}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return site-packages of a virtualenv with one distribution."""
    found = tmp_path / "lib" / "python3.13t" / "site-packages"
    (found / "greet-1.0.dist-info").mkdir(parents=True)
    (found / "greet.py").write_bytes(CODE)
    return found


def problems(site: Path, *rows: str) -> list[str]:
    """Return what is wrong with a virtualenv whose RECORD has rows."""
    record = site / "greet-1.0.dist-info" / "RECORD"
    text = "\n".join([*rows, "greet-1.0.dist-info/RECORD,,", ""])
    record.write_text(text)
    return list(wheel_job.record_problems(str(site.parents[2])))


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_file_as_its_record_says(site: Path, algorithm: str) -> None:
    assert problems(site, f"greet.py,{digest(CODE, algorithm)},6") == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"greet.py,{digest(b'B')},6", "does not have its hash"),
        (f"greet.py,{digest(CODE, 'md5')},6", "has no strong hash"),
        ("greet.py,,", "has no strong hash"),
        (f"none.py,{digest(CODE)},6", "none.py is missing"),
        (f"../../../../out,{digest(CODE)},6", "is outside"),
        (f"/etc/passwd,{digest(CODE)},6", "is outside"),
        (f"../../../bin/python3,{digest(CODE)},6", "own file"),
        (f"../../../pyvenv.cfg,{digest(CODE)},6", "own file"),
    ],
)
def test_a_row_that_lies(site: Path, row: str, said: str) -> None:
    good = f"greet.py,{digest(CODE)},6"
    rows = [row] if row.startswith("greet.py") else [good, row]
    (problem,) = problems(site, *rows)
    assert said in problem


def test_a_file_of_no_record(site: Path) -> None:
    (site / "extra.pth").write_text("import os")
    (problem,) = problems(site, f"greet.py,{digest(CODE)},6")
    assert problem.startswith(f"{site}/extra.pth ")


def test_a_link_is_not_a_file(site: Path) -> None:
    (site / "greet.py").unlink()
    (site / "other.py").write_bytes(CODE)
    (site / "greet.py").symlink_to(site / "other.py")
    hashed = digest(CODE)
    (problem,) = problems(site, f"greet.py,{hashed},6", f"other.py,{hashed},6")
    assert "greet.py is missing" in problem


def test_a_record_that_cannot_be_read(site: Path) -> None:
    with pytest.raises(wheel_job.JobError, match="RECORD cannot be read"):
        list(wheel_job.record_problems(str(site.parents[2])))


def test_modules_in_two_places_are_refused(site: Path) -> None:
    environment = site.parents[2]
    assert wheel_job.site_packages(str(environment)) == str(site)
    (environment / "lib" / "pypy3.11" / "site-packages").mkdir(parents=True)
    with pytest.raises(wheel_job.JobError, match="has 2;"):
        wheel_job.site_packages(str(environment))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bin/python", True),
        ("bin/python3.13t", True),
        ("bin/Activate.ps1", True),
        ("bin/activate", True),
        ("pyvenv.cfg", True),
        ("bin/pythonic", False),
        ("lib/pyvenv.cfg", False),
        ("bin/greet", False),
    ],
)
def test_which_files_are_the_virtualenvs_own(
    name: str, expected: bool
) -> None:
    assert wheel_job.is_own("/opt/e", f"/opt/e/{name}") == expected


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (0, "", True),
        (1, "*** Error compiling 'a.py'...\nSyntaxError", True),
        (1, "OSError: [Errno 28] No space left on device", False),
        (1, "MemoryError", False),
        (-9, "", False),
    ],
)
def test_whose_fault_it_is_that_code_does_not_compile(
    status: int, said: str, expected: bool
) -> None:
    assert wheel_job.has_compiled(status, said) == expected


def test_bytecode_is_never_checked_again(tmp_path: Path) -> None:
    command = wheel_job.compile_command(sys.executable, str(tmp_path))
    assert command[:2] == [sys.executable, "-I"]
    assert "--invalidation-mode=unchecked-hash" in command
    assert command[-2:] == ["--", str(tmp_path)]
    assert command[command.index("-j") + 1] == "1"


def test_many_files_are_compiled_by_several_processes(tmp_path: Path) -> None:
    for number in range(wheel_job._MANY):
        (tmp_path / f"a{number}.py").touch()
    command = wheel_job.compile_command(sys.executable, str(tmp_path))
    assert command[command.index("-j") + 1] in ("0", "1")
