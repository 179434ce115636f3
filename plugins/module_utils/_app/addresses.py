# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what to write in place of a package that is named by its place.

pip takes a repository, an address or a path for a package. Neither a
version nor a hash fixes what is there, so that none of them is taken
here. Messages do not repeat an address, which may have a password.
"""

from __future__ import annotations

import re

INDEX = "pyapp_source.index (module virtualenv: index_url)"
# How a wheel that is on no index gets to the hosts.
SERVE = (
    "serve its wheel from an index of your own, such as pypiserver on the "
    f"controller, by {INDEX}"
)
# A pattern takes long on a long text, and no address has more.
_LONGEST = 2000
# "name @ address" of PEP 508, and the option of pip.
_LEAD = re.compile(
    r"\A(?:(?:-e|--editable)[ =]*|[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*@\s*)"
)
_REPOSITORY = re.compile(
    r"(?:git|hg|svn|bzr)\+|git@|\S+\.git(?:[@#/]|\s*$)", re.IGNORECASE
)
_FILE = re.compile(
    r"(?:\S*[/\\])?([^/\\\s]+\.(?:whl|tar\.gz|tgz|zip))(?:[?#;\s].*)?\s*",
    re.IGNORECASE,
)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
_PATH = re.compile(r"\.{1,2}(?:[/\\].*)?|[~/].*|[\w.-]+/.*")
_WHEEL = re.compile(r"([\w.]+)-([\w.!+]+)-\S+\.whl", re.IGNORECASE)


def refusal(line: str) -> str:
    """Return why a line that names no package by version is refused.

    Args:
        line: One requirement, as its author wrote it.

    Returns:
        What it is and what to write instead; empty if the line does not
        name a place.
    """
    place = _LEAD.sub("", line.strip()[:_LONGEST]).strip()
    if _REPOSITORY.match(place):
        return (
            "a repository is refused, because no version and no hash fixes "
            "its content; name a version that an index has, or build the "
            f"project (python3 -m build --wheel) and {SERVE}"
        )
    file = _FILE.fullmatch(place)
    if file:
        return _of_file(file[1])
    if _URL.match(place):
        return (
            "an address is refused, because no version and no hash fixes "
            "what it has; name a version that an index has"
        )
    if _PATH.fullmatch(place):
        return (
            "a directory is refused, because no version and no hash fixes "
            "its content; if it is the application's own code, name it in "
            "pyapp_source.files, otherwise build the project (python3 -m "
            f"build --wheel) and {SERVE}"
        )
    return ""


def _of_file(name: str) -> str:
    if name.lower().endswith(".whl"):
        wheel = _WHEEL.fullmatch(name)
        requirement = "NAME==VERSION"
        if wheel:
            requirement = f"{wheel[1].replace('_', '-')}=={wheel[2]}"
        return (
            "the file of a wheel is refused, because only an index tells "
            f"versions and hashes; write {requirement}, and if no index has "
            f"that version, {SERVE}"
        )
    return (
        "an archive is refused, because only wheels are installed; name a "
        "version that an index has as a wheel, or build its wheel (python3 "
        f"-m pip wheel --no-deps) and {SERVE}"
    )
