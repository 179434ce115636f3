# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits on files that others hand over.

A directory of 20,000 levels, or an archive that unpacks to more than the
disk holds, is a mistake or an attack. The controller refuses it before
it sends it, and the host refuses it again while it unpacks it.

Private to the collection: no stability is promised.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one tree of files.

    Attributes:
        entries: Greatest number of files, directories and links.
        size: Greatest size of all files together, in bytes.
        depth: Greatest depth in directories; a path of that many names
            stays below the kernel's limit of 4096 bytes.
    """

    entries: int
    size: int
    depth: int = 64

    def problem(self, *, entries: int, size: int, depth: int) -> str | None:
        """Tell which limit a tree breaks, in words."""
        if depth > self.depth:
            return f"is more than {self.depth} directories deep"
        if entries > self.entries:
            return f"has more than {self.entries} files and directories"
        if size > self.size:
            return f"is larger than {self.size >> 30} GiB"
        return None


CODE = Limits(entries=100_000, size=8 << 30)
# A virtualenv with CUDA has some 100,000 files and 15 GB.
WHEELS = Limits(entries=1_000_000, size=64 << 30)
