# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Empty directories: a program of its own, run by their owner.

Root walks no tree that a service owns, so its owner empties it. This
program imports nothing of the collection and takes the directories as
arguments:

    python -I empty_job.py DIRECTORY...

Private to the collection: no stability is promised.
"""

from __future__ import annotations

import itertools
import os
import stat
import sys
from collections.abc import Iterator, Sequence

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def main(directories: Sequence[str]) -> int:
    """Empty the directories; name the entries that stay."""
    problems: list[str] = []
    for path in directories:
        try:
            top = os.open(path, _FLAGS)
        except OSError as error:
            problems.append(f"{path}: {error.strerror}")
            continue
        try:
            problems += [f"{path}/{text}" for text in empty(top)]
        finally:
            os.close(top)
    for problem in problems[:20]:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def empty(top: int) -> list[str]:
    """Empty a directory; return a text for each entry that stays.

    A directory inside is emptied into `top` before it is removed, so
    that neither the depth of the tree nor the length of a path matters.

    Args:
        top: A descriptor of the directory.
    """
    stuck: dict[str, str] = {}
    # The names are random, so that nobody can have taken one before.
    stem = f".pyfleet-tmp-{os.urandom(8).hex()}"
    free = (f"{stem}-{number}" for number in itertools.count())
    while names := [n for n in os.listdir(top) if n not in stuck]:
        for name in names:
            try:
                _remove(name, top, free)
            except FileNotFoundError:
                continue
            except OSError as error:
                stuck[name] = f"{name!r}: {error.strerror}"
    return list(stuck.values())


def _remove(name: str, top: int, free: Iterator[str]) -> None:
    if not stat.S_ISDIR(os.lstat(name, dir_fd=top).st_mode):
        os.unlink(name, dir_fd=top)
        return
    # Its owner may have shut it by its mode.
    os.chmod(name, 0o700, dir_fd=top)
    folder = os.open(name, _FLAGS, dir_fd=top)
    problems = []
    try:
        for inner in os.listdir(folder):
            # One entry that cannot be removed must not keep the others.
            try:
                _take_out(inner, folder, top, free)
            except OSError as error:
                problems.append(error)
    finally:
        os.close(folder)
    if problems:
        raise problems[0]
    os.rmdir(name, dir_fd=top)


def _take_out(inner: str, folder: int, top: int, free: Iterator[str]) -> None:
    if not stat.S_ISDIR(os.lstat(inner, dir_fd=folder).st_mode):
        os.unlink(inner, dir_fd=folder)
        return
    # Only a directory that is writable itself can be moved.
    os.chmod(inner, 0o700, dir_fd=folder)
    os.rename(inner, next(free), src_dir_fd=folder, dst_dir_fd=top)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
