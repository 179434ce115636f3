#!/usr/bin/env python
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the table of system-call groups, one text for all versions.

On a host of each systemd version, as any user:

    python3 syscall_table.py dump > 257.txt

prints what `systemd-analyze syscall-filter` knows; for a version no
host has, `dump --source DIRECTORY` reads systemd's source tree instead.
Names which libseccomp does not know on the host's processor
have a `!` in front. Then, with all dumps at hand:

    python tools/syscall_table.py table 252=252.txt 257=257.txt \
        > plugins/module_utils/_harden/_syscalls.py

`numbers`, on the host with the newest libseccomp, prints
plugins/module_utils/_harden/_syscall_numbers.py.
"""

from __future__ import annotations

import argparse
import ctypes
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

HEADER = '''\
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System-call groups by systemd version; made by tools/syscall_table.py.

A line is a group and its members. A member has `:FIRST-LAST` behind it
where it is in some versions only, either end left out where it is that
of `VERSIONS`; there may be several such spans, with commas between.
Members of `!` are system calls libseccomp does not know on x86-64.
"""

from __future__ import annotations

VERSIONS = {versions}

GROUPS = """\\
{groups}
"""
'''

NUMBERS = '''\
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System calls by number; made by tools/syscall_table.py.

A line is an architecture as the kernel's audit names it, and its system
calls as NUMBER=NAME; a name alone has the number after the one before.
"""

from __future__ import annotations

NUMBERS = """\\
{numbers}
"""
'''

Dump = dict[str, set[str]]
# SCMP_ARCH_* of x86-64 and aarch64 are the audit's own numbers.
ARCHITECTURES = (0xC000003E, 0xC00000B7)


def read_listing(text: str) -> Dump:
    """Parse the output of `systemd-analyze syscall-filter`."""
    groups: Dump = {}
    members: set[str] = set()
    for line in text.splitlines():
        if re.fullmatch(r"@[a-z0-9-]+", line):
            members = groups.setdefault(line, set())
        elif re.fullmatch(r"\s+[@\w-]+", line):
            members.add(line.strip())
    return groups


def read_source(tree: Path) -> Dump:
    """Parse the table syscall_filter_sets of systemd's source."""
    text = (tree / "src/shared/seccomp-util.c").read_text(encoding="utf-8")
    start = text.index("syscall_filter_sets[_SYSCALL_FILTER_SET_MAX]")
    table = text[start : text.index("\n};", start)]
    groups: Dump = {}
    for block in table.split(".name = ")[1:]:
        name, _unused, rest = block.partition(",")
        value = rest.partition(".value =")[2]
        groups[name.strip('"')] = set(re.findall(r'"([@\w-]+)\\0"', value))
    # The value of @known is an #include made from this list.
    known = (tree / "src/basic/syscall-list.txt").read_text(encoding="utf-8")
    groups["@known"] = set(known.split())
    return groups


def mark_unknown(groups: Dump) -> Dump:
    """Add the group `!`: names libseccomp does not know here."""
    library = ctypes.CDLL("libseccomp.so.2")
    resolve = library.seccomp_syscall_resolve_name
    resolve.argtypes = [ctypes.c_char_p]
    names = {name for members in groups.values() for name in members}
    groups["!"] = {
        name
        for name in names
        if not name.startswith("@") and resolve(name.encode()) < 0
    }
    return groups


def dump(source: str | None) -> str:
    """Return the groups of this host or of a source file as text."""
    if source:
        groups = read_source(Path(source))
    else:
        listing = subprocess.run(
            ["systemd-analyze", "syscall-filter", "--no-pager"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        groups = read_listing(listing.stdout)
    return "\n".join(
        f"{name} {' '.join(sorted(members))}"
        for name, members in sorted(mark_unknown(groups).items())
    )


def read_dump(path: str) -> Dump:
    """Parse a file which `dump` wrote."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return {line.split()[0]: set(line.split()[1:]) for line in lines}


def spans(present: list[bool], versions: list[int]) -> str:
    """Return the suffix for the versions a member is in."""
    if all(present):
        return ""
    found, start = [], 0
    for is_in, run in groupby(present):
        end = start + len(list(run))
        if is_in:
            first = versions[start] if start else ""
            last = versions[end - 1] if end < len(versions) else ""
            found.append(f"{first}-{last}")
        start = end
    return ":" + ",".join(found)


def wrap(words: list[str]) -> str:
    """Wrap a group's line; continuation lines begin with a blank."""
    lines, line = [], words[0]
    for word in words[1:]:
        if len(line) + len(word) + 1 > 79:
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\n".join([*lines, line])


def table(dumps: dict[int, Dump]) -> str:
    """Return the module with the table of all versions."""
    versions = sorted(dumps)
    lines = []
    for group in sorted({name for one in dumps.values() for name in one}):
        sets = [dumps[version].get(group, set()) for version in versions]
        words = [
            name + spans([name in one for one in sets], versions)
            for name in sorted(set().union(*sets))
        ]
        lines.append(wrap([group, *words]))
    return HEADER.format(versions=tuple(versions), groups="\n".join(lines))


def numbers() -> str:
    """Return the module with the numbers of system calls."""
    library = ctypes.CDLL("libseccomp.so.2")
    resolve = library.seccomp_syscall_resolve_num_arch
    resolve.argtypes = [ctypes.c_uint32, ctypes.c_int]
    resolve.restype = ctypes.c_char_p
    lines = []
    for architecture in ARCHITECTURES:
        words, expected = [f"{architecture:x}"], -1
        for number in range(600):
            name = resolve(architecture, number)
            if name:
                follows = number == expected
                prefix = "" if follows else f"{number}="
                words.append(prefix + name.decode())
                expected = number + 1
        lines.append(wrap(words))
    return NUMBERS.format(numbers="\n".join(lines))


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    dumper = commands.add_parser("dump")
    dumper.add_argument("--source")
    maker = commands.add_parser("table")
    maker.add_argument("dumps", nargs="+", metavar="VERSION=FILE")
    commands.add_parser("numbers")
    given = parser.parse_args()
    if given.command == "numbers":
        sys.stdout.write(numbers())
        return
    if given.command == "dump":
        print(dump(given.source))
        return
    pairs = [word.partition("=") for word in given.dumps]
    dumps = {int(version): read_dump(path) for version, _unused, path in pairs}
    sys.stdout.write(table(dumps))


if __name__ == "__main__":
    main()
