# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ``ansible-test sanity`` on a copy of the tree, with its own home.

ansible-test wants the collection at ``ansible_collections/NS/NAME`` and
does not follow a link there. Inside a checkout it sees the files of git
alone, so the copy is outside. It keeps its virtualenvs below the home
directory and passes no PIP_* variable on, so it gets a home directory
in ``.build``, with a pip.conf.
"""

from __future__ import annotations

import configparser
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from testfleet.errors import FleetError
from testfleet.progress import run_logged, say, step

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".build" / "home"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

# ansible-test would download a script of this name from outside the
# package index. This one takes the pip that comes with Python.
GET_PIP = '''\
"""Install pip from Python, and the named packages from the index."""

import subprocess
import sys

# In a process of its own: it turns pip's settings off where it runs.
python = [sys.executable, "-m"]
subprocess.run([*python, "ensurepip"], check=True, capture_output=True)
wanted = [word for word in sys.argv[1:] if not word.startswith("--no-")]
sys.exit(subprocess.call([*python, "pip", "install", *wanted]))
'''


def copy_tree(target: Path) -> None:
    """Copy the tree without the files that git and the tools keep in it."""
    generated = ("*_cache", ".ansible", ".build", ".git", "__pycache__")
    ignore = shutil.ignore_patterns(*generated, ".hypothesis", "output")
    shutil.copytree(ROOT, target, symlinks=True, ignore=ignore)


def pip_versions(source: str) -> list[str]:
    """Return the versions of pip that ansible-test installs."""
    return re.findall(r"\bpip='([\d.]+)'", source)


def place_get_pip() -> None:
    """Put our get-pip where ansible-test looks before it downloads.

    Raises:
        FleetError: ansible-test looks for it elsewhere now.
    """
    spec = importlib.util.find_spec("ansible_test._internal")
    if spec is None or spec.origin is None:
        raise FleetError("ansible-test is not installed: run make setup")
    text = (
        Path(spec.origin)
        .with_name("python_requirements.py")
        .read_text(encoding="utf-8")
    )
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    versions = pip_versions(text)
    if not versions:
        raise FleetError("no version of pip found in ansible-test's source")
    for version in versions:
        name = f"get_pip_{version.replace('.', '_')}.py"
        (cache / name).write_text(GET_PIP, encoding="utf-8")


def pip_settings(own: str, environ: Mapping[str, str], cert: str) -> str:
    """Render a pip.conf from the user's own and the environment.

    Args:
        own: Text of the user's pip.conf.
        environ: The environment, of which ansible-test passes nothing.
        cert: The machine's certificates, or "".
    """
    parser = configparser.RawConfigParser()
    parser.read_string(own)
    if not parser.has_section("global"):
        parser.add_section("global")
    if cert and not parser.has_option("global", "cert"):
        parser.set("global", "cert", cert)
    parser.set("global", "quiet", "2")
    for name in ("cert", "index-url", "extra-index-url", "proxy"):
        value = environ.get(f"PIP_{name.upper().replace('-', '_')}")
        if value:
            parser.set("global", name, value)
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def place_pip_settings() -> None:
    """Write the pip.conf of the home directory that ansible-test gets."""
    own = Path.home() / ".config" / "pip" / "pip.conf"
    text = own.read_text(encoding="utf-8") if own.is_file() else ""
    cert = str(CERTIFICATES) if CERTIFICATES.is_file() else ""
    target = HOME / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    rendered = pip_settings(text, os.environ, cert)
    target.write_text(rendered, encoding="utf-8")


def search_path(path: Iterable[str], pythons: Iterable[str]) -> str:
    """Return a PATH with real interpreters and without pyenv's shims."""
    kept = [part for part in path if Path(part).name != "shims"]
    return os.pathsep.join((*kept, *pythons))


def real_pythons() -> list[str]:
    """Return the directories of pyenv's interpreters, newest first."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted((root / "versions").glob("3.*/bin"), reverse=True)
    return [str(directory) for directory in found]


def install_shellcheck() -> None:
    """Install shellcheck: without it, its test passes silently.

    Raises:
        FleetError: shellcheck is missing and cannot be installed.
    """
    if shutil.which("shellcheck"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise FleetError("shellcheck is not installed")
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]
    with step("install shellcheck"):
        log = ROOT / ".build" / "apt.log"
        run_logged([*apt, "update"], log)
        run_logged([*apt, "install", "--yes", "shellcheck"], log)


def run_sanity(names: list[str], copy: Path) -> int:
    """Run the named sanity tests, or all, on a copy of the tree."""
    own = Path(sys.executable).parent
    command = [str(own / "ansible-test"), "sanity", "--venv"]
    command += ["--color", "no"]
    for name in names:
        command += ["--test", name]
    path = [str(own), *os.environ["PATH"].split(os.pathsep)]
    environment = dict(
        os.environ, HOME=str(HOME), PATH=search_path(path, real_pythons())
    )
    return subprocess.run(
        command, cwd=copy, env=environment, check=False
    ).returncode


def main(arguments: list[str]) -> int:
    """Run the sanity tests and return the exit status."""
    try:
        install_shellcheck()
        place_get_pip()
        place_pip_settings()
    except FleetError as error:
        say(f"error: {error}")
        return 1
    with tempfile.TemporaryDirectory(prefix="pyfleet-sanity-") as work:
        copy = Path(work, "ansible_collections", "pyfleet", "services")
        copy_tree(copy)
        status = run_sanity(arguments, copy)
    say("sanity: FAILED" if status else "sanity: all passed")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
